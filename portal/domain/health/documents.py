"""The documents of health: sent by a parent, sealed on the disk, checked by an agent, erased in time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import count

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from portal.domain.accounts.models import User
from portal.domain.audit.services import record
from portal.domain.families.models import Child, Family
from portal.domain.files.models import StoredFile
from portal.domain.files.refusal import FileRefused
from portal.domain.files.services import erase_file, store_files
from portal.domain.health.access import child_of, lock_child_of, require_agent
from portal.domain.health.enums import DocumentKind, DocumentState
from portal.domain.health.models import HealthDocument, HealthFile
from portal.domain.health.rules import validity_end
from portal.domain.health.sealing import seal, unseal
from portal.domain.health.telling import tell_family, tell_other_households
from portal.domain.kernel.clock import paris_date
from portal.domain.kernel.french import full_date
from portal.domain.kernel.school_year import SchoolYear
from portal.domain.procedures.enums import ProcedureKind, ProcedureState
from portal.domain.procedures.services import find_procedure, move_procedure, open_procedure

#: What lists say of a document: its nature only where the nature says nothing of the child.
LISTED = {
    DocumentKind.CARE_PLAN: "Document de santé",
    DocumentKind.PRESCRIPTION: "Document de santé",
    DocumentKind.BOOKLET: "Carnet de vaccination",
    DocumentKind.CONTRAINDICATION: "Carnet de vaccination",
}


class AlreadyDecided(Exception):
    """Somebody answered meanwhile, or the family took it back: nothing was written. The message is French."""


@dataclass(frozen=True, slots=True)
class Validity:
    """What a parent says of a care plan: until when, and whether the family brings the meal."""

    valid_from: date | None = None
    valid_until: date | None = None
    meal_brought: bool = False


@transaction.atomic
def attach_health_document(
    *,
    family: Family,
    child: Child,
    kind: DocumentKind,
    uploads: "Sequence[UploadedFile[bytes]]",
    by: User,
    at: datetime,
    validity: Validity | None = None,
) -> HealthDocument:
    """Keep the pages of a document, sealed; the one of the same kind leaves its place.

    A care plan without end is valid to the end of the school year. Raises FileRefused, Unknown, NotAllowed.
    """
    known = lock_child_of(user=by, family=family, child_id=child.pk)
    if not uploads:
        raise FileRefused("Choisissez un fichier à envoyer.")
    if len(uploads) > settings.FAMILY_MAX_UPLOADS:
        raise FileRefused(f"{settings.FAMILY_MAX_UPLOADS} fichiers au plus à la fois : envoyez les autres ensuite.")
    year = SchoolYear.of(paris_date(at))
    for old in HealthDocument.objects.select_for_update().filter(child=known, kind=kind, removed_at=None):
        _take_away(old, by=by, at=at)
    dates = validity or Validity()
    first = dates.valid_from or paris_date(at)
    is_plan = kind == DocumentKind.CARE_PLAN
    document = HealthDocument.objects.create(
        child=known,
        family=family,
        kind=kind,
        school_year=year.start,
        valid_from=first if is_plan else None,
        valid_until=(dates.valid_until or validity_end(valid_from=first, year_end=year.last_day)) if is_plan else None,
        meal_brought=dates.meal_brought and is_plan,
        sent_at=at,
        sent_by=by,
    )
    _keep_pages(document, uploads, by=by, at=at)
    title = f"{LISTED[kind]} de {known.first_name}"
    open_procedure(
        family=family,
        child=known,
        kind=ProcedureKind.HEALTH,
        title=title,
        state=ProcedureState.RECEIVED,
        by=by,
        at=at,
        about=document,
    )
    record(verb="attach_health_document", target=document, by=by, at=at, family_key=family.pk)
    tell_other_households(family=family, child=known, title=f"{title} : envoyé au service", at=at)
    return document


@transaction.atomic
def remove_health_document(*, family: Family, document: HealthDocument, by: User, at: datetime) -> None:
    """Take a document back: its content is erased, the line of its sending stays. Twice is once."""
    child_of(user=by, family=family, child_id=document.child_id)
    locked = HealthDocument.objects.select_for_update().get(pk=document.pk)
    if locked.removed_at is None:
        _take_away(locked, by=by, at=at)


@transaction.atomic
def accept_health_document(
    *, document_id: int, by: User, at: datetime, valid_until: date | None = None
) -> HealthDocument:
    """The document is good. Raises AlreadyDecided, NotAllowed."""
    document = _lock_waiting(document_id, by=by)
    if document.kind == DocumentKind.CARE_PLAN and valid_until is not None:
        document.valid_until = max(valid_until, document.valid_from or valid_until)
    text = "Le service l’a vérifié."
    return _decide(document, DocumentState.ACCEPTED, ProcedureState.ACCEPTED, text, by=by, at=at)


@transaction.atomic
def refuse_health_document(*, document_id: int, reason: str, by: User, at: datetime) -> HealthDocument:
    """The document will not do; the reason is sealed and read on the page only. Raises AlreadyDecided, NotAllowed."""
    document = _lock_waiting(document_id, by=by)
    document.reason = {"words": reason}
    text = "Le service n’a pas pu l’accepter : le motif est sur la page de l’enfant."
    return _decide(document, DocumentState.REFUSED, ProcedureState.REFUSED, text, by=by, at=at)


@transaction.atomic
def ask_again_health_document(*, document_id: int, message: str, by: User, at: datetime) -> HealthDocument:
    """The document must be sent again: « à vous de jouer ». Raises AlreadyDecided, NotAllowed."""
    document = _lock_waiting(document_id, by=by)
    document.reason = {"words": message}
    text = "Le service vous demande de le renvoyer : le détail est sur la page de l’enfant."
    return _decide(document, DocumentState.REFUSED, ProcedureState.YOUR_TURN, text, by=by, at=at)


def open_page(page: HealthFile) -> bytes:
    """The plain content of a page. Callers have asked for the right; agents come through `read_document`."""
    with page.file.content.open("rb") as sealed:
        return unseal(sealed.read())


def erase_documents(documents: Sequence[HealthDocument]) -> int:
    """Forget documents, their pages and their contents; how many."""
    for document in documents:
        _erase_pages(document)
        document.delete()
    return len(documents)


def _lock_waiting(document_id: int, *, by: User) -> HealthDocument:
    require_agent(by)
    document: HealthDocument | None = (
        HealthDocument.objects.select_for_update(of=("self",))
        .select_related("child", "family", "decided_by")
        .filter(pk=document_id)
        .first()
    )
    if document is None or document.removed_at is not None:
        raise AlreadyDecided("La famille a repris ou remplacé ce document.")
    if document.state != DocumentState.SENT:
        who = document.decided_by.get_full_name() if document.decided_by else ""
        when = full_date(paris_date(document.decided_at)) if document.decided_at else ""
        raise AlreadyDecided(f"{who} a déjà répondu, le {when} : {document.get_state_display()}.")
    return document


def _decide(
    document: HealthDocument, state: DocumentState, step: ProcedureState, text: str, *, by: User, at: datetime
) -> HealthDocument:
    document.state, document.decided_at, document.decided_by = state, at, by
    document.save(update_fields=["state", "decided_at", "decided_by", "valid_until", "reason"])
    procedure = find_procedure(about=document)
    if procedure is not None:
        move_procedure(procedure=procedure, state=step, by=by, at=at)
    verb = {ProcedureState.ACCEPTED: "accept", ProcedureState.REFUSED: "refuse"}.get(step, "ask_again")
    record(verb=f"{verb}_health_document", target=document, by=by, at=at, family_key=document.family_id)
    title = f"{LISTED[DocumentKind(document.kind)]} de {document.child.first_name}"
    tell_family(family=document.family, child=document.child, title=title, text=text, at=at)
    return document


def _take_away(document: HealthDocument, *, by: User, at: datetime) -> None:
    _erase_pages(document)
    document.removed_at = at
    document.save(update_fields=["removed_at"])
    procedure = find_procedure(about=document)
    if procedure is not None and procedure.state in {ProcedureState.RECEIVED, ProcedureState.YOUR_TURN}:
        move_procedure(procedure=procedure, state=ProcedureState.CANCELLED, by=by, at=at)
    record(verb="remove_health_document", target=document, by=by, at=at, family_key=document.family_id)


def _erase_pages(document: HealthDocument) -> None:
    for page in document.pages.select_related("file"):
        stored = page.file
        page.delete()
        erase_file(stored)


def _keep_pages(document: HealthDocument, uploads: "Sequence[UploadedFile[bytes]]", *, by: User, at: datetime) -> None:
    """Check and seal every page; a refused one leaves nothing of the others on the disk."""
    order = count()

    def attach(stored: StoredFile) -> None:
        _seal_content(stored)
        HealthFile.objects.create(document=document, file=stored, order=next(order))

    store_files(uploads=uploads, attach=attach, by=by, at=at)


def _seal_content(stored: StoredFile) -> None:
    """Replace the content by its sealed form, under another name: the plain one is removed at once.

    `size` and `sha256` stay those of the plain content, which is what a person downloads.
    """
    storage, plain = stored.content.storage, stored.content.name or ""
    with stored.content.open("rb") as source:
        sealed = seal(source.read())
    stored.content.save(f"{stored.name}.sealed", ContentFile(sealed), save=True)
    if stored.content.name != plain:
        storage.delete(plain)
