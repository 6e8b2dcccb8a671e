"""From the questions that an agent wrote to a Django form of ours."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from wagtail.contrib.forms.forms import BaseForm, FormBuilder

from cms_pages.surveys.uploads import ACCEPT, MAX_BYTES, MAX_FILES, check_upload
from portal.domain.families.models import Child
from portal.domain.files.checks import CheckedFile
from portal.domain.kernel.french import typography
from portal.web.forms import NamedErrorsMixin, NativeDateInput

#: A field that people do not see and robots fill in. No label gives a name with a hyphen.
TRAP = "adresse-postale-2"

_PHONE = re.compile(r"(?:\+33|0033|0)([1-9]\d{8})")
_LONGEST_TEXT = 4000
_LABEL_LENGTH = 120


class FrenchNumberField(forms.DecimalField):
    """“1 234,5” or “1234.5”."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "class": "short"})

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            value = re.sub(r"[\s\u00a0\u202f]", "", value).replace(",", ".")
        return super().to_python(value)


class PhoneField(forms.CharField):
    """A French number, kept by pairs: “06 12 34 56 78”."""

    widget = forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "class": "short"})

    def clean(self, value: Any) -> str:
        typed = str(super().clean(value))
        if not typed:
            return ""
        found = _PHONE.fullmatch(re.sub(r"[\s.\-()\u00a0\u202f]", "", typed))
        if found is None:
            raise ValidationError(
                _("«\u00a0%(field)s\u00a0»\u00a0: écrivez un numéro à dix chiffres, par exemple 06 12 34 56 78")
                % {"field": self.label},
                code="phone",
            )
        digits = f"0{found[1]}"
        return " ".join(digits[place : place + 2] for place in range(0, 10, 2))


class FilesInput(forms.FileInput):
    """The browser's own control, for several files."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Up to `MAX_FILES` files, each checked by its content. `kept` says how many were sent before."""

    widget = FilesInput

    def __init__(self, **kwargs: Any) -> None:
        self.kept = 0
        super().__init__(**kwargs)
        self.widget.attrs.update({"accept": ACCEPT, "multiple": True})

    def clean(self, data: Any, initial: Any = None) -> list[CheckedFile]:
        uploads = [item for item in (data if isinstance(data, (list, tuple)) else [data]) if item]
        if not uploads:
            if self.required and not self.kept:
                raise ValidationError(self.error_messages["required"], code="required")
            return []
        if len(uploads) > MAX_FILES:
            raise ValidationError(
                _("«\u00a0%(field)s\u00a0»\u00a0: %(count)s fichiers au plus, choisissez-les de nouveau")
                % {"field": self.label, "count": MAX_FILES},
                code="count",
            )
        checked, problems = [], []
        for upload in uploads:
            if not isinstance(upload, UploadedFile):
                raise ValidationError(self.error_messages["required"], code="required")
            try:
                checked.append(check_upload(upload))
            except ValidationError as error:
                problems.extend(error.messages)
        if problems:
            raise ValidationError(" ".join(problems), code="file")
        return checked


