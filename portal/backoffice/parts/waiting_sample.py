"""The lines of the sample town: a full day where the first family waits third, and a place that it has to answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import F

from portal.backoffice.sample.fillers import Filling
from portal.domain.activities.models import Unit
from portal.domain.activities.queries import load_calendar, offer_of
from portal.domain.bookings.models import Booking, DayPlaces
from portal.domain.enrolments.enums import EnrolmentState
from portal.domain.enrolments.models import Enrolment
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.clock import paris_date, to_utc
from portal.domain.waiting.enums import EntryState
from portal.domain.waiting.models import ListRule, Offer, OfferPlace, WaitingEntry
from portal.domain.waiting.ranking import rank_again
from portal.domain.waiting.rules import booking_end, expiry
from portal.domain.waiting.terms import Terms

_PARENT = "4127"
#: How far a day is looked for, and how many other families wait for it.
_AHEAD, _OTHERS = 40, 4


@dataclass(frozen=True, slots=True)
class _FullDay:
    """A day that a child of the first family may wait for; `closes` ends the line."""

    day: date
    closes: datetime


def fill(filling: Filling) -> None:
    """Two days of one unit; nothing in a town without lines or without the first family."""
    for rule in ListRule.objects.filter(is_open=True, activity__isnull=False).order_by("activity__order", "pk"):
        enrolments = _enrolments(rule)
        first = next((each for each in enrolments if each.family.number == _PARENT), None)
        unit = Unit.objects.filter(activity=rule.activity, pools__isnull=False).select_related("activity").first()
        if first is None or unit is None:
            continue
        days = _days(filling, unit, first)
        others = [each for each in enrolments if each.family_id != first.family_id]
        if len(days) < 3 or len(others) < _OTHERS:
            continue
        terms = Terms(rule.offer_hours, tuple(rule.priorities), rule.siblings_together)
        waiting = _free(others, unit, days[0].day)[:_OTHERS]
        _wait(filling, unit, days[0], [*waiting[:2], first, *waiting[2:]], terms)
        # A full day where nobody of the first family waits yet: there is a line to join.
        _fill_up(unit, days[2].day)
        _offer(filling, unit, days[1], first, _free(others, unit, days[1].day)[:2], terms)
        return


def _enrolments(rule: ListRule) -> list[Enrolment]:
    """One child of each family."""
    rows = Enrolment.objects.filter(activity=rule.activity, state=EnrolmentState.ACCEPTED, family__archived_at=None)
    found: dict[int, Enrolment] = {}
    for row in rows.select_related("family", "child").order_by("pk")[:400]:
        found.setdefault(row.family_id, row)
    return list(found.values())


def _days(filling: Filling, unit: Unit, enrolment: Enrolment) -> list[_FullDay]:
    """Days to come, still open to booking for two days at least, that this child has not booked."""
    start = max(paris_date(filling.at) + timedelta(days=3), enrolment.starts_on)
    span = DateRange(start, start + timedelta(days=_AHEAD))
    booked = set(Booking.objects.booked().filter(child=enrolment.child, unit=unit).values_list("day", flat=True))
    calendar, offer = load_calendar(span, {unit.activity.structure_id}), offer_of(unit)
    found = []
    for day in span:
        closes = booking_end(day, offer.booking.window(day, calendar).closes)
        left = to_utc(closes) - to_utc(filling.at)
        if day not in booked and day <= enrolment.ends_on and calendar.serves(offer, day) and left > timedelta(days=2):
            found.append(_FullDay(day, closes))
    return found


def _fill_up(unit: Unit, day: date, *, spare: int = 0) -> None:
    """As many places that day as are taken: somebody has asked for fewer children that day."""
    for pool in unit.pools.all():
        row, _ = DayPlaces.objects.get_or_create(pool=pool, day=day, defaults={"capacity": pool.capacity})
        DayPlaces.objects.filter(pk=row.pk).update(capacity=F("taken") + F("held") + spare, held=F("held") + spare)


def _free(enrolments: Sequence[Enrolment], unit: Unit, day: date) -> list[Enrolment]:
    taken = set(Booking.objects.booked().filter(unit=unit, day=day).values_list("child", flat=True))
    return [each for each in enrolments if each.child_id not in taken]


def _entries(
    filling: Filling, unit: Unit, full: _FullDay, enrolments: Sequence[Enrolment], terms: Terms
) -> list[WaitingEntry]:
    pools = list(unit.pools.order_by("pk").values_list("pk", flat=True))
    made = WaitingEntry.objects.bulk_create(
        WaitingEntry(
            family=each.family,
            child=each.child,
            unit=unit,
            day=full.day,
            pools=pools,
            joined_at=filling.at - timedelta(days=2, hours=-rank),
            joined_by=filling.by,
            changed_at=filling.at,
            closes_at=full.closes,
        )
        for rank, each in enumerate(enrolments)
    )
    rank_again(made, {unit.pk: terms})
    return made


def _wait(filling: Filling, unit: Unit, full: _FullDay, enrolments: Sequence[Enrolment], terms: Terms) -> None:
    _fill_up(unit, full.day)
    _entries(filling, unit, full, enrolments, terms)


def _offer(
    filling: Filling, unit: Unit, full: _FullDay, first: Enrolment, others: Sequence[Enrolment], terms: Terms
) -> None:
    """A place came back this morning: the first family has it to answer, the others come after."""
    until = expiry(at=filling.at, hours=terms.offer_hours, limit=full.closes)
    if until is None:
        return
    _fill_up(unit, full.day, spare=1)
    mine = _entries(filling, unit, full, [first, *others], terms)[0]
    offer = Offer.objects.create(
        family=first.family, unit=unit, day=full.day, made_at=filling.at, made_by=filling.by, expires_at=until
    )
    OfferPlace.objects.create(offer=offer, child=first.child, unit=unit)
    mine.state, mine.offer = EntryState.OFFERED, offer
    mine.save(update_fields=["state", "offer"])
