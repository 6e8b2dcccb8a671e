"""Reading forms and answers."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from cms_pages.surveys.enums import WITH_CHOICES, FieldKind, Respondents
from cms_pages.surveys.fields import choices_of
from cms_pages.surveys.models import Answer, FormField, FormPage
from cms_pages.surveys.words import in_words
from portal.domain.accounts.models import User
from portal.domain.families.models import Family
from portal.domain.kernel.clock import paris_date
from portal.domain.kernel.french import typography


@dataclass(frozen=True, slots=True)
class OpenForm:
    """A form that a family may fill in; `number` is that of its answer when it gave one and only one."""

    page: FormPage
    number: str = ""


def open_forms(*, user: User, family: Family, at: datetime) -> list[OpenForm]:
    """The forms open to this person, the first to close first. Six queries, whatever their number.

    Full ones only when the family answered; anonymous ones too: who answered those is not known.
    """
    taken = Answer.objects.filter(page=OuterRef("pk"), family=family, single=True)
    pages = (
        FormPage.objects.open_at(at)
        .readable_by(user, on=paris_date(at))
        .alias(answered=Count("answers"))
        .annotate(mine=Exists(taken))
        .filter(Q(places__isnull=True) | Q(answered__lt=F("places")) | Q(mine=True))
        .order_by(F("closes_at").asc(nulls_last=True), "title")
    )
    mine = dict(Answer.objects.filter(family=family, single=True).values_list("page_id", "number"))
    return [OpenForm(page, mine.get(page.pk, "")) for page in pages]


def waiting_forms(*, user: User, family: Family, at: datetime) -> list[FormPage]:
    """The open forms of families that this one has not answered: what its home page asks for."""
    answered = Answer.objects.filter(page=OuterRef("pk"), family=family)
    return list(
        FormPage.objects.open_at(at)
        .readable_by(user, on=paris_date(at))
        .filter(respondents=Respondents.FAMILIES)
        .exclude(Exists(answered))
        .alias(taken=Count("answers"))
        .filter(Q(places__isnull=True) | Q(taken__lt=F("places")))
        .order_by(F("closes_at").asc(nulls_last=True), "title")
    )


def answers_of(family: Family) -> QuerySet[Answer]:
    """The answers of a family, the last first."""
    return Answer.objects.filter(family=family).select_related("page", "child").order_by("-submit_time", "-pk")


@dataclass(frozen=True, slots=True)
class Line:
    """A question and its answer in words."""

    label: str
    value: str


def lines_of(answer: Answer) -> list[Line]:
    """An answer to be read, in the order of the questions; those nobody answered are left out. Two queries."""
    files: dict[str, list[str]] = {}
    for each in answer.files.order_by("pk"):
        files.setdefault(each.question, []).append(each.name)
    lines = []
    for question in answer.page.questions:
        value = (
            ", ".join(files.get(question.clean_name, []))
            if question.field_type == FieldKind.FILE
            else in_words(answer.form_data.get(question.clean_name))
        )
        if value:
            lines.append(Line(question.label, value))
    return lines


@dataclass(frozen=True, slots=True)
class Share:
    """How many chose this. `percent` is of the answers to the question; several choices may pass 100 together."""

    label: str
    count: int
    percent: int


@dataclass(frozen=True, slots=True)
class Statistic:
    question: str
    answered: int
    shares: tuple[Share, ...]


_COUNTED = (*WITH_CHOICES, FieldKind.CONSENT)


def statistics(page: FormPage) -> list[Statistic]:
    """What was chosen, question by question, in the order of the form. Two queries."""
    rows = list(page.answers.values_list("form_data", flat=True))
    return [_statistic(question, rows) for question in page.questions if question.field_type in _COUNTED]


def _statistic(question: FormField, rows: Iterable[dict[str, Any]]) -> Statistic:
    counted: Counter[str] = Counter()
    answered = 0
    for row in rows:
        values = _chosen(row.get(question.clean_name))
        answered += bool(values)
        counted.update(values)
    proposed: Sequence[str] = (
        ("oui", "non") if question.field_type == FieldKind.CONSENT else choices_of(question.choices)
    )
    # What was chosen and is proposed no more is still told.
    labels = [*proposed, *(label for label in counted if label not in proposed)]
    shares = (
        Share(label, counted[label], round(100 * counted[label] / answered) if answered else 0) for label in labels
    )
    return Statistic(typography(question.label), answered, tuple(shares))


def _chosen(value: Any) -> list[str]:
    if isinstance(value, bool):
        return ["oui" if value else "non"]
    if isinstance(value, list):
        return [str(item) for item in value]
    return [str(value)] if value not in (None, "") else []