class SurveyForm(NamedErrorsMixin, BaseForm):
    """The form of a page: its questions and the trap for robots.

    `children` are those an answer may be about; `answered` the answer that is being changed.
    """

    def __init__(
        self,
        *args: Any,
        children: Iterable[Child] = (),
        kept_files: Mapping[str, int] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.children = {str(child.pk): child for child in children}
        self.fields[TRAP] = forms.CharField(required=False, label=_("Ne remplissez pas ce champ"), max_length=200)
        for name, field in self.fields.items():
            if isinstance(field, ChildField):
                field.choices = [(key, child.first_name) for key, child in self.children.items()]
            if isinstance(field, FilesField):
                field.kept = (kept_files or {}).get(name, 0)

    def add_files_reminder(self) -> None:
        """A browser never sends a chosen file twice by itself: say so when something else is to be corrected."""
        for name, field in self.fields.items():
            chosen = isinstance(field, FilesField) and self.files.getlist(name)
            if chosen and name not in self.errors:
                self.add_error(
                    name,
                    _("«\u00a0%(field)s\u00a0»\u00a0: choisissez de nouveau le fichier avant de renvoyer")
                    % {"field": field.label},
                )

    def clean(self) -> dict[str, Any]:
        """Robots are told what people never see."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.pop(TRAP, ""):
            raise ValidationError(
                _("Un champ caché a été rempli, comme le font les robots\u00a0: rechargez la page et recommencez."),
                code="trap",
            )
        return cleaned


class ChildField(forms.ChoiceField):
    """One of the family's children."""

    widget = forms.RadioSelect


class SurveyFormBuilder(FormBuilder):
    """Wagtail's builder with our fields, and choices written one by line."""

    def get_field_options(self, field: Any) -> dict[str, Any]:
        options: dict[str, Any] = super().get_field_options(field)
        options["label"] = typography(field.label)
        options["help_text"] = typography(field.help_text)  # escaped once, by the template
        options.pop("initial")
        return options

    def create_singleline_field(self, field: Any, options: dict[str, Any]) -> forms.Field:
        return forms.CharField(max_length=255, **options)

    def create_multiline_field(self, field: Any, options: dict[str, Any]) -> forms.Field:
        return forms.CharField(max_length=_LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 5}), **options)

    def create_number_field(self, field: Any, options: dict[str, Any]) -> forms.Field:
        return FrenchNumberField(max_digits=12, decimal_places=4, **options)

    def create_date_field(self, field: Any, options: dict[str, Any]) -> forms.Field:
        return forms.DateField(
            widget=NativeDateInput(attrs={"class": "short"}),
            input_formats=["%Y-%m-%d", "%d/%m/%Y", "%d/%m/%y"],
            **options,
        )

    def create_email_field(self, field: Any, options: dict[str, Any]) -> forms.Field:
        return forms.EmailField(max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"}), **options)

    def create_phone_field(self, field: Any, options: dict[str, Any]) -> forms.Field:
        return PhoneField(max_length=30, **options)

    def create_child_field(self, field: Any, options: dict[str, Any]) -> forms.Field:
        return ChildField(**options)

    def create_file_field(self, field: Any, options: dict[str, Any]) -> forms.Field:
        limits = _("PDF ou photo, %(size)s\u00a0Mo et %(count)s fichiers au plus.") % {
            "size": MAX_BYTES // (1024 * 1024),
            "count": MAX_FILES,
        }
        options["help_text"] = " ".join(filter(None, [str(options["help_text"]), limits]))
        return FilesField(**options)

    def create_checkboxes_field(self, field: Any, options: dict[str, Any]) -> forms.Field:
        return forms.MultipleChoiceField(
            choices=self.get_formatted_field_choices(field), widget=forms.CheckboxSelectMultiple, **options
        )

    def create_dropdown_field(self, field: Any, options: dict[str, Any]) -> forms.Field:
        choices = [("", _("Choisissez")), *self.get_formatted_field_choices(field)]
        return forms.ChoiceField(choices=choices, **options)

    def create_checkbox_field(self, field: Any, options: dict[str, Any]) -> forms.Field:
        made = forms.BooleanField(**options)
        made.error_messages["required"] = _("«\u00a0%(field)s\u00a0»\u00a0: cochez la case pour continuer") % {
            "field": field.label
        }
        return made

    def get_formatted_field_choices(self, field: Any) -> list[tuple[str, str]]:
        """One choice by line, each once; a comma is part of a choice."""
        return [(choice, choice) for choice in choices_of(field.choices)]

    def get_form_class(self) -> type[SurveyForm]:
        return type("QuestionsForm", (SurveyForm,), self.formfields)


def choices_of(text: str) -> Sequence[str]:
    """The choices that an agent wrote, one by line."""
    return list(dict.fromkeys(line.strip()[:_LABEL_LENGTH] for line in text.splitlines() if line.strip()))
