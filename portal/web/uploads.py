"""Several files at once, as families send them; the domain judges their content."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.domain.files.checks import weight
from portal.web.forms import NamedErrorsMixin

#: What the browser proposes first: a PDF, or a photograph taken on the spot.
ACCEPT = ".pdf,.jpg,.jpeg,.png,.heic,.webp,image/*,application/pdf"


class FilesInput(forms.FileInput):
    """The browser's own control, for several files."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files, as they came."""

    widget = FilesInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.widget.attrs.update({"accept": ACCEPT, "multiple": True})

    def clean(self, data: Any, initial: Any = None) -> list["UploadedFile[bytes]"]:
        uploads = [each for each in (data if isinstance(data, (list, tuple)) else [data]) if each]
        if not uploads and self.required:
            raise ValidationError(self.error_messages["required"], code="required")
        return uploads


class FilesForm(NamedErrorsMixin, forms.Form):
    """Files to add: to a paper, to a declaration."""

    files = FilesField(label=gettext_lazy("Choisir des fichiers ou prendre une photo"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["files"]
        field.help_text = _("PDF ou photo lisible\u00a0: %(most)s fichiers au plus, %(weight)s au plus chacun.") % {
            "weight": weight(settings.FAMILY_MAX_UPLOAD_SIZE),
            "most": settings.FAMILY_MAX_UPLOADS,
        }
        field.error_messages["required"] = _("Choisissez au moins un fichier\u00a0: une photo lisible suffit.")
