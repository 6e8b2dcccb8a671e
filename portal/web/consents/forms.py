"""Yes or no to each authorisation of a child, for it alone or for others too."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _

from portal.domain.consents.enums import Answer
from portal.domain.consents.queries import Asked, Sheet
from portal.domain.families.models import Child

YES, NO = "oui", "non"
_PREFIX = "texte_"


class ConsentForm(forms.Form):
    """Built for one sheet; nothing is ticked that this person did not say: silence is not a yes (rule 45)."""

    def __init__(self, *args: Any, sheet: Sheet, others: Sequence[Child], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sheet, self.others = sheet, list(others)
        for asked in sheet.asked:
            self.fields[self._name(asked)] = self._field(asked)
        self.fields["children"] = forms.MultipleChoiceField(
            label=_("Les mêmes réponses pour"),
            choices=[(str(child.pk), child.first_name) for child in others],
            required=False,
            widget=forms.CheckboxSelectMultiple,
            error_messages={"invalid_choice": _("Choisissez des enfants de votre dossier")},
        )

    @staticmethod
    def _name(asked: Asked) -> str:
        # The text that was read, not the authorisation: an answer to a former version is refused.
        return f"{_PREFIX}{asked.text.pk}"

    def _field(self, asked: Asked) -> forms.Field:
        label = asked.type.title
        if asked.type.kind == "image":
            label = _("Droit à l’image\u00a0: %(use)s") % {"use": label[:1].lower() + label[1:]}
        return forms.ChoiceField(
            label=label,
            choices=[(YES, _("oui, j’autorise")), (NO, _("non, je refuse"))],
            required=asked.type.is_compulsory,
            widget=forms.RadioSelect,
            initial={Answer.GRANTED: YES, Answer.REFUSED: NO, Answer.WITHDRAWN: NO}.get(asked.own)
            if asked.own
            else None,
            help_text=asked.text.text,
            error_messages={
                "required": _("«\u00a0%(field)s\u00a0»\u00a0: répondez oui ou non") % {"field": label},
                "invalid_choice": _("«\u00a0%(field)s\u00a0»\u00a0: répondez oui ou non") % {"field": label},
            },
        )

    @property
    def groups(self) -> Iterable[tuple[str, list[tuple[Asked, BoundField]]]]:
        """The fields by nature, each with what is known of it."""
        return [(title, [(asked, self[self._name(asked)]) for asked in group]) for title, group in self.sheet.groups]

    @property
    def answers(self) -> Mapping[int, bool]:
        """Text → yes or no, for what was answered. Only after `is_valid()`."""
        return {
            asked.text.pk: self.cleaned_data[name] == YES
            for asked in self.sheet.asked
            if self.cleaned_data.get(name := self._name(asked))
        }

    @property
    def chosen(self) -> list[Child]:
        """The child and the others that were ticked. Only after `is_valid()`."""
        wanted = self.cleaned_data["children"]
        return [self.sheet.child, *(child for child in self.others if str(child.pk) in wanted)]
