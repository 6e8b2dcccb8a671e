"""What the editing screen of a form refuses."""

from typing import Any

from wagtail.contrib.forms.forms import WagtailAdminFormPageForm

from cms_pages.audiences import AudienceFormMixin
from cms_pages.surveys.enums import FieldKind

#: With several files each, more would be a dossier: nobody sends it from a phone, and a request has its limits.
MAX_FILE_QUESTIONS = 5


class SurveyPageForm(AudienceFormMixin, WagtailAdminFormPageForm):
    """The editing form of a form: a whole audience, and `MAX_FILE_QUESTIONS` questions that ask for files."""

    def clean(self) -> dict[str, Any]:
        """The values, with the errors above."""
        values = super().clean()
        questions = [form.cleaned_data for form in self.formsets["form_fields"].forms if form.is_valid()]
        files = [each for each in questions if each.get("field_type") == FieldKind.FILE and not each.get("DELETE")]
        if len(files) > MAX_FILE_QUESTIONS:
            self.add_error(
                None,
                f"Ce formulaire demande des fichiers dans {len(files)} questions, {MAX_FILE_QUESTIONS} au plus : "
                "une question accepte plusieurs fichiers, regroupez-les.",
            )
        return values
