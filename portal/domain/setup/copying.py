"""Activities set up once more for the next school year: read before, done once, open to nobody until an agent says so.

What is copied: the activity, its units with their pools and tariff, what the units are to each other, the enrolment
windows, the deadlines. Dates move by one year and are listed to be checked. Closures, enrolments and bookings are not.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet

from portal.domain.accounts.models import User
from portal.domain.activities.deadlines import Action, deadline_from_data
from portal.domain.activities.models import Activity, BookingLimit, EnrolmentWindow, Unit, UnitRelation
from portal.domain.activities.relations import Edge
from portal.domain.audit.services import record
from portal.domain.bookings.relating import set_relations
from portal.domain.families.scope import is_limited
from portal.domain.kernel.clock import at_paris, to_paris
from portal.domain.kernel.french import date_range_year, instant, typography
from portal.domain.kernel.school_year import SchoolYear
from portal.domain.scope.queries import structures_of
from portal.domain.tariffs.models import UnitTariff

PERMISSION = "activities.add_activity"

#: What a copy takes from its activity as it is. Names, code and dates are those of the next year.
AS_IT_IS = (
    "service_id",
    "structure_id",
    "type_id",
    "order",
    "service_days",
    "min_age",
    "max_age",
    "age_reference",
    "levels",
    "school_codes",
    "enrolment_mode",
    "validation_mode",
    "shown_on_planning",
    "editable_by_families",
    "rules_article",
    "late_kind",
    "late_value",
)
DEADLINES = (
    ("booking_deadline", "délai pour réserver", Action.BOOK),
    ("cancellation_deadline", "délai pour annuler", Action.CANCEL),
    ("removal_deadline", "délai pour supprimer une inscription", Action.CANCEL_ENROLMENT),
    ("late_booking_deadline", "délai pour réserver en retard", Action.BOOK),
)
_DATES = frozenset({"day", "first", "last", "opens", "closes"})


class CopyChanged(Exception):
    """What would be copied is not what was shown any more: nothing was written. `plan` is to be shown again."""

    def __init__(self, plan: "CopyPlan") -> None:
        super().__init__(
            "Quelque chose a changé pendant que vous lisiez : voici ce qui serait copié maintenant. Rien n’est copié."
        )
        self.plan = plan


@dataclass(frozen=True, slots=True)
class ActivityCopy:
    """One activity to come. `limits` are its numbers of days, copied as they are; `to_check` are sentences about dates
    that a person must look at; `lost` says which relations have no counterpart the next year.
    """

    source: Activity
    code: str
    name: str
    short_name: str
    starts_on: date
    ends_on: date
    units: tuple[Unit, ...]
    windows: int
    limits: tuple[BookingLimit, ...]
    to_check: tuple[str, ...]
    lost: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CopyPlan:
    """What a copy does. `there`: the activities whose counterpart exists already, left alone."""

    year: SchoolYear
    copies: tuple[ActivityCopy, ...]
    there: tuple[Activity, ...]
    relations: tuple[tuple[str, int, int], ...]

    @property
    def units(self) -> int:
        return sum(len(copy.units) for copy in self.copies)

    @property
    def digest(self) -> str:
        """Of all that is shown and of all that is copied."""
        said = [
            f"{copy.source.pk} {copy.code} {copy.name} {copy.starts_on} {copy.ends_on} {copy.to_check} {copy.lost} "
            f"{[(unit.pk, unit.code, unit.booking_deadline, unit.cancellation_deadline) for unit in copy.units]} "
            f"{[getattr(copy.source, name) for name in AS_IT_IS]} {copy.windows} "
            f"{[_counted(each) for each in copy.limits]}"
            for copy in self.copies
        ]
        said += [f"{activity.pk}" for activity in self.there]
        said += [f"{edge}" for edge in self.relations]
        return hashlib.sha256("\n".join(said).encode()).hexdigest()


def copiable(by: User) -> QuerySet[Activity]:
    """The activities that this agent may copy: those of the agent's places."""
    if not by.has_perm(PERMISSION):
        return Activity.objects.none()
    found = Activity.objects.select_related("type", "structure").order_by("type__order", "order", "name", "pk")
    return found.filter(structure__in=structures_of(by)) if is_limited(by) else found


