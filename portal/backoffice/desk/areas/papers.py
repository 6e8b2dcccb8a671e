"""The papers that await an agent, and those of a family's file.

The key of a line carries the version of the paper: whatever the answer, it is given to what was on the screen. A paper
that moved since is another line, and the old address says that it awaits no more.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django import forms
from django.db.models import QuerySet

from portal.backoffice.desk.registry import (
    FileSection,
    Panel,
    Waiting,
    register_file_section,
    register_queue,
    unless_decided,
)
from portal.backoffice.desk.sources import VersionedQueue, key_of, version_of
from portal.backoffice.scoping import Within
from portal.domain.accounts.models import User
from portal.domain.enrolments.models import Enrolment
from portal.domain.families.models import Family
from portal.domain.families.requirements import Effect
from portal.domain.kernel import french
from portal.domain.kernel.clock import paris_date
from portal.domain.papers.deciding import REASONS, accept_paper, ask_paper_again, refuse_paper
from portal.domain.papers.enums import PaperState, Validity
from portal.domain.papers.models import Paper, PaperType
from portal.domain.papers.queries import family_papers, last_refusal, waiting_papers
from portal.domain.papers.services import PaperDecided, PaperRefused, last_day_of, papers_of

#: Lines that a file shows.
_SHOWN = 12
VIEW = "papers.view_paper"


def connect() -> None:
    """Register the queue and the section of this area."""
    register_queue(PapersQueue())
    register_file_section("papers", file_section, order=70)


class AcceptForm(forms.Form):
    """What goes with a yes: until when the paper holds. A paper accepted for good says nothing."""

    valid_until = forms.DateField(
        label="Valable jusqu’au",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": "Écrivez la date de fin lue sur la pièce.",
            "invalid": "Donnez une date, par exemple 31/08/2027.",
        },
    )

    def __init__(self, data: Mapping[str, Any] | None, *, kind: PaperType, today: date) -> None:
        super().__init__(data, initial={"valid_until": last_day_of(kind, today)})
        field = self.fields["valid_until"]
        field.required = kind.validity == Validity.WRITTEN
        if kind.validity == Validity.WRITTEN:
            field.help_text = "La date écrite sur la pièce."

    def clean_valid_until(self) -> date | None:
        return self.cleaned_data["valid_until"] or None


class PapersQueue(VersionedQueue):
    """Papers sent by families."""

    code = "papers"
    label = "Pièces"
    order = 70
    subject = "papers.paper"
    child = "child"

    def _told(self, rows: Sequence[Paper]) -> list[Waiting]:
        return [
            Waiting(
                source=self.code,
                key=key_of(row),
                title=row.type.name,
                family_name=row.family.name,
                family_number=row.family.number,
                arrived_at=row.sent_at or row.prepared_at,
                child_name=row.child.first_name if row.child else "",
            )
            for row in rows
        ]

    def panel(self, agent: User, key: int, *, data: Mapping[str, Any] | None = None, at: datetime) -> Panel | None:
        """The files beside what the town knows; None once the paper is not this one any more."""
        row = self._looked_at(agent, key)
        if row is None:
            return None
        forever = row.type.validity == Validity.FOREVER
        return Panel(
            title=row.title,
            sent=f"Transmise le {french.instant(row.sent_at or row.prepared_at)}, {row.get_channel_display()}",
            family=row.family,
            files=[each.file for each in row.files.select_related("file").order_by("order", "pk")],
            facts=_facts(agent, row, paris_date(at)),
            form=None if forever else AcceptForm(data, kind=row.type, today=paris_date(at)),
            accept_label="Accepter cette pièce",
            reasons=tuple(dict.fromkeys([*row.type.reasons, *REASONS])),
        )

    def accept(self, key: int, *, cleaned: Mapping[str, Any], by: User, at: datetime) -> None:
        """Raises AlreadyDecided; a day that is past is a ValidationError of the form."""
        pk, version = version_of(key)
        try:
            with unless_decided(PaperDecided, decided_words):
                accept_paper(paper=pk, version=version, valid_until=cleaned.get("valid_until"), by=by, at=at)
        except PaperRefused as refused:
            raise forms.ValidationError({refused.field or "valid_until": refused.reason}) from refused

    def refuse(self, key: int, *, reason: str, by: User, at: datetime) -> None:
        """Raises AlreadyDecided."""
        pk, version = version_of(key)
        with unless_decided(PaperDecided, decided_words):
            refuse_paper(paper=pk, version=version, reason=reason, by=by, at=at)

    def ask_again(self, key: int, *, message: str, by: User, at: datetime) -> None:
        """Raises AlreadyDecided."""
        pk, version = version_of(key)
        with unless_decided(PaperDecided, decided_words):
            ask_paper_again(paper=pk, version=version, message=message, by=by, at=at)

    def _awaiting(self, agent: User) -> "QuerySet[Paper]":
        return waiting_papers(agent).select_related("type", "family", "child", "sent_by")


def decided_words(decided: PaperDecided) -> str:
    """Who said what, and when; a paper that waits again was changed by the family."""
    paper = decided.paper
    if paper.state == PaperState.SENT:
        return "La famille a changé cette pièce depuis que vous l’avez ouverte : regardez-la de nouveau."
    who = str(paper.decided_by) if paper.decided_by and paper.state != PaperState.WITHDRAWN else "la famille"
    when = f", {french.instant(paper.decided_at)}" if paper.decided_at else ""
    return f"Cette pièce n’attend plus{french.NBSP}: {paper.get_state_display()}, {who}{when}."


def _facts(agent: User, row: Paper, today: date) -> list[tuple[str, str]]:
    """What to compare with the paper."""
    facts = []
    if row.child is not None:
        facts.append(("Enfant", f"{row.child}, date de naissance : {french.full_date(row.child.birth_date)}"))
    facts.append(("Au nom de", ", ".join(str(member.adult) for member in _adults(row.family)) or row.family.name))
    if row.child is None and row.family.street:
        facts.append(("Adresse du dossier", f"{row.family.street}, {row.family.postcode} {row.family.town}"))
    held = next((each for each in papers_of(row.type, row.family, row.child) if each.holds_on(today)), None)
    if held is not None and held.valid_until is not None:
        facts.append(("Pièce en cours", f"valable jusqu’au {french.full_date(held.valid_until)}"))
    else:
        facts.append(("Pièce en cours", "aucune" if held is None else "sans fin de validité"))
    before = last_refusal(row)
    if before is not None and before.decided_at is not None:
        facts.append(("Refus précédent", f"{french.full_date(paris_date(before.decided_at))}, {before.reason}"))
    if row.note:
        facts.append(("Mot de la famille", row.note))
    facts.append(("Débloque", _unblocks(agent, row, today)))
    return facts


def _adults(family: Family) -> "QuerySet[Any]":
    return family.members.select_related("adult").order_by("pk")


def _unblocks(agent: User, row: Paper, today: date) -> str:
    """What waits for this paper: the held requests by name, else what its type holds back."""
    if not row.type.is_required or row.type.effect == Effect.INFORMS.value:
        return "rien : cette pièce informe seulement"
    if row.type.effect == Effect.BLOCKS.value:
        return "les réservations"
    held = Enrolment.objects.filter(held_since__isnull=False)
    held = held.filter(Within(child="child", structure="activity__structure")(agent, today))
    held = held.filter(child=row.child) if row.child is not None else held.filter(family=row.family)
    names = [f"{each.activity} pour {each.child.first_name}" for each in held.select_related("activity", "child")[:4]]
    return french.join_words(names) if names else "aucune demande d’inscription n’attend en ce moment"


def file_section(agent: User, family: Family, at: datetime) -> FileSection | None:
    """The last papers of the family and of its children, for agents who may see papers."""
    if not agent.has_perm(VIEW):
        return None
    seen = Within(family="family", child="child")(agent, paris_date(at))
    facts = [(row.title, _state_words(row)) for row in family_papers(family, among=seen, limit=_SHOWN)]
    return FileSection(title="Pièces", facts=tuple(facts) or (("Pièces", "aucune"),))


def _state_words(row: Paper) -> str:
    words = str(row.get_state_display())
    if row.state == PaperState.ACCEPTED and row.valid_until:
        return f"{words}, valable jusqu’au {french.full_date(row.valid_until)}"
    if row.state in {PaperState.REFUSED, PaperState.ASKED}:
        return f"{words}{french.NBSP}: {row.reason}"
    if row.state == PaperState.SENT and row.sent_at:
        return f"{words} le {french.full_date(paris_date(row.sent_at))}"
    return words
