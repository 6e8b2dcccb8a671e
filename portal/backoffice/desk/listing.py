"""The lines of the queue: every kind mixed in one query, narrowed by what the agent asked for, page by page."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import Q, QuerySet
from django.http import QueryDict

from portal.backoffice.desk.registry import COLUMNS, Age, QueueSource, Taken, Waiting, Wanted, queues
from portal.domain.accounts.models import User
from portal.domain.desk.models import RequestAssignment
from portal.domain.desk.queries import count_notes, load_assignments
from portal.domain.families.models import School
from portal.domain.procedures.models import Procedure

PER_PAGE = 25
#: What the address carries from one request to the next.
FILTERS = ("nature", "ecole", "age", "suivi", "retard", "texte")
Position = tuple[str, int]


def read_wanted(query: QueryDict, *, at: datetime) -> tuple[Wanted, list[School]]:
    """What the address asks for, and the schools that may be asked for; what makes no sense is left aside."""
    schools = list(School.objects.order_by("name", "pk"))
    school = query.get("ecole", "")
    kinds = {source.code for source in queues()}
    return (
        Wanted(
            at=at,
            kind=query.get("nature", "") if query.get("nature") in kinds else "",
            school=next((each.pk for each in schools if str(each.pk) == school), None),
            age=Age(query["age"]) if query.get("age") in set(Age) else None,
            taken=Taken(query["suivi"]) if query.get("suivi") in set(Taken) else None,
            late=query.get("retard") == "1",
            text=" ".join(query.get("texte", "").replace("\x00", "").split())[:100],
        ),
        schools,
    )


def kept_query(query: QueryDict) -> str:
    """The filters of the address, to write behind another path; empty without any."""
    kept = QueryDict(mutable=True)
    for name in FILTERS:
        if value := query.get(name, "").replace("\x00", "").strip():
            kept[name] = value[:100]
    return kept.urlencode()


def wanted_page(query: QueryDict) -> int:
    """“3”; 1 for anything else."""
    number = query.get("page", "")
    return min(max(int(number), 1), 1000) if number.isascii() and number.isdecimal() and len(number) < 5 else 1


@dataclass(frozen=True, slots=True)
class Page:
    """Some lines, whether there are others before and after, how many answer in all."""

    lines: Sequence[Waiting]
    number: int
    total: int

    @property
    def previous(self) -> int | None:
        """The page of the older ones."""
        return self.number - 1 if self.number > 1 else None

    @property
    def next(self) -> int | None:
        """The page of the newer ones."""
        return self.number + 1 if self.number * PER_PAGE < self.total else None

    @property
    def first_rank(self) -> int:
        """The rank of the first line, from 1."""
        return (self.number - 1) * PER_PAGE + 1

    @property
    def last_rank(self) -> int:
        """The rank of the last line."""
        return self.first_rank + len(self.lines) - 1


class Desk:
    """The queue as one agent wants to see it. Its queries do not grow with what waits."""

    def __init__(self, agent: User, wanted: Wanted) -> None:
        self.agent, self.wanted = agent, wanted
        self.sources = queues()
        self._taken: dict[tuple[str, int], RequestAssignment] = {}
        self._notes: dict[tuple[str, int], int] = {}
        self._items: dict[Position, int] = {}

    def counts(self) -> list[tuple[QueueSource, int]]:
        """How many await the agent, kind by kind, whatever is asked for: a query for each kind."""
        return [(source, source.count(self.agent)) for source in self.sources]

    def oldest(self) -> list[tuple[QueueSource, int, datetime]]:
        """The kinds that await the agent, how many, when the oldest arrived: two queries for each kind."""
        found = []
        for rank, source in enumerate(self.sources):
            rows = source.lines(self.agent, self.wanted, rank=rank)
            first = rows.order_by(*_ORDER).first() if rows is not None else None
            if rows is not None and first is not None:
                found.append((source, rows.count(), first[2]))
        return found

    def page(self, number: int) -> Page:
        """A page of lines; the last one for a number beyond it."""
        rows = self._mixed()
        total = rows.count() if rows is not None else 0
        number = min(number, max(1, -(-total // PER_PAGE)))
        if rows is None or not total:
            return Page((), 1, 0)
        first = (number - 1) * PER_PAGE
        positions = [(rank, key) for rank, key, _at in rows.order_by(*_ORDER)[first : first + PER_PAGE]]
        return Page(self._told(positions), number, total)

    def page_of(self, code: str, key: int) -> Page:
        """The page where that line stands; the first when it is not among what is asked for."""
        if (here := self._position(code, key)) is None:
            return self.page(1)
        before = self._mixed(before=here)
        return self.page((before.count() if before is not None else 0) // PER_PAGE + 1)

    def neighbours(self, code: str, key: int) -> tuple[Position | None, Position | None]:
        """The line before that one and the line after, among what is asked for; the first when it is not there."""
        if (here := self._position(code, key)) is None:
            rows = self._mixed()
            return None, self._one(rows.order_by(*_ORDER)) if rows is not None else None
        before, after = self._mixed(before=here), self._mixed(after=here)
        return (
            self._one(before.order_by(*_BACKWARDS)) if before is not None else None,
            self._one(after.order_by(*_ORDER)) if after is not None else None,
        )

    def said_of(self, line: Waiting) -> tuple[RequestAssignment | None, int]:
        """Who takes care of a line that was given, and how many notes it has."""
        named = (line.source, self._items[line.source, line.key])
        return self._taken.get(named), self._notes.get(named, 0)

    def _mixed(self, *, before: Any = None, after: Any = None) -> "QuerySet[Any] | None":
        """The rows of every kind in one query, those before or after a place alone; None when there can be none."""
        found = []
        for rank, source in enumerate(self.sources):
            rows = source.lines(self.agent, self.wanted, rank=rank)
            if rows is not None and (before or after):
                rows = rows.filter(_beside(rank, before or after, later=after is not None))
            if rows is not None and not _is_nothing(rows):
                found.append(rows)
        return found[0].union(*found[1:], all=True) if found else None

    def _position(self, code: str, key: int) -> tuple[int, int, datetime] | None:
        rank, source = next((rank, each) for rank, each in enumerate(self.sources) if each.code == code)
        rows = source.lines(self.agent, self.wanted, rank=rank)
        return rows.filter(desk_key=key).first() if rows is not None else None

    def _one(self, rows: "QuerySet[Any]") -> Position | None:
        found = next(iter(rows[:1]), None)
        return (self.sources[found[0]].code, found[1]) if found is not None else None

    def _told(self, positions: Sequence[tuple[int, int]]) -> list[Waiting]:
        """The lines in words: one query for each kind that is there, three more for what is beside them."""
        keys: dict[int, list[int]] = defaultdict(list)
        for rank, key in positions:
            keys[rank].append(key)
        lines = {
            (rank, line.key): line
            for rank, some in keys.items()
            for line in self.sources[rank].waiting(self.agent, limit=len(some), keys=some)
        }
        items: dict[str, list[int]] = defaultdict(list)
        subjects: dict[tuple[int, int], tuple[str, int]] = {}
        for rank, key in positions:
            source, item = self.sources[rank], self.sources[rank].item_of(key)
            self._items[source.code, key] = item
            items[source.code].append(item)
            subjects[rank, key] = source.subject, item
        self._taken, self._notes = load_assignments(items), count_notes(items)
        due = _due_days(subjects.values())
        # One may have been answered between two queries: it is not there any more.
        return [replace(lines[at], due=due.get(subjects[at])) for at in positions if at in lines]


#: The oldest first; kinds and keys settle what arrived at the same instant.
_ORDER = (COLUMNS[2], *COLUMNS[:2])
_BACKWARDS = tuple(f"-{name}" for name in _ORDER)


def _beside(rank: int, here: tuple[int, int, datetime], *, later: bool) -> Q:
    """Which rows of a kind stand after a place, or before it, in the order of arrival, of kinds, of keys."""
    its_rank, its_key, arrived = here
    side = "gt" if later else "lt"
    condition = Q(**{f"desk_arrived__{side}": arrived})
    if rank == its_rank:
        condition |= Q(**{"desk_arrived": arrived, f"desk_key__{side}": its_key})
    elif (rank > its_rank) == later:
        condition |= Q(desk_arrived=arrived)
    return condition


def _is_nothing(rows: "QuerySet[Any]") -> bool:
    """Whether PostgreSQL need not be asked: an empty condition would leave nothing to mix."""
    try:
        rows.query.sql_with_params()
    except EmptyResultSet:
        return True
    return False


def _due_days(named: Iterable[tuple[str, int]]) -> dict[tuple[str, int], date]:
    """The day by which the town said that it answers, by subject and item, in one query."""
    keys: dict[str, list[str]] = defaultdict(list)
    for subject, item in named:
        if subject:
            keys[subject].append(str(item))
    if not keys:
        return {}
    asked = reduce(or_, (Q(subject=subject, subject_key__in=some) for subject, some in keys.items()))
    rows = Procedure.objects.filter(asked, answer_by__isnull=False).order_by("opened_at", "pk")
    promised = rows.values_list("subject", "subject_key", "answer_by")
    return {(subject, int(key)): day for subject, key, day in promised if day}
