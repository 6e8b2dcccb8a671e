"""The regular week of an enrolment and its history: which weekdays of each unit, from which day on.

`Pattern` gives ISO weekdays by key of unit. Choosing the days that a change books or cancels belongs to
`bookings.weekly`, above.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from portal.domain.accounts.models import User
from portal.domain.audit.services import record
from portal.domain.enrolments.models import Enrolment, PatternDay, RegularWeek, RegularWeekDay

Pattern = Mapping[int, frozenset[int]]


@dataclass(frozen=True, slots=True)
class WeekFrom:
    """A regular week, in force from that day on."""

    starts_on: date
    pattern: Pattern


@dataclass(frozen=True, slots=True)
class RegularWeeks:
    """The regular weeks of an enrolment, the first of them in force from its first day."""

    weeks: tuple[WeekFrom, ...]

    def on(self, day: date) -> Pattern:
        """The week in force on that day; before the first, the first."""
        found = [each for each in self.weeks if each.starts_on <= day]
        return (found or self.weeks[:1])[-1].pattern if self.weeks else {}

    @property
    def last(self) -> Pattern:
        """What the family wanted in the end."""
        return self.weeks[-1].pattern if self.weeks else {}

    @property
    def changed(self) -> bool:
        return len(self.weeks) > 1


def load_weeks(enrolments: Sequence[Enrolment]) -> dict[int, RegularWeeks]:
    """The regular weeks of these enrolments, by key, in two queries."""
    keys = [each.pk for each in enrolments]
    first: dict[int, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
    for key, unit, weekday in PatternDay.objects.filter(enrolment__in=keys).values_list(
        "enrolment", "unit", "weekday"
    ):
        first[key][unit].add(weekday)
    later: dict[int, dict[date, dict[int, set[int]]]] = defaultdict(dict)
    rows = RegularWeek.objects.filter(enrolment__in=keys).order_by("starts_on", "pk")
    for key, starts_on, unit, weekday in rows.values_list("enrolment", "starts_on", "days__unit", "days__weekday"):
        week = later[key].setdefault(starts_on, defaultdict(set))
        if unit is not None:
            week[unit].add(weekday)
    return {
        each.pk: RegularWeeks(
            (
                WeekFrom(each.starts_on, _frozen(first[each.pk])),
                *(WeekFrom(day, _frozen(week)) for day, week in later[each.pk].items()),
            )
        )
        for each in enrolments
    }


def _frozen(week: Mapping[int, Iterable[int]]) -> Pattern:
    return {unit: frozenset(weekdays) for unit, weekdays in week.items()}


@dataclass(frozen=True, slots=True)
class NamedWeek:
    """A regular week as a page says it: units in order, with their ISO weekdays; none, nothing by habit."""

    starts_on: date
    units: tuple[tuple[str, tuple[int, ...]], ...]


def named_weeks(enrolment: Enrolment) -> tuple[NamedWeek, ...]:
    """The regular weeks of an enrolment, the first of them first, in three queries."""
    units = list(enrolment.activity.units.order_by("order", "pk").values_list("pk", "name"))
    return tuple(
        NamedWeek(
            each.starts_on,
            tuple((name, tuple(sorted(each.pattern[key]))) for key, name in units if each.pattern.get(key)),
        )
        for each in load_weeks([enrolment])[enrolment.pk].weeks
    )


@transaction.atomic
def set_week(*, enrolment: Enrolment, starts_on: date, pattern: Pattern, by: User, at: datetime) -> RegularWeek:
    """Write the regular week in force from `starts_on` on. Weeks that were to begin on that day or later give way to
    it; those before stay as history. Books nothing.
    """
    before = load_weeks([enrolment])[enrolment.pk].on(starts_on)
    RegularWeek.objects.filter(enrolment=enrolment, starts_on__gte=starts_on).delete()
    week = RegularWeek.objects.create(enrolment=enrolment, starts_on=starts_on, changed_at=at, changed_by=by)
    RegularWeekDay.objects.bulk_create(
        RegularWeekDay(week=week, unit_id=unit, weekday=weekday)
        for unit, weekdays in sorted(pattern.items())
        for weekday in sorted(weekdays)
    )
    record(
        verb="change_week",
        target=enrolment,
        by=by,
        at=at,
        family_key=enrolment.family_id,
        before={"week": pattern_data(before)},
        after={"starts_on": starts_on.isoformat(), "week": pattern_data(pattern)},
    )
    return week


def pattern_data(pattern: Pattern) -> dict[str, list[int]]:
    """As JSON keeps it."""
    return {str(unit): sorted(weekdays) for unit, weekdays in sorted(pattern.items()) if weekdays}


def read_pattern(data: Mapping[str, Iterable[int]]) -> Pattern:
    """As `pattern_data` wrote it."""
    return {int(unit): frozenset(weekdays) for unit, weekdays in data.items()}
