"""The yearly updates that await an agent (guide 002: the service validates, the family receives the receipt)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from portal.backoffice.desk.registry import (
    AlreadyDecided,
    FileSection,
    Panel,
    Waiting,
    register_file_section,
    register_queue,
)
from portal.backoffice.desk.sources import RowQueue
from portal.domain.accounts.models import User
from portal.domain.dossier.enums import YearlyState
from portal.domain.dossier.models import Certification, YearlyUpdate
from portal.domain.dossier.queries import completeness_of
from portal.domain.dossier.services import (
    YearlyRefused,
    accept_yearly_update,
    ask_again_yearly_update,
    refuse_yearly_update,
)
from portal.domain.enrolments.queries import enrolled_activities
from portal.domain.families.models import Child, Family
from portal.domain.kernel import french
from portal.domain.kernel.school_year import SchoolYear

PERMISSION = "dossier.decide_yearlyupdate"


class YearlyQueue(RowQueue):
    """The updates sent and not answered, the oldest first."""

    code = "yearly"
    label = "Actualisations"
    order = 80
    subject = "dossier.yearlyupdate"

    def _awaiting(self, agent: User) -> QuerySet[YearlyUpdate]:
        if not agent.has_perm(PERMISSION):
            return YearlyUpdate.objects.none()
        return YearlyUpdate.objects.filter(state=YearlyState.SENT).select_related("family")

    def _told(self, rows: Sequence[YearlyUpdate]) -> list[Waiting]:
        return [
            Waiting(
                source=self.code,
                key=row.pk,
                title=f"Actualisation {SchoolYear(row.school_year).label}",
                family_name=row.family.name,
                family_number=row.family.number,
                arrived_at=row.sent_at or row.started_at,
            )
            for row in rows
        ]

    def panel(self, agent: User, key: int, *, data: Mapping[str, Any] | None = None, at: datetime) -> Panel | None:
        update = self._find(agent, key)
        if update is None:
            return None
        children = list(Child.objects.filter(links__family=update.family).order_by("links__order", "pk"))
        activities = enrolled_activities(child.pk for child in children)
        whole = completeness_of(family=update.family, children=children, at=at, activities=activities)
        missing = french.join_words(each.label for each in whole.missing)
        return Panel(
            title=f"Actualisation du dossier {SchoolYear(update.school_year).label}",
            sent=french.instant(update.sent_at or update.started_at),
            family=update.family,
            facts=(
                ("Situation", str(update.get_branch_display())),
                ("Pièces et rubriques", f"{whole.done} sur {whole.total}"),
                ("Manque", missing or "rien"),
                ("Certifié par", update.sent_by.get_full_name() if update.sent_by else ""),
            ),
            accept_label="Valider le dossier",
            reasons=("une pièce n’est pas la bonne", "la situation choisie n’est pas la bonne"),
        )

    def _find(self, agent: User, key: int) -> YearlyUpdate | None:
        """One that was answered too: its page says so."""
        if not agent.has_perm(PERMISSION):
            return None
        found = YearlyUpdate.objects.filter(pk=key).select_related("family", "sent_by")
        return self._seen(agent, found).first()

    def accept(self, key: int, *, cleaned: Mapping[str, Any], by: User, at: datetime) -> None:
        _decide(accept_yearly_update, key, by, at)

    def refuse(self, key: int, *, reason: str, by: User, at: datetime) -> None:
        _decide(refuse_yearly_update, key, by, at, reason=reason)

    def ask_again(self, key: int, *, message: str, by: User, at: datetime) -> None:
        _decide(ask_again_yearly_update, key, by, at, message=message)


def connect() -> None:
    """Register the queue and the section of this area."""
    register_queue(YearlyQueue())
    register_file_section("yearly", _section, order=80)


def _decide(verb: Any, key: int, by: User, at: datetime, **words: str) -> None:
    try:
        verb(update=key, by=by, at=at, **words)
    except YearlyRefused as refused:
        raise AlreadyDecided(str(refused)) from refused


def _section(agent: User, family: Family, at: datetime) -> FileSection | None:
    if not agent.has_perm("dossier.view_yearlyupdate"):
        return None
    updates = YearlyUpdate.objects.filter(family=family).order_by("-school_year")
    certifications = Certification.objects.filter(family=family).select_related("by").order_by("-at", "-pk")
    facts = [
        (
            f"Actualisation {SchoolYear(row.school_year).label}",
            f"{row.get_state_display()}, {row.get_branch_display()}",
        )
        for row in updates[:3]
    ]
    facts += [
        (
            f"Certification {SchoolYear(row.school_year).label}",
            f"{'tacite' if row.tacit else row.by.get_full_name()}, {french.instant(row.at)}",
        )
        for row in certifications[:3]
    ]
    return FileSection(title="Actualisation et certification", facts=tuple(facts)) if facts else None
