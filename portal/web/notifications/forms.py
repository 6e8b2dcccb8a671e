"""How a person wants to be told."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.domain.notices.enums import ALWAYS_MAILED, OPTIONAL, NoticeKind


class PreferencesForm(forms.Form):
    """The kinds of notices that also come by mail, those that the space may leave out; the others are not asked."""

    by_mail = forms.MultipleChoiceField(
        label=_("Recevoir aussi un mail pour"),
        required=False,
        choices=[(kind.value, kind.label) for kind in NoticeKind if kind not in ALWAYS_MAILED],
        widget=forms.CheckboxSelectMultiple,
    )

    in_space = forms.MultipleChoiceField(
        label=_("Afficher dans mon espace"),
        required=False,
        choices=[(kind.value, kind.label) for kind in NoticeKind if kind in OPTIONAL],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Les autres sujets s’y affichent toujours."),
    )

    def clean_in_space(self) -> list[NoticeKind]:
        """As kinds."""
        chosen: list[Any] = self.cleaned_data["in_space"]
        return [NoticeKind(value) for value in chosen]

    def clean_by_mail(self) -> list[NoticeKind]:
        """As kinds."""
        chosen: list[Any] = self.cleaned_data["by_mail"]
        return [NoticeKind(value) for value in chosen]
