"""Which files the library takes: those the town publishes, checked as every upload is."""

from django.conf import settings

from portal.domain.files import checks
from portal.domain.files.checks import PUBLISHED, CheckedFile

#: For the fields of models and forms.
CHOICES = [(kind.value, kind.label) for kind in PUBLISHED]


def check_file(name: str, content: bytes, *, size: int | None = None) -> CheckedFile:
    """The file, once its content is known to be what its name says. Raises FileRefused.

    `size`: the weight of the whole file when `content` is only the beginning of one that is too big.
    """
    return checks.check_file(name, content, accepted=PUBLISHED, most=settings.LIBRARY_MAX_UPLOAD_SIZE, size=size)
