"""Answering authorisations, and publishing their texts."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.urls import reverse

from portal.domain.accounts.models import User
from portal.domain.audit.services import record
from portal.domain.consents.enums import Answer, ConsentKind
from portal.domain.consents.models import Consent, ConsentText, ConsentType
from portal.domain.consents.queries import load_sheets
from portal.domain.families.access import NotAllowed, Right, children_with, require
from portal.domain.families.locks import lock_children
from portal.domain.families.models import Child, ChildLink, Family
from portal.domain.kernel.french import join_words
from portal.domain.notices.enums import NoticeKind
from portal.domain.notices.services import notify_family
from portal.domain.procedures.enums import ProcedureKind, ProcedureState
from portal.domain.procedures.models import Procedure
from portal.domain.procedures.services import open_procedure


class TextChanged(Exception):
    """A text was published while the person was reading: nothing was written. The message is French."""


@transaction.atomic
def answer_consents(
    *, family: Family, children: Sequence[Child], answers: Mapping[int, bool], by: User, at: datetime
) -> Procedure | None:
    """Write the answers of one person for one child or several, and return the démarche, None if nothing changed.

    `answers` are yes or no by key of the text that was read. A text that does not concern a child is left out for
    it; an answer that this person already gave is not written again. “No” after one's own “yes” is a withdrawal.
    Every household of the children is told. Raises TextChanged, NotAllowed.
    """
    # Both parents may answer at once: one after the other, each seeing what the other said. Before the rights are
    # asked: a child may be merged, or its dossier archived, meanwhile.
    lock_children(child.pk for child in children)
    require(user=by, family=family, right=Right.EDIT)
    allowed = set(children_with(user=by, family=family, right=Right.EDIT).values_list("pk", flat=True))
    if not children or not {child.pk for child in children} <= allowed:
        raise NotAllowed("child")
    sheets = load_sheets(children=children, at=at, user=by)
    in_force = {asked.text.pk for sheet in sheets for asked in sheet.asked}
    if not set(answers) <= in_force:
        raise TextChanged("Un texte a changé pendant votre lecture : relisez-le, puis répondez.")
    rows = []
    for sheet in sheets:
        for asked in sheet.asked:
            if asked.text.pk in answers and (answer := _answer(asked.own, yes=answers[asked.text.pk])) is not None:
                rows.append(Consent(child=sheet.child, text=asked.text, answer=answer, at=at, by=by, family=family))
    if not rows:
        return None
    Consent.objects.bulk_create(rows)
    changed = [child for child in children if any(row.child_id == child.pk for row in rows)]
    return _follow(family, changed, rows, by=by, at=at)


@transaction.atomic
def publish_text(*, kind: ConsentType, text: str, by: User, at: datetime) -> ConsentText:
    """Publish a new version of a text: everybody is asked again. The same words again change nothing."""
    locked = ConsentType.objects.select_for_update(no_key=True).get(pk=kind.pk)
    last = locked.texts.order_by("-number").first()
    if last is not None and last.text == text:
        return last
    published = ConsentText.objects.create(
        type=locked, number=last.number + 1 if last else 1, text=text, published_at=at
    )
    record(verb="publish_consent_text", target=published, by=by, at=at, after={"number": published.number})
    return published


def _answer(own: Answer | None, *, yes: bool) -> Answer | None:
    """What to write, None when this person said so already."""
    if yes:
        return None if own is Answer.GRANTED else Answer.GRANTED
    if own is Answer.GRANTED:
        return Answer.WITHDRAWN
    return Answer.REFUSED if own is None else None


def _follow(
    family: Family, children: Sequence[Child], rows: Sequence[Consent], *, by: User, at: datetime
) -> Procedure:
    """The démarche with its receipt, the notice to every household, the journal."""
    names = join_words([child.first_name for child in children])
    procedure = open_procedure(
        family=family,
        kind=ProcedureKind.CONSENT,
        title=f"Autorisations de {names}",
        state=ProcedureState.RECORDED,
        by=by,
        at=at,
        child=children[0] if len(children) == 1 else None,
        note=f"réponses de {by}"[:250],
    )
    for child in children:
        record(
            verb="answer_consents",
            target=child,
            by=by,
            at=at,
            family_key=family.pk,
            # Care is health: the journal keeps that it was answered, not what.
            after={
                row.text.type.code: "answered" if row.text.type.kind == ConsentKind.CARE else row.answer
                for row in rows
                if row.child_id == child.pk
            },
        )
    _tell(family, children, names, by=by, at=at)
    return procedure


def _tell(family: Family, children: Sequence[Child], names: str, *, by: User, at: datetime) -> None:
    notify_family(
        family=family,
        kind=NoticeKind.DOSSIER,
        title=f"Autorisations de {names} : réponses enregistrées",
        text=f"Réponses données par {by}. Vous pouvez changer d’avis à tout moment.",
        path=reverse("consents:child", args=[children[0].pk]),
        at=at,
    )
    others = (
        ChildLink.objects.filter(child__in=children, can_see=True)
        .exclude(family=family)
        .select_related("family", "child")
        .order_by("family", "child")
    )
    for link in others:
        notify_family(
            family=link.family,
            child=link.child,
            kind=NoticeKind.DOSSIER,
            title=f"Autorisations de {link.child.first_name} : l’autre parent a répondu",
            text=f"Réponses données par {by}.",
            path=reverse("consents:child", args=[link.child_id]),
            at=at,
        )
