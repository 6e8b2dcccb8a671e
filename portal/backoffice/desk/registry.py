"""What the desk shows, said by the areas that know: queues of what awaits, sections of a family's file.

An area registers from `portal.backoffice.desk.areas`. Everything is asked for one agent: an area answers only what
that agent may see, and its verbs check the permission again.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from django import forms

from portal.domain.accounts.models import User
from portal.domain.families.models import Family
from portal.domain.files.models import StoredFile

if TYPE_CHECKING:
    from django.db.models import QuerySet

E = TypeVar("E", bound=Exception)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One line of a queue, the oldest first. `key` is the object's, `due` the day by which it should be answered."""

    source: str
    key: int
    title: str
    family_name: str
    family_number: str
    arrived_at: datetime
    child_name: str = ""
    due: date | None = None


@dataclass(frozen=True, slots=True)
class Panel:
    """What an agent needs to decide: the files to look at, the facts to compare, what may be answered.

    `facts` are (label, value) pairs under « À comparer »; `changes` are (label, before, after). `reasons` are the
    refusals offered, « autre » excepted. `form` asks for what goes with an acceptance (“valable jusqu’au”), None when
    nothing does. `family` is None for somebody whom the town does not know yet.
    """

    title: str
    sent: str
    family: Family | None
    files: Sequence[StoredFile] = ()
    facts: Sequence[tuple[str, str]] = ()
    changes: Sequence[tuple[str, str, str]] = ()
    accept_label: str = "Accepter"
    form: forms.Form | None = None
    reasons: Sequence[str] = ()
    may_ask_again: bool = True


class Age(StrEnum):
    """Since when a request waits."""

    TODAY = "jour"
    THREE_DAYS = "3"
    WEEK = "7"
    FORTNIGHT = "15"


class Taken(StrEnum):
    """Who takes care of a request."""

    ME = "moi"
    NOBODY = "personne"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an agent wants to see of the queue; empty values ask for nothing. `at` is the instant of the look."""

    at: datetime
    kind: str = ""
    school: int | None = None
    age: Age | None = None
    taken: Taken | None = None
    late: bool = False
    text: str = ""

    @property
    def narrows(self) -> bool:
        """Whether anything but the kind is asked for."""
        return any((self.school, self.age, self.taken, self.late, self.text))


#: What every kind tells of a row, so that one query can mix them: rank of the kind, key, arrival.
COLUMNS = ("desk_rank", "desk_key", "desk_arrived")


class AlreadyDecided(Exception):
    """Somebody else answered meanwhile: nothing was written. The message, in French, says who, when and what."""


@contextmanager
def unless_decided(error: type[E], said: Callable[[E], str] = str) -> Iterator[None]:
    """The verb inside says by `error` that the request was answered meanwhile; the agent reads what `said` tells.

    Raises AlreadyDecided.
    """
    try:
        yield
    except error as decided:
        raise AlreadyDecided(said(decided)) from decided


class QueueSource(Protocol):
    """A kind of things that await an agent. `portal.backoffice.desk.sources.RowQueue` answers what is about rows."""

    code: str
    label: str
    order: int
    #: What the item is for its démarche: “papers.paper”; empty when it has none.
    subject: str

    def count(self, agent: User) -> int:
        """How many await this agent; 0 without permission."""

    def lines(self, agent: User, wanted: "Wanted", *, rank: int) -> "QuerySet[Any] | None":
        """The rows that this agent wants, with the columns of `COLUMNS`; None when there can be none."""

    def waiting(self, agent: User, *, limit: int, keys: Collection[int] | None = None) -> list[Waiting]:
        """The lines, the oldest first, in one query. `keys`: those alone."""

    def item_of(self, key: int) -> int:
        """The key of the object itself: what stays when a line of a new version comes."""

    def panel(self, agent: User, key: int, *, data: Mapping[str, Any] | None = None, at: datetime) -> Panel | None:
        """What to decide upon, or None when it does not exist for this agent. `data` binds the form."""

    def accept(self, key: int, *, cleaned: Mapping[str, Any], by: User, at: datetime) -> None:
        """Say yes. Raises AlreadyDecided, or ValidationError for what goes with it."""

    def refuse(self, key: int, *, reason: str, by: User, at: datetime) -> None:
        """Say no, with a reason that the family reads. Raises AlreadyDecided."""

    def ask_again(self, key: int, *, message: str, by: User, at: datetime) -> None:
        """Ask the family for something more: the démarche becomes « à vous de jouer ». Raises AlreadyDecided."""


@dataclass(frozen=True, slots=True)
class FileSection:
    """A part of a family's file as agents read it: a template with its context, or (label, value) pairs."""

    title: str
    template: str = ""
    context: Mapping[str, Any] = field(default_factory=dict, hash=False)
    facts: tuple[tuple[str, str], ...] = ()
    url: str = ""
    url_label: str = ""


@dataclass(frozen=True, slots=True)
class FileAction:
    """Something that the service may do about a family: what it is called, under which heading, where it is done."""

    label: str
    url: str
    group: str


SectionSource = Callable[[User, Family, datetime], FileSection | None]
#: What this agent may do about that family today; an archived one is asked about too.
ActionSource = Callable[[User, Family, datetime], Sequence[FileAction]]

_queues: dict[str, QueueSource] = {}
_sections: dict[str, tuple[int, SectionSource]] = {}
_actions: dict[str, tuple[int, ActionSource]] = {}


def register_queue(source: QueueSource) -> None:
    """Add a queue; the same code again replaces it."""
    _queues[source.code] = source


def queues() -> tuple[QueueSource, ...]:
    """Every queue, in order."""
    return tuple(sorted(_queues.values(), key=lambda source: (source.order, source.code)))


def register_file_section(code: str, source: SectionSource, *, order: int = 100) -> None:
    """Add a section to the file of a family; the same code again replaces it."""
    _sections[code] = (order, source)


def file_sections(agent: User, family: Family, at: datetime) -> list[FileSection]:
    """What this agent may read of that family, in order."""
    sources = sorted(_sections.items(), key=lambda item: (item[1][0], item[0]))
    return [section for _code, (_order, source) in sources if (section := source(agent, family, at)) is not None]


def register_file_action(code: str, source: ActionSource, *, order: int = 100) -> None:
    """Add what may be done about a family, on its file; the same code again replaces it."""
    _actions[code] = (order, source)


def file_actions(agent: User, family: Family, at: datetime) -> dict[str, list[FileAction]]:
    """What this agent may do about that family, in order, by heading."""
    groups: dict[str, list[FileAction]] = {}
    for _code, (_order, source) in sorted(_actions.items(), key=lambda item: (item[1][0], item[0])):
        for action in source(agent, family, at):
            groups.setdefault(action.group, []).append(action)
    return groups
