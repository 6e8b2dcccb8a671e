"""Writing the sheet: section by section, then certified; or confirmed from last year."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from portal.domain.accounts.models import User
from portal.domain.audit.services import record
from portal.domain.families.models import Child, Family
from portal.domain.health.access import lock_child_of
from portal.domain.health.enums import Section
from portal.domain.health.models import HealthSheet
from portal.domain.health.queries import health_settings, last_certified
from portal.domain.health.rules import CERTIFICATION_VERSION, SheetContent, unanswered
from portal.domain.health.telling import tell_other_households
from portal.domain.kernel.clock import paris_date
from portal.domain.kernel.school_year import SchoolYear
from portal.domain.procedures.enums import ProcedureKind, ProcedureState
from portal.domain.procedures.services import open_procedure


class SheetRefused(Exception):
    """Nothing was written; the message is French and says what to do."""


class SheetIncomplete(SheetRefused):
    """Sections still want an answer: `missing`, in order."""

    def __init__(self, missing: tuple[str, ...]) -> None:
        super().__init__("Il reste des réponses à donner avant de certifier la fiche.")
        self.missing = missing


@transaction.atomic
def save_health_section(
    *, family: Family, child: Child, section: Section, values: Mapping[str, Any], by: User, at: datetime
) -> HealthSheet:
    """Keep the answers of one section in the draft of the school year; nothing is certified yet.

    The draft begins with what was certified this year, else last year. Raises Unknown, NotAllowed.
    """
    sheet = _lock_sheet(family=family, child=child, by=by, at=at)
    begun = SheetContent.from_data(sheet.draft) if sheet.draft else _start(sheet)
    sheet.draft = begun.with_section(section.value, values).as_data()
    sheet.draft_at = at
    sheet.save(update_fields=["draft", "draft_at"])
    return sheet


@transaction.atomic
def fill_health_sheet(*, family: Family, child: Child, by: User, at: datetime) -> HealthSheet:
    """Certify the draft: it becomes the sheet of the school year, with person, instant and version of the text.

    Sent twice, the second finds the sheet certified and changes nothing. Raises SheetIncomplete, SheetRefused when
    there is nothing to certify, Unknown, NotAllowed.
    """
    sheet = _lock_sheet(family=family, child=child, by=by, at=at)
    if not sheet.draft:
        if sheet.certified_at is not None:
            return sheet
        raise SheetRefused("Rien n’est encore rempli : commencez par la première partie.")
    content = SheetContent.from_data(sheet.draft)
    missing = unanswered(content, health_settings().sections)
    if missing:
        raise SheetIncomplete(missing)
    return _certify(sheet, content, family=family, child=child, by=by, at=at, unchanged=False)


@transaction.atomic
def confirm_health_sheet(*, family: Family, child: Child, by: User, at: datetime) -> HealthSheet:
    """« Rien n’a changé »: last year's answers are certified again for this school year (rule 45: by an act).

    Raises SheetRefused without a sheet of last year, SheetIncomplete when the town asks more than last year.
    """
    sheet = _lock_sheet(family=family, child=child, by=by, at=at)
    if sheet.certified_at is not None:
        return sheet
    before = last_certified(child=child, before=sheet.school_year)
    if before is None or before.school_year != sheet.school_year - 1:
        raise SheetRefused("Il n’y a pas de fiche de l’année dernière à reprendre : remplissez celle-ci.")
    missing = unanswered(before.answers, health_settings().sections)
    if missing:
        raise SheetIncomplete(missing)
    return _certify(sheet, before.answers, family=family, child=child, by=by, at=at, unchanged=True)


@transaction.atomic
def copy_doctor(*, family: Family, child: Child, to: Iterable[Child], by: User, at: datetime) -> int:
    """Write the doctor of one child in the drafts of others of the family; how many were written."""
    source = _lock_sheet(family=family, child=child, by=by, at=at)
    known = SheetContent.from_data(source.draft) if source.draft else source.answers
    if not known.doctor_name:
        raise SheetRefused("Indiquez d’abord le médecin de cet enfant.")
    values = {"doctor_name": known.doctor_name, "doctor_phone": known.doctor_phone}
    others = sorted((other for other in to if other.pk != child.pk), key=lambda other: other.pk)
    for other in others:
        save_health_section(family=family, child=other, section=Section.DOCTOR, values=values, by=by, at=at)
    return len(others)


def _start(sheet: HealthSheet) -> SheetContent:
    """What a draft begins with."""
    if sheet.content:
        return sheet.answers
    before = last_certified(child=sheet.child, before=sheet.school_year)
    return before.answers if before is not None and before.school_year == sheet.school_year - 1 else SheetContent()


def _lock_sheet(*, family: Family, child: Child, by: User, at: datetime) -> HealthSheet:
    """The sheet of the school year of that day, locked; the right is asked again here."""
    known = lock_child_of(user=by, family=family, child_id=child.pk)
    year = SchoolYear.of(paris_date(at)).start
    HealthSheet.objects.bulk_create([HealthSheet(child=known, school_year=year)], ignore_conflicts=True)
    sheet: HealthSheet = HealthSheet.objects.select_for_update().get(child=known, school_year=year)
    return sheet


def _certify(
    sheet: HealthSheet, content: SheetContent, *, family: Family, child: Child, by: User, at: datetime, unchanged: bool
) -> HealthSheet:
    first = sheet.certified_at is None
    sheet.content, sheet.draft, sheet.draft_at = content.as_data(), {}, None
    sheet.certified_at, sheet.certified_by, sheet.text_version = at, by, CERTIFICATION_VERSION
    sheet.unchanged = unchanged
    sheet.save()
    title = f"Fiche sanitaire de {child.first_name}"
    open_procedure(
        family=family,
        child=child,
        kind=ProcedureKind.HEALTH,
        title=title,
        state=ProcedureState.RECORDED,
        by=by,
        at=at,
        about=sheet,
    )
    verb = "confirm_health_sheet" if unchanged else "fill_health_sheet"
    after = {"school_year": sheet.school_year, "text_version": sheet.text_version, "first": first}
    record(verb=verb, target=sheet, by=by, at=at, family_key=family.pk, after=after)
    tell_other_households(family=family, child=child, title=f"{title} mise à jour", at=at)
    return sheet
