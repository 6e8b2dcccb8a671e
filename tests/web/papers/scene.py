"""A paper with a file, for the tests that go through every address."""

import io

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from portal.domain.papers.enums import PaperState
from portal.domain.papers.models import Paper, PaperFile, PaperType
from portal.domain.papers.services import add_files
from tests.domain.papers.factories import PaperFactory, PaperTypeFactory
from tests.web.two_families import Town


def photo(name: str = "assurance.jpg", color: str = "white") -> SimpleUploadedFile:
    """A picture as a telephone sends it."""
    out = io.BytesIO()
    Image.new("RGB", (800, 1100), color).save(out, "JPEG")
    return SimpleUploadedFile(name, out.getvalue(), content_type="image/jpeg")


def insurance(town: Town) -> PaperType:
    """The town asks a proof of insurance of each child; the first one's is in preparation."""
    kind = PaperTypeFactory(insurance=True)
    if not PaperFile.objects.filter(paper__type=kind, paper__child=town.enrolled).exists():
        add_files(
            family=town.family,
            type=kind,
            child=town.enrolled,
            uploads=[photo()],
            by=town.owner,
            at=timezone.now(),
        )
    return kind


def file_of(town: Town) -> PaperFile:
    """The file of the paper in preparation."""
    kind = insurance(town)
    return PaperFile.objects.select_related("paper").get(paper__type=kind, paper__child=town.enrolled)


def former(town: Town) -> PaperType:
    """What the town no longer asks of anybody: its page is only for the family that sent it once."""
    kind = PaperTypeFactory(code="ancienne", name="Ancienne pièce", is_offered=False)
    if not Paper.objects.filter(type=kind, family=town.family).exists():
        PaperFactory(type=kind, family=town.family, sent_by=town.owner, state=PaperState.SENT)
    return kind
