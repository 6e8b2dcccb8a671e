"""Reading who has the child."""

from collections.abc import Iterable
from datetime import date

from portal.domain.activities.models import CalendarSettings, SchoolHoliday
from portal.domain.custody.enums import Halves, Pattern
from portal.domain.custody.models import LIVE, WAITING, Custody
from portal.domain.custody.rules import Arrangement, Exception_, Side, Span
from portal.domain.families.models import Child, Family


def custody_of(child: Child) -> Custody | None:
    """The arrangement in force, None when the parents said nothing or do not agree."""
    return Custody.objects.filter(child=child, state__in=LIVE).select_related("household_a", "household_b").first()


def proposal_for(child: Child) -> Custody | None:
    """What waits for an answer, of the other parent or of the service."""
    return (
        Custody.objects.filter(child=child, state__in=WAITING)
        .select_related("household_a", "household_b", "proposed_by")
        .first()
    )


def households_of(child: Child) -> list[Family]:
    """The households of a child, in the order in which they came."""
    return list(Family.objects.filter(child_links__child=child, archived_at=None).order_by("child_links__pk"))


def holidays_between(first: date, last: date) -> tuple[Span, ...]:
    """The school holidays of the town's zone that touch those days, from the calendar that bookings follow."""
    settings = CalendarSettings.objects.order_by("pk").first()
    zone = settings.zone if settings is not None else "A"
    found = SchoolHoliday.objects.filter(zone=zone, starts_on__lte=last, ends_on__gte=first).order_by("starts_on")
    return tuple(Span(each.starts_on, each.ends_on) for each in found)


def arrangement_of(custody: Custody, *, first: date, last: date) -> Arrangement:
    """The pure arrangement for those days, in three queries."""
    exceptions = custody.exceptions.filter(starts_on__lte=last, ends_on__gte=first).order_by("pk")
    return Arrangement(
        pattern=Pattern(custody.pattern).value,
        reference=custody.reference,
        fortnight=tuple(Side(letter) for letter in custody.fortnight),
        first_half_even={Halves.EVEN_FIRST: Side.A, Halves.ODD_FIRST: Side.B}.get(Halves(custody.halves)),
        holidays=holidays_between(first, last) if custody.halves != Halves.NONE else (),
        exceptions=tuple(
            Exception_(Span(exception.starts_on, exception.ends_on), Side(exception.side)) for exception in exceptions
        ),
    )


def household_on(child: Child, day: date) -> Family | None:
    """The household that has the child that day (sleeps there that night); None without an arrangement in force.

    With a single household there is nothing to arrange: that one.
    """
    custody = custody_of(child)
    if custody is None:
        households = households_of(child)
        return households[0] if len(households) == 1 else None
    side = arrangement_of(custody, first=day, last=day).household_on(day)
    return custody.household_a if side is Side.A else custody.household_b


def households_on(child: Child, days: Iterable[date]) -> dict[date, Family]:
    """The same for several days, in a constant number of queries; empty without an arrangement in force."""
    wanted = sorted(set(days))
    custody = custody_of(child)
    if custody is None or not wanted:
        return {}
    arrangement = arrangement_of(custody, first=wanted[0], last=wanted[-1])
    households = {Side.A: custody.household_a, Side.B: custody.household_b}
    return {day: households[arrangement.household_on(day)] for day in wanted}
