"""What a rentrée would cost, month by month, before anything is asked for: an estimate, with its computation."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.domain.activities.enums import EnrolmentMode
from portal.domain.activities.models import Activity, Unit
from portal.domain.activities.opening import ServiceCalendar
from portal.domain.activities.queries import offer_of
from portal.domain.bookings.computation import Computation
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.money import ZERO, cents, total
from portal.domain.pricing.situations import Situations
from portal.domain.tariffs.engine import NoPrice
from portal.domain.tariffs.queries import PriceBook


@dataclass(frozen=True, slots=True)
class Week:
    """A regular week asked for one child in one activity, from a day on: ISO weekdays by key of unit."""

    child: int
    activity: Activity
    units: Sequence[Unit]
    starts_on: date
    pattern: Mapping[int, frozenset[int]]

    def weekdays(self, unit: Unit) -> frozenset[int]:
        """What `request_enrolment` would keep: all that is served when the enrolment books the whole year."""
        if self.activity.enrolment_mode == EnrolmentMode.OPEN:
            return frozenset()
        served = frozenset(unit.weekdays)
        if self.activity.enrolment_mode == EnrolmentMode.WHOLE_YEAR:
            return served
        return served & self.pattern.get(unit.pk, frozenset())


@dataclass(frozen=True, slots=True)
class EstimateRow:
    """One unit of one activity for one child: “138 × 5,15 € = 710,70 €”."""

    label: str
    computation: Computation


@dataclass(frozen=True, slots=True)
class MonthCost:
    """One month of one household, by its first day, in euros."""

    month: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Estimate:
    """The days of the regular weeks at their price of today, in euros; days chosen later on the planning come on top.

    `rows` by key of child. `unpriced` names what no tariff prices yet: it counts for nothing here.
    """

    rows: Mapping[int, tuple[EstimateRow, ...]]
    months: tuple[MonthCost, ...]
    unpriced: tuple[str, ...] = ()

    @property
    def total(self) -> Decimal:
        """Of the whole year: the sum of the months, and of the children."""
        return total(each.amount for each in self.months) if self.months else ZERO

    @property
    def by_month(self) -> Decimal:
        """The mean of the months that have days, to the cent."""
        return cents(self.total / len(self.months)) if self.months else ZERO

    def of_child(self, child: int) -> Decimal:
        """The year of one child."""
        rows = self.rows.get(child, ())
        return total(row.computation.total for row in rows) if rows else ZERO


def estimate(
    weeks: Iterable[Week],
    *,
    calendar: ServiceCalendar,
    prices: PriceBook,
    situations: Situations | None = None,
) -> Estimate:
    """Price every day that these weeks would book, deadlines and places apart, by child and by month. Pure.

    The children of these weeks count for one another's price where a grid looks at who is there on the day.
    """
    weeks, who = list(weeks), situations or Situations()
    days = [(week, unit, [*_days(week, unit, calendar)]) for week in weeks for unit in week.units]
    who.attend((week.child, unit.pk, day) for week, unit, served in days for day in served)
    rows: dict[int, list[EstimateRow]] = defaultdict(list)
    months: dict[date, list[Decimal]] = defaultdict(list)
    unpriced: dict[str, None] = {}
    for week, unit, served in days:
        label = week.activity.short_name if len(week.units) == 1 else f"{week.activity.short_name}, {unit.name}"
        found = []
        for day in served:
            try:
                price = prices.price(unit.pk, day, who.of(week.child, unit.pk, day)).amount
            except NoPrice:
                unpriced[label] = None
                continue
            found.append(price)
            months[day.replace(day=1)].append(price)
        if found:
            rows[week.child].append(EstimateRow(label, Computation.of(found)))
    return Estimate(
        {child: tuple(each) for child, each in rows.items()},
        tuple(MonthCost(month, total(months[month])) for month in sorted(months)),
        tuple(unpriced),
    )


def _days(week: Week, unit: Unit, calendar: ServiceCalendar) -> Iterator[date]:
    """The days on which the unit is served and the week asks for it."""
    weekdays = week.weekdays(unit)
    if not weekdays:
        return
    unit.activity = week.activity  # already read: `offer_of` asks nothing
    offer = offer_of(unit)
    for day in DateRange(min(week.starts_on, week.activity.ends_on), week.activity.ends_on):
        if day.isoweekday() in weekdays and calendar.serves(offer, day):
            yield day
