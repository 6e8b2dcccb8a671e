"""What a price may depend on, on one day: facts about a child, a family, and the service given."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from portal.domain.tariffs.engine.aids import Aid


class Residence(StrEnum):
    """Where the family lives: in the commune, in its intercommunality, elsewhere."""

    TOWN = "town"
    AREA = "area"
    OUTSIDE = "outside"


class Regime(StrEnum):
    """The family's social protection: the general one (CAF), the farmers' (MSA), another."""

    GENERAL = "general"
    MSA = "msa"
    OTHER = "other"


class Counted(StrEnum):
    """Which children make a rank and a number: all of the household, those enrolled, those present that day."""

    HOUSEHOLD = "household"
    ENROLLED = "enrolled"
    PRESENT = "present"


class Attendance(StrEnum):
    """How the day went (rule 30). Before it, a day is as booked."""

    BOOKED = "booked"
    UNBOOKED = "unbooked"
    EXCUSED = "excused"
    UNEXCUSED = "unexcused"


class Knowledge(StrEnum):
    """What the town knows of the family's quotient on that day (rule 26). Zero is known."""

    KNOWN = "known"
    EXPIRED = "expired"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Quotient:
    """The quotient of the day, in euros a month, with where it comes from.

    `value` is None unless it is known; `last` is the value that has expired, `until` the last day of either.
    """

    value: Decimal | None = None
    knowledge: Knowledge = Knowledge.UNKNOWN
    last: Decimal | None = None
    source: str = ""
    month: date | None = None
    until: date | None = None

    @classmethod
    def of(cls, value: Decimal | int) -> "Quotient":
        """A value that somebody states."""
        return cls(Decimal(value), Knowledge.KNOWN)


@dataclass(frozen=True, slots=True)
class Siblings:
    """A child among others: the eldest is the first; both numbers count the child."""

    rank: int = 1
    of: int = 1


ALONE = Siblings()


@dataclass(frozen=True, slots=True)
class Situation:
    """All that the price of one unit on one day may depend on; the defaults are those of an only child of the town.

    `income` in euros a month. `minutes`: the time given, when it is counted; `late_minutes`: how late the child was
    fetched. `regular`: a fixed week rather than days now and then. `own_meal`: a PAI whose meal the family brings.
    `disabled`: how many children of the household have the handicap allowance.
    """

    quotient: Quotient = Quotient()
    income: Decimal | None = None
    residence: Residence = Residence.TOWN
    regime: Regime = Regime.GENERAL
    birth_date: date | None = None
    school: str = ""
    level: str = ""
    memberships: frozenset[str] = frozenset()
    household: Siblings = ALONE
    enrolled: Siblings = ALONE
    present: Siblings = ALONE
    disabled: int = 0
    regular: bool = False
    own_meal: bool = False
    late: bool = False
    attendance: Attendance = Attendance.BOOKED
    minutes: int | None = None
    late_minutes: int = 0
    aids: tuple[Aid, ...] = ()

    def siblings(self, counted: Counted) -> Siblings:
        if counted is Counted.HOUSEHOLD:
            return self.household
        return self.enrolled if counted is Counted.ENROLLED else self.present
