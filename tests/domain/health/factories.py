"""Children with their health, made by the domain's own verbs."""

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pypdfium2
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile

from portal.domain.accounts.models import User
from portal.domain.families.models import Child, Family
from portal.domain.health.enums import DocumentKind, Section
from portal.domain.health.models import HealthDocument, HealthSheet
from portal.domain.health.services import attach_health_document, fill_health_sheet, save_health_section
from tests.domain.accounts.factories import UserFactory

#: A full set of answers, section by section.
ANSWERS: dict[Section, dict[str, Any]] = {
    Section.DOCTOR: {"doctor_name": "Dr Bouvet", "doctor_phone": "01 99 00 31 20"},
    Section.ALLERGIES: {"has_allergies": False},
    Section.DIET: {"diet": "no_pork"},
    Section.NEEDS: {"has_needs": True, "needs": ["glasses"]},
    Section.TREATMENT: {"has_treatment": False},
}


def pdf() -> bytes:
    """A PDF of one empty page."""
    document = pypdfium2.PdfDocument.new()
    document.new_page(200, 200)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def upload(name: str = "pai.pdf", content: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, pdf() if content is None else content)


def begin_sheet(family: Family, child: Child, *, by: User, at: datetime, **said: Any) -> None:
    """Every section answered, nothing certified; `said` replaces the answers of sections, by name."""
    for section, values in ANSWERS.items():
        save_health_section(
            family=family, child=child, section=section, values=said.get(section.value, values), by=by, at=at
        )


def filled_sheet(family: Family, child: Child, *, by: User, at: datetime, **said: Any) -> HealthSheet:
    begin_sheet(family, child, by=by, at=at, **said)
    return fill_health_sheet(family=family, child=child, by=by, at=at)


def sent_document(
    family: Family,
    child: Child,
    *,
    by: User,
    at: datetime,
    kind: DocumentKind = DocumentKind.CARE_PLAN,
    uploads: Sequence[SimpleUploadedFile] | None = None,
) -> HealthDocument:
    return attach_health_document(family=family, child=child, kind=kind, uploads=uploads or [upload()], by=by, at=at)


def reader(username: str = "anais") -> User:
    """An agent who may read health."""
    agent: User = UserFactory(username=username, first_name="Anaïs", last_name="Lamy", agent=True)
    agent.user_permissions.add(Permission.objects.get(codename="read_healthsheet"))
    return agent
