"""What an agenda holds."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.domain.feeds.enums import ChildNames
from portal.domain.feeds.models import CalendarFeed
from portal.domain.feeds.services import Contents


class ContentsForm(forms.Form):
    """The choices of the page; the booked days are always there."""

    names = forms.ChoiceField(
        label=_("Mes enfants sont nommés"),
        choices=ChildNames.choices,
        initial=ChildNames.FIRST_NAME,
        widget=forms.RadioSelect,
    )
    holds = forms.MultipleChoiceField(
        label=_("Ajouter aux jours réservés"),
        required=False,
        choices=[
            ("with_deadlines", _("les échéances\u00a0: jusqu’à quand réserver ou annuler")),
            ("with_alarms", _("une alerte la veille à 18\u00a0h pour chaque échéance")),
            ("with_closures", _("les fermetures")),
            ("with_prices", _("les prix")),
        ],
        initial=["with_deadlines", "with_alarms", "with_closures"],
        widget=forms.CheckboxSelectMultiple,
    )

    @classmethod
    def of(cls, feed: CalendarFeed, data: Any = None) -> "ContentsForm":
        """The form as this agenda stands."""
        holds = [name for name, _label in cls.base_fields["holds"].choices if getattr(feed, name)]  # type: ignore[attr-defined]  # a choice field
        return cls(data, initial={"names": feed.names, "holds": holds})

    def contents(self) -> Contents:
        """The answer, once valid."""
        holds = set(self.cleaned_data["holds"])
        return Contents(
            names=ChildNames(self.cleaned_data["names"]),
            with_deadlines="with_deadlines" in holds,
            with_alarms="with_alarms" in holds,
            with_closures="with_closures" in holds,
            with_prices="with_prices" in holds,
        )
