"""The forms through which files come in: the library's own, and Wagtail's for the files of pages."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from wagtail.documents.forms import BaseDocumentForm

from documents.library.filetypes import check_file
from portal.domain.files.checks import PUBLISHED, CheckedFile, weight
from portal.domain.files.refusal import FileRefused
from portal.domain.kernel.french import join_words, typography


def accepted_sentence(most: int) -> str:
    """What may be sent, in one sentence."""
    kinds = join_words((kind.value for kind in PUBLISHED), last="ou")
    return typography(f"{kinds}, {weight(most)} au plus. Un PDF se lit partout, téléphone compris.")


class CheckedFileField(forms.FileField):
    """A file whose content is checked; its cleaned value is a `CheckedFile`, or None when it may be left out."""

    widget = forms.FileInput(attrs={"accept": ",".join(f".{kind.value}" for kind in PUBLISHED)})
    default_error_messages = {
        "required": "Choisissez le fichier à publier.",
        "invalid": "Choisissez un fichier.",
        "empty": "Ce fichier est vide. Ouvrez-le sur votre ordinateur, enregistrez-le, puis renvoyez-le.",
    }

    def clean(self, data: Any, initial: Any = None) -> CheckedFile | None:
        """The file as it will be published. Raises ValidationError with what to do."""
        upload = super().clean(data, None)
        return checked(upload) if isinstance(upload, UploadedFile) else None


def checked(upload: UploadedFile) -> CheckedFile:
    """An uploaded file, checked. Raises ValidationError."""
    upload.seek(0)
    try:
        # One byte more than the limit is enough to refuse: a file of a gigabyte is not read whole.
        return check_file(upload.name or "", upload.read(settings.LIBRARY_MAX_UPLOAD_SIZE + 1), size=upload.size)
    except FileRefused as refusal:
        raise ValidationError(refusal.reason, code="file") from refusal
    finally:
        upload.seek(0)


class CheckedDocumentForm(BaseDocumentForm):
    """Wagtail's form of files: it looked at extensions only."""

    def clean_file(self) -> Any:
        """The file, when it is what its name says."""
        upload = self.cleaned_data["file"]
        if isinstance(upload, UploadedFile):
            checked(upload)
        return upload
