"""What allauth does our way: mails through the outbox, French words, an account that waits."""

from datetime import timedelta
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.domain.accounts.models import User
from portal.domain.mails.enums import MailKind
from portal.domain.mails.rendering import render_mail
from portal.domain.mails.services import queue_mail
from portal.domain.notices.enums import NoticeKind
from portal.domain.notices.services import notify_users
from portal.web.family import resolve_family

#: The session keeps whose right password opened nothing, for the page that says why.
INACTIVE_KEY = "inactive_account"

_WRONG = _("L’adresse mail (ou le nom d’utilisateur) ou le mot de passe n’est pas le bon.")

#: allauth's mails that we send, with the template and the nature of ours.
_MAILS = {
    "account/email/password_reset_key": ("password_reset", MailKind.PASSWORD_RESET),
    "account/email/unknown_account": ("unknown_account", MailKind.ACCOUNT),
    "account/email/password_reset": ("password_changed", MailKind.ACCOUNT),
    "account/email/password_changed": ("password_changed", MailKind.ACCOUNT),
}


#: allauth's notifications about the second step, as our notices say them; a notice of security is always mailed.
_NOTICES = {
    "mfa/email/totp_activated": _("Double vérification\u00a0: une application est ajoutée à votre compte"),
    "mfa/email/totp_deactivated": _("Double vérification\u00a0: l’application est retirée de votre compte"),
    "mfa/email/recovery_codes_generated": _("Double vérification\u00a0: de nouveaux codes de secours sont prêts"),
    "mfa/email/webauthn_added": _("Double vérification\u00a0: une clé est ajoutée à votre compte"),
    "mfa/email/webauthn_removed": _("Double vérification\u00a0: une clé est retirée de votre compte"),
}
_NOT_YOU = _("Ce n’était pas vous\u202f? Changez votre mot de passe aussitôt, puis appelez le service.")


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """The portal's side of allauth."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": _WRONG,
        "email_password_mismatch": _WRONG,
        "invalid_login": _WRONG,
        "too_many_login_attempts": _(
            "Trop d’essais de suite. Attendez quelques minutes, ou choisissez un nouveau mot de passe."
        ),
        "incorrect_password": _("Ce n’est pas votre mot de passe."),
        "rate_limited": _("Trop d’essais de suite. Attendez quelques minutes."),
    }

    def is_safe_url(self, url: str | None) -> bool:
        """Whether somebody may be led there after signing in: a page of ours, written as a path."""
        return bool(url) and url.startswith("/") and super().is_safe_url(url)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Where somebody without a page in mind goes: an agent without family to their work, others home."""
        user = request.user
        if isinstance(user, User) and user.is_agent and resolve_family(request) is None:
            return reverse("wagtailadmin_home")
        return super().get_login_redirect_url(request)

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts are made by our own form only."""
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Queue one of our mails instead of sending allauth's. Raises KeyError for a mail that has no text here."""
        template, kind = _MAILS[template_prefix]
        at = timezone.now()
        user = context.get("user")
        texts = render_mail(
            template=template,
            context={
                "url": context.get("password_reset_url", ""),
                "username": user.get_username() if isinstance(user, User) else "",
                "until": at + timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT),
                "when": at,
                "signup_url": _absolute("account_signup"),
                "reset_url": _absolute("account_reset_password"),
            },
        )
        queue_mail(kind=kind, recipient=email, subject=texts.subject, text=texts.text, html=texts.html, at=at)

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Announce a change to the account's own address, which every account of ours has proved.

        What concerns the second step is a notice of security, with its mail.
        """
        if template_prefix in _NOTICES:
            notify_users(
                users=[user],
                kind=NoticeKind.SECURITY,
                title=str(_NOTICES[template_prefix]),
                text=str(_NOT_YOU),
                path=reverse("accounts:home"),
                at=timezone.now(),
            )
            return
        super().send_notification_mail(template_prefix, user, context, email or user.email)

    def set_password(self, user: User, password: str) -> None:
        """A password that was just chosen opens the door that wrong ones had closed, by either login."""
        super().set_password(user, password)
        self._delete_login_attempts_cached_email(self.request, email=user.email)
        self._delete_login_attempts_cached_email(self.request, username=user.get_username())

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The link of the mail, on the portal's own address whatever the Host header of the request says."""
        uid, _separator, token = key.partition("-")
        return settings.PORTAL_BASE_URL + reverse(
            "account_reset_password_from_key", kwargs={"uidb36": uid, "key": token}
        )

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        """The right password of a closed account: its own page. Nobody else ever gets there."""
        request.session[INACTIVE_KEY] = user.pk
        return redirect("account_inactive")


def _absolute(name: str) -> str:
    return f"{settings.PORTAL_BASE_URL}{reverse(name)}"
