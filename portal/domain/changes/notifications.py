"""Telling both parents of each household concerned, and following the request in their démarches."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from portal.domain.accounts.models import User
from portal.domain.changes.enums import Rubric
from portal.domain.changes.models import ChangeRequest
from portal.domain.changes.subjects import Subject
from portal.domain.families.models import ChildLink, Family
from portal.domain.notices.enums import NoticeKind
from portal.domain.notices.services import notify_family
from portal.domain.procedures.enums import ProcedureKind, ProcedureState
from portal.domain.procedures.models import Procedure
from portal.domain.procedures.services import move_procedure, open_procedure

_KINDS = {
    Rubric.HOUSEHOLD: ProcedureKind.HOUSEHOLD,
    Rubric.NEW_CHILD: ProcedureKind.HOUSEHOLD,
    Rubric.NEW_ADULT: ProcedureKind.HOUSEHOLD,
}


def title_of(subject: Subject) -> str:
    """The démarche in words, without any value: “Changement d’adresse”, “École de Hugo”."""
    name = subject.person.first_name if not isinstance(subject.person, Family) else ""
    return {
        Rubric.ADDRESS: _("Changement d’adresse"),
        Rubric.HOUSEHOLD: _("Composition du foyer"),
        Rubric.ADULT_IDENTITY: _("Identité de %(name)s") % {"name": name},
        Rubric.COORDINATES: _("Téléphones de %(name)s") % {"name": name},
        Rubric.WORK: _("Profession de %(name)s") % {"name": name},
        Rubric.CHILD_IDENTITY: _("Identité de %(name)s") % {"name": name},
        Rubric.SCHOOL: _("École de %(name)s") % {"name": name},
        Rubric.NEW_CHILD: _("Ajout d’un enfant au dossier"),
        Rubric.NEW_ADULT: _("Ajout d’un adulte au dossier"),
    }[subject.rubric]


def households_of(subject: Subject) -> list[Family]:
    """The households concerned: the one that asks, and for a child every other one that may see that child."""
    if subject.child is None:
        return [subject.family]
    links = ChildLink.objects.filter(child=subject.child, can_see=True, family__archived_at=None)
    others = [link.family for link in links.select_related("family").order_by("pk")]
    return [subject.family, *(family for family in others if family != subject.family)]


def open_procedures(
    subject: Subject, *, about: ChangeRequest | None, state: ProcedureState, by: User, at: datetime
) -> None:
    """One line in the démarches of each household. The other household reads no value, only what it is about."""
    for family in households_of(subject):
        open_procedure(
            family=family,
            child=subject.child,
            kind=_KINDS.get(subject.rubric, ProcedureKind.CHANGE),
            title=title_of(subject),
            state=state,
            by=by,
            at=at,
            about=about,
        )


def move_procedures(request: ChangeRequest, *, state: ProcedureState, by: User, at: datetime, note: str = "") -> None:
    """The same step in the démarches of every household that follows the request."""
    followed = Procedure.objects.filter(subject=request._meta.label_lower, subject_key=str(request.pk))
    for procedure in followed.order_by("pk"):
        move_procedure(procedure=procedure, state=state, by=by, at=at, note=note)


def tell(subject: Subject, *, title: str, text: str, at: datetime, mail: bool = True) -> None:
    """A notice, and a mail unless somebody chose otherwise. A new address is always announced (rule 40)."""
    path = reverse("dossier:child", args=[subject.child.pk]) if subject.child is not None else reverse("dossier:index")
    for family in households_of(subject):
        notify_family(
            family=family,
            kind=NoticeKind.SECURITY if subject.rubric == Rubric.ADDRESS else NoticeKind.DOSSIER,
            title=title,
            text=text,
            path=path,
            child=subject.child,
            at=at,
            mail=mail,
        )
