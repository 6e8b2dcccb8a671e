"""The steps of a price in words, in the language of who reads: « Pourquoi ce prix ? »."""

from dataclasses import dataclass
from decimal import Decimal

from portal.domain.kernel.wording import is_english
from portal.domain.tariffs.engine import words_en, words_fr
from portal.domain.tariffs.engine.aids import AidLine
from portal.domain.tariffs.engine.grids import Grid
from portal.domain.tariffs.engine.situations import Quotient
from portal.domain.tariffs.engine.steps import Step, StepKind

#: What says something of the family's quotient; the other steps hold whatever it is.
_OF_THE_QUOTIENT = frozenset({StepKind.QUOTIENT, StepKind.HIGHEST, StepKind.DEFAULT})


@dataclass(frozen=True, slots=True)
class Told:
    """What an explanation is made of."""

    tariff_name: str
    rate_label: str
    grid: Grid
    steps: tuple[Step, ...]
    aids: tuple[AidLine, ...]
    quotient: Quotient


def explain(told: Told, language: str) -> tuple[str, ...]:
    """The sentences, in the order of the calculation; the vote that fixed the grid comes last.

    A flat price that begins the calculation is said in one sentence with the name of the tariff.
    """
    say = words_en if is_english(language) else words_fr
    flat = told.steps[0] if told.steps and told.steps[0].kind is StepKind.FLAT else None
    sentences = [
        say.tariff(told.tariff_name, told.rate_label, told.grid.valid_from, None if flat is None else flat.amount)
    ]
    if told.quotient.value is not None and not any(step.kind in _OF_THE_QUOTIENT for step in told.steps):
        sentences.append(say.same_for_all())
    before = Decimal(0)
    for step in told.steps:
        if step is not flat:
            sentences.append(say.step(step, before, told.quotient))
        before = step.amount
    for line in told.aids:
        before -= line.amount
        sentences.append(say.aid(line.label, line.amount, before))
    if told.grid.deliberation:
        sentences.append(say.deliberation(told.grid.deliberation))
    return tuple(sentences)
