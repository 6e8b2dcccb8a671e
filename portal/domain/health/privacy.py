"""What is given in « mes données » to whoever may see it, and what is forgotten."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Model, QuerySet

from portal.domain.accounts.models import User
from portal.domain.audit.services import record
from portal.domain.families.models import Family
from portal.domain.families.privacy import own_children
from portal.domain.health.access import children_of
from portal.domain.health.documents import erase_documents
from portal.domain.health.models import HealthDocument, HealthReading, HealthSheet, VaccineBooklet
from portal.domain.health.queries import doses_from_data
from portal.domain.kernel.french import full_date, short_instant
from portal.domain.kernel.school_year import SchoolYear
from portal.domain.privacy.declaring import Held, deleting, erasure_of, journalled, reached
from portal.domain.privacy.registry import Expired, PersonalData, Retention


def collect(family_key: int, user: User) -> Iterable[Mapping[str, Any]]:
    """The sheets, vaccines, documents and readings of the children whose health this account may read."""
    family = Family.objects.filter(pk=family_key).first()
    if family is None:
        return
    children = {child.pk: child for child in children_of(user=user, family=family)}
    for sheet in HealthSheet.objects.filter(child__in=children).order_by("child", "school_year"):
        row: dict[str, Any] = {
            "Enfant": children[sheet.child_id].first_name,
            "Fiche sanitaire": SchoolYear(sheet.school_year).label,
            "Réponses": sheet.content or {},
        }
        if sheet.draft:
            row["Réponses en cours"] = sheet.draft
        yield row
    for booklet in VaccineBooklet.objects.filter(child__in=children).order_by("child"):
        yield {
            "Enfant": children[booklet.child_id].first_name,
            "Vaccins": {
                vaccine.label: [full_date(day) for day in dose.dates] or ["contre-indication"]
                for vaccine, dose in doses_from_data(booklet.doses).items()
            },
        }
    for document in HealthDocument.objects.filter(child__in=children).order_by("child", "sent_at"):
        yield {
            "Enfant": children[document.child_id].first_name,
            "Document": str(document.get_kind_display()),
            "Envoyé": short_instant(document.sent_at),
            "État": str(document.get_state_display()),
        }
    for reading in HealthReading.objects.filter(child__in=children).select_related("agent").order_by("at"):
        yield {
            "Enfant": children[reading.child_id].first_name,
            "Lecture": reading.what,
            "Par": reading.agent.get_full_name(),
            "Le": short_instant(reading.at),
        }


def _label(child: object, year: int) -> str:
    return f"{child}, {SchoolYear(year).label}"


def _old_sheets(before: date, limit: int) -> list[Expired]:
    ended = SchoolYear.of(before + timedelta(days=1)).start  # school years that ended by that day
    sheets = HealthSheet.objects.filter(school_year__lt=ended).select_related("child").defer("content", "draft")
    return [
        Expired(
            sheet.pk,
            _label(sheet.child, sheet.school_year),
            _number(sheet.child_id),
            SchoolYear(sheet.school_year).last_day,
        )
        for sheet in sheets.order_by("school_year", "pk")[:limit]
    ]


def _number(child_id: int) -> str:
    family = Family.objects.filter(child_links__child=child_id).order_by("pk").first()
    return family.number if family is not None else ""


def _old_documents(before: date, limit: int) -> list[Expired]:
    ended = SchoolYear.of(before + timedelta(days=1)).start
    documents = HealthDocument.objects.filter(school_year__lt=ended).select_related("child", "family").defer("reason")
    return [
        Expired(
            document.pk,
            _label(document.child, document.school_year),
            document.family.number,
            SchoolYear(document.school_year).last_day,
        )
        for document in documents.order_by("school_year", "pk")[:limit]
    ]


@transaction.atomic
def _erase_documents(keys: list[int], by: User, at: datetime) -> int:
    documents = list(HealthDocument.objects.select_for_update().filter(pk__in=keys))
    for document in documents:
        record(verb="erase_health_document", target=document, by=by, at=at, family_key=document.family_id)
    return erase_documents(documents)


def _of_children(model: type[Model]) -> Callable[[int], QuerySet[Any]]:
    """Health of the children whom no other household has."""
    return lambda family: model._default_manager.filter(child__in=own_children(family))


def _forget_documents(documents: QuerySet[HealthDocument]) -> None:
    erase_documents(list(documents.select_for_update(of=("self",))))


ERASURE = erasure_of(
    "health",
    Held("fiches sanitaires", _of_children(HealthSheet)),
    Held("carnets de vaccination", _of_children(VaccineBooklet)),
    Held("documents de santé", _of_children(HealthDocument), forget=_forget_documents),
    Held("journal des lectures", _of_children(HealthReading)),
    order=40,
)

PART = PersonalData(code="health", title="Santé", collect=collect, order=40)

RETENTIONS = (
    Retention(
        code="health_documents",
        title="Documents de santé (PAI, ordonnances, carnets)",
        basis="à la fin de l’année scolaire du document (arrêté du 20 février 2003)",
        days=0,
        find=_old_documents,
        erase=_erase_documents,
    ),
    Retention(
        code="health_sheets",
        title="Fiches sanitaires",
        basis="un an après leur année scolaire : celle de l’année d’avant sert à confirmer",
        days=365,
        find=_old_sheets,
        erase=journalled(HealthSheet.objects.defer("content", "draft"), "erase_health_sheet"),
    ),
    Retention(
        code="health_readings",
        title="Journal des lectures de santé",
        basis="un an après la lecture (CNIL, délibération 2021-122)",
        days=365,
        find=reached(HealthReading.objects.select_related("child"), "at", label=lambda row: f"lecture, {row.child}"),
        erase=deleting(HealthReading),
    ),
)
