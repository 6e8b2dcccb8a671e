"""A deadline as a field of an ordinary screen: the same fields as on the page of the règlement (`rule_editor`).

Without script, a kind that was just chosen has no fields yet: the form comes back with them, and nothing is kept.
"""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from portal.backoffice.screens.rule_editor import RuleEditor

#: The buttons that draw the rule again; each names the rule that it is about.
_REDRAW = ("montrer", "ajouter", "retirer")


class RuleWidget(forms.Widget):
    """The fields of one rule; what they hold is a `RuleEditor` once the form was sent."""

    use_fieldset = True

    def __init__(self, *, empty: str) -> None:
        super().__init__()
        self.empty = empty
        self.kept: Mapping[str, Any] | None = None

    def value_from_datadict(self, data: Any, files: Any, name: str) -> RuleEditor:
        return self.editor(name, data=data)

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return f"{name}-kind" not in data

    def id_for_label(self, id_: str) -> str:
        return ""

    def editor(self, name: str, *, data: Any = None, initial: Mapping[str, Any] | None = None) -> RuleEditor:
        """The rule as it was sent, or as it is kept."""
        sent = data if data is not None and f"{name}-kind" in data else None
        kept = self.kept if initial is None else initial
        return RuleEditor(name, title="La règle", data=sent, initial=kept, empty=self.empty)

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        editor = value if isinstance(value, RuleEditor) else self.editor(name, initial=value)
        return render_to_string("backoffice/screens/rule_field.html", {"editor": editor, "name": name})


class RuleField(forms.Field):
    """A deadline, or none. What is wrong inside is said beside each field; the form itself says where to look."""

    widget: RuleWidget

    def __init__(self, *, label: str, empty: str, help_text: str = "") -> None:
        super().__init__(label=label, required=False, help_text=help_text, widget=RuleWidget(empty=empty))

    def keep(self, kept: Mapping[str, Any] | None) -> None:
        """Say which rule the object has now."""
        self.widget.kept = kept

    def bound_data(self, data: Any, initial: Any) -> Any:
        return data

    def has_changed(self, initial: Any, data: Any) -> bool:
        return not _is_read(data) or data.to_data() != initial

    def clean(self, value: Any) -> Any:
        editor: RuleEditor = value
        data = editor.data
        if data is None:
            return editor.initial or None
        if any(_about(data.get(button, ""), editor.prefix) for button in _REDRAW):
            raise ValidationError("Remplissez la règle, puis enregistrez : rien n’est encore enregistré.")
        if not editor.is_shown:
            raise ValidationError("Les champs de ce genre de règle sont affichés : remplissez-les, puis enregistrez.")
        if not _is_read(editor):
            raise ValidationError(_first_error(editor))
        return editor.to_data()


def _is_read(editor: Any) -> bool:
    return isinstance(editor, RuleEditor) and editor.is_shown and editor.is_valid()


def _about(pressed: str, prefix: str) -> bool:
    return pressed == prefix or pressed.startswith(f"{prefix}.")


def _first_error(editor: RuleEditor) -> str:
    """What is wrong with the rule as a whole, else where to look."""
    return editor.all_errors[0] if editor.all_errors else "Cette règle est à corriger : voyez ses champs."
