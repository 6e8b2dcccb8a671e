"""Files that families send: their facts in the database, their content out of reach of the web server."""

import uuid

from django.conf import settings
from django.db import models

from portal.domain.files.checks import FileType
from portal.domain.files.enums import ScanState
from portal.domain.files.storage import PrivateStorage


def storage_path(stored: "StoredFile", _name: str) -> str:
    """Where the content lies: a random name in one of 256 folders, so that neither tells anything."""
    key = stored.key.hex
    return f"{key[:2]}/{key}.{stored.kind}"


class StoredFile(models.Model):
    """A file that passed the checks. It says nothing of who may read it: the object that holds it does.

    Never shown by its key alone: a door goes through the owner (a supporting document, a declaration).
    """

    key = models.UUIDField("clé", default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField("type", max_length=4, choices=FileType.choices)
    name = models.CharField("nom", max_length=120)
    content = models.FileField("contenu", storage=PrivateStorage("families"), upload_to=storage_path, max_length=120)
    size = models.PositiveIntegerField("poids")
    sha256 = models.CharField("empreinte", max_length=64)
    pages = models.PositiveSmallIntegerField("pages", null=True, blank=True)
    width = models.PositiveIntegerField("largeur", null=True, blank=True)
    height = models.PositiveIntegerField("hauteur", null=True, blank=True)
    scan = models.CharField("antivirus", max_length=5, choices=ScanState.choices, default=ScanState.NOT_SCANNED)
    uploaded_at = models.DateTimeField("reçu le")
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="envoyé par", on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = "fichier"
        verbose_name_plural = "fichiers"

    def __str__(self) -> str:
        return self.name
