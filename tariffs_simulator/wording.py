"""Numbers and calculations as the simulator says them, in the language being spoken."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Protocol

from django.utils.translation import gettext as _

from portal.domain import language
from portal.domain.kernel import wording
from portal.domain.quotients.enums import QuotientSource
from portal.domain.quotients.formula import Computed, Formula, Household, Per, Rounding
from portal.domain.tariffs.engine import Quotient, words_en, words_fr


class _Words(Protocol):
    def number(self, value: Decimal | None) -> str: ...
    def bracket(self, low: Decimal, high: Decimal | None) -> str: ...
    def duration(self, minutes: Decimal | None) -> str: ...


def _say() -> _Words:
    return words_en if wording.is_english(language.spoken()) else words_fr


def said(value: Decimal | None) -> str:
    """“842”, “1 049,33”: no more digits than needed."""
    return _say().number(value)


def bracket(low: Decimal, high: Decimal | None) -> str:
    """“de 600 à moins de 1 000”."""
    return _say().bracket(low, high)


def duration(minutes: int) -> str:
    """“1 h 30”."""
    return _say().duration(Decimal(minutes))


def quotient_words(quotient: Quotient) -> str:
    """“842, déclaré par la famille, valable jusqu’au 31 août 2027”."""
    words = [said(quotient.value), *((str(QuotientSource(quotient.source).label),) if quotient.source else ())]
    if quotient.until is not None:
        words.append(_("valable jusqu’au %(day)s") % {"day": language.words().full_date(quotient.until)})
    return ", ".join(words)


def quotient_steps(formula: Formula, household: Household, computed: Computed) -> tuple[str, ...]:
    """How a quotient was computed, step by step: the resources of a month, the parts, the division."""
    return (
        _("Ressources d’un mois\u00a0: %(sum)s = %(monthly)s")
        % {"sum": _sum(formula, household.amounts), "monthly": language.words().amount(computed.monthly)},
        _("Parts\u00a0: %(sum)s = %(parts)s") % {"sum": _parts(formula, household), "parts": said(computed.parts)},
        _("Quotient\u00a0: %(monthly)s ÷ %(parts)s = %(value)s (%(rounding)s)")
        % {
            "monthly": language.words().amount(computed.monthly),
            "parts": said(computed.parts),
            "value": said(computed.value),
            "rounding": _rounding(formula.rounding),
        },
    )


def _sum(formula: Formula, amounts: Mapping[str, Decimal]) -> str:
    text = ""
    for asked in formula.amounts:
        euros = amounts.get(asked.code, Decimal(0))
        term = f"{said(euros)} ÷ 12" if asked.per is Per.YEAR else said(euros)
        sign = "−" if asked.minus else "+"
        text += f" {sign} {term}" if text else (f"−{term}" if asked.minus else term)
    return text


def _parts(formula: Formula, household: Household) -> str:
    parts = formula.parts
    adults = parts.couple if household.couple else parts.alone
    terms = [
        _("%(parts)s pour les parents") % {"parts": said(adults)}
        if household.couple
        else _("%(parts)s pour le parent") % {"parts": said(adults)}
    ]
    for rank in range(household.children):
        share = parts.children[rank] if rank < len(parts.children) else parts.further
        terms.append(_("%(parts)s pour l’enfant %(number)s") % {"parts": said(share), "number": rank + 1})
    if household.disabled:
        terms.append(
            _("%(count)s × %(parts)s pour handicap") % {"count": household.disabled, "parts": said(parts.disabled)}
        )
    return " + ".join(terms)


def _rounding(rounding: Rounding) -> str:
    return {
        Rounding.UNIT: _("arrondi à l’unité"),
        Rounding.DOWN: _("arrondi à l’unité inférieure"),
        Rounding.CENT: _("arrondi au centime"),
    }[rounding]
