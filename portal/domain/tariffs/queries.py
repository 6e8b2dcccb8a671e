"""Reading tariffs: a price book for several units in one query."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby

from portal.domain.activities.models import Activity, Unit
from portal.domain.kernel.wording import FRENCH
from portal.domain.language import spoken
from portal.domain.tariffs.engine import NoPrice, Price, PriceList, PriceVersion, price_on
from portal.domain.tariffs.models import UnitTariff


class PriceBook:
    """The prices of a set of units, loaded once. Asking for a unit or a day without price raises NoPrice."""

    def __init__(self, lists: dict[int, PriceList]) -> None:
        self._lists = lists
        self._known: dict[tuple[int, date], Price] = {}

    def price(self, unit_id: int, day: date, *, quotient: Decimal | None = None, language: str = FRENCH) -> Price:
        """The unit price in euros on that day, with its explanation: French for what is kept with a booking."""
        if unit_id not in self._lists:
            raise NoPrice(f"unit {unit_id} has no tariff")
        if quotient is not None or language != FRENCH:
            return price_on(self._lists[unit_id], day, quotient=quotient, language=language)
        key = (unit_id, day)
        if key not in self._known:
            self._known[key] = price_on(self._lists[unit_id], day)
        return self._known[key]


def load_price_book(units: Iterable[int | Unit]) -> PriceBook:
    """The price book of these units, in one query whatever their number."""
    keys = {unit if isinstance(unit, int) else unit.pk for unit in units}
    tariff, version = "tariff__", "tariff__versions__"
    rows = (
        UnitTariff.objects.filter(unit__in=keys)
        .order_by("unit", f"{version}valid_from")
        .values_list(
            "unit",
            f"{tariff}code",
            f"{tariff}name",
            f"{tariff}rate_label",
            f"{version}pk",
            f"{version}valid_from",
            f"{version}unit_price",
            f"{version}deliberation",
            f"{version}deliberation_url",
        )
    )
    lists: dict[int, PriceList] = {}
    for (unit, code, name, rate_label), same_unit in groupby(rows, key=lambda row: row[:4]):
        versions = tuple(PriceVersion(*row[4:]) for row in same_unit if row[4] is not None)
        lists[unit] = PriceList(code, name, rate_label, versions)
    return PriceBook(lists)


@dataclass(frozen=True, slots=True)
class QuotedUnit:
    """A unit and its price on a day; `price` is None when no version is valid then."""

    unit: Unit
    price: Price | None


def quote_activity(*, activity: Activity, day: date, quotient: Decimal | None = None) -> list[QuotedUnit]:
    """The price of each unit of an activity on that day, in the units' order, with its explanation in the
    language being spoken.

    `quotient` is the family quotient in euros a month, or None when it is not known.
    """
    units = list(activity.units.order_by("order", "pk"))
    book = load_price_book(units)
    return [QuotedUnit(unit=unit, price=_price_or_none(book, unit.pk, day, quotient)) for unit in units]


def _price_or_none(book: PriceBook, unit_id: int, day: date, quotient: Decimal | None) -> Price | None:
    try:
        return book.price(unit_id, day, quotient=quotient, language=spoken())
    except NoPrice:
        return None
