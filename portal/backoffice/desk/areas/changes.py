"""What the desk shows of changes: the queue of those that await, and who the people of a file are."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, QuerySet

from portal.backoffice.desk.registry import (
    AlreadyDecided,
    FileSection,
    Panel,
    Waiting,
    register_file_section,
    register_queue,
)
from portal.backoffice.desk.sources import RowQueue
from portal.backoffice.scoping import Within, only_seen
from portal.domain.accounts.models import User
from portal.domain.changes.enums import Rubric
from portal.domain.changes.models import ChangeRequest
from portal.domain.changes.notifications import title_of
from portal.domain.changes.postcodes import towns_of
from portal.domain.changes.queries import compare
from portal.domain.changes.services import (
    DECIDE,
    ChangeConflict,
    ChangeDecided,
    ChangeImpossible,
    accept_change,
    ask_change_again,
    refuse_change,
)
from portal.domain.changes.subjects import subject_of
from portal.domain.families.models import Child, ChildLink, Family, FamilyMember
from portal.domain.kernel.clock import paris_date, to_paris
from portal.domain.kernel.french import instant, join_words, typography

REASONS = (
    "Le justificatif ne correspond pas.",
    "L’information est déjà à jour.",
    "La demande concerne un autre dossier.",
)


class ChangesQueue(RowQueue):
    """Changes of dossiers that await the service, the oldest first."""

    code = "changes"
    label = "Changements du dossier"
    order = 10
    subject = "changes.changerequest"
    child = "child"
    arrived = "asked_at"

    def _awaiting(self, agent: User) -> QuerySet[ChangeRequest]:
        if not agent.has_perm(DECIDE):
            return ChangeRequest.objects.none()
        return ChangeRequest.objects.pending().select_related("family", "adult", "child")

    def _told(self, rows: Sequence[ChangeRequest]) -> list[Waiting]:
        return [
            Waiting(
                source=self.code,
                key=request.pk,
                title=title_of(subject_of(request)),
                family_name=request.family.name,
                family_number=request.family.number,
                arrived_at=request.asked_at,
                child_name=request.child.first_name if request.child else "",
            )
            for request in rows
        ]

    def panel(self, agent: User, key: int, *, data: Mapping[str, Any] | None = None, at: datetime) -> Panel | None:
        """Before and after, field by field; what moved since is said first."""
        request = self._find(agent, key)
        if request is None:
            return None
        lines = compare(request)
        facts = [
            (line.label, f"a changé depuis la demande : « {line.current} » aujourd’hui, « {line.before} » alors")
            for line in lines
            if line.moved
        ]
        postcode = request.values.get("postcode", "")
        if request.rubric == Rubric.ADDRESS and towns_of(postcode):
            facts.append((f"Communes du {postcode}", join_words(towns_of(postcode))))
        if request.answer:
            facts.append(("Réponse", request.answer))
        return Panel(
            title=title_of(subject_of(request)),
            sent=f"demandé par {request.asked_by.get_full_name()}, {instant(to_paris(request.asked_at))}",
            family=request.family,
            facts=facts,
            changes=[(line.label, line.before or "vide", line.after or "vide") for line in lines],
            accept_label="Valider ce changement",
            reasons=REASONS,
        )

    def accept(self, key: int, *, cleaned: Mapping[str, Any], by: User, at: datetime) -> None:
        """Say yes. Raises AlreadyDecided, also when a newer value is there (rule 42)."""
        request = self._get(key)
        try:
            accept_change(request=request, by=by, at=at)
        except ChangeDecided as decided:
            raise _already(decided.request) from decided
        except ChangeConflict as conflict:
            raise AlreadyDecided(
                "Le dossier a changé depuis cette demande : rien n’est écrit. Refusez-la ou demandez un complément."
            ) from conflict
        except ChangeImpossible as impossible:
            raise AlreadyDecided(str(impossible)) from impossible

    def refuse(self, key: int, *, reason: str, by: User, at: datetime) -> None:
        """Say no. Raises AlreadyDecided."""
        try:
            refuse_change(request=self._get(key), reason=reason, by=by, at=at)
        except ChangeDecided as decided:
            raise _already(decided.request) from decided

    def ask_again(self, key: int, *, message: str, by: User, at: datetime) -> None:
        """Ask for something more. Raises AlreadyDecided."""
        try:
            ask_change_again(request=self._get(key), message=message, by=by, at=at)
        except ChangeDecided as decided:
            raise _already(decided.request) from decided

    def _find(self, agent: User, key: int) -> ChangeRequest | None:
        if not agent.has_perm(DECIDE):
            return None
        found = ChangeRequest.objects.select_related("family", "adult", "child", "asked_by")
        return self._seen(agent, found.filter(pk=key)).first()

    def _get(self, key: int) -> ChangeRequest:
        found = ChangeRequest.objects.select_related("family", "adult", "child").filter(pk=key).first()
        if found is None:
            raise AlreadyDecided("Cette demande n’existe plus.")
        return found


def _already(request: ChangeRequest) -> AlreadyDecided:
    who = request.decided_by.get_full_name() if request.decided_by else ""
    when = instant(to_paris(request.decided_at)) if request.decided_at else ""
    return AlreadyDecided(typography(f"{who} a déjà répondu, {when} : {request.get_state_display()}."))


def people_section(agent: User, family: Family, at: datetime) -> FileSection | None:
    """How to reach the adults, where else the children live, what waits. Four queries."""
    if not agent.has_perm("families.view_family"):
        return None
    members = FamilyMember.objects.filter(family=family).select_related("adult").order_by("role", "pk")
    others = ChildLink.objects.exclude(family=family).select_related("family").order_by("pk")
    # Where else a brother or a sister lives is for those who welcome them.
    others = others.filter(Within(child="child")(agent, paris_date(at)))
    children = (
        Child.objects.filter(links__family=family)
        .prefetch_related(Prefetch("links", queryset=others, to_attr="elsewhere"))
        .order_by("links__order", "birth_date", "pk")
    )
    return FileSection(
        title="Joindre les adultes",
        template="backoffice/dossier/people.html",
        context={
            "members": list(members),
            "children": list(children),
            "known": {child.pk for child in only_seen(agent, children)},
            "pending": ChangeRequest.objects.open().filter(family=family).count(),
        },
    )


def connect() -> None:
    """Register the queue and the section of this area."""
    register_queue(ChangesQueue())
    register_file_section("people", people_section, order=10)
