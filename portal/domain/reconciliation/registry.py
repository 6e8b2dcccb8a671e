"""The checks, said by those who hold the rows.

A check reads, in a number of queries that depends neither on families nor on bookings, and says what is not as it
should be. It writes nothing. Each query sees one state of the database: a verb under way is seen whole or not at all.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from portal.domain.accounts.models import User
from portal.domain.kernel.clock import paris_date
from portal.domain.kernel.school_year import SchoolYear
from portal.domain.reconciliation.enums import Severity

if TYPE_CHECKING:
    from portal.domain.reconciliation.models import Finding

#: Findings of one check that are written down; those beyond are counted.
MOST = 1000


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that is not as it should be. `key` names it from one run to the next; `sentence`, in French, says what
    was found without naming anybody. Persons, unit and object are keys.
    """

    key: str
    sentence: str
    subject: str = ""
    subject_key: str = ""
    family: int | None = None
    child: int | None = None
    unit: int | None = None
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """What a check found: `MOST` at most, and how many there are in all."""

    found: Sequence[Found] = ()
    total: int = 0


@dataclass(frozen=True, slots=True)
class Scene:
    """The instant of a run. `since`: the first day of the school year before this one; older books are closed."""

    at: datetime

    @property
    def today(self) -> date:
        return paris_date(self.at)

    @property
    def since(self) -> date:
        return SchoolYear.of(self.today).previous.first_day


class RepairRefused(Exception):
    """Nothing was repaired. The message, in French, says why and what to do."""


@dataclass(frozen=True, slots=True)
class Repair:
    """What an agent may have done by one button, where it is safe: `run` calls a verb that locks, decides again and
    writes the journal, and may be run twice. Raises RepairRefused.
    """

    label: str
    meaning: str
    run: Callable[["Finding", User, datetime], None]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must be true. `area` gathers checks on the screen; `meaning` says what a finding is, `advice`
    what to do, in French.
    """

    code: str
    area: str
    title: str
    meaning: str
    advice: str
    severity: Severity
    find: Callable[[Scene], Seen]
    repair: Repair | None = None
    order: int = 100

    @property
    def is_blocking(self) -> bool:
        return self.severity == Severity.BLOCKING


_checks: dict[str, Check] = {}


def register_checks(*checks: Check) -> None:
    """Add checks; the same code again replaces one."""
    for check in checks:
        _checks[check.code] = check


def checks() -> tuple[Check, ...]:
    """Every check, in order."""
    return tuple(sorted(_checks.values(), key=lambda check: (check.order, check.code)))


def find_check(code: str) -> Check | None:
    return _checks.get(code)
