"""A declaration with a file, for the tests that go through every address."""

import io

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from portal.domain.accounts.models import User
from portal.domain.families.models import Family
from portal.domain.files.checks import SENT_BY_FAMILIES
from portal.domain.files.services import store_file
from portal.domain.quotients.models import QuotientProof
from tests.domain.quotients.factories import QuotientFactory


def photo(name: str = "attestation.jpg", colour: str = "white") -> SimpleUploadedFile:
    """A picture as a telephone sends it."""
    out = io.BytesIO()
    Image.new("RGB", (30, 40), colour).save(out, "JPEG")
    return SimpleUploadedFile(name, out.getvalue(), content_type="image/jpeg")


def proof_key(family: Family, owner: User) -> int:
    """The file of the family's declaration, made when it is missing."""
    found = QuotientProof.objects.filter(quotient__family=family).order_by("pk").first()
    if found is None:
        stored = store_file(
            upload=photo(), accepted=SENT_BY_FAMILIES, most=6 * 1024 * 1024, by=owner, at=timezone.now()
        )
        quotient = QuotientFactory(family=family, sent_by=owner, accepted=True)
        found = QuotientProof.objects.create(quotient=quotient, file=stored)
    return found.pk
