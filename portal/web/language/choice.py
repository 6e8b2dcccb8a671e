"""Which language a request is answered in: the visitor's own choice, else their browser's, else French."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language_from_request

#: A year, in seconds: how long the choice is remembered by the browser that made it.
REMEMBERED_FOR = 365 * 24 * 3600

#: What has one language whatever the visitor's: the agents' door, probes, files.
FRENCH_ONLY = (settings.BACKOFFICE_PREFIX, "/sante/", "/theme.css", settings.STATIC_URL, settings.MEDIA_URL)


def one_language(request: HttpRequest) -> bool:
    """Whether this address answers in French to everybody, so that its answer does not vary."""
    return request.path_info.startswith(FRENCH_ONLY)


def language_of(request: HttpRequest) -> str:
    """A code of `settings.LANGUAGES`, read from the cookie of the switch and the `Accept-Language` header alone.

    The choice made on a page always wins. Without one, the browser's order of preference decides between our
    languages; a browser that asks for neither, or for nothing, is answered in French. It is Django's own rule, which
    the page cache asks too.
    """
    if one_language(request):
        return settings.LANGUAGE_CODE
    return get_language_from_request(request)
