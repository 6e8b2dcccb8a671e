"""The pages of FranceConnect: going there, coming back, the account's link."""

import logging

import requests
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.domain.accounts.models import User
from portal.domain.families.models import Adult
from portal.domain.quotients.rules import plain
from portal.web.accounts.throttle import DAY, HOUR, Limit, Try, give_back, spend, visitor
from portal.web.franceconnect import arrivals
from portal.web.franceconnect.adapter import is_configured
from portal.web.franceconnect.forms import PasswordForm
from portal.web.franceconnect.leaving import STATE_KEY
from portal.web.franceconnect.linking import LinkRefused, find_link, link_account, unlink_account
from portal.web.franceconnect.provider import EXTRA_SCOPES_KEY, PROVIDER, FranceConnectAdapter, endpoints

logger = logging.getLogger(__name__)

STARTS = Limit("franceconnect", amount=60, seconds=HOUR)
PASSWORDS = Limit("franceconnect-password", amount=25, seconds=DAY)


@login_not_required
@never_cache
@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Go to FranceConnect to sign in; `next` is kept on the way."""
    _required()
    wanted = arrivals.safe_path(request.POST.get("next", ""))
    if request.user.is_authenticated:
        return redirect(wanted or "home:index")
    return depart(request, process=AuthProcess.LOGIN, wanted=wanted)


def depart(
    request: HttpRequest,
    *,
    process: str,
    wanted: str = "",
    data: dict[str, int] | None = None,
    scopes: tuple[str, ...] = (),
) -> HttpResponse:
    """Send the browser to FranceConnect, or say why not."""
    _required()
    if not spend(Try(STARTS, visitor(request))):
        return render(request, "429.html", status=429)
    request.session[arrivals.NEXT_KEY] = wanted
    setattr(request, EXTRA_SCOPES_KEY, scopes)
    provider = get_adapter(request).get_provider(request, PROVIDER)
    try:
        endpoints()
        answer: HttpResponse = provider.redirect(
            request,
            process,
            next_url=wanted or None,
            data=data,
            scope=provider.get_scope_from_request(request),
            auth_params=provider.get_auth_params_from_request(request, ""),
        )
    except (requests.RequestException, OAuth2Error, KeyError) as error:
        logger.warning("FranceConnect: %s", type(error).__name__)
        return arrivals.failed(request, cancelled=False, exception=requests.RequestException(), state={"next": wanted})
    return answer


@login_not_required
@never_cache
@require_safe
def callback(request: HttpRequest) -> HttpResponse:
    """Back from FranceConnect. Whatever is wrong ends on a page that says what to do."""
    _required()
    if request.method == "HEAD":
        # What a browser never sends must not use up the state.
        return HttpResponse(status=400)
    view = OAuth2CallbackView.adapter_view(FranceConnectAdapter(request, PROVIDER))
    try:
        answer: HttpResponse = view(request)
    except (KeyError, ValueError, TypeError) as error:
        logger.warning("FranceConnect: %s", type(error).__name__)
        return arrivals.failed(request, cancelled=False, exception=error, state=None)
    return answer


@login_not_required
@never_cache
@require_safe
def first(request: HttpRequest) -> HttpResponse:
    """Somebody unknown: sign in once with the portal's account, or ask for one."""
    _required()
    pending = arrivals.read_pending(request, at=timezone.now())
    if pending is None:
        return redirect("account_login")
    if request.user.is_authenticated:
        return redirect("franceconnect:confirm")
    return render(request, "franceconnect/first.html", {"pending": pending})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """Signed in since FranceConnect sent them: tie both, if they say so. Both proofs are minutes old."""
    _required()
    user = _parent(request)
    pending = arrivals.read_pending(request, at=timezone.now())
    if pending is None or not _signed_in_since(user, pending):
        messages.info(request, _("Recommencez avec FranceConnect pour relier votre compte."))
        return redirect("franceconnect:index")
    if request.method == "POST":
        del request.session[arrivals.PENDING_KEY]
        if request.POST.get("reponse") == "oui":
            try:
                link_account(user=user, uid=pending["uid"], by=user, at=timezone.now())
            except LinkRefused as refused:
                messages.error(request, refused.reason)
                return redirect("franceconnect:index")
            messages.success(request, _("Votre compte est relié à FranceConnect."))
        return redirect(pending["next"] or "home:index")
    context = {"pending": pending, "alike": _looks_alike(user, pending), "account": user}
    return render(request, "franceconnect/confirm.html", context)


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """The account's link: made and undone here, the password given again each time."""
    _required()
    user = _parent(request)
    link = find_link(user)
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        wish = request.POST.get("suite")
        attempt = Try(PASSWORDS, str(user.pk))
        if not spend(attempt):
            form.add_error("password", _("Trop d’essais. Réessayez demain, ou choisissez un nouveau mot de passe."))
        elif not user.check_password(form.cleaned_data["password"]):
            form.add_error("password", _("Ce n’est pas le mot de passe de votre compte."))
        else:
            give_back(attempt)
            if wish == "delier":
                return _unlink(request, user)
            if link is None:
                return depart(request, process=AuthProcess.CONNECT, data={"user": user.pk})
            return redirect("franceconnect:index")
    context = {"form": form, "link": link, "has_password": user.has_usable_password()}
    return render(request, "franceconnect/index.html", context, status=422 if form.errors else 200)


def _unlink(request: HttpRequest, user: User) -> HttpResponse:
    try:
        if unlink_account(user=user, by=user, at=timezone.now()):
            messages.success(request, _("Votre compte n’est plus relié à FranceConnect."))
    except LinkRefused as refused:
        messages.error(request, refused.reason)
    return redirect("franceconnect:index")


@login_not_required
@never_cache
@require_safe
def signed_out(request: HttpRequest) -> HttpResponse:
    """FranceConnect has closed its own session. A state that is not ours is somebody else's link: same page."""
    _required()
    request.session.pop(STATE_KEY, None)
    return redirect(settings.LOGOUT_REDIRECT_URL)


def _required() -> None:
    if not is_configured():
        raise Http404


def _parent(request: HttpRequest) -> User:
    user = request.user
    if not isinstance(user, User) or user.is_agent:
        raise PermissionDenied
    return user


def _signed_in_since(user: User, pending: dict[str, str]) -> bool:
    return user.last_login is not None and user.last_login.isoformat() >= pending["at"]


def _looks_alike(user: User, pending: dict[str, str]) -> bool:
    """A help for the eye: whether the names of FranceConnect are those of the account or of its person."""
    names = {(plain(user.first_name), plain(user.last_name))}
    names |= {(plain(adult.first_name), plain(adult.last_name)) for adult in Adult.objects.filter(user=user)}
    firsts = plain(pending["first_name"]).split()
    return any(first in firsts and last == plain(pending["last_name"]) for first, last in names)
