"""A table of brackets as towns print it, read from a spreadsheet: bounds in words, French numbers, a title per column.

Printed bounds include both their ends (« 0–599 », « 600–999 »); brackets are half-open. A step of one euro at most
between the end of a row and the beginning of the next one is how they are printed, and closes; a larger one is a hole,
which `proof` refuses, as it refuses two rows that meet at the same number.
"""

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from io import StringIO

from portal.domain.kernel.french import typography
from portal.domain.tariffs.engine.conditions import ALWAYS, Bounds, When
from portal.domain.tariffs.engine.methods import Bracket, Column
from portal.domain.tariffs.engine.situations import Regime, Residence

#: More is another file than a tariff.
MOST_ROWS, MOST_COLUMNS = 200, 20

_CENT = Decimal("0.01")
_EURO = Decimal(1)
_FREE = {"gratuit", "gratuite", "gratuité"}


class UnreadableTable(ValueError):
    """A table that cannot be read: every mistake in a French sentence that names its line."""

    def __init__(self, reasons: Iterable[str]) -> None:
        self.reasons = tuple(typography(reason) for reason in reasons)
        super().__init__(" ".join(self.reasons))


@dataclass(frozen=True, slots=True)
class Table:
    """Rows with a price per column. `columns` is empty when there is one price; their conditions are a proposal."""

    rows: tuple[Bracket, ...]
    columns: tuple[Column, ...] = ()


@dataclass(frozen=True, slots=True)
class _Ends:
    """The bounds of a row as they are written. `low` None: where the row before ends. `last` is included."""

    low: Decimal | None = None
    last: Decimal | None = None
    high: Decimal | None = None


def read_table(text: str) -> Table:
    """The table pasted from a spreadsheet or written with semicolons. Raises UnreadableTable."""
    return table_of_cells(cells_of(text))


def cells_of(text: str) -> list[list[str]]:
    """The cells of a text whose columns are separated by tabs, or by semicolons. Raises UnreadableTable."""
    if not text.strip():
        raise UnreadableTable(["Le tableau est vide."])
    for delimiter in ("\t", ";"):
        if delimiter in text:
            return [list(row) for row in csv.reader(StringIO(text, newline=""), delimiter=delimiter)]
    raise UnreadableTable(
        ["Les colonnes ne sont pas séparées : copiez-les depuis un tableur, ou écrivez un point-virgule entre elles."]
    )


def table_of_cells(cells: Sequence[Sequence[str]]) -> Table:
    """The table that these cells describe: bounds, then a price per column, titles above. Raises UnreadableTable."""
    lines = [(number, [cell.strip() for cell in row]) for number, row in enumerate(cells, start=1)]
    lines = [(number, row) for number, row in lines if any(row)]
    lines = _without_names(lines)
    titles, lines = _titles(lines)
    two_bounds = len(titles) > 1 and bool(re.match(r"(à|a|au|jusqu|max|fin|qf max)", titles[1].lower()))
    if not lines:
        raise UnreadableTable(["Le tableau n’a aucune tranche."])
    if len(lines) > MOST_ROWS:
        raise UnreadableTable([f"Le tableau a {len(lines)} lignes : {MOST_ROWS} au plus."])
    first = 2 if two_bounds else 1
    width = max((index for _n, row in lines for index, cell in enumerate(row, start=1) if cell), default=0) - first
    if not 1 <= width <= MOST_COLUMNS:
        raise UnreadableTable([f"Il faut une colonne de tranches, puis de 1 à {MOST_COLUMNS} colonnes de prix."])
    reasons: list[str] = []
    ends: list[_Ends] = []
    prices: list[tuple[Decimal, ...]] = []
    for number, row in lines:
        padded = [*row, *[""] * (first + width - len(row))]
        bounds = _two(padded[0], padded[1]) if two_bounds else bounds_of(padded[0])
        if bounds is None:
            said = " ".join(cell for cell in padded[:first] if cell) or "vide"
            reasons.append(f"Ligne {number} : « {said} » n’est pas une tranche. Écrivez par exemple « 0 à 599 ».")
        else:
            ends.append(bounds)
        prices.append(_prices(padded[first : first + width], number, reasons))
    if reasons:
        raise UnreadableTable(reasons)
    table = tuple(Bracket(low, high, row) for (low, high), row in zip(_half_open(ends), prices, strict=True))
    labels = [*titles[first:], *[""] * width][:width]
    return _proposed(table, labels) if width > 1 else Table(table)


def number_of(text: str) -> Decimal | None:
    """A number as people write it: « 1 049,33 », « 1.049,33 », « 4,30 € »; None for anything else."""
    text = re.sub(r"(€|euros?|\s)", "", text, flags=re.IGNORECASE)
    if "," in text and "." in text:
        thousands = "." if text.rindex(",") > text.rindex(".") else ","
        text = text.replace(thousands, "")
    if not re.fullmatch(r"\d+([.,]\d+)?", text):
        return None
    try:
        return Decimal(text.replace(",", "."))
    except InvalidOperation:
        return None


_NUMBER = r"(\d[\d\s.,]*?)"
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), kind)
    for pattern, kind in (
        (rf"(?:de |entre )?{_NUMBER} (?:à|et|-|<) (?:moins de|<) ?{_NUMBER}", "low high"),
        (rf"(?:de |du |entre )?{_NUMBER} ?(?:à|au|et|-|/) ?{_NUMBER}", "low last"),
        (rf"(?:plus de|supérieure? à|>|au-dessus de) ?{_NUMBER}", "above"),
        (rf"(?:>=|≥|à partir de|dès|supérieure? ou égale? à) ?{_NUMBER}", "low"),
        (rf"{_NUMBER} ?(?:et plus|et au-delà|et \+|ou plus|\+)", "low"),
        (rf"(?:moins de|inférieure? à|<) ?{_NUMBER}", "high"),
        (rf"(?:<=|≤|jusqu'à|jusque|inférieure? ou égale? à|-|à) ?{_NUMBER}", "last"),
        (rf"{_NUMBER} et moins", "last"),
        (_NUMBER, "low"),
    )
)


