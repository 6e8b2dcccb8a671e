"""What the steps of a price say in French."""

from datetime import date
from decimal import Decimal

from portal.domain.kernel.french import (
    MINUS,
    NBSP,
    amount,
    integer,
    long_date,
    month_year,
    plural,
    typography,
)
from portal.domain.tariffs.engine.situations import Knowledge, Quotient
from portal.domain.tariffs.engine.steps import Direction, Step, StepKind

_SOURCES = {
    "declared": "déclaré par la famille",
    "agent": "enregistré par le service",
    "api": "transmis par la Caf ou la MSA",
    "computed": "calculé par la commune",
}
_ROUNDINGS = {
    Direction.NEAREST: "Arrondi {} le plus proche",
    Direction.UP: "Arrondi {} supérieur",
    Direction.DOWN: "Arrondi {} inférieur",
}


def tariff(name: str, rate_label: str, valid_from: date, price: Decimal | None) -> str:
    since = f"valable depuis le {long_date(valid_from)}"
    if price is None:
        return typography(f"Tarif « {name} », grille {since}.")
    return typography(f"Tarif « {name} » : {amount(price)} {rate_label}, {since}.")


def same_for_all() -> str:
    return typography("Ce tarif est le même pour tous les quotients familiaux.")


def aid(label: str, given: Decimal, left: Decimal) -> str:
    return typography(f"Aide « {label} » : {amount(-given)}. Reste à payer : {amount(left)}.")


def deliberation(vote: str) -> str:
    return typography(f"Fixé par la {vote}.")


def step(each: Step, before: Decimal, quotient: Quotient) -> str:
    """One step in one sentence; `before` is the amount before it."""
    return typography(f"{_said(each, before, quotient)}.")


def _said(each: Step, before: Decimal, quotient: Quotient) -> str:
    numbers, label = each.numbers, each.label
    first = numbers[0] if numbers and numbers[0] is not None else Decimal(0)
    match each.kind:
        case StepKind.QUOTIENT:
            return _quotient(first, quotient)
        case StepKind.HIGHEST:
            return f"{_unknown(quotient)} : le prix le plus élevé s’applique"
        case StepKind.NO_INCOME:
            return "Les ressources de la famille ne sont pas connues : le prix le plus élevé s’applique"
        case StepKind.DEFAULT:
            return f"{_unknown(quotient)} : la grille prend {number(first)}"
        case StepKind.GRID:
            return f"Grille « {label} »"
        case StepKind.SHIFT:
            moved = "en dessous" if first < 0 else "au-dessus"
            return f"« {label} » : {plural(abs(int(first)), 'tranche')} {moved}"
        case StepKind.FLAT:
            return f"Prix{_column(each)} : {exact(each.amount)}"
        case StepKind.BRACKET:
            return f"Tranche {bracket(first, numbers[1])}{_column(each)} : {exact(each.amount)}"
        case StepKind.RATE:
            return f"{number(numbers[1])} % de {number(first)}{_column(each)}{_limits(numbers)} : {exact(each.amount)}"
        case StepKind.RESOURCES:
            counted = _counted(first, numbers[2])
            return f"{number(numbers[1])} % de {exact(first)} de ressources par mois{counted} : {exact(each.amount)}"
        case StepKind.LINE:
            _value, low, low_price, high, high_price = numbers
            return (
                f"Entre {exact(low_price)} pour un quotient de {number(low)} et {exact(high_price)} pour "
                f"{number(high)}, en proportion : {exact(each.amount)}"
            )
        case StepKind.SLICES:
            slices, minutes = numbers[1], numbers[2]
            return (
                f"« {label} » : {number(slices)} × {exact(first)}, par {number(minutes)} minutes commencées. "
                f"Cela fait {exact(each.amount)}"
            )
        case StepKind.ADD | StepKind.PERCENT | StepKind.TIMES:
            return f"« {label} » : {_operation(each.kind, first)}. Cela fait {exact(each.amount)}"
        case StepKind.SET:
            return f"« {label} » : prix fixé à {exact(each.amount)}"
        case StepKind.AT_LEAST:
            return f"« {label} » : jamais moins de {exact(each.amount)}"
        case StepKind.AT_MOST:
            return f"« {label} » : jamais plus de {exact(each.amount)}"
        case StepKind.NOT_NEGATIVE:
            return "Un prix n’est pas négatif : 0,00 €"
        case StepKind.ROUND:
            unit = "au centime" if first == Decimal("0.01") else f"au multiple de {exact(first)}"
            return f"{_ROUNDINGS[Direction(label)].format(unit)} : {exact(each.amount)}"
        case StepKind.QUANTITY if numbers[1] is None:
            return f"Compris dans le forfait du mois, {exact(before)} : rien de plus pour ce jour"
        case StepKind.QUANTITY:
            return f"{duration(numbers[1])}, soit {number(first)} × {exact(before)} : {exact(each.amount)}"