def plan_copy(*, activities: Collection[int], by: User) -> CopyPlan:
    """What `copy_activities` would do to these activities (keys), all of one school year; nothing is written.

    A constant number of queries. Raises PermissionDenied for one that is not this agent's, ValueError without any or
    when they are of several school years.
    """
    parts = ("units__pools", "enrolment_windows", "limits__units")
    sources = list(copiable(by).filter(pk__in=activities).prefetch_related(*parts))
    if len(sources) != len(set(activities)):
        raise PermissionDenied
    years = {SchoolYear.of(source.starts_on) for source in sources}
    if len(years) != 1:
        raise ValueError("activities of one school year are copied together")
    (year,) = years
    codes = {source.pk: next_code(source.code, year) for source in sources}
    there = set(Activity.objects.filter(code__in=codes.values()).values_list("code", flat=True))
    copies, existing, taken = [], [], set(there)
    for source in sources:
        if codes[source.pk] in taken:
            existing.append(source)
        else:
            taken.add(codes[source.pk])
            copies.append(_copy(source, codes[source.pk], year))
    relations, lost = _relations(copies, year)
    return CopyPlan(
        year.next,
        tuple(ActivityCopy(**{**_fields(copy), "lost": tuple(lost.get(copy.source.pk, ()))}) for copy in copies),
        tuple(existing),
        tuple(sorted(relations)),
    )


@transaction.atomic
def copy_activities(*, activities: Collection[int], expected: str, by: User, at: datetime) -> list[Activity]:
    """Set up those activities for the next school year, all or nothing, and return the new ones.

    They are not offered to families: an agent opens each. One whose counterpart exists is left alone, so that doing it
    twice does it once. Raises PermissionDenied, ValueError, CopyChanged, `RelationsRefused` (of `bookings.relating`).
    """
    # Two agents who copy the same year go one after the other.
    list(
        Activity.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=activities)
        .order_by("pk")
        .values_list("pk")
    )
    plan = plan_copy(activities=activities, by=by)
    if plan.digest != expected:
        raise CopyChanged(plan)
    made: list[Activity] = []
    units: dict[int, Unit] = {}
    for copy in plan.copies:
        activity = _make(copy)
        made.append(activity)
        mine = _make_units(copy, activity)
        units |= mine
        _make_windows(copy.source, activity)
        _make_limits(copy, activity, mine)
        record(
            verb="copy_activity",
            target=activity,
            by=by,
            at=at,
            after={
                "from": copy.source.code,
                "code": copy.code,
                "units": len(copy.units),
                "windows": copy.windows,
                "limits": len(copy.limits),
            },
        )
    _relate(plan, units, by=by, at=at)
    return made


def next_code(code: str, year: SchoolYear) -> str:
    """“cantine-2026” becomes “cantine-2027”; a code without its year takes the next one."""
    stem = code.removesuffix(f"-{year.start}")
    return f"{stem[:75]}-{year.start + 1}"


def next_words(text: str, year: SchoolYear) -> str:
    """“Restaurant scolaire 2026/2027” for the next year. A lone year moves too, the later one first."""
    for start in (year.start + 1, year.start):
        text = text.replace(str(start), str(start + 1))
    return text


