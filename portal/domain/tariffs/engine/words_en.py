"""What the steps of a price say in English. The town's own words (names, labels, votes) stay in French."""

from datetime import date
from decimal import Decimal

from portal.domain.kernel.english import amount, long_date, month_year
from portal.domain.kernel.french import MINUS, NBSP, typography
from portal.domain.tariffs.engine.situations import Knowledge, Quotient
from portal.domain.tariffs.engine.steps import Direction, Step, StepKind

_SOURCES = {
    "declared": "stated by the family",
    "agent": "recorded by the service",
    "api": "sent by the Caf or the MSA",
    "computed": "computed by the town",
}
_ROUNDINGS = {
    Direction.NEAREST: "Rounded to the nearest {}",
    Direction.UP: "Rounded up to the {}",
    Direction.DOWN: "Rounded down to the {}",
}


def tariff(name: str, rate_label: str, valid_from: date, price: Decimal | None) -> str:
    since = f"valid since {long_date(valid_from)}"
    if price is None:
        return f"Price “{typography(name)}”, table {since}."
    return f"Price “{typography(name)}”: {amount(price)} {rate_label}, {since}."


def same_for_all() -> str:
    return "This price is the same for every family quotient."


def aid(label: str, given: Decimal, left: Decimal) -> str:
    return f"Help “{typography(label)}”: {amount(-given)}. Left to pay: {amount(left)}."


def deliberation(vote: str) -> str:
    return f"Set by the {typography(vote)}."


def step(each: Step, before: Decimal, quotient: Quotient) -> str:
    """One step in one sentence; `before` is the amount before it."""
    return f"{_said(each, before, quotient)}."


def _said(each: Step, before: Decimal, quotient: Quotient) -> str:
    numbers, label = each.numbers, typography(each.label)
    first = numbers[0] if numbers and numbers[0] is not None else Decimal(0)
    match each.kind:
        case StepKind.QUOTIENT:
            return _quotient(first, quotient)
        case StepKind.HIGHEST:
            return f"{_unknown(quotient)}: the highest price applies"
        case StepKind.NO_INCOME:
            return "The income of the family is not known: the highest price applies"
        case StepKind.DEFAULT:
            return f"{_unknown(quotient)}: the table takes {number(first)}"
        case StepKind.GRID:
            return f"Table “{label}”"
        case StepKind.SHIFT:
            steps = abs(int(first))
            return f"“{label}”: {steps} bracket{'s' if steps > 1 else ''} {'down' if first < 0 else 'up'}"
        case StepKind.FLAT:
            return f"Price{_column(each)}: {exact(each.amount)}"
        case StepKind.BRACKET:
            return f"Bracket {bracket(first, numbers[1])}{_column(each)}: {exact(each.amount)}"
        case StepKind.RATE:
            return f"{number(numbers[1])}% of {number(first)}{_column(each)}{_limits(numbers)}: {exact(each.amount)}"
        case StepKind.RESOURCES:
            counted = _counted(first, numbers[2])
            return f"{number(numbers[1])}% of {exact(first)} of monthly income{counted}: {exact(each.amount)}"
        case StepKind.LINE:
            _value, low, low_price, high, high_price = numbers
            return (
                f"Between {exact(low_price)} for a quotient of {number(low)} and {exact(high_price)} for "
                f"{number(high)}, in proportion: {exact(each.amount)}"
            )
        case StepKind.SLICES:
            slices, minutes = numbers[1], numbers[2]
            return (
                f"“{label}”: {number(slices)} × {exact(first)}, for each {number(minutes)} minutes begun. "
                f"That makes {exact(each.amount)}"
            )
        case StepKind.ADD | StepKind.PERCENT | StepKind.TIMES:
            return f"“{label}”: {_operation(each.kind, first)}. That makes {exact(each.amount)}"
        case StepKind.SET:
            return f"“{label}”: price set to {exact(each.amount)}"
        case StepKind.AT_LEAST:
            return f"“{label}”: never less than {exact(each.amount)}"
        case StepKind.AT_MOST:
            return f"“{label}”: never more than {exact(each.amount)}"
        case StepKind.NOT_NEGATIVE:
            return f"A price is never negative: {amount(0)}"
        case StepKind.ROUND:
            unit = "cent" if first == Decimal("0.01") else f"multiple of {exact(first)}"
            return f"{_ROUNDINGS[Direction(each.label)].format(unit)}: {exact(each.amount)}"
        case StepKind.QUANTITY if numbers[1] is None:
            return f"Within the price of the month, {exact(before)}: nothing more for this day"
        case StepKind.QUANTITY:
            return f"{duration(numbers[1])}, or {number(first)} × {exact(before)}: {exact(each.amount)}"


