"""What somebody entered, as plain values. It lives in the address and nowhere else: no name, no date of birth."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from portal.domain.quotients.formula import Computed, Household
from portal.domain.tariffs.engine.situations import Regime, Residence


class Way(StrEnum):
    """How the quotient is known. `MINE`: that of the signed-in family, whose value stays out of the address."""

    MINE = "dossier"
    KNOWN = "connu"
    COMPUTED = "calcul"
    HIDDEN = "non"


@dataclass(frozen=True, slots=True)
class ChildEntry:
    """A child: the ISO weekdays it comes by key of unit, the minutes of a day where time is what is paid.

    `age` in whole years on the 1 September of the school year.
    """

    days: Mapping[int, frozenset[int]] = field(default_factory=dict)
    minutes: Mapping[int, int] = field(default_factory=dict)
    age: int | None = None
    level: str = ""
    school: str = ""
    regular: bool = False
    own_meal: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """A whole situation. `quotient` for a known or computed one; `income` in euros a month.

    The eldest child comes first. `holidays`: how many weeks of each, by key.
    """

    way: Way
    children: tuple[ChildEntry, ...]
    quotient: Decimal | None = None
    computed: Computed | None = None
    resources: Household | None = None
    income: Decimal | None = None
    residence: Residence = Residence.TOWN
    regime: Regime = Regime.GENERAL
    memberships: frozenset[str] = frozenset()
    disabled: int = 0
    holidays: Mapping[int, int] = field(default_factory=dict)