def bounds_of(text: str) -> _Ends | None:
    """The bounds that a cell says; None when it says none."""
    said = re.sub(r"[–—−‒]", "-", text.lower()).replace("’", "'")
    said = re.sub(r"\b(qf|quotient( familial)?|euros?|compris|inclus)\b|€|^(tranche|t) ?\w? ?:", " ", said)
    said = re.sub(r"(?<=\D)\s+|\s+(?=\D)", " ", said).strip()
    for pattern, kind in _PATTERNS:
        found = pattern.fullmatch(said)
        numbers = [number_of(each) for each in found.groups()] if found else []
        if not numbers or None in numbers:
            continue
        first, other = numbers[0], numbers[-1]
        match kind:
            case "low high":
                return _Ends(low=first, high=other)
            case "low last":
                return _Ends(low=first, last=other)
            case "above":
                return _Ends(low=first + _CENT) if first is not None else None
            case "low":
                return _Ends(low=first)
            case "high":
                return _Ends(high=first)
            case _:
                return _Ends(last=first)
    return None


def _two(low: str, last: str) -> _Ends | None:
    """Bounds in two cells; an empty one is an open end."""
    first, end = number_of(low) if low else None, number_of(last) if last else None
    wrong = (low and first is None) or (last and end is None) or not (low or last)
    return None if wrong else _Ends(low=first, last=end)


def _half_open(ends: Sequence[_Ends]) -> list[tuple[Decimal, Decimal | None]]:
    lows: list[Decimal] = []
    for index, each in enumerate(ends):
        before = ends[index - 1] if index else None
        if each.low is not None:
            lows.append(each.low)
        elif before is None:
            lows.append(Decimal(0))
        elif before.last is not None:
            lows.append(before.last + _CENT)
        else:
            lows.append(before.high if before.high is not None else lows[-1])
    made: list[tuple[Decimal, Decimal | None]] = []
    for index, each in enumerate(ends):
        following = lows[index + 1] if index + 1 < len(lows) else None
        if each.high is not None:
            high: Decimal | None = each.high
        elif each.last is None or (following is not None and 0 < following - each.last <= _EURO):
            high = following
        else:
            high = each.last + _CENT
        made.append((lows[index], high))
    return made


def _prices(cells: Sequence[str], number: int, reasons: list[str]) -> tuple[Decimal, ...]:
    found = []
    for rank, cell in enumerate(cells, start=1):
        price = Decimal(0) if cell.lower() in _FREE else number_of(cell)
        if price is None:
            said = f"« {cell} » n’est pas un prix" if cell else "il manque un prix"
            reasons.append(f"Ligne {number}, {rank}e prix : {said}.".replace("1e prix", "1er prix"))
        else:
            found.append(price)
    return tuple(found)


def _without_names(lines: list[tuple[int, list[str]]]) -> list[tuple[int, list[str]]]:
    """Without a first column of names (« Tranche A ») whose bounds come second."""
    body = lines[1:] or lines
    named = all(bounds_of(row[0]) is None and len(row) > 2 and bounds_of(row[1]) is not None for _n, row in body)
    return [(number, row[1:]) for number, row in lines] if named and body else lines


def _titles(lines: list[tuple[int, list[str]]]) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The titles of the columns, when the first line holds no bounds and no price, and the rest."""
    if not lines or bounds_of(lines[0][1][0]) is not None:
        return [], lines
    if any(number_of(cell) is not None for cell in lines[0][1][1:]):
        return [], lines
    return lines[0][1], lines[1:]


# -- for whom a column stands -------------------------------------------------------------


def condition_of(title: str) -> When:
    """What the title of a column says of those it is for; ALWAYS when it says nothing that is known."""
    said = title.lower().replace("’", "'")
    if re.search(r"ext[ée]rieur|hors (de la )?(commune|territoire)|extra|non[- ]r[ée]sident", said):
        return When(residences=frozenset({Residence.AREA, Residence.OUTSIDE}))
    if re.search(r"\bmsa\b", said):
        return When(regimes=frozenset({Regime.MSA}))
    rank = re.match(r"(\d)\s*(?:er|re|e|è|ème|eme|nd|nde)\.? enfant(.*)", said)
    if rank is not None:
        number, more = int(rank[1]), re.search(r"suivant|plus|\+", rank[2])
        return When(ranks=Bounds(number, None if more else number))
    return ALWAYS


def _place_of(when: When, index: int) -> tuple[bool, bool, int]:
    """Those from elsewhere first, whom no title names last."""
    return not when.residences, when == ALWAYS, index


def _proposed(rows: tuple[Bracket, ...], titles: Sequence[str]) -> Table:
    """Columns with the conditions that their titles say, in an order in which the last one stands for the others:
    those from elsewhere first, whatever the rank of the child.
    """
    named = [(title or f"Colonne {rank}", condition_of(title)) for rank, title in enumerate(titles, start=1)]
    order = sorted(range(len(named)), key=lambda index: _place_of(named[index][1], index))
    *others, last = order
    columns = [Column(*named[index]) for index in others] + [Column(named[last][0])]
    moved = tuple(Bracket(row.low, row.high, tuple(row.prices[index] for index in order)) for row in rows)
    return Table(moved, tuple(columns))
