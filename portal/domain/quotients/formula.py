"""How a quotient is computed from what a household writes: the CAF's way, or a town's own, as data.

(incomes of the year / 12 + benefits of the month) / parts. The result is a help: only the authority's value holds, or
the town's once an agent has checked it. Source of the CAF's parts: 2 for one or two parents, a half for each of the
first two children, one for the third, a half for each further, a half more for a disabled child.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any


class Per(StrEnum):
    YEAR = "year"
    MONTH = "month"


class Rounding(StrEnum):
    UNIT = "unit"
    DOWN = "down"
    CENT = "cent"


@dataclass(frozen=True, slots=True)
class Amount:
    """One question in euros: a sum of the year or of the month, added or (`minus`) taken away."""

    code: str
    label: str
    per: Per = Per.YEAR
    minus: bool = False
    help: str = ""


@dataclass(frozen=True, slots=True)
class Parts:
    """The divisor: for the grown-ups, then for each child in order (`children`), then for each further one."""

    couple: Decimal = Decimal(2)
    alone: Decimal = Decimal(2)
    children: tuple[Decimal, ...] = (Decimal("0.5"), Decimal("0.5"), Decimal(1))
    further: Decimal = Decimal("0.5")
    disabled: Decimal = Decimal("0.5")


@dataclass(frozen=True, slots=True)
class Formula:
    amounts: tuple[Amount, ...]
    parts: Parts = Parts()
    rounding: Rounding = Rounding.UNIT


@dataclass(frozen=True, slots=True)
class Household:
    """What was written: euros by code of the question, and who lives there."""

    amounts: Mapping[str, Decimal]
    couple: bool
    children: int
    disabled: int = 0


@dataclass(frozen=True, slots=True)
class Computed:
    """The result with its steps, monthly resources and parts."""

    value: Decimal
    monthly: Decimal
    parts: Decimal


CAF = Formula(
    amounts=(
        Amount("revenus", "Revenus de l’année avant abattements", Per.YEAR),
        Amount("prestations", "Prestations familiales du mois", Per.MONTH),
    )
)


def count_parts(parts: Parts, *, couple: bool, children: int, disabled: int = 0) -> Decimal:
    """The parts of a household. Raises ValueError on a negative number or more disabled children than children."""
    if children < 0 or not 0 <= disabled <= children:
        raise ValueError("a household counts its children once")
    total = parts.couple if couple else parts.alone
    total += sum(parts.children[:children], Decimal(0))
    total += parts.further * max(children - len(parts.children), 0)
    return total + parts.disabled * disabled


def compute(formula: Formula, household: Household) -> Computed:
    """The quotient, never negative. An amount that is not written counts for nothing."""
    monthly = Decimal(0)
    for asked in formula.amounts:
        euros = household.amounts.get(asked.code, Decimal(0))
        euros = euros / 12 if asked.per is Per.YEAR else euros
        monthly += -euros if asked.minus else euros
    parts = count_parts(
        formula.parts, couple=household.couple, children=household.children, disabled=household.disabled
    )
    quotient = max(monthly, Decimal(0)) / parts
    return Computed(value=_rounded(quotient, formula.rounding), monthly=max(monthly, Decimal(0)), parts=parts)


def _rounded(value: Decimal, rounding: Rounding) -> Decimal:
    if rounding is Rounding.CENT:
        return value.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    return value.quantize(Decimal(1), rounding=ROUND_DOWN if rounding is Rounding.DOWN else ROUND_HALF_UP)


def to_data(formula: Formula) -> dict[str, Any]:
    """JSON-ready, as a definition keeps it."""
    return {
        "amounts": [
            {"code": each.code, "label": each.label, "per": each.per, "minus": each.minus, "help": each.help}
            for each in formula.amounts
        ],
        "couple": str(formula.parts.couple),
        "alone": str(formula.parts.alone),
        "children": [str(each) for each in formula.parts.children],
        "further": str(formula.parts.further),
        "disabled": str(formula.parts.disabled),
        "rounding": formula.rounding,
    }


def from_data(data: Mapping[str, Any]) -> Formula:
    """What `to_data` wrote. Raises KeyError, ValueError or decimal.InvalidOperation on anything else."""
    return Formula(
        amounts=tuple(
            Amount(each["code"], each["label"], Per(each["per"]), bool(each["minus"]), each.get("help", ""))
            for each in data["amounts"]
        ),
        parts=Parts(
            couple=Decimal(data["couple"]),
            alone=Decimal(data["alone"]),
            children=tuple(Decimal(each) for each in data["children"]),
            further=Decimal(data["further"]),
            disabled=Decimal(data["disabled"]),
        ),
        rounding=Rounding(data["rounding"]),
    )