def _quotient(value: Decimal, quotient: Quotient) -> str:
    word = "valid until" if quotient.knowledge is Knowledge.KNOWN else "was valid until"
    details = [
        _SOURCES.get(quotient.source, ""),
        "" if quotient.month is None else month_year(quotient.month),
        "" if quotient.until is None else f"{word} {long_date(quotient.until)}",
    ]
    known = ", ".join(detail for detail in details if detail)
    return f"Family quotient: {number(value)}" + (f" ({known})" if known else "")


def _unknown(quotient: Quotient) -> str:
    if quotient.knowledge is Knowledge.EXPIRED:
        if quotient.until is None:
            return "The family quotient is no longer valid"
        return f"The family quotient was valid until {long_date(quotient.until)}"
    if quotient.knowledge is Knowledge.REFUSED:
        return "The family quotient was not accepted"
    return "The family quotient is not known"


def _operation(kind: StepKind, operand: Decimal) -> str:
    if kind is StepKind.TIMES:
        return f"price × {number(operand)}"
    sign = MINUS if operand < 0 else "+"
    shown = f"{number(abs(operand))}%" if kind is StepKind.PERCENT else exact(abs(operand))
    return f"{sign}{NBSP}{shown}"


def _column(each: Step) -> str:
    return f", “{typography(each.column)}”" if each.column else ""


def _limits(numbers: tuple[Decimal | None, ...]) -> str:
    lowest, highest = numbers[2], numbers[3]
    said = [
        "" if lowest is None else f"at least {exact(lowest)}",
        "" if highest is None else f"at most {exact(highest)}",
    ]
    kept = " and ".join(each for each in said if each)
    return f", {kept}" if kept else ""


def _counted(counted: Decimal, given: Decimal | None) -> str:
    if given is None or counted == given:
        return ""
    return " (the floor)" if counted > given else " (the ceiling)"


def bracket(low: Decimal, high: Decimal | None) -> str:
    """“from 500.01 to 800”, “from 600 to less than 1,000”, “from 1,400.01”: as towns print them."""
    if high is None:
        return f"from {number(low)}"
    inclusive = high - Decimal("0.01")
    if inclusive == inclusive.to_integral_value():
        return f"from {number(low)} to {number(inclusive)}"
    return f"from {number(low)} to less than {number(high)}"


def duration(minutes: Decimal | None) -> str:
    """“1 h 30 min”, “45 min”."""
    hours, rest = divmod(int(minutes or 0), 60)
    parts = [f"{hours}{NBSP}h" if hours else "", f"{rest}{NBSP}min" if rest or not hours else ""]
    return NBSP.join(part for part in parts if part)


def number(value: Decimal | None) -> str:
    """“842”, “1,049.33”, “0.0619”: no more digits than needed."""
    text = f"{(value or Decimal(0)).normalize():,f}"
    return text.replace("-", MINUS)


def exact(euros: Decimal | None) -> str:
    """“€4.30”, and “€1.525” when it is not yet rounded (five decimals at most)."""
    value = euros or Decimal(0)
    if value == value.quantize(Decimal("0.01")):
        return amount(value)
    return f"{MINUS if value < 0 else ''}€{number(abs(value.quantize(Decimal('0.00001'))))}"
