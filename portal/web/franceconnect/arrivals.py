"""Somebody comes back from FranceConnect: what becomes of them. Every ending is a page in French or a redirection."""

from datetime import datetime, timedelta
from typing import Any

import requests
from allauth.socialaccount.models import SocialLogin
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from portal.domain.accounts.models import User
from portal.domain.families.access import NotAllowed
from portal.domain.quotients.enums import FetchMode
from portal.domain.quotients.fetching import fetch_quotient
from portal.domain.quotients.particulier import ask_by_franceconnect
from portal.domain.quotients.services import QuotientRefused
from portal.web.family import resolve_family
from portal.web.franceconnect.linking import LinkRefused, find_link, link_account
from portal.web.franceconnect.provider import ID_TOKEN_KEY

#: Who came by FranceConnect without being known, while they sign in once.
PENDING_KEY = "franceconnect_pending"
#: The page that somebody wanted, should the state be lost on the way.
NEXT_KEY = "franceconnect_next"
#: The last question to API Particulier, for the page that says how it ended.
FETCH_KEY = "quotient_fetch"
PENDING_MINUTES = 15


def safe_path(path: str) -> str:
    """A page of ours, written as a path, or nothing."""
    ours = path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    return path if ours else ""


def to_sign_in(request: HttpRequest, login: SocialLogin) -> HttpResponse | None:
    """None lets a linked parent in. Somebody unknown is asked to sign in once; an agent is sent to their own door."""
    wanted = safe_path(login.state.get("next") or "")
    if request.user.is_authenticated:
        return redirect(wanted or "home:index")
    if not login.is_existing:
        _keep_pending(request, login)
        return redirect("franceconnect:first")
    if login.user.is_agent:
        return _page(
            request,
            _("Ce compte ne passe pas par FranceConnect"),
            _("Les agents se connectent avec leur identifiant et leur mot de passe."),
            wanted=wanted,
            status=403,
            retry=False,
        )
    request.session.pop(PENDING_KEY, None)
    request.session[ID_TOKEN_KEY] = login.id_token
    return None


def to_link(request: HttpRequest, login: SocialLogin) -> HttpResponse:
    """Somebody signed in, who has just given their password, ties their account."""
    user = request.user
    if not isinstance(user, User):
        return _page(request, _("Votre session est terminée"), _("Connectez-vous, puis recommencez."), status=403)
    request.session[ID_TOKEN_KEY] = login.id_token
    if (login.state.get("data") or {}).get("user") != user.pk:
        return _page(
            request, _("Ce n’est plus le même compte"), _("Recommencez depuis la page de votre compte."), status=403
        )
    try:
        link_account(user=user, uid=login.account.uid, by=user, at=timezone.now())
    except LinkRefused as refused:
        messages.error(request, refused.reason)
    else:
        messages.success(request, _("Votre compte est relié à FranceConnect."))
    return redirect("franceconnect:index")


def for_quotient(request: HttpRequest, login: SocialLogin) -> HttpResponse:
    """A parent agreed that the portal asks for their quotient: now or never, the token lives a minute."""
    user, family = request.user, resolve_family(request)
    if not isinstance(user, User) or family is None:
        return _page(request, _("Votre session est terminée"), _("Connectez-vous, puis recommencez."), status=403)
    request.session[ID_TOKEN_KEY] = login.id_token
    if (login.state.get("data") or {}).get("family") != family.pk:
        messages.error(request, _("Le dossier affiché a changé entre-temps\u00a0: recommencez."))
        return redirect("quotient:index")
    link = find_link(user)
    if link is not None and link.uid != login.account.uid:
        messages.error(request, _("Cette identité FranceConnect n’est pas celle de votre compte."))
        return redirect("quotient:index")
    token = login.token.token
    try:
        fetch = fetch_quotient(
            family=family,
            ask=lambda: ask_by_franceconnect(token),
            mode=FetchMode.FRANCECONNECT,
            by=user,
            at=timezone.now(),
        )
    except QuotientRefused as refused:
        messages.error(request, refused.reason)
        return redirect("quotient:index")
    except NotAllowed:
        return _page(request, _("Vous ne pouvez pas modifier ce dossier"), "", wanted="", status=403, retry=False)
    request.session[FETCH_KEY] = fetch.pk
    return redirect("quotient:fetched")


def failed(
    request: HttpRequest, *, cancelled: bool, exception: Exception | None, state: dict[str, Any] | None
) -> HttpResponse:
    """The exchange did not end well: what happened, in plain words, with what one was doing kept."""
    wanted = safe_path(str((state or {}).get("next") or request.session.get(NEXT_KEY) or ""))
    if cancelled:
        title, text = (
            _("Vous avez quitté FranceConnect"),
            _("Rien n’a été transmis. Vous pouvez recommencer, ou entrer avec votre mot de passe."),
        )
        return _page(request, title, text, wanted=wanted, status=200)
    if isinstance(exception, requests.RequestException):
        title, text = (
            _("FranceConnect ne répond pas"),
            _("Réessayez dans quelques minutes, ou entrez avec votre mot de passe."),
        )
        return _page(request, title, text, wanted=wanted, status=503)
    if exception is None and state is None:
        title, text = (
            _("Cette demande n’est plus valable"),
            _("La page est restée ouverte trop longtemps, ou elle a déjà servi. Recommencez."),
        )
        return _page(request, title, text, wanted=wanted, status=400)
    title, text = (
        _("La connexion par FranceConnect n’a pas abouti"),
        _("La réponse reçue n’a pas pu être vérifiée, ou elle est arrivée trop tard. Recommencez."),
    )
    return _page(request, title, text, wanted=wanted, status=400)


def _page(
    request: HttpRequest, title: str, text: str, *, wanted: str = "", status: int = 400, retry: bool = True
) -> HttpResponse:
    context = {"title": title, "text": text, "wanted": wanted, "retry": retry}
    return render(request, "franceconnect/error.html", context, status=status)


def _keep_pending(request: HttpRequest, login: SocialLogin) -> None:
    person = login.person
    request.session[ID_TOKEN_KEY] = login.id_token
    request.session[PENDING_KEY] = {
        "uid": login.account.uid,
        "first_name": str(person.get("given_name") or ""),
        "last_name": str(person.get("preferred_username") or person.get("family_name") or ""),
        "next": safe_path(login.state.get("next") or ""),
        "at": timezone.now().isoformat(),
    }


def read_pending(request: HttpRequest, *, at: datetime) -> dict[str, str] | None:
    """Who waits to be tied in this session, unless they came too long ago."""
    kept = request.session.get(PENDING_KEY)
    if not isinstance(kept, dict) or "at" not in kept:
        return None
    if at - datetime.fromisoformat(kept["at"]) > timedelta(minutes=PENDING_MINUTES):
        del request.session[PENDING_KEY]
        return None
    return kept
