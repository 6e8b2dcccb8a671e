"""Answering a form, and erasing answers.

One answer at a time per form: the family and the child are locked, then the page's row, before places and the
family's earlier answer are looked at.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.core.files.base import ContentFile
from django.db import transaction

from cms_pages.surveys.enums import Moment
from cms_pages.surveys.notifications import send_receipt
from portal.domain.accounts.models import User
from portal.domain.audit.services import record
from portal.domain.families.access import NotAllowed, lock_in_use
from portal.domain.families.models import Child, ChildLink, Family
from portal.domain.files.checks import CheckedFile
from portal.domain.procedures.enums import ProcedureKind, ProcedureState
from portal.domain.procedures.models import Procedure
from portal.domain.procedures.services import move_procedure, open_procedure

if TYPE_CHECKING:
    from cms_pages.surveys.models import Answer, FormPage

logger = logging.getLogger(__name__)


class MovedMeanwhile(Exception):
    """The dossier was archived or made one with another, or the child with another child: nothing was written.
    The page shown again is that of what remains.
    """


class NotTaken(Exception):
    """The form takes no answer any more: `moment` says why. Nothing was written."""

    def __init__(self, moment: Moment) -> None:
        super().__init__(moment)
        self.moment = moment


@dataclass(frozen=True, slots=True)
class Respondent:
    """In whose name an answer is given. Nobody's for an anonymous form."""

    user: User | None = None
    family: Family | None = None
    child: Child | None = None


@transaction.atomic
def answer_form(
    *,
    page: "FormPage",
    data: Mapping[str, Any],
    files: Mapping[str, Sequence[CheckedFile]],
    who: Respondent,
    at: datetime,
) -> "Answer":
    """Write an answer, or change the family's own where there is one only, and return it.

    A family gets a démarche, a line in the journal and a mail with the number. Files sent for a question replace those
    that were there; a question without new file keeps its own. The family and the child are locked before the form: no
    answer is left to a dossier that a merge has just absorbed. Raises NotTaken, MovedMeanwhile.
    """
    lock_respondent(who)
    lock_form(page)
    page.refresh_from_db(fields=["opens_at", "closes_at", "places", "one_per_family", "respondents", "live"])
    family = who.family if page.is_linked else None
    single = family is not None and page.one_per_family
    earlier = page.answers.filter(family=family, single=True).first() if single else None
    moment = page.moment(at) if page.live else Moment.CLOSED
    if moment is not Moment.OPEN and not (moment is Moment.FULL and earlier is not None):
        raise NotTaken(moment)
    answer: Answer
    if earlier is None:
        answer = page.answers.create(
            form_data=dict(data),
            family=family,
            child=who.child if family else None,
            by=who.user if family else None,
            single=single,
        )
    else:
        answer = earlier
        answer.form_data, answer.child, answer.by, answer.changed_at = dict(data), who.child, who.user, at
        answer.save(update_fields=["form_data", "child", "by", "changed_at"])
    _store_files(answer, files)
    if family is not None and who.user is not None:
        _tell(page, answer, user=who.user, family=family, at=at)
    return answer


def lock_respondent(who: Respondent) -> None:
    """Hold the family and its child, and look again that they are in use. Raises MovedMeanwhile."""
    if who.family is None:
        return
    try:
        family = lock_in_use(who.family)
    except NotAllowed as refused:
        raise MovedMeanwhile from refused
    if who.child is not None:
        Child.objects.select_for_update(of=("self",), no_key=True).get(pk=who.child.pk)
        if not ChildLink.objects.filter(family=family, child=who.child, can_see=True).exists():
            raise MovedMeanwhile


def lock_form(page: "FormPage") -> None:
    """Make the other answers to this form wait for the end of the transaction; its readers do not."""
    type(page).objects.select_for_update(of=("self",), no_key=True).get(pk=page.pk)


def _store_files(answer: "Answer", files: Mapping[str, Sequence[CheckedFile]]) -> None:
    for question, sent in files.items():
        if not sent:
            continue
        for old in answer.files.filter(question=question):
            old.delete()
        for each in sent:
            answer.files.create(
                question=question,
                name=each.name,
                kind=each.kind.content_type,
                size=len(each.content),
                file=ContentFile(each.content, name=each.name),
            )


def _tell(page: "FormPage", answer: "Answer", *, user: User, family: Family, at: datetime) -> None:
    changed = answer.changed_at is not None
    procedure = Procedure.objects.filter(kind=ProcedureKind.FORM, reference=answer.number).first()
    if procedure is None:
        open_procedure(
            family=family,
            child=answer.child,
            kind=ProcedureKind.FORM,
            title=page.title[:250],
            state=ProcedureState.RECORDED,
            reference=answer.number,
            by=user,
            at=at,
        )
    else:
        move_procedure(procedure=procedure, state=ProcedureState.RECORDED, by=user, at=at, note="réponse changée")
    record(
        verb="change_form_answer" if changed else "answer_form",
        target=answer,
        by=user,
        at=at,
        family_key=family.pk,
        after={"number": answer.number, "name": page.title},
    )
    send_receipt(page=page, answer=answer, user=user, family=family, at=at)


@transaction.atomic
def erase_answers(*, page: "FormPage", numbers: Sequence[str], verb: str, by: User, at: datetime) -> int:
    """Erase these answers of a form with their files, and return how many. Their démarches stay, without address."""
    answers = page.answers.filter(number__in=numbers)
    erased = list(answers.values_list("number", flat=True))
    if not erased:
        return 0
    Procedure.objects.filter(kind=ProcedureKind.FORM, reference__in=erased).update(reference="")
    answers.delete()
    record(verb=verb, target=page, by=by, at=at, after={"name": page.title, "removed": len(erased)})
    return len(erased)


def erase_outdated(*, pages: "Sequence[FormPage]", today: date, by: User, at: datetime) -> int:
    """Erase every answer whose form said it would be gone by `today`, and return how many. One transaction a form."""
    total = 0
    for page in pages:
        if page.kept_until >= today:
            continue
        numbers = list(page.answers.values_list("number", flat=True))
        total += erase_answers(page=page, numbers=numbers, verb="erase_form_answers", by=by, at=at)
    return total
