"""Choosing files, sending them with a word, accepting a text."""

from django import forms
from django.utils.translation import gettext_lazy

from portal.web.forms import NamedErrorsMixin


class SendForm(NamedErrorsMixin, forms.Form):
    """What goes with the files, and the version that was looked at."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    note = forms.CharField(
        label=gettext_lazy("Un mot pour le service"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class AgreementForm(NamedErrorsMixin, forms.Form):
    """« J’ai lu et j’accepte »: the version that was read comes back with the answer."""

    version = forms.CharField(widget=forms.HiddenInput)
    agreed = forms.BooleanField(
        label=gettext_lazy("J’ai lu ce texte et je l’accepte"),
        error_messages={"required": gettext_lazy("Cochez cette case pour accepter le texte")},
    )
