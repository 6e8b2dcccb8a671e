"""Custody at the desk: proposals that two households do not settle, and the judgement for who may read it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from wagtail import hooks

from portal.backoffice.desk.registry import (
    FileSection,
    Panel,
    Waiting,
    register_file_section,
    register_queue,
    unless_decided,
)
from portal.backoffice.desk.sources import RowQueue
from portal.backoffice.scoping import Within, today
from portal.domain.accounts.models import User
from portal.domain.audit.services import record
from portal.domain.custody.enums import CustodyState
from portal.domain.custody.models import LIVE, Custody
from portal.domain.custody.services import (
    READ_PERMISSION,
    SET_PERMISSION,
    refuse_custody,
    set_custody,
)
from portal.domain.custody.services import AlreadyDecided as Decided
from portal.domain.families.models import Family
from portal.domain.files.sending import stored_answer
from portal.domain.kernel.clock import paris_date
from portal.domain.kernel.french import full_date, short_instant

REASONS = (
    "Le jugement dit autre chose",
    "Les deux foyers doivent d’abord se mettre d’accord",
)


def connect() -> None:
    """Register the queue, the section and the address of this area."""
    register_queue(CustodyQueue())
    register_file_section("custody", _section, order=50)
    hooks.register("register_admin_urls", _addresses)


def _addresses() -> list[URLPattern]:
    return [path("garde/<int:custody_id>/jugement/", judgement, name="custody_judgement")]


class CustodyQueue(RowQueue):
    """Contested proposals: the service hears both and settles."""

    code = "custody"
    label = "Gardes contestées"
    order = 50
    subject = "custody.custody"
    family = "household_a"
    child = "child"
    arrived = "proposed_at"

    def _told(self, rows: Sequence[Custody]) -> list[Waiting]:
        return [
            Waiting(
                source=self.code,
                key=custody.pk,
                title="Garde contestée",
                family_name=custody.household_a.name,
                family_number=custody.household_a.number,
                arrived_at=custody.proposed_at,
                child_name=custody.child.first_name,
            )
            for custody in rows
        ]

    def panel(self, agent: User, key: int, *, data: Mapping[str, Any] | None = None, at: datetime) -> Panel | None:
        """The proposal, the disagreement, the document for who may read it."""
        custody = (
            self._rows(agent)
            .select_related("child", "household_a", "household_b", "proposed_by", "answered_by")
            .filter(pk=key)
            .first()
        )
        if custody is None:
            return None
        facts: list[tuple[str, str]] = [
            ("Proposée par", f"famille {custody.household_a}"),
            ("Contestée par", f"famille {custody.household_b}"),
            ("Rythme", str(custody.get_pattern_display())),
            ("Depuis le", full_date(custody.reference)),
            ("Vacances, foyer qui propose", str(custody.get_halves_display())),
            ("Désaccord", custody.answer or "sans explication"),
        ]
        if custody.judgement_id is not None and agent.has_perm(READ_PERMISSION):
            url = reverse("custody_judgement", args=(custody.pk,))
            facts.append(("Document", format_html('<a href="{}">Lire le jugement ou la convention</a>', url)))
        return Panel(
            title=f"Garde de {custody.child.first_name}",
            sent=f"proposée par {custody.proposed_by.get_full_name()}, le {short_instant(custody.proposed_at)}",
            family=custody.household_a,
            facts=facts,
            accept_label="Mettre en vigueur",
            reasons=REASONS,
            may_ask_again=False,
        )

    def accept(self, key: int, *, cleaned: Mapping[str, Any], by: User, at: datetime) -> None:
        """Put the proposal in force."""
        with unless_decided(Decided):
            set_custody(custody_id=key, by=by, at=at)

    def refuse(self, key: int, *, reason: str, by: User, at: datetime) -> None:
        """Set the proposal aside."""
        with unless_decided(Decided):
            refuse_custody(custody_id=key, reason=reason, by=by, at=at)

    def ask_again(self, key: int, *, message: str, by: User, at: datetime) -> None:
        """A disagreement is settled, not sent back: the same as setting aside with the message."""
        self.refuse(key, reason=message, by=by, at=at)

    def _awaiting(self, agent: User) -> QuerySet[Custody]:
        if not (agent.is_staff and agent.has_perm(SET_PERMISSION)):
            return Custody.objects.none()
        return Custody.objects.filter(state=CustodyState.CONTESTED).select_related("child", "household_a")


def _section(agent: User, family: Family, at: datetime) -> FileSection | None:
    """The arrangements in force of the family's children."""
    if not agent.has_perm("custody.view_custody"):
        return None
    found = Custody.objects.filter(child__links__family=family, state__in=LIVE).select_related("child").distinct()
    found = found.filter(Within(child="child")(agent, paris_date(at)))
    facts = []
    for custody in found.order_by("pk"):
        words = f"{custody.get_pattern_display()}, {custody.get_state_display()}"
        if custody.judgement_id is not None and agent.has_perm(READ_PERMISSION):
            url = reverse("custody_judgement", args=(custody.pk,))
            words = format_html('{}, <a href="{}">lire le document</a>', words, url)
        facts.append((custody.child.first_name, words))
    return FileSection(title="Garde", facts=tuple(facts)) if facts else None


@never_cache
@require_safe
def judgement(request: HttpRequest, custody_id: int) -> HttpResponse:
    """The document of an arrangement; its reading is in the journal, unless its content is lost."""
    agent = request.user
    if not isinstance(agent, User) or not (agent.is_staff and agent.has_perm(READ_PERMISSION)):
        raise Http404
    known = Custody.objects.filter(Within(child="child")(agent, today())).select_related("judgement")
    custody = get_object_or_404(known, pk=custody_id, judgement__isnull=False)
    stored = custody.judgement
    if stored is None:
        raise Http404
    answer = stored_answer(stored, inline=True)
    record(verb="read_judgement", target=custody, by=agent, at=timezone.now(), family_key=custody.household_a_id)
    return answer
