"""Reading papers: what is asked of a family, what it sent, what awaits an agent."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from portal.domain import language
from portal.domain.accounts.models import User
from portal.domain.activities.models import Activity
from portal.domain.families.models import Child, Family, Schooling
from portal.domain.families.requirements import Standing
from portal.domain.kernel.clock import paris_date
from portal.domain.kernel.school_year import SchoolYear, age_on
from portal.domain.papers.branches import branch_in
from portal.domain.papers.enums import SPEAKING_STATES, PaperForm, PaperState
from portal.domain.papers.models import Paper, PaperType
from portal.domain.papers.rules import ChildFacts, asked_of
from portal.domain.papers.wording import title_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

PERMISSION = "papers.decide_paper"

_OPEN_FIRST = (PaperState.ASKED, PaperState.SENT, PaperState.DRAFT)
_YEAR = re.compile(r"-\d{4}$")
_Owner = tuple[int, int | None]


@dataclass(frozen=True, slots=True)
class AskedLine:
    """One paper asked of a family, or of one of its children, and where it stands.

    `paper` is the one to look at: the one that moves, else the one that holds, else the last that failed; None when
    nobody prepared anything. `note` says in a sentence what the standing does not: until when, why, what to do.
    """

    type: PaperType
    child: Child | None
    paper: Paper | None
    standing: Standing
    note: str

    @property
    def title(self) -> str:
        """“Assurance scolaire de Hugo”."""
        return title_of(self.type.name, self.child.first_name if self.child else "")


def asked_papers(
    *,
    family: Family,
    children: Sequence[Child],
    activities: Mapping[int, frozenset[int]],
    at: datetime,
    only_activity: int | None = None,
) -> list[AskedLine]:
    """What is asked of this family for these children, in the town's order; a constant number of queries.

    `activities` gives keys of activities by key of child. With `only_activity`, only what is asked because of that
    activity, as if every one of these children were in it. What is asked no more but was sent is not here.
    """
    types = {kind.code: kind for kind in PaperType.objects.filter(is_offered=True).order_by("order", "pk")}
    if not types:
        return []
    today = paris_date(at)
    year = SchoolYear.of(today).start
    codes = _activity_codes(activities, only_activity)
    if only_activity is not None:
        wanted = codes.get(only_activity, frozenset())
        types = {code: kind for code, kind in types.items() if wanted & set(kind.activities)}
    levels = _levels(children, year)
    facts = [
        ChildFacts(
            key=child.pk,
            age=age_on(child.birth_date, today),
            level=levels.get(child.pk, ""),
            activities=_codes_of(child, activities, codes, only_activity),
        )
        for child in children
    ]
    asked = asked_of([kind.rule for kind in types.values()], facts, branch=branch_in(family, year))
    papers = _papers(family, children)
    by_key = {child.pk: child for child in children}
    return [_line(types[each.code], by_key.get(each.child) if each.child else None, papers, today) for each in asked]


def _line(kind: PaperType, child: Child | None, papers: Mapping[_Owner, list[Paper]], today: date) -> AskedLine:
    rows = papers.get((kind.pk, child.pk if child else None), [])
    for row in rows:  # already read: no query for the title of each
        row.type, row.child = kind, child
    paper, standing, note = stand(kind, rows, today)
    return AskedLine(type=kind, child=child, paper=paper, standing=standing, note=note)


def stand(kind: PaperType, rows: Sequence[Paper], today: date) -> tuple[Paper | None, Standing, str]:
    """The paper to look at, where the requirement stands and why, from the rows of one owner, the last first.

    What was accepted holds until its end, whatever was sent after.
    """
    moving = next((row for row in rows if row.state in _OPEN_FIRST), None)
    held = next((row for row in rows if row.holds_on(today) and _is_current(kind, row)), None)
    failed = next((row for row in rows if row.state not in _OPEN_FIRST and row is not held), None)
    if held is not None:
        return moving or held, Standing.DONE, _held_note(held, moving)
    if moving is not None and moving.state == PaperState.ASKED:
        return moving, Standing.REFUSED, moving.reason
    if moving is not None and moving.state == PaperState.SENT:
        return moving, Standing.SENT, _("En cours de vérification par le service.")
    if failed is None:
        return moving, Standing.MISSING, _missing_note(kind, moving)
    if failed.state == PaperState.REFUSED:
        return moving or failed, Standing.REFUSED, failed.reason
    if kind.form == PaperForm.AGREEMENT and not _is_current(kind, failed):
        return failed, Standing.MISSING, _("Le texte a changé\u00a0: lisez-le et acceptez-le.")
    return moving or failed, Standing.EXPIRED, _expired_note(failed)


def _is_current(kind: PaperType, paper: Paper) -> bool:
    return kind.form != PaperForm.AGREEMENT or paper.text_version == kind.text_version


def _held_note(held: Paper, moving: Paper | None) -> str:
    if moving is not None and moving.state == PaperState.ASKED:
        return moving.reason
    if moving is not None and moving.state == PaperState.SENT:
        return _("La nouvelle est en cours de vérification.")
    if held.valid_until is None:
        return ""
    return _("Valable jusqu’au %(day)s.") % {"day": language.words().full_date(held.valid_until)}


def _missing_note(kind: PaperType, moving: Paper | None) -> str:
    if moving is not None:
        return _("Vos fichiers sont prêts\u00a0: il reste à les transmettre.")
    return kind.help


def _expired_note(paper: Paper) -> str:
    if paper.valid_until is None:
        return ""
    return _("Périmée depuis le %(day)s.") % {"day": language.words().full_date(paper.valid_until)}


def _papers(family: Family, children: Sequence[Child]) -> dict[_Owner, list[Paper]]:
    """What speaks of this family and of these children, whichever household sent it, the last first."""
    found: dict[_Owner, list[Paper]] = defaultdict(list)
    owned = Q(child=None, family=family) | Q(child__in=[child.pk for child in children])
    rows = Paper.objects.filter(owned, state__in=[*SPEAKING_STATES, PaperState.DRAFT])
    for paper in rows.prefetch_related("files__file").order_by("-prepared_at", "-pk"):
        found[paper.type_id, paper.child_id].append(paper)
    return found


def _activity_codes(activities: Mapping[int, frozenset[int]], only: int | None) -> dict[int, frozenset[str]]:
    """The code of each activity, with and without its school year (“restaurant-2026”), and that of its type."""
    keys = {key for several in activities.values() for key in several}
    if only is not None:
        keys.add(only)
    rows = Activity.objects.filter(pk__in=keys).values_list("pk", "code", "type__code")
    return {key: frozenset({code, _YEAR.sub("", code), type_code}) for key, code, type_code in rows}


def _codes_of(
    child: Child,
    activities: Mapping[int, frozenset[int]],
    codes: Mapping[int, frozenset[str]],
    only: int | None,
) -> frozenset[str]:
    keys: Iterable[int] = activities.get(child.pk, frozenset()) if only is None else (only,)
    return frozenset(code for key in keys for code in codes.get(key, frozenset()))


def _levels(children: Sequence[Child], year: int) -> dict[int, str]:
    rows = Schooling.objects.filter(child__in=[child.pk for child in children], school_year=year)
    return dict(rows.values_list("child_id", "level"))


def owner_papers(*, user: "User | AnonymousUser", family: Family, kind: PaperType, child: Child | None) -> list[Paper]:
    """What this account may see of one paper of one owner, the one in preparation included, the last first."""
    rows = _readable(user).filter(type=kind, child=child, state__in=[*SPEAKING_STATES, PaperState.DRAFT])
    if child is None:
        rows = rows.filter(family=family)
    return list(rows.distinct().order_by("-prepared_at", "-pk"))


def list_papers(*, user: "User | AnonymousUser", family: Family) -> list[Paper]:
    """What this account may see of the family's papers and of its children's, the last sent first; no draft."""
    rows = _readable(user).filter(Q(child=None, family=family) | Q(child__links__family=family))
    return list(rows.exclude(state=PaperState.DRAFT).distinct().order_by("-sent_at", "-pk"))


def find_paper(*, user: "User | AnonymousUser", key: UUID) -> Paper | None:
    """A paper that this account may see, with its files; None otherwise."""
    return _readable(user).filter(key=key).first()


def _readable(user: "User | AnonymousUser") -> QuerySet[Paper]:
    rows = Paper.objects.visible_to(user).select_related("type", "family", "child", "decided_by")
    return rows.prefetch_related("files__file")


def waiting_papers(agent: User) -> QuerySet[Paper]:
    """What awaits this agent; nothing without the permission."""
    if not agent.has_perm(PERMISSION):
        return Paper.objects.none()
    return Paper.objects.waiting().select_related("type", "family", "child")


def last_refusal(paper: Paper) -> Paper | None:
    """The refusal before this one, of the same paper asked of the same owner."""
    rows = Paper.objects.filter(type=paper.type_id, child=paper.child_id, state=PaperState.REFUSED)
    if paper.child_id is None:
        rows = rows.filter(family=paper.family_id)
    return rows.exclude(pk=paper.pk).order_by("-decided_at", "-pk").first()


def family_papers(family: Family, *, limit: int, among: Q | None = None) -> list[Paper]:
    """What an agent reads in the file of a family: its own and its children's, no draft, nothing withdrawn.

    `among`: only those that answer to this condition.
    """
    owned = Q(child=None, family=family) | Q(child__links__family=family)
    rows = Paper.objects.filter(owned, state__in=SPEAKING_STATES).select_related("type", "family", "child").distinct()
    return list(rows.filter(among or Q()).order_by("-sent_at", "-pk")[:limit])
