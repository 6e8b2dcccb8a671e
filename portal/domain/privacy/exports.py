"""« Mes données » as a file: JSON for machines, PDF for people, in one ZIP kept out of reach for seven days."""

import json
import zipfile
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

from django.core.files.base import ContentFile
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction

from portal.domain.accounts.models import User
from portal.domain.audit.services import record
from portal.domain.privacy.enums import ExportState
from portal.domain.privacy.models import DataExport
from portal.domain.privacy.registry import personal_data

AVAILABLE = timedelta(days=7)
SCHEMA = "portail-famille/mes-donnees/1"

Print = Callable[[Mapping[str, Any]], bytes]


class NothingToTake(Exception):
    """The copy is not ready, was taken already, or its time is over."""


@transaction.atomic
def ask_export(*, user: User, family: int, at: datetime) -> tuple[DataExport, bool]:
    """Ask for a copy; the one already asked when there is one. Says whether it is new and must be prepared."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    expire_exports(at=at, user=user)
    waiting = DataExport.objects.filter(
        user=user, family_key=family, state__in=[ExportState.ASKED, ExportState.READY]
    ).first()
    if waiting is not None:
        return waiting, False
    export = DataExport.objects.create(user=user, family_key=family, asked_at=at, expires_at=at + AVAILABLE)
    record(verb="ask_export", target=export, by=user, at=at, family_key=family)
    return export, True


def collect(*, user: User, family: int, at: datetime) -> dict[str, Any]:
    """Everything that this account may see of that dossier, part by part, as JSON-ready values."""
    return {
        "schema": SCHEMA,
        "date": at.isoformat(),
        "compte": user.username,
        "parties": [
            {"code": part.code, "titre": part.title, "lignes": [dict(row) for row in part.collect(family, user)]}
            for part in personal_data()
        ],
    }


@transaction.atomic
def prepare_export(*, key: int, print_pdf: Print, at: datetime) -> DataExport | None:
    """Write the file of a copy that was asked; None when it is gone or done already."""
    export = (
        DataExport.objects.select_for_update(of=("self",), no_key=True)
        .select_related("user")
        .filter(pk=key, state=ExportState.ASKED)
        .first()
    )
    if export is None:
        return None
    data = collect(user=export.user, family=export.family_key, at=at)
    # Read back from JSON, so that the paper says the same as the file.
    text = json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mes-donnees.json", text)
        archive.writestr("mes-donnees.pdf", print_pdf(json.loads(text)))
    export.content.save("mes-donnees.zip", ContentFile(packed.getvalue()), save=False)
    export.state, export.ready_at, export.expires_at = ExportState.READY, at, at + AVAILABLE
    export.save(update_fields=["content", "state", "ready_at", "expires_at"])
    return export


@transaction.atomic
def take_export(*, export: DataExport, by: User, at: datetime) -> bytes:
    """The content, once: it is erased when it is given. Raises NothingToTake."""
    locked = (
        DataExport.objects.visible_to(by)
        .select_for_update(of=("self",), no_key=True)
        .filter(pk=export.pk, state=ExportState.READY, expires_at__gt=at)
        .first()
    )
    if locked is None:
        raise NothingToTake
    with locked.content.open("rb") as stream:
        content: bytes = stream.read()
    _forget(locked, ExportState.TAKEN)
    record(verb="take_export", target=locked, by=by, at=at, family_key=locked.family_key)
    return content


@transaction.atomic
def expire_exports(*, at: datetime, user: User | None = None) -> int:
    """Erase the copies whose time is over, and return how many."""
    over = DataExport.objects.filter(state__in=[ExportState.ASKED, ExportState.READY], expires_at__lte=at)
    if user is not None:
        over = over.filter(user=user)
    erased = 0
    for export in over.select_for_update(of=("self",), no_key=True, skip_locked=True).order_by("pk")[:500]:
        _forget(export, ExportState.EXPIRED)
        erased += 1
    return erased


@transaction.atomic
def withdraw_exports(*, user: User, family: int) -> int:
    """Erase the copies of a dossier that this account asked for and did not take: it may not look there any more."""
    waiting = DataExport.objects.filter(user=user, family_key=family, state__in=[ExportState.ASKED, ExportState.READY])
    erased = 0
    for export in waiting.select_for_update(of=("self",), no_key=True).order_by("pk"):
        _forget(export, ExportState.EXPIRED)
        erased += 1
    return erased


def _forget(export: DataExport, state: ExportState) -> None:
    storage, name = export.content.storage, export.content.name
    export.state, export.content = state, ""
    export.save(update_fields=["state", "content"])
    if name:
        transaction.on_commit(lambda: storage.delete(name))
