"""Which days, and why; then what the family answers to the service."""

from collections.abc import Collection, Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.domain import language
from portal.domain.bookings.enums import Wish
from portal.domain.late_requests.asking import Askable
from portal.domain.late_requests.models import MOST_REASON, MOST_WORDS
from portal.web.forms import NamedErrorsMixin

_HEALTH = gettext_lazy("N’écrivez rien de la santé de votre enfant.")


class AskForm(NamedErrorsMixin, forms.Form):
    """The refused days of the month, ticked or not, and the reason."""

    jour = forms.MultipleChoiceField(
        label=gettext_lazy("Les jours"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": gettext_lazy("Cochez au moins un jour."),
            "invalid_choice": gettext_lazy("Un de ces jours ne se demande plus\u00a0: cochez à nouveau."),
        },
    )
    motif = forms.CharField(
        label=gettext_lazy("Pourquoi cette demande"),
        max_length=MOST_REASON,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Quelques mots pour le service. N’écrivez rien de la santé de votre enfant."),
        error_messages={
            "required": gettext_lazy("Écrivez pourquoi vous faites cette demande."),
            "max_length": gettext_lazy("Écrivez 500\u00a0caractères au plus."),
        },
    )

    def __init__(self, *args: Any, days: Sequence[Askable], wish: Wish, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        boxes = cast(forms.MultipleChoiceField, self.fields["jour"])
        several = len({each.key.unit_id for each in days}) > 1
        boxes.choices = [(each.code, day_words(each, wish, several=several)) for each in days]


class ReplyForm(NamedErrorsMixin, forms.Form):
    """The answer to what the service asked."""

    texte = forms.CharField(
        label=gettext_lazy("Votre réponse au service"),
        max_length=MOST_WORDS,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_HEALTH,
        error_messages={
            "required": gettext_lazy("Écrivez votre réponse."),
            "max_length": gettext_lazy("Écrivez 500\u00a0caractères au plus."),
        },
    )


def day_words(each: Askable, wish: Wish, *, several: bool) -> str:
    """“lundi 14 septembre, 4,30 €”; with the unit where the form holds several."""
    words = language.words()
    parts = [words.weekday_day_month(each.day)]
    if several:
        parts.append(words.lower_first(each.label))
    money = words.amount(each.amount)
    parts.append(_("%(money)s en moins") % {"money": money} if wish == Wish.REMOVE else money)
    if each.surcharge:
        parts.append(_("dont %(more)s de retard") % {"more": words.amount(each.surcharge)})
    return ", ".join(parts)


def ticked(codes: Collection[str], days: Sequence[Askable]) -> list[str]:
    """Those of these codes that the form proposes."""
    known = {each.code for each in days}
    return [code for code in codes if code in known]
