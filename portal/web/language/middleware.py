"""Answers each request in its language, and tells caches what the answer depends on."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

from portal.web.language.choice import language_of, one_language


class LanguageMiddleware:
    """Speaks `choice.language_of(request)` during the request, and the language of before once it is over.

    Reads neither the session nor the database: it stands before the maintenance page. The page cache stands before it
    and keeps one page for each language.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer, with `Content-Language`, and `Vary` where another visitor may read another language."""
        language = language_of(request)
        request.LANGUAGE_CODE = language
        with translation.override(language):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        if not one_language(request):
            patch_vary_headers(response, ("Accept-Language", "Cookie"))
        return response
