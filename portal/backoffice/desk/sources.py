"""What the queues have in common: rows of a table that await an agent, filtered and mixed in the database."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any, final

from django.db.models import (
    BigIntegerField,
    CharField,
    Exists,
    ExpressionWrapper,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Cast

from portal.backoffice.desk.registry import COLUMNS, Age, Taken, Waiting, Wanted
from portal.backoffice.scoping import Within, is_limited, today
from portal.domain.accounts.models import User
from portal.domain.desk.models import RequestAssignment
from portal.domain.families.models import Schooling
from portal.domain.families.search import families_matching
from portal.domain.kernel.clock import paris_date, start_of_day
from portal.domain.kernel.school_year import SchoolYear
from portal.domain.procedures.models import Procedure

#: A request of that age or more has waited so many days.
_DAYS = {Age.THREE_DAYS: 3, Age.WEEK: 7, Age.FORTNIGHT: 15}


class RowQueue:
    """A kind whose items are rows. A subclass says `_awaiting` (what the agent's role may answer) and `_told` (words).

    `_rows` is `_awaiting` within the agent's scope, by the paths below, and the only way to an item. A kind tied to no
    family exists only for agents who see the whole town.
    """

    code = ""
    label = ""
    order = 100
    #: The item, as démarches name it.
    subject = ""
    #: Paths from the row: the family (or its key), the child, the instant of arrival, the place. Empty: there is none.
    family = "family"
    child = ""
    arrived = "sent_at"
    structure = ""

    def count(self, agent: User) -> int:
        """How many await this agent; 0 without permission."""
        return self._rows(agent).count()

    def waiting(self, agent: User, *, limit: int, keys: Collection[int] | None = None) -> list[Waiting]:
        """The lines, the oldest first, in one query."""
        rows = self._rows(agent)
        if keys is not None:
            rows = rows.filter(pk__in=[self.item_of(key) for key in keys])
        return self._told(list(rows.order_by(self.arrived, "pk")[:limit]))

    def lines(self, agent: User, wanted: Wanted, *, rank: int) -> "QuerySet[Any] | None":
        """The rows that this agent wants, as COLUMNS; None when there can be none."""
        rows = self._rows(agent)
        if rows.query.is_empty() or wanted.kind not in {"", self.code}:
            return None
        if wanted.school is not None:
            if (studying := self._in_school(wanted)) is None:
                return None
            rows = rows.filter(studying)
        if wanted.text:
            rows = rows.filter(self._mentioning(wanted.text))
        if wanted.age is not None:
            rows = rows.filter(self._of_age(wanted))
        if wanted.taken is not None:
            rows = rows.filter(self._taken(agent, wanted.taken))
        if wanted.late:
            if not self.subject:
                return None
            rows = rows.alias(desk_due=self._due()).filter(desk_due__lt=paris_date(wanted.at))
        columns = {
            "desk_rank": Value(rank, output_field=IntegerField()),
            "desk_key": self._key(),
            "desk_arrived": F(self.arrived),
        }
        return rows.select_related(None).order_by().annotate(**columns).values_list(*COLUMNS)

    def item_of(self, key: int) -> int:
        """The key of the row."""
        return key

    @final
    def _rows(self, agent: User) -> "QuerySet[Any]":
        """What this agent may answer, and what exists for them."""
        return self._seen(agent, self._awaiting(agent))

    @final
    def _seen(self, agent: User, rows: "QuerySet[Any]") -> "QuerySet[Any]":
        """Those of the rows that exist for this agent; the same for an agent who is not limited."""
        if rows.query.is_empty() or not is_limited(agent):
            return rows
        if not self.family:
            return rows.none()
        within = Within(family=self.family, child=self.child, structure=self.structure)
        return rows.filter(within(agent, today()))

    def _awaiting(self, agent: User) -> "QuerySet[Any]":
        raise NotImplementedError

    def _told(self, rows: Sequence[Any]) -> list[Waiting]:
        raise NotImplementedError

    def _key(self) -> Any:
        return F("pk")

    def _in_school(self, wanted: Wanted) -> Q | None:
        """Whose child is in that school this year; None when no item of the kind is about a child."""
        if not self.child:
            return None
        year = SchoolYear.of(paris_date(wanted.at)).start
        pupils = Schooling.objects.filter(school=wanted.school, school_year=year)
        return Q(**{f"{self.child}__in": pupils.values("child")})

    def _mentioning(self, text: str) -> Q:
        """Whose family answers to these words, as the search of families understands them."""
        return Q(**{f"{self.family}__in": families_matching(text).values("pk")})

    def _of_age(self, wanted: Wanted) -> Q:
        today = paris_date(wanted.at)
        if wanted.age is Age.TODAY:
            return Q(**{f"{self.arrived}__gte": start_of_day(today)})
        before = start_of_day(today - timedelta(days=_DAYS[wanted.age] - 1)) if wanted.age else wanted.at
        return Q(**{f"{self.arrived}__lt": before})

    def _taken(self, agent: User, taken: Taken) -> Exists:
        said = RequestAssignment.objects.filter(source=self.code, item=OuterRef("pk"))
        return Exists(said.filter(agent=agent)) if taken is Taken.ME else ~Exists(said)

    def _due(self) -> Subquery:
        """The day before which the town said that it answers: that of the last démarche about the item."""
        key = Cast(OuterRef("pk"), CharField())
        asked = Procedure.objects.filter(subject=self.subject, subject_key=key).order_by("-opened_at", "-pk")
        return Subquery(asked.values("answer_by")[:1])


#: A version below this leaves room for the key beside it.
_VERSIONS = 1_000_000


class VersionedQueue(RowQueue):
    """A kind whose rows change while they wait: the key of a line names the version that was looked at (`key_of`)."""

    def item_of(self, key: int) -> int:
        """The row, whatever its version: what agents said of it stays when the family changes it."""
        return version_of(key)[0]

    def _key(self) -> Any:
        key = F("pk") * Value(_VERSIONS, output_field=BigIntegerField()) + F("version")
        # Without the type of the whole, Django takes it for 32 bits and answers nothing beyond the row 2,147.
        return ExpressionWrapper(key, output_field=BigIntegerField())

    def _looked_at(self, agent: User, key: int) -> Any:
        """The row, while it waits for this agent as it was looked at; None otherwise."""
        pk, version = version_of(key)
        return self._rows(agent).filter(pk=pk, version=version).first()


def key_of(row: Any) -> int:
    """The key of the line of a row with a version, as it is now."""
    return int(row.pk * _VERSIONS + row.version)


def version_of(key: int) -> tuple[int, int]:
    """The key of the row and its version."""
    return divmod(key, _VERSIONS)
