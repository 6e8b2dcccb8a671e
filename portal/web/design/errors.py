"""What goes wrong, in the portal's dress: what was kept, where to go.

The pages of a breakdown (400, 500, maintenance) use neither the request, nor the session, nor the database. Those of a
refusal (403, 404) are ordinary pages, with the menu of who is reading.
"""

import logging
import secrets
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.template import TemplateDoesNotExist, loader
from django.utils import timezone
from django.views.decorators.csrf import requires_csrf_token

from portal.web.identity import safe_identity

logger = logging.getLogger(__name__)

_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"

_LAST_RESORT = (
    "<!doctype html><html lang=fr><meta charset=utf-8><title>Un problème de notre côté</title>"
    "<h1>Un problème de notre côté</h1><p>La page n’a pas pu s’afficher. Ce que vous aviez déjà enregistré est gardé. "
    'Repère\u00a0: {reference}.</p><p><a href="/">Revenir à l’accueil</a></p>'
)


def new_reference() -> str:
    """A short mark that a parent can read on the phone and that the log holds: "7F3A-22"."""
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(6))
    return f"{letters[:4]}-{letters[4:]}"


def render_bare(template_name: str, status: int, **context: Any) -> HttpResponse:
    """A page rendered without request, identity taken from memory or the settings."""
    page = loader.get_template(template_name).render({"site": safe_identity(), **context})
    return HttpResponse(page, status=status)


@login_not_required
@requires_csrf_token
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the request makes no sense. Its host may be the wrong part, so nothing is read from it."""
    return render_bare("400.html", 400)


@login_not_required
@requires_csrf_token
def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: signed in, but this page is for others."""
    return HttpResponse(loader.get_template("403.html").render({}, request), status=403)


@login_not_required
@requires_csrf_token
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 of a form that came too late or from elsewhere (`settings.CSRF_FAILURE_VIEW`); says how to send it again."""
    page = loader.get_template("403_csrf.html").render({"back": request.get_full_path()}, request)
    return HttpResponse(page, status=403)


@login_not_required
@requires_csrf_token
def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: no such page, or not for this family, which is the same answer."""
    return HttpResponse(loader.get_template("404.html").render({}, request), status=404)


@login_not_required
@requires_csrf_token
def server_error(request: HttpRequest) -> HttpResponse:
    """500: our fault. Gives a reference that is in the log, whatever else is broken."""
    reference = new_reference()
    logger.error("Page d’erreur 500 montrée, repère %s, chemin %s", reference, getattr(request, "path", ""))
    try:
        return render_bare("500.html", 500, reference=reference, now=timezone.now())
    except (TemplateDoesNotExist, ValueError, OSError):
        # a static file missing from the manifest, a template not deployed: still an answer
        logger.exception("La page 500 elle-même n’a pas pu être rendue")
        return HttpResponse(_LAST_RESORT.format(reference=reference), status=500)


def maintenance(request: HttpRequest, *, until: str = "", words: str = "", retry_after: int = 900) -> HttpResponse:
    """503: the portal is closed for a while. `until` is said as it is written ("18 h"), `retry_after` in seconds.

    `words` are the agents', said before ours.
    """
    response = render_bare("maintenance.html", 503, until=until, words=words)
    response["Retry-After"] = str(retry_after)
    response["Cache-Control"] = "no-store"
    return response
