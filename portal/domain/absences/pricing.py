"""The effect of an absence on prices: computed when an agent looks, kept when decided, read by billing.

Billing reads `price_effect(booking)` or, for many, `price_effects(bookings)`: what a booked day costs instead of its
price. A booking without effect costs its price. An effect never changes by itself; a decision taken again writes
another one, with another `decided_at`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import QuerySet

from portal.domain.absences.enums import AbsenceState, Cause, Outcome
from portal.domain.absences.models import Absence, AbsenceDay
from portal.domain.absences.rules import Asked, Effect, Past, carence_before, charged_whole, settle
from portal.domain.bookings.enums import BookingState
from portal.domain.bookings.models import Booking
from portal.domain.kernel.money import ZERO
from portal.domain.kernel.school_year import SchoolYear

#: How far back an absence may be the continuation of another, over the longest holidays.
_LOOK_BACK = timedelta(days=75)


@dataclass(frozen=True, slots=True)
class PriceEffect:
    """What a booking costs instead of its price, in euros. `change` is what the absence takes off, at most zero."""

    booking: int
    outcome: Outcome
    cause: Cause
    price: Decimal
    amount: Decimal
    explanation: tuple[str, ...]
    decided_at: datetime

    @property
    def change(self) -> Decimal:
        return self.amount - self.price


def price_effect(booking: Booking) -> PriceEffect | None:
    """The effect decided for one booking, or None: it then costs its price. One query."""
    return price_effects([booking.pk]).get(booking.pk)


def price_effects(bookings: "QuerySet[Booking] | Collection[int]") -> dict[int, PriceEffect]:
    """The effects decided for those bookings (a queryset, or keys), by key of booking; one query.

    A booking cancelled meanwhile (VOID) has none: it is cancelled, and costs what a cancelled booking costs.
    """
    rows = AbsenceDay.objects.decided().filter(booking__in=bookings).exclude(outcome=Outcome.VOID)
    return {
        row.booking_id: PriceEffect(
            booking=row.booking_id,
            outcome=Outcome(row.outcome),
            cause=Cause(row.cause),
            price=row.booking.unit_price,
            amount=row.amount if row.amount is not None else row.booking.unit_price,
            explanation=tuple(row.explanation),
            decided_at=row.decided_at or row.absence.declared_at,
        )
        for row in rows.select_related("booking", "absence")
    }


def days_of(absence: Absence) -> list[AbsenceDay]:
    """The days of a declaration with their bookings, in order."""
    rows = absence.days.select_related("booking__unit__activity", "booking__child")
    return list(rows.order_by("booking__day", "booking__unit__activity__order", "booking__unit__order", "pk"))


def expected_effects(absence: Absence, days: Iterable[AbsenceDay]) -> dict[int, Effect]:
    """What each of these days would cost if the absence were accepted now, by key of booking. Four queries at most."""
    rows = list(days)
    void = {
        row.booking_id: Effect(Outcome.VOID, Cause.CANCELLED, ZERO, ("Cette réservation a été annulée entre-temps.",))
        for row in rows
        if row.booking.state != BookingState.BOOKED
    }
    asked = [
        Asked(row.booking_id, row.booking.unit.activity_id, row.booking.day, row.booking.unit_price)
        for row in rows
        if row.booking_id not in void
    ]
    spared = absence.reason is not None and absence.reason.skips_carence
    past = past_of(child=absence.child_id, asked=asked, but=absence.pk)
    return void | settle(asked, terms=absence.terms_of(), past=past, spared=spared)


def whole_price(days: Iterable[AbsenceDay], cause: Cause) -> dict[int, Effect]:
    """The days stay at their price; those cancelled meanwhile are nothing."""
    return {
        row.booking_id: charged_whole(row.booking.unit_price, cause)
        if row.booking.state == BookingState.BOOKED
        else Effect(Outcome.VOID, Cause.CANCELLED, ZERO, ("Cette réservation a été annulée entre-temps.",))
        for row in days
    }


def past_of(*, child: int, asked: Collection[Asked], but: int = 0) -> dict[int, Past]:
    """What these activities already saw for this child, the declaration `but` left out: two queries."""
    if not asked:
        return {}
    firsts: dict[int, date] = {}
    for row in asked:
        firsts[row.activity] = min(row.day, firsts.get(row.activity, row.day))
    since = min(SchoolYear.of(min(row.day for row in asked)).first_day, min(firsts.values()) - _LOOK_BACK)
    excused, causes = _accepted(child, firsts, since, but)
    booked: dict[int, set[date]] = defaultdict(set)
    before = Booking.objects.booked().filter(child=child, unit__activity__in=firsts, day__gte=since)
    for activity, day in before.filter(day__lt=max(firsts.values())).values_list("unit__activity", "day"):
        if firsts[activity] - _LOOK_BACK <= day < firsts[activity]:
            booked[activity].add(day)
    return {
        activity: Past(
            excused=frozenset(excused[activity]),
            carence_before=carence_before(
                [(day, causes.get((activity, day))) for day in sorted(booked[activity], reverse=True)]
            ),
        )
        for activity in firsts
    }


def _accepted(
    child: int, activities: Collection[int], since: date, but: int
) -> tuple[dict[int, set[date]], dict[tuple[int, date], Cause]]:
    """The days already excused by activity, and why each day of an accepted absence cost what it did."""
    rows = AbsenceDay.objects.decided().filter(
        absence__state=AbsenceState.ACCEPTED,
        booking__child=child,
        booking__unit__activity__in=activities,
        booking__day__gte=since,
        booking__state=BookingState.BOOKED,
    )
    excused: dict[int, set[date]] = defaultdict(set)
    causes: dict[tuple[int, date], Cause] = {}
    for activity, day, cause in rows.exclude(absence=but).values_list(
        "booking__unit__activity", "booking__day", "cause"
    ):
        causes[activity, day] = Cause(cause)
        if cause == Cause.EXCUSED:
            excused[activity].add(day)
    return excused, causes


def effect_of(row: AbsenceDay) -> Effect:
    """The effect kept on a decided day."""
    return Effect(Outcome(row.outcome), Cause(row.cause), row.amount or ZERO, tuple(row.explanation))
