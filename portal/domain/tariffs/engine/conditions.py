"""When a part of a grid applies: each fact that is named must hold; a fact that is not named does not matter."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from enum import StrEnum

from portal.domain.kernel.school_year import age_on
from portal.domain.tariffs.engine.situations import Attendance, Counted, Regime, Residence, Situation


class Fact(StrEnum):
    """What a screen must know, or ask, to give a price."""

    QUOTIENT = "quotient"
    INCOME = "income"
    RESIDENCE = "residence"
    REGIME = "regime"
    AGE = "age"
    SCHOOL = "school"
    LEVEL = "level"
    MEMBERSHIP = "membership"
    HOUSEHOLD = "household"
    ENROLLED = "enrolled"
    PRESENT = "present"
    DISABLED = "disabled"
    REGULAR = "regular"
    OWN_MEAL = "own_meal"
    LATE = "late"
    ATTENDANCE = "attendance"
    TIME = "time"


class AgeOn(StrEnum):
    """The day on which an age is taken (rule 18): that of the service, 1 September or 31 December around it."""

    DAY = "day"
    SEPTEMBER = "september"
    DECEMBER = "december"


@dataclass(frozen=True, slots=True)
class Bounds:
    """Whole numbers from `low` to `high`, both included; no `high`: and more."""

    low: int = 0
    high: int | None = None

    def __contains__(self, number: object) -> bool:
        return isinstance(number, int) and self.low <= number and (self.high is None or number <= self.high)


@dataclass(frozen=True, slots=True)
class Span:
    """Euros from `low` included to `high` excluded; no `high`: and above."""

    low: Decimal = Decimal(0)
    high: Decimal | None = None

    def __contains__(self, value: object) -> bool:
        return isinstance(value, Decimal) and self.low <= value and (self.high is None or value < self.high)


@dataclass(frozen=True, slots=True)
class When:
    """A condition. Empty sets and None say nothing; the rest must hold together.

    `members`: at least one of these memberships; `not_members`: none of those. `quotients` is compared with the value
    that the price uses: an unknown quotient, which pays the highest price, is above all of them.
    """

    residences: frozenset[Residence] = frozenset()
    regimes: frozenset[Regime] = frozenset()
    ages: Bounds | None = None
    age_on: AgeOn = AgeOn.DAY
    schools: frozenset[str] = frozenset()
    levels: frozenset[str] = frozenset()
    members: frozenset[str] = frozenset()
    not_members: frozenset[str] = frozenset()
    ranks: Bounds | None = None
    children: Bounds | None = None
    counted: Counted = Counted.ENROLLED
    regular: bool | None = None
    own_meal: bool | None = None
    late: bool | None = None
    attendances: frozenset[Attendance] = frozenset()
    quotients: Span | None = None

    @property
    def always(self) -> bool:
        """Whether it holds in every situation."""
        return not self.facts()

    def facts(self) -> frozenset[Fact]:
        """What must be known to answer."""
        siblings = Fact(self.counted.value)
        named = {
            Fact.RESIDENCE: self.residences,
            Fact.REGIME: self.regimes,
            Fact.AGE: self.ages is not None,
            Fact.SCHOOL: self.schools,
            Fact.LEVEL: self.levels,
            Fact.MEMBERSHIP: self.members or self.not_members,
            siblings: self.ranks is not None or self.children is not None,
            Fact.REGULAR: self.regular is not None,
            Fact.OWN_MEAL: self.own_meal is not None,
            Fact.LATE: self.late is not None,
            Fact.ATTENDANCE: self.attendances,
            Fact.QUOTIENT: self.quotients is not None,
        }
        return frozenset(fact for fact, is_named in named.items() if is_named)

    def holds(self, situation: Situation, day: date, quotient: Decimal | None) -> bool:
        """Whether it applies to that situation on that day; `quotient` None is the highest."""
        if self is ALWAYS:
            return True
        siblings = situation.siblings(self.counted)
        return (
            (not self.residences or situation.residence in self.residences)
            and (not self.regimes or situation.regime in self.regimes)
            and (self.ages is None or age_for(situation.birth_date, day, self.age_on) in self.ages)
            and (not self.schools or situation.school in self.schools)
            and (not self.levels or situation.level in self.levels)
            and (not self.members or not self.members.isdisjoint(situation.memberships))
            and self.not_members.isdisjoint(situation.memberships)
            and (self.ranks is None or siblings.rank in self.ranks)
            and (self.children is None or siblings.of in self.children)
            and (self.regular is None or situation.regular is self.regular)
            and (self.own_meal is None or situation.own_meal is self.own_meal)
            and (self.late is None or situation.late is self.late)
            and (not self.attendances or situation.attendance in self.attendances)
            and (self.quotients is None or _among(quotient, self.quotients))
        )


ALWAYS = When()


def facts_of(conditions: Iterable[When]) -> frozenset[Fact]:
    return frozenset(fact for condition in conditions for fact in condition.facts())


def named_fields(condition: When) -> tuple[str, ...]:
    """The names of what the condition says, in their order."""
    return tuple(each.name for each in fields(When) if getattr(condition, each.name) != getattr(ALWAYS, each.name))


def age_for(birth_date: date | None, day: date, on: AgeOn) -> int | None:
    """The age in whole years; None when the birth is unknown or later, and then no condition on ages holds.

    1 September is that of the school year under way, 31 December that of the civil year.
    """
    if on is AgeOn.DECEMBER:
        day = date(day.year, 12, 31)
    elif on is AgeOn.SEPTEMBER:
        day = date(day.year if day.month >= 9 else day.year - 1, 9, 1)
    return None if birth_date is None or birth_date > day else age_on(birth_date, day)


def _among(quotient: Decimal | None, span: Span) -> bool:
    return span.high is None if quotient is None else quotient in span
