"""Health at the desk: documents to check, a link in the family's file, and the two pages whose opening is noted."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
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
from portal.backoffice.scoping import Within, children_for, children_of_file, today
from portal.domain.accounts.models import User
from portal.domain.families.models import Child, Family
from portal.domain.files.checks import FileType
from portal.domain.files.sending import private_answer
from portal.domain.health.access import may_read_as_agent
from portal.domain.health.documents import LISTED
from portal.domain.health.enums import Diet, DocumentKind, DocumentState, Need, ReadingScreen, Section
from portal.domain.health.models import HealthDocument, HealthFile, HealthReading
from portal.domain.health.queries import ChildCare, states_of
from portal.domain.health.rules import SheetContent, SheetState, is_answered
from portal.domain.health.services import (
    AlreadyDecided as Decided,
)
from portal.domain.health.services import (
    accept_health_document,
    ask_again_health_document,
    read_document,
    read_sheet,
    refuse_health_document,
)
from portal.domain.kernel.french import full_date, join_words, short_instant

REASONS = (
    "Le document est illisible",
    "Une page manque",
    "La date de validité est passée",
    "Ce n’est pas le document demandé",
)

_STATES = {
    SheetState.TO_FILL: "à remplir",
    SheetState.STARTED: "commencée, pas certifiée",
    SheetState.TO_CONFIRM: "à confirmer pour cette année",
    SheetState.COMPLETE: "à jour",
}


def connect() -> None:
    """Register the queue, the section and the addresses of this area."""
    register_queue(HealthQueue())
    register_file_section("health", _section, order=40)
    hooks.register("register_admin_urls", _addresses)


def _addresses() -> list[URLPattern]:
    """Under /gestion/sante/."""
    return [
        path("sante/enfant/<int:child_id>/", sheet, name="care_sheet"),
        path("sante/page/<int:page_id>/", page, name="care_page"),
    ]


class _PlanForm(forms.Form):
    """What goes with the acceptance of a care plan."""

    valid_until = forms.DateField(
        label="Valable jusqu’au",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


class HealthQueue(RowQueue):
    """Documents of health that wait for an answer."""

    code = "health"
    label = "Documents de santé"
    order = 40
    subject = "health.healthdocument"
    child = "child"

    def _told(self, rows: Sequence[HealthDocument]) -> list[Waiting]:
        """A title says nothing of the child's health."""
        return [
            Waiting(
                source=self.code,
                key=document.pk,
                title=LISTED[DocumentKind(document.kind)],
                family_name=document.family.name,
                family_number=document.family.number,
                arrived_at=document.sent_at,
                child_name=document.child.first_name,
            )
            for document in rows
        ]

    def panel(self, agent: User, key: int, *, data: Mapping[str, Any] | None = None, at: datetime) -> Panel | None:
        """What to compare. Pages are opened by their link: looking at the panel is not reading the document."""
        document = (
            self._rows(agent)
            .select_related("child", "family", "sent_by")
            .prefetch_related("pages")
            .filter(pk=key)
            .first()
        )
        if document is None:
            return None
        child = document.child
        links = format_html_join(
            " ",
            '<a href="{}">Lire la page {} (lecture notée)</a>',
            (
                (reverse("care_page", args=(each.pk,)), number)
                for number, each in enumerate(sorted(document.pages.all(), key=lambda each: each.order), 1)
            ),
        )
        facts = [
            ("Document", str(document.get_kind_display())),
            ("Pages", links),
            ("Enfant", f"{child}, né le {full_date(child.birth_date)}"),
            ("Fiche", format_html('<a href="{}">Lire la fiche (lecture notée)</a>', _sheet_url(child))),
        ]
        is_plan = document.kind == DocumentKind.CARE_PLAN
        if is_plan:
            facts.append(("Repas apporté", "oui" if document.meal_brought else "non"))
        return Panel(
            title=f"{LISTED[DocumentKind(document.kind)]} de {child.first_name}",
            sent=f"envoyé par {document.sent_by.get_full_name()}, le {short_instant(document.sent_at)}",
            family=document.family,
            facts=facts,
            accept_label="Document vérifié",
            form=_PlanForm(data, initial={"valid_until": document.valid_until}) if is_plan else None,
            reasons=REASONS,
        )

    def accept(self, key: int, *, cleaned: Mapping[str, Any], by: User, at: datetime) -> None:
        """The document is good."""
        with unless_decided(Decided):
            accept_health_document(document_id=key, by=by, at=at, valid_until=cleaned.get("valid_until"))

    def refuse(self, key: int, *, reason: str, by: User, at: datetime) -> None:
        """The document will not do."""
        with unless_decided(Decided):
            refuse_health_document(document_id=key, reason=reason, by=by, at=at)

    def ask_again(self, key: int, *, message: str, by: User, at: datetime) -> None:
        """The document is to be sent again."""
        with unless_decided(Decided):
            ask_again_health_document(document_id=key, message=message, by=by, at=at)

    def _awaiting(self, agent: User) -> QuerySet[HealthDocument]:
        if not may_read_as_agent(agent):
            return HealthDocument.objects.none()
        waiting = HealthDocument.objects.filter(state=DocumentState.SENT, removed_at=None)
        return waiting.select_related("child", "family")


