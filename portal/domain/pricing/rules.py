"""Where a family lives, until when a membership holds, what an aid still gives. Pure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from portal.domain.families.rules import fold
from portal.domain.kernel.school_year import SchoolYear
from portal.domain.pricing.enums import Validity
from portal.domain.tariffs.engine.aids import Aid, AidLine, help_with, spend
from portal.domain.tariffs.engine.situations import Residence, Siblings


def residence_of(*, town: str, postcode: str, towns: Collection[str], area: Collection[str]) -> Residence:
    """By the town of the address, alone or after its postcode, whatever capitals, accents and hyphens.

    A town that names no commune takes everybody as its own; an address without town lives elsewhere.
    """
    if not towns:
        return Residence.TOWN
    here = {fold(town), fold(f"{postcode} {town}")} - {""}
    if fold(town) and here & {fold(name) for name in towns}:
        return Residence.TOWN
    if fold(town) and here & {fold(name) for name in area}:
        return Residence.AREA
    return Residence.OUTSIDE


def last_day(validity: str, months: int | None, first: date) -> date:
    """The last day of a membership that begins on `first`."""
    if validity == Validity.CIVIL_YEAR:
        return date(first.year, 12, 31)
    if validity == Validity.SCHOOL_YEAR or not months:
        return SchoolYear.of(first).last_day
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    following = date(year, month + 1, 1)
    end = (date(year + 1, 1, 1) if month == 11 else date(year, month + 2, 1)) - timedelta(days=1)
    return min(following.replace(day=min(first.day, end.day)), end) - timedelta(days=1)


def place_among(child: int, births: Mapping[int, date], counted: Iterable[int]) -> Siblings:
    """The rank of a child among those counted, and their number; the child itself always counts.

    By birth, the eldest first; twins by key, so that each of them keeps its rank.
    """
    all_of_them = {*counted, child}
    order = sorted(all_of_them, key=lambda each: (births.get(each, date.max), each))
    return Siblings(order.index(child) + 1, len(order))


@dataclass(frozen=True, slots=True)
class Grant:
    """An aid with the days, the child (None: all of the family) and the tariffs (none: all) that it is for."""

    aid: Aid
    first: date
    last: date | None = None
    child: int | None = None
    tariffs: frozenset[str] = frozenset()

    def is_for(self, child: int, tariff: str, day: date) -> bool:
        return (
            self.first <= day
            and (self.last is None or day <= self.last)
            and self.child in (None, child)
            and (not self.tariffs or tariff in self.tariffs)
        )


@dataclass(frozen=True, slots=True)
class Use:
    """One day booked, or about to be: whose, under which tariff, at what price in euros."""

    child: int
    tariff: str
    day: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Helped:
    """What aids take off one day, and whether one of them has a cap."""

    lines: tuple[AidLine, ...] = ()
    capped: bool = False


NOT_HELPED = Helped()


def help_each(grants: Collection[Grant], uses: Iterable[Use]) -> list[Helped]:
    """What each use is helped with, in the order of the uses: whoever comes first takes of the cap first."""
    return _go_through(grants, uses)[0]


def left_of(grants: Collection[Grant], uses: Iterable[Use]) -> list[Grant]:
    """The same aids with what these uses leave of their caps."""
    left = _go_through(grants, uses)[1]
    return [replace(grant, aid=left[grant.aid.code]) for grant in grants]


def _go_through(grants: Collection[Grant], uses: Iterable[Use]) -> tuple[list[Helped], dict[str, Aid]]:
    left = {grant.aid.code: grant.aid for grant in grants}
    found = []
    for use in uses:
        aids = [left[grant.aid.code] for grant in grants if grant.is_for(use.child, use.tariff, use.day)]
        lines = help_with(use.amount, aids)
        left |= {aid.code: aid for aid in spend(aids, lines)}
        given = {line.code for line in lines}
        capped = any(aid.amount_left is not None or aid.units_left is not None for aid in aids if aid.code in given)
        found.append(Helped(lines, capped))
    return found, left
