"""The portal as it is deployed, and beside it a Django view without any middleware: `gunicorn tests.bench.server`.

Run by tests.bench.public, which gives it a database.
"""

import os
from collections.abc import Callable, Iterable
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.test.utils import override_settings
from django.urls import path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.bench.settings")

BARE = "/nu/"


def bare(request: HttpRequest) -> HttpResponse:
    """The least that Django does: 20 kB, the weight of a page, without template nor query."""
    return HttpResponse(b"x" * 20_000, headers={"Content-Length": "20000"})


urlpatterns = [path(BARE.removeprefix("/"), bare)]


class BareHandler(WSGIHandler):
    """Without middleware, with its own addresses."""

    def resolve_request(self, request: HttpRequest) -> Any:
        """Find the view here, not among the portal's."""
        request.urlconf = __name__
        return super().resolve_request(request)


portal = get_wsgi_application()
with override_settings(MIDDLEWARE=[]):
    bare_handler = BareHandler()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """One server, two doors."""
    handler = bare_handler if environ["PATH_INFO"] == BARE else portal
    answer: Iterable[bytes] = handler(environ, start_response)
    return answer
