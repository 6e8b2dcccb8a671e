from django import forms
from django.utils.translation import gettext_lazy as _

from portal.web.forms import NamedErrorsMixin


class PasswordForm(NamedErrorsMixin, forms.Form):
    """The password again, before a door of the account moves."""

    password = forms.CharField(
        label=_("Votre mot de passe"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
