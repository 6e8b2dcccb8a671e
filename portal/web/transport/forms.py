"""Where a child gets on, where it gets off, and who is there: for the usual days, or for one day."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.domain.transport.enums import Release, Way
from portal.domain.transport.rules import Line, Wanted
from portal.domain.transport.words import stop_choice
from portal.web.forms import NamedErrorsMixin

#: Fields by way.
FIELDS = {Way.OUTWARD: "aller", Way.HOMEWARD: "retour"}
#: Beyond, a list to open is easier than a column of buttons.
MANY = 8
#: Not taking the bus that way, as a form sends it.
WITHOUT = "sans"

_LABELS = {Way.OUTWARD: gettext_lazy("Arrêt de l’aller"), Way.HOMEWARD: gettext_lazy("Arrêt du retour")}
_WITHOUT = {
    Way.OUTWARD: gettext_lazy("ne prend pas le bus à l’aller"),
    Way.HOMEWARD: gettext_lazy("ne prend pas le bus au retour"),
}


def stop_fields(
    line: Line, *, from_day: date, only_day: bool = False, required: bool = True
) -> dict[str, forms.Field]:
    """The fields of one line, by name: a way that the line does not serve is not asked."""
    fields: dict[str, forms.Field] = {}
    for way, name in FIELDS.items():
        stops = line.offered(way, from_day=from_day)
        if only_day:
            stops = [stop for stop in stops if stop.time_on(from_day, way) is not None]
        if not stops:
            continue
        choices = [(str(stop.pk), stop_choice(stop, way, day=from_day if only_day else None)) for stop in stops]
        choices.append((WITHOUT, str(_WITHOUT[way])))
        many = len(choices) > MANY
        fields[name] = forms.ChoiceField(
            label=_LABELS[way],
            choices=[("", _("Choisissez un arrêt")), *choices] if many else choices,
            widget=forms.Select if many else forms.RadioSelect,
            required=required,
        )
    if FIELDS[Way.HOMEWARD] in fields:
        fields["depart"] = forms.ChoiceField(
            label=gettext_lazy("À l’arrêt du retour"),
            choices=Release.choices,
            widget=forms.RadioSelect,
            initial=Release.COLLECTED,
            required=False,
        )
    return fields


def wanted_from(data: Mapping[str, Any], prefix: str = "") -> Wanted:
    """What the fields say, cleaned."""

    def stop(way: Way) -> int | None:
        value = data.get(f"{prefix}{FIELDS[way]}") or WITHOUT
        return None if value == WITHOUT else int(value)

    release = data.get(f"{prefix}depart") or Release.COLLECTED
    return Wanted(stop(Way.OUTWARD), stop(Way.HOMEWARD), Release(release))


def initial_of(wanted: Wanted | None) -> dict[str, str]:
    """The fields as they stand; empty before any choice."""
    if wanted is None:
        return {}
    values = {name: str(wanted.at(way) or WITHOUT) for way, name in FIELDS.items()}
    return values | {"depart": str(wanted.release)}


class StopsForm(NamedErrorsMixin, forms.Form):
    """Built for one line. `agent` is asked why, when it passes over a deadline."""

    def __init__(
        self, *args: Any, line: Line, from_day: date, only_day: bool = False, agent: bool = False, **kwargs: Any
    ) -> None:
        added = stop_fields(line, from_day=from_day, only_day=only_day)
        if agent:
            added["hors_delai"] = forms.CharField(
                label=gettext_lazy("Motif pour passer le délai (service)"),
                max_length=200,
                required=False,
                help_text=gettext_lazy("Gardé au journal. Sans motif, le délai compte comme pour la famille."),
            )
        # Before the messages that name each field are given to it.
        self.base_fields = {**self.base_fields, **added}
        super().__init__(*args, **kwargs)

    @property
    def wanted(self) -> Wanted:
        """Of a valid form."""
        return wanted_from(self.cleaned_data)

    @property
    def reason(self) -> str:
        """Of a valid form."""
        return str(self.cleaned_data.get("hors_delai", ""))
