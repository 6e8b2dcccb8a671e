"""One line of the rentrée: one child, one activity, and the regular week that goes with it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.domain import language
from portal.domain.activities.enums import EnrolmentMode
from portal.domain.rentree.enums import Openness
from portal.domain.rentree.estimating import Week
from portal.domain.rentree.queries import ChildRentree, Choice, Rentree
from portal.domain.rentree.services import Answer
from portal.web.forms import NativeDateInput

UNIT = "jours_"


class LineForm(forms.Form):
    """What a family answers for one activity of one child. The rules are the domain's; here only what was typed is
    read. A line that is not wanted asks nothing.
    """

    veut = forms.BooleanField(required=False)
    du = forms.DateField(
        label=gettext_lazy("Date d’entrée"),
        required=False,
        widget=NativeDateInput(attrs={"class": "short"}),
        error_messages={"invalid": gettext_lazy("Indiquez une date complète, par exemple 07/09/2026")},
    )

    def __init__(self, data: QueryDict | None = None, *, child: ChildRentree, choice: Choice) -> None:
        super().__init__(
            data,
            prefix=f"e{child.child.pk}-a{choice.activity.pk}",
            initial={"veut": choice.wanted, "du": choice.starts_on},
        )
        self.child, self.choice = child, choice
        self.fields["veut"].label = choice.activity.short_name
        words = language.words()
        entry = self.fields["du"]
        entry.help_text = _("vide, c’est le %(first)s\u202f; au plus tard le %(last)s") % {
            "first": words.full_date(choice.offer.earliest),
            "last": words.full_date(choice.activity.ends_on),
        }
        entry.widget.attrs |= {
            "min": choice.offer.earliest.isoformat(),
            "max": choice.activity.ends_on.isoformat(),
        }
        if choice.activity.enrolment_mode == EnrolmentMode.PATTERN:
            for unit in choice.offer.units:
                price = choice.prices.get(unit.pk)
                cost = f", {words.amount(price)}" if price is not None else ""
                self.fields[f"{UNIT}{unit.pk}"] = forms.MultipleChoiceField(
                    label=f"{unit.name}{cost}",
                    choices=[(str(day), words.short_weekday(day)) for day in sorted(unit.weekdays)],
                    required=False,
                    initial=[str(day) for day in sorted(choice.pattern.get(unit.pk, ()))],
                    widget=forms.CheckboxSelectMultiple(attrs={"class": "week-days"}),
                    error_messages={"invalid_choice": _("Choisissez des jours parmi ceux qui sont proposés")},
                )

    def clean_du(self) -> date | None:
        day: date | None = self.cleaned_data.get("du")
        first, last = self.choice.offer.earliest, self.choice.activity.ends_on
        if day is not None and not first <= day <= last:
            raise forms.ValidationError(
                _("La date d’entrée doit être comprise entre le %(first)s et le %(last)s.")
                % {"first": language.words().full_date(first), "last": language.words().full_date(last)}
            )
        return day

    def full_clean(self) -> None:
        """Nothing that is typed for an activity that is not wanted is wrong; it is kept as it can be read."""
        super().full_clean()
        if self.is_bound and not self.wanted:
            self.errors.clear()

    @property
    def weeks(self) -> list[forms.BoundField]:
        """The fields of the regular week, unit by unit."""
        return [self[name] for name in self.fields if name.startswith(UNIT)]

    @property
    def whole_week(self) -> str:
        """The weekdays that an enrolment for the whole year books, in words."""
        days = {day for unit in self.choice.offer.units for day in unit.weekdays}
        return language.words().weekday_names(sorted(days))

    # What was answered, read from what was typed or, before anything was, from what carries over

    @property
    def wanted(self) -> bool:
        return bool(self._value("veut"))

    @property
    def starts_on(self) -> date | None:
        day: date | None = self._value("du")
        return day

    @property
    def pattern(self) -> Mapping[int, frozenset[int]]:
        """Unit → ISO weekdays ticked."""
        found = {name.removeprefix(UNIT): self._value(name) for name in self.fields if name.startswith(UNIT)}
        return {int(unit): frozenset(int(day) for day in days or ()) for unit, days in found.items()}

    def _value(self, name: str) -> Any:
        if self.is_bound:
            return getattr(self, "cleaned_data", {}).get(name)
        return self.get_initial_for_field(self.fields[name], name)

    def answer(self) -> Answer:
        """For the verbs."""
        return Answer(
            child=self.child.child,
            activity=self.choice.activity,
            wanted=self.wanted,
            earliest=self.choice.offer.earliest,
            starts_on=self.starts_on,
            pattern=self.pattern,
        )

    def week(self) -> Week:
        """For the estimate."""
        return Week(
            self.child.child.pk,
            self.choice.activity,
            self.choice.offer.units,
            self.starts_on or self.choice.offer.earliest,
            self.pattern,
        )


def line_forms(rentree: Rentree, data: QueryDict | None) -> list[LineForm]:
    """Every line that may be prepared, children and activities in order."""
    forms_ = [LineForm(data, child=child, choice=choice) for child, choice in rentree.choices]
    for each in forms_:
        each.is_valid()
    return forms_


def wanted_weeks(lines: Iterable[LineForm]) -> list[Week]:
    return [line.week() for line in lines if line.wanted]


def wanted_activities(lines: Sequence[LineForm]) -> dict[int, frozenset[int]]:
    """The activities asked for each child, by keys: those whose papers are asked for."""
    return {
        key: frozenset(line.choice.activity.pk for line in lines if line.wanted and line.child.child.pk == key)
        for key in {line.child.child.pk for line in lines if line.wanted}
    }


def is_open(line: LineForm) -> bool:
    """Whether the line may be sent now."""
    return line.choice.openness is Openness.OPEN
