"""Reading authorisations, in a constant number of queries whatever the number of children."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from portal.domain.accounts.models import User
from portal.domain.consents.enums import Answer, ConsentKind, ImageUse, Verdict
from portal.domain.consents.models import Consent, ConsentText, ConsentType
from portal.domain.consents.rules import Given, Standing, concerns, current
from portal.domain.families.enums import NURSERY_LEVELS
from portal.domain.families.models import Child, Schooling
from portal.domain.families.queries import load_schoolings
from portal.domain.kernel.clock import paris_date
from portal.domain.kernel.school_year import SchoolYear


@dataclass(frozen=True, slots=True)
class Asked:
    """One authorisation of one child: its text in force, where it is, who decided it, what this person said last."""

    type: ConsentType
    text: ConsentText
    standing: Standing
    decided_by: str = ""
    decided_at: datetime | None = None
    own: Answer | None = None

    @property
    def awaits_answer(self) -> bool:
        """Whether this very person still has something to say: another parent's yes is not theirs to repeat."""
        return self.standing.awaits_answer


@dataclass(frozen=True, slots=True)
class Sheet:
    """The authorisations of a child."""

    child: Child
    asked: Sequence[Asked]

    @property
    def groups(self) -> list[tuple[str, list[Asked]]]:
        """By nature, in the order of the page."""
        return [
            (str(kind.label), found)
            for kind in ConsentKind
            if (found := [each for each in self.asked if each.type.kind == kind])
        ]

    @property
    def missing(self) -> list[Asked]:
        """Compulsory and not answered yet."""
        return [each for each in self.asked if each.type.is_compulsory and each.awaits_answer]


def current_texts() -> list[ConsentText]:
    """The text in force of each authorisation that is asked, in the order of the page, in one query."""
    texts = ConsentText.objects.filter(type__is_active=True).select_related("type")
    newest = texts.order_by("type", "-number").distinct("type")
    kinds = [kind.value for kind in ConsentKind]
    return sorted(newest, key=lambda text: (kinds.index(text.type.kind), text.type.order, text.type_id))


def load_sheets(
    *,
    children: Sequence[Child],
    at: datetime,
    user: User | None = None,
    schoolings: Mapping[int, Schooling] | None = None,
) -> list[Sheet]:
    """The authorisations of each child on that day, in three queries, two with `schoolings` already read,
    one when the town asks for none.

    With `user`, what this person said themself.
    """
    day = paris_date(at)
    texts = current_texts()
    if not texts:
        return [Sheet(child, []) for child in children]
    answers = _answers(children)
    if schoolings is None:
        schoolings = load_schoolings(children=[child.pk for child in children], school_year=SchoolYear.of(day).start)
    sheets = []
    for child in children:
        schooling = schoolings.get(child.pk)
        nursery = schooling.level in NURSERY_LEVELS if schooling else None
        sheets.append(
            Sheet(
                child,
                [
                    _asked(text, answers[child.pk, text.type_id], user)
                    for text in texts
                    if is_concerned(text.type, child, nursery=nursery, day=day)
                ],
            )
        )
    return sheets


def is_concerned(kind: ConsentType, child: Child, *, nursery: bool | None, day: date) -> bool:
    """Whether this authorisation is asked for this child on that day."""
    return concerns(
        birth_date=child.birth_date,
        level_is_nursery=nursery,
        day=day,
        min_age=kind.min_age,
        max_age=kind.max_age,
        elementary_only=kind.elementary_only,
    )


def image_right(*, children: Sequence[Child], use: ImageUse) -> dict[int, bool]:
    """Whether a picture of each child may be shown for that use, in two queries. Only an explicit yes is true."""
    text = ConsentText.objects.filter(type__use=use, type__is_active=True).select_related("type").order_by("-number")
    found = text.first()
    if found is None:
        return {child.pk: False for child in children}
    answers = _answers(children, kind=found.type)
    return {child.pk: _stands(found, answers[child.pk, found.type_id]).is_granted for child in children}


def may_leave_alone(*, children: Sequence[Child], at: datetime) -> dict[int, bool]:
    """Whether each child may go home alone: old enough by the town's rule, and granted."""
    return {
        sheet.child.pk: any(each.standing.is_granted for each in sheet.asked if each.type.kind == ConsentKind.ALONE)
        for sheet in load_sheets(children=children, at=at)
    }


def history(*, child: Child) -> list[Consent]:
    """Every answer about a child, the newest first."""
    found = Consent.objects.filter(child=child).select_related("text__type", "by")
    return list(found.order_by("-at", "-pk"))


def _answers(
    children: Iterable[Child], kind: ConsentType | None = None
) -> defaultdict[tuple[int, int], list[Consent]]:
    rows = Consent.objects.filter(child__in=[child.pk for child in children]).select_related("text", "by")
    if kind is not None:
        rows = rows.filter(text__type=kind)
    by_child: defaultdict[tuple[int, int], list[Consent]] = defaultdict(list)
    for row in rows.order_by("at", "pk"):
        by_child[row.child_id, row.text.type_id].append(row)
    return by_child


def _stands(text: ConsentText, rows: Sequence[Consent]) -> Standing:
    given = [Given(row.by_id, Answer(row.answer), row.text.number, row.at, row.pk) for row in rows]
    return current(given, version=text.number, refusal_prevails=text.type.refusal_prevails)


def _asked(text: ConsentText, rows: Sequence[Consent], user: User | None) -> Asked:
    standing = _stands(text, rows)
    deciding = next((row for row in rows if standing.deciding and row.pk == standing.deciding.order), None)
    own = [row for row in rows if user is not None and row.by_id == user.pk and row.text_id == text.pk]
    return Asked(
        text.type,
        text,
        standing,
        decided_by=str(deciding.by) if deciding else "",
        decided_at=deciding.at if deciding else None,
        own=Answer(own[-1].answer) if own else None,
    )


__all__ = [
    "Asked",
    "Sheet",
    "Verdict",
    "current_texts",
    "history",
    "image_right",
    "is_concerned",
    "load_sheets",
    "may_leave_alone",
]
