"""Reading tariffs: a price book for several units in one query."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from portal.domain.activities.models import Activity, Unit
from portal.domain.kernel.wording import FRENCH
from portal.domain.language import spoken
from portal.domain.tariffs.engine import Grid, NoPrice, Price, Situation, Tariff, price_on
from portal.domain.tariffs.engine.conditions import Fact
from portal.domain.tariffs.models import UnitTariff, read_grid

ANYBODY = Situation()


class PriceBook:
    """The prices of a set of units, loaded once. Asking for a unit or a day without price raises NoPrice."""

    def __init__(self, tariffs: dict[int, Tariff], codes: dict[int, str] | None = None) -> None:
        self._tariffs = tariffs
        self._codes = codes or {}
        self._known: dict[tuple[int, date, int, str], tuple[Situation, Price]] = {}

    def price(self, unit_id: int, day: date, situation: Situation = ANYBODY, *, language: str = FRENCH) -> Price:
        """The price of one use of the unit on that day, with its explanation: French for what is kept with a booking.

        Raises NoPrice.
        """
        if unit_id not in self._tariffs:
            raise NoPrice(f"unit {unit_id} has no tariff")
        # The same situation object comes back for many days; it is kept alive beside its price.
        key = (unit_id, day, id(situation), language)
        if key not in self._known:
            unit = self._codes.get(unit_id, "")
            found = price_on(self._tariffs[unit_id], day, situation, unit=unit, language=language)
            self._known[key] = (situation, found)
        return self._known[key][1]

    def tariff(self, unit_id: int) -> Tariff | None:
        """The tariff that prices the unit."""
        return self._tariffs.get(unit_id)

    def facts(self) -> frozenset[Fact]:
        """What must be known of a family to price all of these units."""
        return frozenset(
            fact for tariff in set(self._tariffs.values()) for grid in tariff.grids for fact in grid.facts()
        )


def load_price_book(units: Iterable[int | Unit]) -> PriceBook:
    """The price book of these units, in one query whatever their number."""
    keys = {unit if isinstance(unit, int) else unit.pk for unit in units}
    tariff, version = "tariff__", "tariff__versions__"
    rows = (
        UnitTariff.objects.filter(unit__in=keys)
        .order_by("unit", f"{version}valid_from")
        .values_list(
            "unit",
            "unit__code",
            "tariff",
            f"{tariff}code",
            f"{tariff}name",
            f"{tariff}rate_label",
            f"{version}pk",
            f"{version}valid_from",
            f"{version}unit_price",
            f"{version}grid",
            f"{version}deliberation",
            f"{version}deliberation_url",
        )
    )
    # Units that share a tariff share its grids: each is read once.
    grids: dict[int, dict[int, Grid]] = {}
    names: dict[int, tuple[str, str, str]] = {}
    of_unit: dict[int, int] = {}
    codes: dict[int, str] = {}
    for unit, unit_code, key, code, name, rate_label, pk, valid_from, unit_price, grid, vote, url in rows:
        names[key], of_unit[unit], codes[unit] = (code, name, rate_label), key, unit_code
        known = grids.setdefault(key, {})
        if pk is not None and pk not in known:
            known[pk] = read_grid(
                unit_price, grid, valid_from=valid_from, key=pk, deliberation=vote, deliberation_url=url
            )
    tariffs = {key: Tariff(*names[key], tuple(grids[key].values())) for key in names}
    return PriceBook({unit: tariffs[key] for unit, key in of_unit.items()}, codes)


@dataclass(frozen=True, slots=True)
class QuotedUnit:
    """A unit and its price on a day; `price` is None when no version is valid then."""

    unit: Unit
    price: Price | None


def quote_activity(*, activity: Activity, day: date, situation: Situation = ANYBODY) -> list[QuotedUnit]:
    """The price of each unit of an activity on that day, in the units' order, with its explanation in the
    language being spoken.
    """
    units = list(activity.units.order_by("order", "pk"))
    book = load_price_book(units)
    return [QuotedUnit(unit=unit, price=_price_or_none(book, unit.pk, day, situation)) for unit in units]


def _price_or_none(book: PriceBook, unit_id: int, day: date, situation: Situation) -> Price | None:
    try:
        return book.price(unit_id, day, situation, language=spoken())
    except NoPrice:
        return None
