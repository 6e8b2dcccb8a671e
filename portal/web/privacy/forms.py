"""The password again, before anything that lets data out or makes it disappear."""

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.domain.accounts.models import User
from portal.web.accounts.throttle import HOUR, Limit, Try, give_back, spend
from portal.web.forms import NamedErrorsMixin

LIMIT = Limit("password-again", 10, HOUR)


class PasswordForm(NamedErrorsMixin, forms.Form):
    """The person at the keyboard is the owner of the account: a session left open opens nothing more."""

    password = forms.CharField(
        label=gettext_lazy("Votre mot de passe"),
        strip=False,
        max_length=256,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_password(self) -> str:
        """Checked as often as an hour allows."""
        user, typed = self.request.user, self.cleaned_data["password"]
        attempt = Try(LIMIT, str(user.pk))
        if not spend(attempt):
            raise forms.ValidationError(_("Trop d’essais\u00a0: attendez une heure avant de recommencer"))
        if not isinstance(user, User) or not user.check_password(typed):
            raise forms.ValidationError(_("Ce n’est pas le mot de passe de votre compte"))
        give_back(attempt)
        return str(typed)


class ErasureForm(PasswordForm):
    """A request to be erased."""

    field_order = ("words", "understood", "password")

    words = forms.CharField(
        label=gettext_lazy("Un mot pour le service"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    understood = forms.BooleanField(
        label=gettext_lazy("J’ai compris que l’effacement est définitif"),
        error_messages={"required": gettext_lazy("Cochez la case pour confirmer que vous avez compris")},
    )


class CloseForm(PasswordForm):
    """Closing one's account."""

    field_order = ("understood", "password")

    understood = forms.BooleanField(
        label=gettext_lazy("J’ai compris que mon compte ne s’ouvrira plus"),
        error_messages={"required": gettext_lazy("Cochez la case pour confirmer que vous avez compris")},
    )
