"""Two grids on the bookings of a month: who would pay more, who less, how much. A dry run: nothing is written.

Each booking is priced by both grids in the same situation, whatever was paid: what differs is the grids. Late
surcharges and aids are left out.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.domain.bookings.models import Booking
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.money import ZERO
from portal.domain.pricing.situations import load_many
from portal.domain.tariffs import engine
from portal.domain.tariffs.engine import Grid, Price, Situation, price_with
from portal.domain.tariffs.engine.conditions import Fact
from portal.domain.tariffs.engine.grids import Per
from portal.domain.tariffs.models import Tariff
from portal.domain.tariffs.queries import PriceBook


@dataclass(frozen=True, slots=True)
class Use:
    """One booking, as much as a situation may ask of it."""

    family: int
    child: int
    unit: int
    day: date


#: Loads, in a bounded number of queries, what gives the situation of each use. The same object for the same facts.
Situate = Callable[[Sequence[Use]], Callable[[Use], Situation]]


@dataclass(frozen=True, slots=True)
class FamilyChange:
    """What one family would pay in the month, in euros, for so many bookings."""

    family: int
    before: Decimal
    after: Decimal
    uses: int

    @property
    def change(self) -> Decimal:
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Comparison:
    """The two grids over a month; families by size of change, the largest first."""

    month: DateRange
    uses: int
    families: tuple[FamilyChange, ...]

    @property
    def before(self) -> Decimal:
        return sum((each.before for each in self.families), ZERO)

    @property
    def after(self) -> Decimal:
        return sum((each.after for each in self.families), ZERO)

    @property
    def change(self) -> Decimal:
        return self.after - self.before

    @property
    def more(self) -> int:
        return sum(each.change > 0 for each in self.families)

    @property
    def less(self) -> int:
        return sum(each.change < 0 for each in self.families)

    @property
    def same(self) -> int:
        return len(self.families) - self.more - self.less


def as_they_are(tariff: Tariff, *grids: Grid) -> Situate:
    """The situations of the families on each day: all that these grids look at, and nothing else.

    Children booked on the same day count as present.
    """

    def situate(uses: Sequence[Use]) -> Callable[[Use], Situation]:
        units = {use.unit for use in uses}
        priced = engine.Tariff(tariff.code, tariff.name, tariff.rate_label, grids)
        book = PriceBook(dict.fromkeys(units, priced))
        homes = load_many(families={use.family for use in uses}, book=book, units=units)
        present: dict[int, list[tuple[int, int, date]]] = {}
        for use in uses:
            present.setdefault(use.family, []).append((use.child, use.unit, use.day))
        for family, places in present.items():
            homes[family].attend(places)
        return lambda use: homes[use.family].of(use.child, use.unit, use.day)

    return situate


def compare_grids(
    *, tariff: Tariff, before: Grid, after: Grid, month: DateRange, situate: Situate | None = None
) -> Comparison:
    """Price what is booked in that month in the units of the tariff by each grid, families being as they are, or as
    `situate` supposes. A number of queries that depends on what the grids look at, not on the families.

    A price by the month counts once per child and unit.
    """
    rows = (
        Booking.objects.booked()
        .filter(unit__tariff_link__tariff=tariff, day__range=(month.first, month.last))
        .order_by("family", "child", "day", "pk")
        .values_list("family", "child", "unit", "day")
    )
    uses = [Use(*row) for row in rows]
    situation = (situate or as_they_are(tariff, before, after))(uses)
    pricers = _Pricer(before), _Pricer(after)
    totals: dict[int, list[Decimal]] = {}
    counts: dict[int, int] = {}
    for use in uses:
        of_use = situation(use)
        total = totals.setdefault(use.family, [ZERO, ZERO])
        counts[use.family] = counts.get(use.family, 0) + 1
        for index, pricer in enumerate(pricers):
            total[index] += pricer.amount(use, of_use)
    families = (FamilyChange(key, totals[key][0], totals[key][1], counts[key]) for key in totals)
    ordered = sorted(families, key=lambda each: (-abs(each.change), each.family))
    return Comparison(month, len(uses), tuple(ordered))


class _Pricer:
    """The prices of one grid: each distinct situation is priced once, and once a day when the grid reads ages."""

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        self._by_day = Fact.AGE in grid.facts()
        self._known: dict[tuple[Situation, date | None], Price] = {}
        self._months: set[tuple[int, int]] = set()

    def amount(self, use: Use, situation: Situation) -> Decimal:
        key = (situation, use.day if self._by_day else None)
        if key not in self._known:
            self._known[key] = price_with(self._grid, use.day, situation)
        price = self._known[key]
        if price.per is not Per.MONTH:
            return price.amount
        if (use.child, use.unit) in self._months:
            return ZERO
        self._months.add((use.child, use.unit))
        return price.unit_price
