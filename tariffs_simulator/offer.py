"""What the simulator can price: the activities of a school year, their units, the grids that price them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from portal.domain.activities.models import Activity, Unit
from portal.domain.activities.opening import Offer, ServiceCalendar
from portal.domain.activities.queries import load_calendar, offer_of
from portal.domain.kernel.school_year import SchoolYear
from portal.domain.tariffs.engine import Grid, grid_on
from portal.domain.tariffs.engine.conditions import Fact
from portal.domain.tariffs.engine.grids import Per
from portal.domain.tariffs.queries import PriceBook, load_price_book


@dataclass(frozen=True, slots=True)
class PricedUnit:
    """A unit on offer. `grids`: those that price it from `day` to the end of the year, in order; none, no price yet.

    `day` is the one whose price is shown: today, or the first day of the activity. It is that of the enrolment page.
    """

    unit: Unit
    offer: Offer
    day: date
    grids: tuple[Grid, ...]

    @property
    def activity(self) -> Activity:
        return self.unit.activity

    @property
    def per(self) -> Per:
        return self.grids[0].counting.per if self.grids else Per.UNIT

    @property
    def facts(self) -> frozenset[Fact]:
        """What its prices depend on."""
        return frozenset(fact for grid in self.grids for fact in grid.facts())

    @property
    def usual_minutes(self) -> int | None:
        """How long it lasts, when its hours are known."""
        start, end = self.unit.starts_at, self.unit.ends_at
        if start is None or end is None:
            return None
        return (end.hour - start.hour) * 60 + end.minute - start.minute


@dataclass(frozen=True, slots=True)
class Priced:
    """The units that were chosen, with their prices and the calendar of the year."""

    year: SchoolYear
    units: tuple[PricedUnit, ...]
    book: PriceBook
    calendar: ServiceCalendar

    @property
    def facts(self) -> frozenset[Fact]:
        """What must be asked, and nothing else."""
        return frozenset(fact for unit in self.units for fact in unit.facts)

    @property
    def grids(self) -> tuple[Grid, ...]:
        """Each grid once."""
        return tuple({grid.key: grid for unit in self.units for grid in unit.grids}.values())

    def tariff_code(self, unit: Unit) -> str:
        """Brothers and sisters are counted among those who pay the same tariff."""
        tariff = self.book.tariff(unit.pk)
        return tariff.code if tariff is not None else ""


def open_activities(*, types: Iterable[int], today: date) -> list[Activity]:
    """The activities that families may use today or later, of these types or all, in the order of the town.

    One query. An activity that no tariff prices is left out: there is nothing to estimate.
    """
    found = Activity.objects.current_or_future(on=today).filter(
        shown_on_planning=True, units__tariff_link__isnull=False
    )
    wanted = list(types)
    if wanted:
        found = found.filter(type__in=wanted)
    return list(
        found.select_related("type", "structure").order_by("type__order", "type__name", "order", "name").distinct()
    )


def years_of(activities: Iterable[Activity]) -> list[SchoolYear]:
    """The school years in which these activities begin, in order."""
    return sorted({SchoolYear.of(activity.starts_on) for activity in activities})


def load_priced(activities: Sequence[Activity], *, year: SchoolYear, today: date) -> Priced:
    """The units of these activities with a tariff: three queries whatever their number."""
    units = list(
        Unit.objects.filter(activity__in=[each.pk for each in activities], tariff_link__isnull=False)
        .select_related("activity__type", "activity__structure")
        .order_by("activity__type__order", "activity__order", "activity__name", "order", "pk")
    )
    book = load_price_book(units)
    calendar = load_calendar(year.range, {unit.activity.structure_id for unit in units})
    return Priced(year, tuple(_priced(unit, book, year, today) for unit in units), book, calendar)


def _priced(unit: Unit, book: PriceBook, year: SchoolYear, today: date) -> PricedUnit:
    day = max(today, unit.activity.starts_on)
    tariff = book.tariff(unit.pk)
    grids = tariff.grids if tariff is not None else ()
    first = grid_on(grids, day)
    later = sorted(
        (grid for grid in grids if day < grid.valid_from <= year.last_day), key=lambda grid: grid.valid_from
    )
    return PricedUnit(unit, offer_of(unit), day, tuple([first, *later] if first is not None else later))
