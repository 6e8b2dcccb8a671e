"""What a situation costs, priced by the engine of bookings and bills: a unit, a week, each month, the school year."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.domain.activities.enums import ServiceDays
from portal.domain.kernel.calendar import Week
from portal.domain.kernel.money import ZERO, total
from portal.domain.kernel.school_year import SchoolYear
from portal.domain.tariffs.engine import NoPrice, Price, Quotient, Situation
from portal.domain.tariffs.engine.grids import Per
from portal.domain.tariffs.engine.situations import Siblings
from tariffs_simulator.counting import HolidayWeeks, chosen_weeks, used_days
from tariffs_simulator.entry import ChildEntry, Entry
from tariffs_simulator.offer import Priced, PricedUnit

QuotientOn = Callable[[date], Quotient]


@dataclass(frozen=True, slots=True)
class Line:
    """One unit for one child. Amounts in euros; `price` is that of the day shown (`PricedUnit.day`), None when no
    grid holds on it.

    `lowest` and `highest` differ when the price depends on the brothers and sisters of a weekday. `months` are the
    amounts by first day of month, `days` the days counted. Weeks are full ones, without a closed day.
    """

    child: int
    unit: PricedUnit
    weekdays: tuple[int, ...]
    price: Price | None
    situation: Situation | None
    lowest: Decimal
    highest: Decimal
    school_week: Decimal
    holiday_week: Decimal
    days: int
    months: Mapping[date, Decimal]

    @property
    def year(self) -> Decimal:
        return total(self.months.values())

    @property
    def by_month(self) -> bool:
        """Whether it is paid by the month, whatever the days."""
        return self.unit.per is Per.MONTH


@dataclass(frozen=True, slots=True)
class Estimate:
    """The lines of all children, and their sums. `others`: the units that nobody ticked, with their price only."""

    lines: tuple[Line, ...]
    others: tuple[Line, ...] = ()

    @property
    def months(self) -> Mapping[date, Decimal]:
        """What each month comes to, in order; a month without a counted day is not there."""
        found: dict[date, Decimal] = defaultdict(lambda: ZERO)
        for line in self.lines:
            for month, amount in line.months.items():
                found[month] += amount
        return dict(sorted(found.items()))

    @property
    def year(self) -> Decimal:
        return total(line.year for line in self.lines)

    @property
    def by_month(self) -> Decimal:
        """The mean of the months that count, to the cent."""
        months = self.months
        return (self.year / len(months)).quantize(Decimal("0.01")) if months else ZERO

    @property
    def dearest(self) -> tuple[date, Decimal] | None:
        """The month that costs most, when they are not all the same."""
        months = self.months
        if len(set(months.values())) < 2:
            return None
        return max(months.items(), key=lambda each: each[1])

    @property
    def school_week(self) -> Decimal:
        return total(line.school_week for line in self.lines)

    @property
    def holiday_week(self) -> Decimal:
        return total(line.holiday_week for line in self.lines)

    def of_child(self, child: int) -> "Estimate":
        """The part of one child."""
        return Estimate(tuple(line for line in self.lines if line.child == child))


def estimate(
    entry: Entry,
    priced: Priced,
    holidays: Sequence[HolidayWeeks],
    *,
    quotient_on: QuotientOn,
    births: Mapping[int, date],
    language: str,
) -> Estimate:
    """Price everything that is ticked. `births`: the true dates of birth, by child, of a signed-in family.

    Every day is priced with its own grid; the quotient is that of the day shown: a year ahead, nobody knows the next.
    """
    pricing = _Pricing(entry, priced, quotient_on, births, language)
    weeks = chosen_weeks(holidays, entry.holidays)
    lines = [
        _line(pricing, number, unit, sorted(child.days[unit.unit.pk]), weeks)
        for number, child in enumerate(entry.children)
        for unit in priced.units
        if child.days.get(unit.unit.pk)
    ]
    ticked = {line.unit.unit.pk for line in lines}
    others = [_line(pricing, 0, unit, (), weeks) for unit in priced.units if unit.unit.pk not in ticked]
    return Estimate(tuple(lines), tuple(others))


class _Pricing:
    """The prices of one entry; a situation is built once, so that the price book knows it again."""

    def __init__(
        self,
        entry: Entry,
        priced: Priced,
        quotient_on: QuotientOn,
        births: Mapping[int, date],
        language: str,
    ) -> None:
        self.entry = entry
        self.priced = priced
        self._quotient_on = quotient_on
        self._births = births
        self._language = language
        self._known: dict[tuple[int, int, int], Situation] = {}

    def price(self, number: int, unit: PricedUnit, day: date, weekday: int) -> Price | None:
        """The price of the unit on that day, for a child who comes with those of that weekday."""
        situation = self.situation(number, unit, weekday)
        try:
            return self.priced.book.price(unit.unit.pk, day, situation, language=self._language)
        except NoPrice:
            return None

    def situation(self, number: int, unit: PricedUnit, weekday: int) -> Situation:
        key = (number, unit.unit.pk, weekday)
        if key not in self._known:
            self._known[key] = self._situation(number, unit, weekday)
        return self._known[key]

    def _situation(self, number: int, unit: PricedUnit, weekday: int) -> Situation:
        entry, child = self.entry, self.entry.children[number]
        same = self._same_tariff(unit)
        present = [each for each, days in same.items() if weekday in days]
        return Situation(
            quotient=self._quotient_on(unit.day),
            income=entry.income,
            residence=entry.residence,
            regime=entry.regime,
            birth_date=birth_date(child, self.priced.year, self._births.get(number)),
            school=child.school,
            level=child.level,
            memberships=entry.memberships,
            household=Siblings(number + 1, len(entry.children)),
            enrolled=_siblings(number, list(same)),
            present=_siblings(number, present),
            disabled=entry.disabled,
            regular=child.regular,
            own_meal=child.own_meal,
            minutes=child.minutes.get(unit.unit.pk, unit.usual_minutes) if unit.per is Per.TIME else None,
        )

    def _same_tariff(self, unit: PricedUnit) -> dict[int, frozenset[int]]:
        """The children of the entry who pay the same tariff, in order, with the weekdays on which they do."""
        code = self.priced.tariff_code(unit.unit)
        keys = [each.unit.pk for each in self.priced.units if self.priced.tariff_code(each.unit) == code]
        found = {}
        for number, child in enumerate(self.entry.children):
            days = frozenset(day for key in keys for day in child.days.get(key, ()))
            if days:
                found[number] = days
        return found


def _siblings(number: int, among: list[int]) -> Siblings:
    return Siblings(among.index(number) + 1, len(among)) if number in among else Siblings()


def birth_date(child: ChildEntry, year: SchoolYear, known: date | None) -> date | None:
    """A date of birth for an age: 1 August, so that the child keeps that age for the school year. The true one when
    it says the same age.
    """
    if child.age is None:
        return None
    if known is not None and age_at_start(known, year) == child.age:
        return known
    return date(year.start - child.age, 8, 1)


def age_at_start(born: date, year: SchoolYear) -> int:
    """The age on 1 September of the year; 0 for a child who is not born yet."""
    return max(year.start - born.year - ((born.month, born.day) > (9, 1)), 0)


def _line(pricing: _Pricing, number: int, unit: PricedUnit, weekdays: Sequence[int], weeks: frozenset[Week]) -> Line:
    """Without weekday, the price of one day and nothing to add up."""
    asked = weekdays or unit.unit.weekdays[:1]
    shown = [price for day in asked if (price := pricing.price(number, unit, unit.day, day)) is not None]
    amounts = [price.amount for price in shown]
    week = total(amounts) if weekdays else ZERO
    kind = unit.activity.service_days
    days = used_days(pricing.priced.calendar, unit.offer, pricing.priced.year, weekdays, weeks)
    by_month = unit.per is Per.MONTH
    unit_prices = [price.unit_price for price in shown] if by_month else amounts
    return Line(
        child=number,
        unit=unit,
        weekdays=tuple(weekdays),
        price=shown[0] if shown else None,
        situation=pricing.situation(number, unit, asked[0]) if shown else None,
        lowest=min(unit_prices, default=ZERO),
        highest=max(unit_prices, default=ZERO),
        school_week=ZERO if by_month or kind == ServiceDays.HOLIDAYS else week,
        holiday_week=ZERO if by_month or kind == ServiceDays.SCHOOL else week,
        days=len(days),
        months=_months(pricing, number, unit, days),
    )


def _months(pricing: _Pricing, number: int, unit: PricedUnit, days: Sequence[date]) -> Mapping[date, Decimal]:
    found: dict[date, Decimal] = {}
    for month, price in _priced_days(pricing, number, unit, days):
        if price.per is Per.MONTH:
            found.setdefault(month, price.unit_price)
        else:
            found[month] = found.get(month, ZERO) + price.amount
    return found


def _priced_days(
    pricing: _Pricing, number: int, unit: PricedUnit, days: Sequence[date]
) -> Iterator[tuple[date, Price]]:
    for day in days:
        price = pricing.price(number, unit, day, day.isoweekday())
        if price is not None:
            yield day.replace(day=1), price
