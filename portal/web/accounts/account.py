"""« Mon compte »: who I am here, my password, my address, my devices."""

from allauth.account.internal.flows.password_change import change_password
from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.domain.accounts.models import EntrySettings, SignInSession
from portal.domain.accounts.security import (
    close_session,
    close_sessions,
    read_cancellation,
    read_email_change,
    sessions_of,
)
from portal.domain.families.access import Right, may
from portal.domain.joining.addresses import (
    ChangeRefused,
    apply_email_change,
    request_email_change,
    undo_email_change,
)
from portal.domain.notices.enums import NoticeKind
from portal.domain.notices.services import notify_users
from portal.web.accounts.account_forms import EmailChangeForm, OwnPasswordForm
from portal.web.accounts.forms import posted
from portal.web.accounts.second_factor import needs_second_factor, second_factors
from portal.web.accounts.sessions import keep_session
from portal.web.accounts.throttle import DAY, HOUR, Limit, Try, give_back, spend
from portal.web.family import resolve_family

#: Wrong present passwords, from an open session.
OWN_PASSWORDS = Limit("own-password", amount=10, seconds=HOUR)
EMAIL_CHANGES = Limit("email-change", amount=5, seconds=DAY)


@never_cache
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Everything about the account on one page (L5)."""
    family = resolve_family(request)
    protected = second_factors(request.user).exists()
    return render(
        request,
        "accounts/home.html",
        {
            "family": family,
            "tasks": _tasks(protected=protected, devices=len(sessions_of(user=request.user))),
            "protected": protected,
            "required": needs_second_factor(request.user),
            "may_invite": family is not None
            and EntrySettings.current().parents_invite
            and may(user=request.user, family=family, right=Right.EDIT),
        },
    )


@never_cache
@require_safe
def sheet(request: HttpRequest) -> HttpResponse:
    """The page to print: address and identifier, room for nothing secret (L12)."""
    return render(request, "accounts/sheet.html", {"family": resolve_family(request)})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("oldpassword", "password1", "password2")
def password(request: HttpRequest) -> HttpResponse:
    """The present password, then a new one; the other devices are signed out."""
    form = OwnPasswordForm(data=posted(request), user=request.user)
    if request.method != "POST":
        return render(request, "accounts/password.html", {"form": form})
    attempt = Try(OWN_PASSWORDS, str(request.user.pk))
    if not spend(attempt):
        form.add_error(None, _too_many())
        return render(request, "accounts/password.html", {"form": form}, status=429)
    if not form.is_valid():
        return render(request, "accounts/password.html", {"form": form}, status=422)
    give_back(attempt)
    at = timezone.now()
    before = request.session.session_key or ""
    change_password(request.user, form.cleaned_data["password1"])
    update_session_auth_hash(request, request.user)
    # The session has a new key: the former one is nobody's, as are those of the other devices.
    SignInSession.objects.filter(session_key=before).delete()
    keep_session(request, request.user, at=at)
    close_sessions(user=request.user, but=request.session.session_key or "")
    notify_users(
        users=[request.user],
        kind=NoticeKind.SECURITY,
        title=_("Votre mot de passe a changé"),
        text=_("Vos autres appareils sont déconnectés. Ce n’était pas vous\u202f? Choisissez-en un autre aussitôt."),
        at=at,
    )
    messages.success(
        request, _("C’est enregistré\u00a0: votre mot de passe est changé, vos autres appareils sont déconnectés.")
    )
    return redirect("accounts:home")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password")
def email(request: HttpRequest) -> HttpResponse:
    """Ask for another address: the same answer whether it has an account or not."""
    form = EmailChangeForm(posted(request), user=request.user)
    if request.method != "POST":
        return render(request, "accounts/email.html", {"form": form})
    attempts = (Try(OWN_PASSWORDS, str(request.user.pk)), Try(EMAIL_CHANGES, str(request.user.pk)))
    if not spend(*attempts):
        form.add_error(None, _too_many())
        return render(request, "accounts/email.html", {"form": form}, status=429)
    if not form.is_valid():
        give_back(attempts[1])
        return render(request, "accounts/email.html", {"form": form}, status=422)
    give_back(attempts[0])
    change = request_email_change(new_email=form.cleaned_data["email"], by=request.user, at=timezone.now())
    messages.success(
        request,
        _(
            "Un lien vient de partir à %(email)s\u00a0: suivez-le dans les 24\u00a0h. "
            "D’ici là, votre adresse ne change pas. L’ancienne adresse est prévenue."
        )
        % {"email": change.new_email},
    )
    return redirect("accounts:home")


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def email_confirm(request: HttpRequest, token: str) -> HttpResponse:
    """The new mailbox answers. Reading the page changes nothing: mail scanners read links too."""
    at = timezone.now()
    change = read_email_change(token=token, at=at)
    if change is None:
        return render(request, "accounts/email_refused.html", status=410)
    if request.method == "POST":
        try:
            apply_email_change(token=token, at=at)
        except ChangeRefused:
            return render(request, "accounts/email_refused.html", status=410)
        return render(request, "accounts/email_confirm.html", {"change": change, "done": True})
    return render(request, "accounts/email_confirm.html", {"change": change, "done": False})


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def email_cancel(request: HttpRequest, token: str) -> HttpResponse:
    """The former mailbox says no."""
    at = timezone.now()
    change = read_cancellation(token=token, at=at)
    if change is None:
        return render(request, "accounts/email_refused.html", status=410)
    if request.method == "POST":
        try:
            undo_email_change(token=token, at=at)
        except ChangeRefused:
            return render(request, "accounts/email_refused.html", status=410)
        if request.user.pk == change.user_id:
            logout(request)
        return render(request, "accounts/email_cancel.html", {"change": change, "done": True})
    return render(request, "accounts/email_cancel.html", {"change": change, "done": False})


@never_cache
@require_safe
def sessions(request: HttpRequest) -> HttpResponse:
    """The devices where the account is open."""
    known = sessions_of(user=request.user)
    current = request.session.session_key
    return render(request, "accounts/sessions.html", {"sessions": known, "current": current, "others": len(known) > 1})


@require_POST
def session_close(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign one device out; closing the present one is signing out."""
    session = SignInSession.objects.filter(user=request.user, pk=pk).first()
    if session is None:
        raise Http404
    if session.session_key == request.session.session_key:
        session.delete()
        logout(request)
        return redirect("account_login")
    close_session(session=session)
    messages.success(request, _("Cet appareil est déconnecté."))
    return redirect("accounts:sessions")


@require_POST
def sessions_close(request: HttpRequest) -> HttpResponse:
    """Sign out every device but this one."""
    close_sessions(user=request.user, but=request.session.session_key or "")
    messages.success(request, _("Vos autres appareils sont déconnectés."))
    return redirect("accounts:sessions")


def _tasks(*, protected: bool, devices: int) -> list[dict[str, str]]:
    """What may be changed of an account, as components/tasks.html draws it."""
    return [
        {"label": _("Changer mon mot de passe"), "url": reverse("accounts:password"), "icon": "lock"},
        {"label": _("Changer mon adresse mail"), "url": reverse("accounts:email"), "icon": "mail"},
        {
            "label": _("Double vérification"),
            "url": reverse("mfa_index"),
            "icon": "phone",
            "badge": _("activée") if protected else _("pas activée"),
            "badge_kind": "good" if protected else "",
            "badge_icon": "check" if protected else "",
        },
        {
            "label": _("Mes appareils connectés"),
            "url": reverse("accounts:sessions"),
            "icon": "user",
            "note": ngettext("%(number)s appareil", "%(number)s appareils", devices) % {"number": devices},
        },
    ]


def _too_many() -> str:
    return _("Trop d’essais de suite. Réessayez dans une heure.")