def _sheet_url(child: Child) -> str:
    return reverse("care_sheet", args=(child.pk,))


def _section(agent: User, family: Family, at: datetime) -> FileSection | None:
    """By child, where the sheet is and the link that opens it: the file itself shows no word of health."""
    if not may_read_as_agent(agent):
        return None
    facts = []
    children = list(children_of_file(agent, family))
    states = states_of(children, at=at)
    for child in children:
        words = _STATES[states[child.pk]]
        link = format_html('{} <a href="{}">Lire la fiche de {}</a>', words, _sheet_url(child), child.first_name)
        facts.append((child.first_name, link))
    return FileSection(title="Santé", facts=tuple(facts)) if facts else None


@never_cache
@require_safe
def sheet(request: HttpRequest, child_id: int) -> HttpResponse:
    """The sheet of a child, as those who welcome them need it. Opening it is noted."""
    agent = request.user
    if not isinstance(agent, User) or not may_read_as_agent(agent):
        raise Http404
    child = get_object_or_404(children_for(agent), pk=child_id)
    care = read_sheet(child=child, screen=ReadingScreen.FILE, by=agent, at=timezone.now())
    readings = HealthReading.objects.filter(child=child).select_related("agent").order_by("-at", "-pk")[:50]
    context = {
        "child": child,
        "care": care,
        "state": _STATES[care.state],
        "facts": _facts(care, care.answers),
        "readings": readings,
    }
    return render(request, "health_sheet/agents/sheet.html", context)


@never_cache
@require_safe
def page(request: HttpRequest, page_id: int) -> HttpResponse:
    """A page of a document. Opening it is noted."""
    agent = request.user
    if not isinstance(agent, User) or not may_read_as_agent(agent):
        raise Http404
    known = HealthFile.objects.filter(Within(child="document__child")(agent, today()))
    found = get_object_or_404(known.select_related("file", "document__child"), pk=page_id, document__removed_at=None)
    return private_answer(
        lambda: read_document(page=found, screen=ReadingScreen.QUEUE, by=agent, at=timezone.now()),
        name=found.file.name,
        kind=FileType(found.file.kind),
        inline=True,
    )


def _facts(care: ChildCare, content: SheetContent) -> list[tuple[str, str]]:
    """The sheet in words, what is not asked left aside."""
    needs = join_words(str(Need(need).label) for need in content.needs if need in Need.values)
    allergies = ", ".join(filter(None, (content.allergy_food, content.allergy_drug, content.allergy_other)))
    said: dict[Section, list[tuple[str, str]]] = {
        Section.DOCTOR: [("Médecin", f"{content.doctor_name}, {content.doctor_phone}")],
        Section.ALLERGIES: [
            ("Allergies", allergies or "aucune"),
            ("Que faire", content.allergy_conduct),
        ],
        Section.DIET: [("Repas", str(Diet(content.diet).label) if content.diet in Diet.values else "")],
        Section.NEEDS: [("Besoins", needs or "aucun en particulier"), ("Conseils", content.needs_advice)],
        Section.TREATMENT: [("Traitement", (content.treatment_advice or "oui") if content.has_treatment else "aucun")],
    }
    facts: list[tuple[str, str]] = []
    for section in Section:
        if section.value not in care.asked:
            continue
        if is_answered(content, section.value):
            facts += [fact for fact in said[section] if fact[1]]
        else:
            facts.append((str(section.label), "pas encore indiqué"))
    return facts
