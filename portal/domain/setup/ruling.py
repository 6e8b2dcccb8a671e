"""A deadline of the règlement that an agent changes: which days it moves, for how many families, then the change.

The rule itself is a value of `activities.deadlines`; here it meets the days that the town serves and what is booked.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F

from portal.domain.accounts.models import User
from portal.domain.activities.deadlines import Action, Deadline, Window, deadline_from_data
from portal.domain.activities.models import Activity, Unit
from portal.domain.activities.opening import ServiceCalendar
from portal.domain.activities.queries import load_calendar, offer_of
from portal.domain.audit.services import record
from portal.domain.bookings.models import Booking
from portal.domain.enrolments.models import Enrolment
from portal.domain.families.scope import is_limited
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.clock import paris_date
from portal.domain.scope.queries import structures_of

#: How far ahead an agent may look: the calendar of holidays is published for no longer.
HORIZON = timedelta(days=400)


class Which(StrEnum):
    """What the deadline is about: the field that keeps it."""

    BOOK = "booking_deadline"
    CANCEL = "cancellation_deadline"
    REMOVE = "removal_deadline"

    @property
    def action(self) -> Action:
        return {Which.BOOK: Action.BOOK, Which.CANCEL: Action.CANCEL, Which.REMOVE: Action.CANCEL_ENROLMENT}[self]


class RuleChanged(Exception):
    """Somebody changed the rule since it was shown: nothing was written."""


class Move(StrEnum):
    """What becomes of one day at the instant of the change."""

    OPENS = "opens"
    CLOSES = "closes"
    LATER = "later"
    SOONER = "sooner"
    OTHERWISE = "otherwise"
    """Closed before and after, or open under another opening."""


@dataclass(frozen=True, slots=True)
class MovedDay:
    """One service day of one unit whose deadline moves, and what is booked that day."""

    day: date
    unit: str
    before: Window
    after: Window
    move: Move
    booked: int
    families: int


@dataclass(frozen=True, slots=True)
class Impact:
    """What a change of rule does. `served`: how many days it was asked about; `families`: those with a booking on a
    day that moves (for a removal: with an enrolment).
    """

    days: tuple[MovedDay, ...]
    served: int
    families: int

    @property
    def booked(self) -> int:
        return sum(day.booked for day in self.days)

    def count(self, *moves: Move) -> int:
        return sum(day.move in moves for day in self.days)


Owner = Activity | Unit


def activity_of(owner: Owner) -> Activity:
    """The activity whose règlement it is."""
    return owner if isinstance(owner, Activity) else owner.activity


def rule_in_force(owner: Owner, which: Which) -> Any:
    """The data of the rule that counts now: a unit without its own follows its activity."""
    own = getattr(owner, which, None)
    return own if own is not None else getattr(activity_of(owner), which)


def plan_rule(*, owner: Owner, which: Which, data: Any, at: datetime) -> Impact:
    """The days to come whose deadline moves if `data` (None: the activity's own rule) replaces the one in force.

    A constant number of queries. Raises InvalidDeadline when `data` is no rule.
    """
    activity = activity_of(owner)
    before = deadline_from_data(rule_in_force(owner, which))
    after = deadline_from_data(data if data is not None else getattr(activity, which))
    today = paris_date(at)
    if which is Which.REMOVE:
        return _enrolments(activity, before, after, at=at)
    days = _coming(activity, today)
    if days is None:
        return Impact((), 0, 0)
    units = [owner] if isinstance(owner, Unit) else _following(activity, which)
    calendar = load_calendar(days, [activity.structure_id])
    booked = _booked(units, days)
    moved: list[MovedDay] = []
    concerned: set[int] = set()
    served = 0
    for unit in units:
        for day in calendar.served_days(offer_of(unit), days):
            served += 1
            families = booked.get((unit.pk, day), [])
            found = _moved(before, after, day, unit.name, families, calendar, at)
            if found is not None:
                moved.append(found)
                concerned.update(families)
    return Impact(tuple(sorted(moved, key=lambda each: (each.day, each.unit))), served, len(concerned))


@transaction.atomic
def change_rule(*, owner: Owner, which: Which, data: Any, expected: Any, by: User, at: datetime) -> bool:
    """Replace one deadline; False when it was so already. `expected` is the data that was shown as in force before.

    It counts from the commit on, whatever was ticked: a deadline is asked when a change is validated. Nobody is
    written to. Raises PermissionDenied, InvalidDeadline, RuleChanged.
    """
    require(owner, by)
    if data is not None:
        deadline_from_data(data)
    model = type(owner)
    rows = model._default_manager.select_for_update(of=("self",), no_key=True)
    locked: Any = rows.get(pk=owner.pk)
    stored = getattr(locked, which)
    if stored != expected:
        raise RuleChanged
    if stored == data:
        return False
    setattr(locked, which, data)
    locked.save(update_fields=[which.value])
    setattr(owner, which, data)
    record(verb="change_rule", target=locked, by=by, at=at, before={which.value: stored}, after={which.value: data})
    return True


def require(owner: Owner, by: User) -> None:
    """Raise PermissionDenied unless this agent sets up this activity."""
    allowed = by.has_perm("activities.change_activity" if isinstance(owner, Activity) else "activities.change_unit")
    if not allowed or (is_limited(by) and activity_of(owner).structure_id not in structures_of(by)):
        raise PermissionDenied


def _coming(activity: Activity, today: date) -> DateRange | None:
    first = max(activity.starts_on, today)
    last = min(activity.ends_on, today + HORIZON)
    return DateRange(first, last) if first <= last else None


def _following(activity: Activity, which: Which) -> list[Unit]:
    """The units that have no rule of their own for it."""
    own = activity.units.filter(**{f"{which}__isnull": True})
    return list(own.select_related("activity").order_by("order", "pk"))


def _booked(units: Iterable[Unit], days: DateRange) -> Mapping[tuple[int, date], list[int]]:
    """The families of what is booked, once for each booking."""
    found: dict[tuple[int, date], list[int]] = defaultdict(list)
    rows = Booking.objects.booked().filter(unit__in=[unit.pk for unit in units], day__range=(days.first, days.last))
    for unit, day, family in rows.values_list("unit_id", "day", "family_id"):
        found[unit, day].append(family)
    return found


def _enrolments(activity: Activity, before: Deadline, after: Deadline, *, at: datetime) -> Impact:
    """The first days of the live enrolments: what the deadline of a removal is counted to."""
    rows = Enrolment.objects.live().filter(activity=activity).annotate(day=F("starts_on")).order_by("starts_on")
    found: dict[date, list[int]] = defaultdict(list)
    for day, family in rows.values_list("day", "family_id"):
        found[day].append(family)
    if not found:
        return Impact((), 0, 0)
    calendar = load_calendar(DateRange(min(found), max(found)), [activity.structure_id])
    moved = []
    concerned: set[int] = set()
    for day, families in found.items():
        one = _moved(before, after, day, "", families, calendar, at)
        if one is not None:
            moved.append(one)
            concerned.update(families)
    return Impact(tuple(moved), len(found), len(concerned))


def _moved(
    before: Deadline,
    after: Deadline,
    day: date,
    unit: str,
    families: list[int],
    calendar: ServiceCalendar,
    at: datetime,
) -> MovedDay | None:
    old, new = before.window(day, calendar), after.window(day, calendar)
    if (old.opens, old.closes, old.never) == (new.opens, new.closes, new.never):
        return None
    return MovedDay(day, unit, old, new, _move(old, new, at), len(families), len(set(families)))


def _move(old: Window, new: Window, at: datetime) -> Move:
    was, will = old.allows(at), new.allows(at)
    if was != will:
        return Move.OPENS if will else Move.CLOSES
    if not was:
        return Move.OTHERWISE
    if old.closes == new.closes:
        return Move.OTHERWISE
    if new.closes is None or (old.closes is not None and new.closes > old.closes):
        return Move.LATER
    return Move.SOONER