def _quotient(value: Decimal, quotient: Quotient) -> str:
    details = [
        _SOURCES.get(quotient.source, ""),
        "" if quotient.month is None else month_year(quotient.month),
        "" if quotient.until is None else _until(quotient),
    ]
    known = ", ".join(detail for detail in details if detail)
    return f"Quotient familial : {number(value)}" + (f" ({known})" if known else "")


def _until(quotient: Quotient) -> str:
    word = "valable jusqu’au" if quotient.knowledge is Knowledge.KNOWN else "était valable jusqu’au"
    return f"{word} {long_date(quotient.until)}" if quotient.until is not None else ""


def _unknown(quotient: Quotient) -> str:
    if quotient.knowledge is Knowledge.EXPIRED:
        if quotient.until is None:
            return "Le quotient familial n’est plus valable"
        return f"Le quotient familial était valable jusqu’au {long_date(quotient.until)}"
    if quotient.knowledge is Knowledge.REFUSED:
        return "Le quotient familial déclaré n’a pas été accepté"
    return "Le quotient familial n’est pas connu"


def _operation(kind: StepKind, operand: Decimal) -> str:
    if kind is StepKind.TIMES:
        return f"prix × {number(operand)}"
    sign = MINUS if operand < 0 else "+"
    shown = f"{number(abs(operand))} %" if kind is StepKind.PERCENT else exact(abs(operand))
    return f"{sign}{NBSP}{shown}"


def _column(each: Step) -> str:
    return f", « {each.column} »" if each.column else ""


def _limits(numbers: tuple[Decimal | None, ...]) -> str:
    lowest, highest = numbers[2], numbers[3]
    said = [
        f"au moins {exact(lowest)}" if lowest is not None else "",
        f"au plus {exact(highest)}" if highest is not None else "",
    ]
    kept = " et ".join(each for each in said if each)
    return f", {kept}" if kept else ""


def _counted(counted: Decimal, given: Decimal | None) -> str:
    if given is None:
        return ""
    if counted > given:
        return " (le plancher)"
    return " (le plafond)" if counted < given else ""


def bracket(low: Decimal, high: Decimal | None) -> str:
    """“de 500,01 à 800”, “de 600 à moins de 1 000”, “à partir de 1 400,01”: as towns print them."""
    if high is None:
        return f"à partir de {number(low)}"
    inclusive = high - Decimal("0.01")
    if inclusive == inclusive.to_integral_value():
        return f"de {number(low)} à {number(inclusive)}"
    return f"de {number(low)} à moins de {number(high)}"


def duration(minutes: Decimal | None) -> str:
    """“1 h 30”, “45 min”."""
    hours, rest = divmod(int(minutes or 0), 60)
    if not hours:
        return f"{rest}{NBSP}min"
    return f"{hours}{NBSP}h{NBSP}{rest:02d}" if rest else f"{hours}{NBSP}h"


def number(value: Decimal | None) -> str:
    """“842”, “1 049,33”, “0,0619”: no more digits than needed."""
    value = (value or Decimal(0)).normalize()
    whole, _point, decimals = f"{value:f}".partition(".")
    sign = MINUS if whole.startswith("-") else ""
    return sign + integer(abs(int(whole))) + (f",{decimals}" if decimals else "")


def exact(euros: Decimal | None) -> str:
    """“4,30 €”, and “1,525 €” when it is not yet rounded (five decimals at most)."""
    value = euros or Decimal(0)
    if value == value.quantize(Decimal("0.01")):
        return amount(value)
    return f"{number(value.quantize(Decimal('0.00001')))}{NBSP}€"
