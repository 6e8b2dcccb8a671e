"""Requests to be erased, as agents answer them; how long each kind is kept, on its screens."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from portal.backoffice.desk.areas import retention
from portal.backoffice.desk.registry import (
    AlreadyDecided,
    FileSection,
    Panel,
    Waiting,
    register_file_section,
    register_queue,
)
from portal.backoffice.desk.sources import RowQueue
from portal.backoffice.scoping import is_limited
from portal.domain.accounts.models import User
from portal.domain.families.models import Family
from portal.domain.kernel.french import full_date, plural
from portal.domain.privacy.enums import ErasureState
from portal.domain.privacy.erasure import DECIDE, Plan
from portal.domain.privacy.models import ErasureRequest
from portal.domain.privacy.registry import Planned
from portal.domain.privacy.services import (
    ErasureBlocked,
    ErasureDecided,
    ask_again_erasure,
    execute_erasure,
    plan_erasure,
    refuse_erasure,
)

REASONS = (
    "des réservations sont à venir",
    "une facture reste à payer",
    "vous n’êtes pas en mesure de décider seul pour ce dossier",
)


class ErasureQueue(RowQueue):
    """The requests of families who want their dossier to be forgotten."""

    code = "erasures"
    label = "Demandes d’effacement"
    order = 90
    subject = "privacy.erasurerequest"
    family = "family_key"
    arrived = "asked_at"

    def _awaiting(self, agent: User) -> QuerySet[ErasureRequest]:
        if not agent.has_perm(DECIDE):
            return ErasureRequest.objects.none()
        return ErasureRequest.objects.filter(state=ErasureState.ASKED)

    def _told(self, rows: Sequence[ErasureRequest]) -> list[Waiting]:
        names = Family.objects.in_bulk([request.family_key for request in rows])
        return [
            Waiting(
                source=self.code,
                key=request.pk,
                title="Effacement du dossier",
                family_name=names[request.family_key].name if request.family_key in names else "",
                family_number=request.family_number,
                arrived_at=request.asked_at,
            )
            for request in rows
        ]

    def panel(self, agent: User, key: int, *, data: Mapping[str, Any] | None = None, at: datetime) -> Panel | None:
        """The list before erasing: what goes, what stays and until when, what must be settled first."""
        request = self._rows(agent).select_related("user").filter(pk=key).first()
        if request is None:
            return None
        plan = plan_erasure(family=request.family_key, at=at)
        return Panel(
            title="Effacement du dossier",
            sent=f"demandé par {request.user} le {full_date(request.asked_at)}"
            + (f" : {request.words}" if request.words else ""),
            family=Family.objects.filter(pk=request.family_key).first(),
            facts=facts_of(plan),
            accept_label="Effacer définitivement",
            reasons=REASONS,
        )

    def accept(self, key: int, *, cleaned: Mapping[str, Any], by: User, at: datetime) -> None:
        """Erase. What must be settled first is said as a refusal to act, nothing is written."""
        try:
            execute_erasure(key=key, by=by, at=at)
        except (ErasureDecided, ErasureBlocked) as error:
            raise AlreadyDecided(str(error)) from error

    def refuse(self, key: int, *, reason: str, by: User, at: datetime) -> None:
        """Say no, with the reason."""
        try:
            refuse_erasure(key=key, reason=reason, by=by, at=at)
        except ErasureDecided as error:
            raise AlreadyDecided(str(error)) from error

    def ask_again(self, key: int, *, message: str, by: User, at: datetime) -> None:
        """Ask the family something."""
        try:
            ask_again_erasure(key=key, message=message, by=by, at=at)
        except ErasureDecided as error:
            raise AlreadyDecided(str(error)) from error


def facts_of(plan: Plan) -> list[tuple[str, str]]:
    """The plan as facts, one line each."""
    facts = [("À régler d’abord", _words(line)) for line in plan.blocking]
    facts += [("Sera effacé", _words(line)) for line in plan.gone]
    facts += [("Restera", _words(line)) for line in plan.kept]
    return facts + [("À effacer à la main", title) for title in plan.by_hand]


def _words(line: Planned) -> str:
    words = f"{line.label} ({plural(line.count, 'ligne')})"
    if line.why:
        words += f" : {line.why}"
    return f"{words}, jusqu’au {full_date(line.until)}" if line.until else words


def section(agent: User, family: Family, _at: datetime) -> FileSection | None:
    """A request in progress, so that nobody works on a dossier that is about to go."""
    if not agent.has_perm("privacy.view_erasurerequest"):
        return None
    request = ErasureRequest.objects.filter(family_key=family.pk).order_by("-asked_at", "-pk").first()
    if request is None:
        return None
    return FileSection(
        title="Données personnelles",
        facts=(("Effacement demandé", full_date(request.asked_at)), ("État", str(request.get_state_display()))),
    )


class RetentionMenuItem(MenuItem):
    """Shown to whoever may look at the delays, which are the whole town's."""

    def is_shown(self, request: HttpRequest) -> bool:
        agent = cast(User, request.user)
        return agent.has_perm(retention.VIEW) and not is_limited(agent)


def menu_item() -> MenuItem:
    """Beside the journal."""
    return RetentionMenuItem(
        "Durées de conservation", reverse("retention_index"), name="retention", icon_name="history", order=860
    )


def urls() -> list[URLPattern]:
    """Under `/gestion/conservation/`."""
    return [
        path("conservation/", retention.index, name="retention_index"),
        path("conservation/<slug:code>/", retention.detail, name="retention_detail"),
        path("conservation/<slug:code>/bordereau.<str:kind>", retention.slip, name="retention_slip"),
    ]


def connect() -> None:
    """Register the queue, the section and the screens of this area."""
    register_queue(ErasureQueue())
    register_file_section("privacy", section, order=95)
    hooks.register("register_admin_urls", urls)
    hooks.register("register_admin_menu_item", menu_item)
