"""Turning the keys: everything sealed is sealed again with the first one. Safe to stop and to run again."""

from dataclasses import dataclass

from django.core.files.base import ContentFile
from django.db import transaction

from portal.domain.files.models import StoredFile
from portal.domain.health.models import HealthDocument, HealthFile, HealthSheet, VaccineBooklet
from portal.domain.health.sealing import box

BATCH = 200

_SEALED = (
    (HealthSheet, ("content", "draft")),
    (VaccineBooklet, ("doses",)),
    (HealthDocument, ("reason",)),
)


@dataclass(frozen=True, slots=True)
class Rotated:
    rows: int
    files: int


def rotate_keys() -> Rotated:
    """Rows and files sealed again. Each row in its own transaction: nobody waits long. Raises CannotOpen."""
    rows = 0
    for model, names in _SEALED:
        for key in model._default_manager.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=BATCH):
            with transaction.atomic():
                row = model._default_manager.select_for_update().filter(pk=key).first()
                if row is not None:
                    row.save(update_fields=list(names))
                    rows += 1
    files = sum(_rotate_file(key) for key in HealthFile.objects.order_by("pk").values_list("file", flat=True))
    return Rotated(rows, files)


@transaction.atomic
def _rotate_file(key: int) -> int:
    stored = StoredFile.objects.select_for_update().filter(pk=key).first()
    if stored is None:
        return 0
    storage, old = stored.content.storage, stored.content.name or ""
    with stored.content.open("rb") as source:
        token = box().rotate(source.read())
    stored.content.save(f"{stored.name}.sealed", ContentFile(token), save=True)
    if stored.content.name != old:
        transaction.on_commit(lambda: storage.delete(old))
    return 1
