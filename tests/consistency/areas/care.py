"""Addresses of a part of the portal: the health sheet, custody."""

from datetime import date

from portal.domain.custody.enums import CustodyState, Pattern
from portal.domain.custody.models import Custody, CustodyException
from portal.domain.families.models import Child, ChildLink
from portal.domain.files.checks import SENT_BY_FAMILIES
from portal.domain.files.models import StoredFile
from portal.domain.files.services import store_file
from portal.domain.health.enums import DocumentKind
from portal.domain.health.models import HealthDocument, HealthFile
from portal.domain.health.sealing import seal
from tests.consistency.address import FORM, POST, Address
from tests.domain.families.factories import FamilyFactory
from tests.domain.health.factories import upload
from tests.web.planning.scene import NOW
from tests.web.two_families import Town

WRONG = frozenset({422})


def _child(town: Town) -> tuple[int]:
    return (town.enrolled.pk,)


def _stored(town: Town, *, sealed: bool) -> StoredFile:
    stored = store_file(upload=upload(), accepted=SENT_BY_FAMILIES, most=1_000_000, by=town.owner, at=NOW)
    if sealed:
        with stored.content.open("rb") as stream:
            content = stream.read()
        with stored.content.storage.open(stored.content.name or "", "wb") as stream:
            stream.write(seal(content))
    return stored


def _document(town: Town) -> HealthDocument:
    """A care plan of the first child, with its page: what a stranger would like to read."""
    found = HealthDocument.objects.filter(child=town.enrolled).first()
    if found is not None:
        return found
    document = HealthDocument.objects.create(
        child=town.enrolled,
        family=town.family,
        kind=DocumentKind.CARE_PLAN,
        school_year=2026,
        sent_at=NOW,
        sent_by=town.owner,
    )
    HealthFile.objects.create(document=document, file=_stored(town, sealed=True), order=0)
    return document


def _custody(town: Town) -> Custody:
    """The first child in two households, in alternate weeks, with a judgement and a changed day."""
    child: Child = town.enrolled
    found = Custody.objects.filter(child=child).first()
    if found is not None:
        return found
    other = FamilyFactory(name="Autre")
    ChildLink.objects.create(family=other, child=child)
    custody = Custody.objects.create(
        child=child,
        household_a=town.family,
        household_b=other,
        state=CustodyState.AGREED,
        pattern=Pattern.WEEKS,
        reference=date(2026, 9, 4),
        judgement=_stored(town, sealed=False),
        proposed_by=town.owner,
        proposed_at=NOW,
        answered_by=town.owner,
        answered_at=NOW,
    )
    CustodyException.objects.create(
        custody=custody, starts_on=NOW.date(), ends_on=NOW.date(), side="b", author=town.owner, noted_at=NOW
    )
    return custody


def _shared(town: Town) -> tuple[int]:
    return (_custody(town).child_id,)


def _exception(town: Town) -> tuple[int, int]:
    custody = _custody(town)
    return custody.child_id, custody.exceptions.get().pk


ADDRESSES: dict[str, Address] = {
    "health_sheet:detail": Address(arguments=_child, theirs=True),
    "health_sheet:fill": Address(
        FORM,
        lambda town: (town.enrolled.pk, "doctor"),
        theirs=True,
        form=lambda _town: {"doctor_name": "Dr Bouvet", "doctor_phone": "01 99 00 31 20"},
    ),
    "health_sheet:certify": Address(FORM, _child, theirs=True, sent=WRONG),
    "health_sheet:confirm": Address(POST, _child, theirs=True, sent=WRONG),
    "health_sheet:vaccines": Address(FORM, _child, theirs=True),
    "health_sheet:copy_doctor": Address(POST, _child, theirs=True),
    "health_sheet:send": Address(FORM, lambda town: (town.enrolled.pk, "care_plan"), theirs=True, sent=WRONG),
    "health_sheet:remove": Address(POST, lambda town: (town.enrolled.pk, _document(town).pk), theirs=True),
    "health_sheet:page": Address(
        arguments=lambda town: (town.enrolled.pk, _document(town).pages.get().pk), theirs=True, html=False
    ),
    "custody:detail": Address(arguments=_shared, theirs=True),
    "custody:year": Address(arguments=_shared, theirs=True),
    "custody:propose": Address(FORM, _shared, theirs=True, sent=WRONG),
    "custody:answer": Address(POST, _shared, theirs=True),
    "custody:withdraw": Address(POST, _shared, theirs=True),
    "custody:note_days": Address(POST, _shared, theirs=True, sent=WRONG),
    "custody:take_back": Address(POST, _exception, theirs=True),
    "custody:judgement": Address(arguments=_shared, theirs=True, html=False),
}
