"""Which rentrée is being prepared, and how last year carries over to it: pure, over plain values."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal

from django.utils.translation import gettext as _

from portal.domain import language
from portal.domain.kernel.school_year import SchoolYear

#: A rentrée is prepared until the end of September; from October on, families look at the next one.
LAST_MONTH = 9

_YEAR = re.compile(r"-(?:19|20)\d{2}$")


def rentree_year(today: date) -> SchoolYear:
    """The school year that families prepare on that day: in August and September the one that begins, else the
    next.
    """
    running = SchoolYear.of(today)
    return running if running.first_day.month <= today.month <= LAST_MONTH else running.next


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """A unit as the carry-over compares it; `price` in euros for one day, None when no tariff says."""

    key: int
    code: str
    name: str
    weekdays: frozenset[int]
    starts_at: time | None = None
    ends_at: time | None = None
    price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ActivityFacts:
    """An activity as the carry-over compares it."""

    key: int
    code: str
    name: str
    type_key: int
    structure_key: int
    structure: str
    units: tuple[UnitFacts, ...] = ()

    @property
    def stem(self) -> str:
        """The code without its school year: “restaurant-2026” is “restaurant”."""
        return _YEAR.sub("", self.code)

    def unit(self, code: str) -> UnitFacts | None:
        return next((each for each in self.units if each.code == code), None)


@dataclass(frozen=True, slots=True)
class Carried:
    """What one enrolment of last year becomes: the week of the successor, by key of unit, and what changed, said."""

    pattern: Mapping[int, frozenset[int]]
    changes: tuple[str, ...] = field(default=())


def successor(old: ActivityFacts, among: Collection[ActivityFacts]) -> ActivityFacts | None:
    """The activity of the coming year that continues this one; None when there is none, or when several could.

    The same code but for its year, in the same type. Else, where the town renamed it, the only one of the same type
    and structure that shares a unit with it by code.
    """
    kind = [each for each in among if each.type_key == old.type_key]
    named = [each for each in kind if each.stem == old.stem]
    if named:
        here = [each for each in named if each.structure_key == old.structure_key]
        return (here or named)[0] if len(here or named) == 1 else None
    codes = {unit.code for unit in old.units}
    alike = [
        each for each in kind if each.structure_key == old.structure_key and codes & {unit.code for unit in each.units}
    ]
    return alike[0] if len(alike) == 1 else None


def carry_over(old: ActivityFacts, new: ActivityFacts, week: Mapping[str, frozenset[int]]) -> Carried:
    """Last year's regular week (ISO weekdays by code of unit) in the successor, with what changed said.

    A weekday that is not served any more, or a unit that is gone, is left out and said. Prices and hours are compared
    unit by unit, for those that the week uses, or for all when it uses none.
    """
    pattern: dict[int, frozenset[int]] = {}
    changes: list[str] = []
    if new.structure_key != old.structure_key:
        changes.append(_("Le lieu change\u00a0: %(place)s.") % {"place": new.structure})
    for code, weekdays in week.items():
        before, after = old.unit(code), new.unit(code)
        if not weekdays or before is None:
            continue
        if after is None:
            changes.append(_("«\u00a0%(unit)s\u00a0» n’existe plus.") % {"unit": before.name})
            continue
        kept = weekdays & after.weekdays
        if lost := weekdays - after.weekdays:
            changes.append(
                _("«\u00a0%(unit)s\u00a0» n’a plus lieu le %(days)s.")
                % {"unit": after.name, "days": language.words().weekday_names(sorted(lost))}
            )
        if kept:
            pattern[after.key] = kept
    used = [code for code, weekdays in week.items() if weekdays] or [unit.code for unit in old.units]
    for before, after in _pairs(old, new, used):
        changes += _said(before, after)
    return Carried(pattern, tuple(changes))


def _pairs(old: ActivityFacts, new: ActivityFacts, codes: Sequence[str]) -> list[tuple[UnitFacts, UnitFacts]]:
    found = [(old.unit(code), new.unit(code)) for code in codes]
    return [(before, after) for before, after in found if before is not None and after is not None]


def _said(before: UnitFacts, after: UnitFacts) -> list[str]:
    words = language.words()
    said = []
    if before.price is not None and after.price is not None and before.price != after.price:
        said.append(
            _("Le prix de «\u00a0%(unit)s\u00a0» passe de %(old)s à %(new)s.")
            % {"unit": after.name, "old": words.amount(before.price), "new": words.amount(after.price)}
        )
    if (before.starts_at, before.ends_at) != (after.starts_at, after.ends_at) and after.starts_at and after.ends_at:
        said.append(
            _("Les horaires de «\u00a0%(unit)s\u00a0» changent\u00a0: de %(start)s à %(end)s.")
            % {"unit": after.name, "start": words.hour(after.starts_at), "end": words.hour(after.ends_at)}
        )
    return said
