"""How a Django form becomes our fields: the renderer and the native widgets."""

from typing import Any

from django import forms
from django.forms.renderers import TemplatesSetting
from django.utils.translation import gettext_lazy as _


class PortalRenderer(TemplatesSetting):
    """Form renderer of the whole site (`settings.FORM_RENDERER`): `{{ form }}` and `{{ field.as_field_group }}`.

    Needs "django.forms" in INSTALLED_APPS, so that the widgets' own templates stay reachable.
    """

    form_template_name = "components/form.html"
    field_template_name = "components/field.html"


_EXAMPLES = {
    forms.EmailField: {"invalid": _("Indiquez une adresse mail complète, par exemple nom@exemple.fr")},
    forms.DateField: {
        "invalid": _("«\u00a0%(field)s\u00a0»\u00a0: indiquez une date qui existe, par exemple 07/09/2026")
    },
    forms.IntegerField: {"invalid": _("«\u00a0%(field)s\u00a0»\u00a0: indiquez un nombre entier, sans virgule")},
    forms.DecimalField: {"invalid": _("«\u00a0%(field)s\u00a0»\u00a0: indiquez un nombre, par exemple 842,50")},
}
_ANY_FIELD = {
    "required": _("«\u00a0%(field)s\u00a0» est à remplir"),
    "invalid_choice": _("«\u00a0%(field)s\u00a0»\u00a0: ce choix n’est plus proposé, choisissez-en un autre"),
}
_CHOSEN = {"required": _("«\u00a0%(field)s\u00a0»\u00a0: choisissez une réponse")}
_TICKED = {"required": _("«\u00a0%(field)s\u00a0»\u00a0: cochez au moins une case")}
_SENT = {"required": _("«\u00a0%(field)s\u00a0»\u00a0: choisissez un fichier à envoyer")}


class NamedErrorsMixin(forms.Form):
    """Default error messages that name the field and say what to do, instead of Django's general ones.

    Put it first among the bases. A message given by the form's author always wins. Write `novalidate` on the <form>:
    controls keep `required` for the ears, and the browser's bubbles do not hide our summary.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            label = str(field.label or name).rstrip(" \u00a0:")
            for code, message in self._messages_for(field).items():
                if field.error_messages.get(code) == _django_message(field, code):
                    field.error_messages[code] = str(message) % {"field": label}

    @staticmethod
    def _messages_for(field: forms.Field) -> dict[str, Any]:
        messages: dict[str, Any] = dict(_ANY_FIELD)
        if isinstance(field, forms.MultipleChoiceField):
            messages |= _TICKED
        elif isinstance(field, forms.ChoiceField):
            messages |= _CHOSEN
        elif isinstance(field, forms.FileField):
            messages |= _SENT
        for kind, examples in _EXAMPLES.items():
            if isinstance(field, kind):
                messages |= examples
        return messages


def _django_message(field: forms.Field, code: str) -> object:
    """The message that the class of the field would give by itself."""
    for base in type(field).__mro__:
        messages: dict[str, Any] = base.__dict__.get("default_error_messages", {})
        if code in messages:
            return messages[code]
    return None


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