def next_day(day: date) -> date:
    """The same day a year later; 29 February becomes 28."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return day.replace(year=day.year + 1, day=28)


def next_rule(data: Any) -> Any:
    """A deadline with its dates a year later, and the years that its labels name."""
    if isinstance(data, Mapping):
        return {
            key: next_day(date.fromisoformat(value)).isoformat()
            if key in _DATES and isinstance(value, str)
            else next_words_of_label(value)
            if key == "label"
            else next_rule(value)
            for key, value in data.items()
        }
    return [next_rule(value) for value in data] if isinstance(data, list | tuple) else data


def next_words_of_label(label: str) -> str:
    """“Noël 2026” becomes “Noël 2027”: each year that is named, once."""
    words = label.split(" ")
    return " ".join(str(int(word) + 1) if word.isdecimal() and len(word) == 4 else word for word in words)


# Planning


def _counted(limit: BookingLimit) -> str:
    units = sorted(unit.code for unit in limit.units.all())
    return f"{limit.code} {limit.sense} {limit.count} {limit.span} {limit.among} {units}"


def _copy(source: Activity, code: str, year: SchoolYear) -> ActivityCopy:
    units = tuple(sorted(source.units.all(), key=lambda unit: (unit.order, unit.pk)))
    windows = list(source.enrolment_windows.all())
    return ActivityCopy(
        source=source,
        code=code,
        name=next_words(source.name, year)[:150],
        short_name=next_words(source.short_name, year)[:40],
        starts_on=next_day(source.starts_on),
        ends_on=next_day(source.ends_on),
        units=units,
        windows=len(windows),
        limits=tuple(sorted(source.limits.all(), key=lambda limit: limit.pk)),
        to_check=tuple(typography(each) for each in _to_check(source, units, windows)),
    )


def _to_check(source: Activity, units: Iterable[Unit], windows: Iterable[EnrolmentWindow]) -> Iterable[str]:
    """Every date that was moved by a year, in words."""
    yield f"dates de l’activité : {date_range_year(next_day(source.starts_on), next_day(source.ends_on))}"
    for name, words in (("enrolment_opens_at", "inscriptions ouvertes le"), ("enrolment_closes_at", "fermées le")):
        moment = getattr(source, name)
        if moment is not None:
            yield f"{words} {instant(_next_instant(moment))}"
    for name, words, action in DEADLINES:
        yield from _dated(getattr(source, name), words, action)
    for unit in units:
        for name, words, action in DEADLINES[:2]:
            yield from _dated(getattr(unit, name), f"{unit.name}, {words}", action)
    for window in windows:
        for moment, words in ((window.opens_at, "ouvre le"), (window.closes_at, "ferme le")):
            if moment is not None:
                yield f"fenêtre « {window.label or window.get_audience_display()} » : {words} " + instant(
                    _next_instant(moment)
                )


def _dated(data: Any, words: str, action: Action) -> Iterable[str]:
    if data is not None and next_rule(data) != data:
        yield f"{words} : {deadline_from_data(next_rule(data)).sentence(action)}"


def _next_instant(moment: datetime) -> datetime:
    paris = to_paris(moment)
    return at_paris(next_day(paris.date()), paris.time().replace(tzinfo=None))


def _relations(
    copies: Collection[ActivityCopy], year: SchoolYear
) -> tuple[set[tuple[str, int, int]], dict[int, list[str]]]:
    """The relations whose both units have a counterpart, and those lost, by activity. Two queries."""
    mine = {unit.pk: copy for copy in copies for unit in copy.units}
    rows = UnitRelation.objects.filter(unit__in=mine) | UnitRelation.objects.filter(other__in=mine)
    kept: set[tuple[str, int, int]] = set()
    lost: dict[int, list[str]] = {}
    found = list(rows.select_related("unit__activity", "other__activity").order_by("pk").distinct())
    outside = {unit.pk: unit for row in found for unit in (row.unit, row.other) if unit.pk not in mine}
    known = _counterparts(outside.values(), year)
    for row in found:
        if all(unit.pk in mine or unit.pk in known for unit in (row.unit, row.other)):
            kept.add((row.kind, row.unit_id, row.other_id))
        else:
            copy = mine.get(row.unit_id) or mine[row.other_id]
            lost.setdefault(copy.source.pk, []).append(
                typography(f"« {row.unit} » {row.get_kind_display()} « {row.other} »")
            )
    return kept, lost


def _counterparts(units: Iterable[Unit], year: SchoolYear) -> dict[int, Unit]:
    """The unit of the next year for each unit of this one, where it exists. One query."""
    wanted = {(next_code(unit.activity.code, year), unit.code): unit.pk for unit in units}
    if not wanted:
        return {}
    rows = Unit.objects.filter(activity__code__in={code for code, _unit in wanted}).select_related("activity")
    return {wanted[row.activity.code, row.code]: row for row in rows if (row.activity.code, row.code) in wanted}


def _fields(copy: ActivityCopy) -> dict[str, Any]:
    return {name: getattr(copy, name) for name in ActivityCopy.__dataclass_fields__}


# Writing


def _make(copy: ActivityCopy) -> Activity:
    source = copy.source
    made = Activity(
        code=copy.code,
        name=copy.name,
        short_name=copy.short_name,
        starts_on=copy.starts_on,
        ends_on=copy.ends_on,
        is_offered=False,
        enrolment_opens_at=source.enrolment_opens_at and _next_instant(source.enrolment_opens_at),
        enrolment_closes_at=source.enrolment_closes_at and _next_instant(source.enrolment_closes_at),
        **{name: getattr(source, name) for name in AS_IT_IS},
        **{name: next_rule(getattr(source, name)) for name, _words, _action in DEADLINES},
    )
    made.save(force_insert=True)
    return made


def _make_units(copy: ActivityCopy, activity: Activity) -> dict[int, Unit]:
    """The new units by key of the old one, with their pools and tariff."""
    tariffs = dict(UnitTariff.objects.filter(unit__in=copy.units).values_list("unit_id", "tariff_id"))
    made = {}
    for unit in copy.units:
        new = Unit.objects.create(
            activity=activity,
            code=unit.code,
            name=unit.name,
            order=unit.order,
            weekdays=list(unit.weekdays),
            starts_at=unit.starts_at,
            ends_at=unit.ends_at,
            may_overlap=unit.may_overlap,
            booking_deadline=next_rule(unit.booking_deadline),
            cancellation_deadline=next_rule(unit.cancellation_deadline),
        )
        new.pools.set(unit.pools.all())
        if unit.pk in tariffs:
            UnitTariff.objects.create(unit=new, tariff_id=tariffs[unit.pk])
        made[unit.pk] = new
    return made


def _make_windows(source: Activity, activity: Activity) -> None:
    EnrolmentWindow.objects.bulk_create(
        EnrolmentWindow(
            activity=activity,
            audience=window.audience,
            towns=list(window.towns),
            paper_code=window.paper_code,
            label=next_words_of_label(window.label),
            opens_at=window.opens_at and _next_instant(window.opens_at),
            closes_at=window.closes_at and _next_instant(window.closes_at),
            entry_rule=next_rule(window.entry_rule),
        )
        for window in source.enrolment_windows.order_by("pk")
    )


def _make_limits(copy: ActivityCopy, activity: Activity, units: Mapping[int, Unit]) -> None:
    """The same numbers of days, on the new units."""
    for limit in copy.limits:
        new = BookingLimit.objects.create(
            activity=activity,
            code=limit.code,
            sense=limit.sense,
            count=limit.count,
            span=limit.span,
            among=limit.among,
        )
        new.units.set([units[unit.pk] for unit in limit.units.all()])


def _relate(plan: CopyPlan, made: Mapping[int, Unit], *, by: User, at: datetime) -> None:
    if not plan.relations:
        return
    outside = Unit.objects.filter(
        pk__in={pk for _kind, *pair in plan.relations for pk in pair} - made.keys()
    ).select_related("activity")
    known = {**{pk: unit.pk for pk, unit in made.items()}}
    known |= {pk: unit.pk for pk, unit in _counterparts(outside, plan.year.previous).items()}
    edges = [Edge(kind, known[unit], known[other]) for kind, unit, other in plan.relations]
    set_relations(units=[unit.pk for unit in made.values()], edges=edges, by=by, at=at)
