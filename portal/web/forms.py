"""How a Django form becomes our fields: the renderer and the native widgets."""

from typing import Any

from django import forms
from django.forms.renderers import TemplatesSetting


class PortalRenderer(TemplatesSetting):
    """Form renderer of the whole site (`settings.FORM_RENDERER`): `{{ form }}` and `{{ field.as_field_group }}`.

    Needs "django.forms" in INSTALLED_APPS, so that the widgets' own templates stay reachable.
    """

    form_template_name = "components/form.html"
    field_template_name = "components/field.html"


class NativeDateInput(forms.DateInput):
    """A date typed with the browser's own calendar; the wire format is ISO whatever the language."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs=attrs, format="%Y-%m-%d")


class NativeTimeInput(forms.TimeInput):
    """A time typed with the browser's own control."""

    input_type = "time"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs=attrs, format="%H:%M")
