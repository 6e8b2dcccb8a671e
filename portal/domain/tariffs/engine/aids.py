"""What others pay of a price: the CCAS, an employer, the department (rule 31). Lines of their own, with caps."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from portal.domain.kernel.money import ZERO, cents


class AidKind(StrEnum):
    AMOUNT = "amount"
    PERCENT = "percent"
    LEAVES = "leaves"


@dataclass(frozen=True, slots=True)
class Aid:
    """An aid of a family: `number` euros off each unit, that percentage of it, or all but `number` euros.

    `amount_left` (euros) and `units_left` are what remains of its caps, None without cap. `units`: the codes of the
    units that it helps with, all of them when empty.
    """

    code: str
    label: str
    kind: AidKind
    number: Decimal
    amount_left: Decimal | None = None
    units_left: int | None = None
    units: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class AidLine:
    """How much one aid takes off a line, in positive euros."""

    code: str
    label: str
    amount: Decimal


def help_with(amount: Decimal, aids: Iterable[Aid], *, unit: str = "") -> tuple[AidLine, ...]:
    """What each aid takes off `amount`, in their order: never more than what is left of the line and of the cap.

    The lines add up to at most `amount`; an aid that gives nothing has no line.
    """
    lines, left = [], amount
    for aid in aids:
        if left <= 0 or aid.units_left == 0 or (aid.units and unit not in aid.units):
            continue
        given = min(cents(_wanted(aid, left)), left)
        if aid.amount_left is not None:
            given = min(given, aid.amount_left)
        if given > 0:
            lines.append(AidLine(aid.code, aid.label, given))
            left -= given
    return tuple(lines)


def spend(aids: Iterable[Aid], lines: Iterable[AidLine]) -> tuple[Aid, ...]:
    """The same aids once these lines have used their caps: what the next unit may be helped with."""
    given = {line.code: line.amount for line in lines}
    return tuple(_spent(aid, given[aid.code]) if aid.code in given else aid for aid in aids)


def _wanted(aid: Aid, left: Decimal) -> Decimal:
    if aid.kind is AidKind.AMOUNT:
        return aid.number
    if aid.kind is AidKind.PERCENT:
        return left * aid.number / 100
    return max(left - aid.number, ZERO)


def _spent(aid: Aid, amount: Decimal) -> Aid:
    return replace(
        aid,
        amount_left=None if aid.amount_left is None else aid.amount_left - amount,
        units_left=None if aid.units_left is None else aid.units_left - 1,
    )
