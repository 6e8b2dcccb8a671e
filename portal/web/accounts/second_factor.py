"""The second step of a sign-in: allauth's, in French, with its secrets encrypted, required of agents."""

import base64
import json
from collections.abc import Callable
from typing import Any

from allauth.account.forms import ReauthenticateForm as PasswordForm
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.base.views import AuthenticateView, IndexView
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from allauth.mfa.webauthn.views import AddWebAuthnView, ReauthenticateWebAuthnView, RemoveWebAuthnView
from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_htmx.http import HttpResponseClientRedirect

from portal.domain.accounts.models import User
from portal.web.accounts.forms import current_password_field
from portal.web.identity import current_identity

#: What an agent without second step still reaches: the pages that set it up, and the way out.
OPEN_TO_AGENTS = (
    "/compte/deux-etapes/",
    "/compte/confirmer/",
    "/compte/deconnexion/",
    "/langue/",
    "/theme.css",
    "/sante/",
    "/static/",
)

_CODE = {"autocomplete": "one-time-code", "inputmode": "numeric", "class": "short", "spellcheck": "false"}


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """The portal's side of allauth.mfa."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": gettext_lazy("Ce code n’est pas le bon, ou il a déjà servi. Attendez le suivant."),
        "cannot_delete_authenticator": gettext_lazy(
            "La double vérification est obligatoire pour votre compte\u00a0: ajoutez-en une autre d’abord."
        ),
        "cannot_generate_recovery_codes": gettext_lazy("Activez d’abord une application ou une clé."),
        "unverified_email": gettext_lazy("Confirmez d’abord l’adresse mail de votre compte."),
    }

    def get_totp_issuer(self) -> str:
        """What the application shows beside the code: the name of the portal."""
        return current_identity().title

    def _get_site_name(self) -> str:
        return current_identity().title

    def generate_authenticator_name(self, user: User, type: str) -> str:
        """« Clé 1 », « Clé 2 »… until its owner names it."""
        return _("Clé %(number)s") % {"number": Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1}

    def encrypt(self, text: str) -> str:
        """Secrets never lie in the database in the open: a stolen backup gives no code."""
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The contrary of `encrypt`; former keys (`SECRET_KEY_FALLBACKS`) still read."""
        return _cipher().decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """An agent who needs a second step keeps at least one."""
        user = authenticator.user
        if not needs_second_factor(user):
            return True
        return second_factors(user).exclude(pk=authenticator.pk).exists()


def _cipher() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_derive(key)) for key in keys])


def _derive(key: str) -> bytes:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"portal.second_factor").derive(key.encode())
    return base64.urlsafe_b64encode(derived)


def needs_second_factor(user: Any) -> bool:
    """Whether the town requires one of this account."""
    return bool(settings.AGENTS_NEED_SECOND_FACTOR) and isinstance(user, User) and user.is_agent


def second_factors(user: User) -> Any:
    """The applications and keys of an account, recovery codes apart."""
    return Authenticator.objects.filter(user=user).exclude(type=Authenticator.Type.RECOVERY_CODES)


class AgentsSecondFactorMiddleware:
    """An agent without second step reaches only the page that sets it up (one query for an agent, none for others)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The page, or the way to the set-up."""
        if not settings.AGENTS_NEED_SECOND_FACTOR or request.path_info.startswith(OPEN_TO_AGENTS):
            return self.get_response(request)
        user = request.user
        if not needs_second_factor(user) or second_factors(user).exists():
            return self.get_response(request)
        if request.headers.get("HX-Request") == "true":
            return HttpResponseClientRedirect("/compte/deux-etapes/")
        return redirect("mfa_index")


def _code_field(label: Any, hint: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        max_length=20,
        widget=forms.TextInput(attrs=dict(_CODE)),
        error_messages={"required": gettext_lazy("Indiquez le code.")},
    )


def _without_spaces(form: forms.Form) -> None:
    """Applications show “123 456”."""
    code = form.data.get("code", "")
    if form.is_bound and " " in code:
        form.data = form.data.copy()
        form.data["code"] = "".join(code.split())


class CodeForm(AuthenticateForm):  # type: ignore[misc]  # allauth has no types
    """At the sign-in: the code of the application, or a recovery code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = _code_field(
            gettext_lazy("Code de votre application"), gettext_lazy("ou l’un de vos codes de secours")
        )
        _without_spaces(self)


class CodeAgainForm(ReauthenticateForm):  # type: ignore[misc]  # allauth has no types
    """Before a change of security."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = _code_field(gettext_lazy("Code de votre application"))
        _without_spaces(self)


class PasswordAgainForm(PasswordForm):  # type: ignore[misc]  # allauth has no types
    """Before a change of security."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"] = current_password_field(
            gettext_lazy("Votre mot de passe"),
            error_messages={"required": gettext_lazy("Indiquez votre mot de passe.")},
        )


class ActivateForm(ActivateTOTPForm):  # type: ignore[misc]  # allauth has no types
    """The first code proves that the application has the secret."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = _code_field(gettext_lazy("Code affiché par l’application"), gettext_lazy("six chiffres"))
        _without_spaces(self)


class AddKeyForm(AddWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    """A passkey or a security key, with a name for its owner."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"] = forms.CharField(
            label=gettext_lazy("Nom de cette clé"),
            help_text=gettext_lazy("par exemple «\u00a0mon téléphone\u00a0»"),
            max_length=60,
            required=False,
            initial=self.initial.get("name", ""),
        )


def _options(context: dict[str, Any], name: str) -> str:
    """What the browser needs to know, for a data attribute: our policy allows no script in the page."""
    return json.dumps(context["js_data"][name], cls=DjangoJSONEncoder)


class AddKeyView(AddWebAuthnView):  # type: ignore[misc]  # allauth has no types
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The options of the new key."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"options": _options(context, "creation_options")}


class RemoveKeyView(RemoveWebAuthnView):  # type: ignore[misc]  # allauth has no types
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Somebody else's key does not exist, before any proof is asked for; a required one stays."""
        own = Authenticator.objects.filter(user=request.user, type=Authenticator.Type.WEBAUTHN)
        key = get_object_or_404(own, pk=kwargs["pk"])
        if not SecondFactorAdapter().can_delete_authenticator(key):
            messages.warning(request, SecondFactorAdapter.error_messages["cannot_delete_authenticator"])
            return redirect("mfa_index")
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return answer


class KeyAgainView(ReauthenticateWebAuthnView):  # type: ignore[misc]  # allauth has no types
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The options of the keys that may answer."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"options": _options(context, "request_options")}


class CodeView(AuthenticateView):  # type: ignore[misc]  # allauth has no types
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The options of the keys that may answer, when the account has any."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        user = self.stage.login.user
        types = set(second_factors(user).values_list("type", flat=True))
        return context | {
            "options": _options(context, "request_options") if Authenticator.Type.WEBAUTHN in types else "",
            "has_application": Authenticator.Type.TOTP in types,
        }


class SecurityView(IndexView):  # type: ignore[misc]  # allauth has no types
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What the account has, and whether the town requires it."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        codes = context["authenticators"].get("recovery_codes")
        return context | {
            "application": context["authenticators"].get("totp"),
            "keys": context["authenticators"].get("webauthn", []),
            "codes_left": len(codes.get_unused_codes()) if codes else 0,
            "has_codes": codes is not None,
            "required": needs_second_factor(self.request.user),
        }
