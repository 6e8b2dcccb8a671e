"""A grid judged before it is published (rule 27): what is wrong, where, in French; and what deserves a second look.

A grid without a fault gives exactly one price for every quotient from 0 up, every day and every situation. A doubt (a
price that falls while the quotient rises) may be what the town wants: it asks to be confirmed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise

from portal.domain.kernel.french import typography
from portal.domain.tariffs.engine.grids import Change, ChangeKind, Grid, Part, Per, Unknown
from portal.domain.tariffs.engine.methods import (
    Brackets,
    Column,
    Effort,
    Flat,
    Lines,
    NationalScale,
    Reference,
)
from portal.domain.tariffs.engine.words_fr import bracket, exact, number

#: Above, a price is a slip of the hand.
HIGHEST_PRICE = Decimal("99999.99")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found, and where. `fault`: it must be mended; otherwise it may be confirmed.

    `part`, `row` and `change` count from 1, 0 when it is about none of them: a screen writes it beside.
    """

    place: str
    sentence: str
    fault: bool = True
    part: int = 0
    row: int = 0
    change: int = 0

    def __str__(self) -> str:
        return typography(f"{self.place} : {self.sentence}" if self.place else self.sentence)


def examine(grid: Grid) -> tuple[Finding, ...]:
    """All that is wrong or strange in a grid, in reading order."""
    return tuple(_examine(grid))


def faults(grid: Grid) -> tuple[Finding, ...]:
    """What forbids to publish the grid."""
    return tuple(finding for finding in _examine(grid) if finding.fault)


def _examine(grid: Grid) -> Iterator[Finding]:
    yield from _parts(grid)
    for rank, part in enumerate(grid.parts, start=1):
        place = _named("Partie", rank, part.label) if len(grid.parts) > 1 else ""
        for finding in (*_method(part, place), *_without(grid, part, place)):
            yield replace(finding, part=rank)
    for rank, change in enumerate(grid.changes, start=1):
        for finding in _change(grid, change, _named("Modification", rank, change.label)):
            yield replace(finding, change=rank)
    yield from _settings(grid)


def _parts(grid: Grid) -> Iterator[Finding]:
    if not grid.parts:
        yield Finding("", "Il manque un prix.")
        return
    if not grid.parts[-1].when.always:
        yield Finding(
            _named("Partie", len(grid.parts), grid.parts[-1].label),
            "la dernière partie vaut pour tous les autres : retirez ses conditions, ou ajoutez une partie sans.",
            part=len(grid.parts),
        )
    for rank, part in enumerate(grid.parts[:-1], start=1):
        if part.when.always:
            yield Finding(
                _named("Partie", rank, part.label),
                "cette partie vaut pour tout le monde : les suivantes ne servent jamais. Placez-la en dernier.",
                part=rank,
            )


def _method(part: Part, place: str) -> Iterator[Finding]:
    method = part.method
    match method:
        case Flat():
            yield from _price(method.price, place or "Prix")
        case Brackets():
            yield from _columns(method.columns, place)
            yield from _rows(method, place)
        case Effort():
            yield from _columns(method.columns, place)
            yield from _effort(method, place)
        case Lines():
            yield from _lines(method, place)
        case NationalScale():
            yield from _scale(method, place)


def _columns(columns: Sequence[Column], place: str) -> Iterator[Finding]:
    for rank, column in enumerate(columns, start=1):
        where = _in(place, _named("Colonne", rank, column.label))
        if rank == len(columns) and not column.when.always:
            yield Finding(where, "la dernière colonne vaut pour tous les autres : retirez ses conditions.")
        if rank < len(columns) and column.when.always:
            yield Finding(where, "cette colonne vaut pour tout le monde : celles qui la suivent ne servent jamais.")


def _rows(table: Brackets, place: str) -> Iterator[Finding]:
    if not table.rows:
        yield Finding(place, "Le tableau n’a aucune tranche.")
        return
    if table.reference is Reference.NOTHING:
        yield Finding(place, "Dites si les tranches suivent le quotient familial ou les ressources.")
    width = max(len(table.columns), 1)
    first, last = table.rows[0], table.rows[-1]
    if first.low > 0:
        yield Finding(
            _row(place, 1, first.low, first.high),
            f"il manque la tranche la plus basse, de 0 à moins de {number(first.low)}.",
            row=1,
        )
    if first.low < 0:
        yield Finding(_row(place, 1, first.low, first.high), "une tranche commence à 0, ou plus haut.", row=1)
    for rank, row in enumerate(table.rows, start=1):
        where = _row(place, rank, row.low, row.high)
        if row.high is not None and row.high <= row.low:
            yield Finding(
                where,
                f"cette tranche finit avant de commencer ({number(row.low)}, puis {number(row.high)}).",
                row=rank,
            )
        if len(row.prices) != width:
            yield Finding(where, f"cette tranche a {len(row.prices)} prix pour {width} colonne(s).", row=rank)
        for column, price in enumerate(row.prices):
            title = table.columns[column].label if column < len(table.columns) else ""
            yield from (replace(found, row=rank) for found in _price(price, _in(where, title)))
    for rank, (one, other) in enumerate(pairwise(table.rows), start=2):
        where = _row(place, rank, other.low, other.high)
        if one.high is None:
            yield Finding(where, "la tranche d’avant n’a pas de fin : celle-ci ne sert jamais.", row=rank)
        elif one.high < other.low:
            yield Finding(
                where,
                f"il y a un trou : rien ne dit le prix de {number(one.high)} à moins de {number(other.low)}.",
                row=rank,
            )
        elif one.high > other.low:
            yield Finding(
                where,
                f"deux tranches se chevauchent de {number(other.low)} à moins de {number(one.high)}.",
                row=rank,
            )
    if last.high is not None:
        yield Finding(
            _row(place, len(table.rows), last.low, last.high),
            f"rien ne dit le prix à partir de {number(last.high)} : la dernière tranche n’a pas de fin.",
            row=len(table.rows),
        )
    yield from _falls(table, place)


def _falls(table: Brackets, place: str) -> Iterator[Finding]:
    for rank, (one, other) in enumerate(pairwise(table.rows), start=2):
        for column, (before, after) in enumerate(zip(one.prices, other.prices, strict=False)):
            if after < before:
                title = table.columns[column].label if column < len(table.columns) else ""
                yield Finding(
                    _in(_row(place, rank, other.low, other.high), title),
                    f"le prix baisse ({exact(before)}, puis {exact(after)}) alors que le quotient monte.",
                    fault=False,
                    row=rank,
                )


def _effort(effort: Effort, place: str) -> Iterator[Finding]:
    width = max(len(effort.columns), 1)
    if len(effort.percentages) != width:
        yield Finding(place, f"Il faut un taux par colonne : {len(effort.percentages)} pour {width}.")
    if effort.reference is Reference.NOTHING:
        yield Finding(place, "Dites si le taux suit le quotient familial ou les ressources.")
    for percentage in effort.percentages:
        if percentage < 0:
            yield Finding(place, "Un taux d’effort n’est pas négatif.")
        if percentage > 100:
            yield Finding(
                place, f"Un taux d’effort de {number(percentage)} % est trop haut : écrivez par exemple 0,65."
            )
    for limit in (effort.lowest, effort.highest):
        if limit is not None:
            yield from _price(limit, place)
    if effort.lowest is not None and effort.highest is not None and effort.lowest > effort.highest:
        yield Finding(
            place, f"Le plancher ({exact(effort.lowest)}) est au-dessus du plafond ({exact(effort.highest)})."
        )


def _lines(lines: Lines, place: str) -> Iterator[Finding]:
    if len(lines.points) < 2:
        yield Finding(place, "Une droite passe par deux points au moins.")
        return
    if lines.reference is Reference.NOTHING:
        yield Finding(place, "Dites si la droite suit le quotient familial ou les ressources.")
    for point in lines.points:
        yield from _price(point.price, _in(place, f"Point {number(point.reference)}"))
        if point.reference < 0:
            yield Finding(_in(place, f"Point {number(point.reference)}"), "un point est à 0, ou plus haut.")
    if lines.above is not None:
        yield from _price(lines.above, _in(place, "Au-dessus du dernier point"))
    for one, other in pairwise(lines.points):
        where = _in(place, f"Point {number(other.reference)}")
        if other.reference <= one.reference:
            yield Finding(where, f"les points vont en montant : celui-ci vient après {number(one.reference)}.")
        elif other.price < one.price:
            yield Finding(where, "le prix baisse alors que le quotient monte.", fault=False)
    if lines.above is not None and lines.above < lines.points[-1].price:
        yield Finding(
            _in(place, "Au-dessus du dernier point"), "le prix baisse alors que le quotient monte.", fault=False
        )


def _scale(scale: NationalScale, place: str) -> Iterator[Finding]:
    if not scale.rates or scale.rates[0].children != 1:
        yield Finding(place, "Le barème commence à un enfant.")
    if scale.lowest < 0 or scale.lowest > scale.highest:
        yield Finding(place, f"Le plancher de ressources ({exact(scale.lowest)}) est au-dessus du plafond.")
    for one, other in pairwise(scale.rates):
        if other.children <= one.children:
            yield Finding(
                _in(place, f"{other.children} enfants"),
                "les lignes vont du plus petit au plus grand nombre d’enfants.",
            )
        if other.percentage > one.percentage:
            yield Finding(
                _in(place, f"{other.children} enfants"), "le taux monte avec le nombre d’enfants.", fault=False
            )
    for rate in scale.rates:
        if not 0 <= rate.percentage <= 100:
            yield Finding(_in(place, f"{rate.children} enfant(s)"), "un taux va de 0 à 100 %.")


def _without(grid: Grid, part: Part, place: str) -> Iterator[Finding]:
    """What a family pays whose quotient is not known."""
    method = part.method
    if isinstance(method, Effort) and method.highest is None:
        by_amount = grid.without.kind is Unknown.AMOUNT
        by_quotient = grid.without.kind is Unknown.QUOTIENT and method.reference is Reference.QUOTIENT
        if not (by_amount or by_quotient):
            yield Finding(
                place,
                "Rien ne dit ce que paie une famille dont le quotient n’est pas connu : donnez un plafond, "
                "ou un prix par défaut.",
            )


def _change(grid: Grid, change: Change, place: str) -> Iterator[Finding]:
    number_ = change.number
    match change.kind:
        case ChangeKind.SHIFT:
            if number_ != number_.to_integral_value() or number_ == 0:
                yield Finding(place, "on se déplace d’un nombre entier de tranches.")
            if not grid.has_brackets:
                yield Finding(place, "cette grille n’a pas de tranches.")
        case ChangeKind.PERCENT:
            if not -100 <= number_ <= 1000:
                yield Finding(place, "un pourcentage va de −100 à 1 000.")
        case ChangeKind.TIMES:
            if not 0 <= number_ <= 100:
                yield Finding(place, "un facteur va de 0 à 100.")
        case ChangeKind.ADD:
            if abs(number_) > HIGHEST_PRICE:
                yield Finding(place, "ce montant est trop haut.")
        case _:
            yield from _price(number_, place)
    if change.kind is ChangeKind.SLICES and change.minutes <= 0:
        yield Finding(place, "dites combien de minutes dure une tranche.")


def _settings(grid: Grid) -> Iterator[Finding]:
    if grid.rounding.step <= 0 or grid.rounding.step % Decimal("0.01"):
        yield Finding("Arrondi", "on arrondit à un multiple d’un centime.")
    counting = grid.counting
    if counting.per is Per.TIME and (counting.minutes <= 0 or counting.step <= 0 or counting.least < 0):
        yield Finding("Temps compté", "les durées sont des nombres de minutes positifs.")
    if grid.without.kind is not Unknown.HIGHEST:
        yield from _price(grid.without.number, "Quotient inconnu")


def _price(price: Decimal, place: str) -> Iterator[Finding]:
    if price < 0:
        yield Finding(place, "un prix n’est pas négatif.")
    elif price > HIGHEST_PRICE:
        yield Finding(place, f"{exact(price)} est trop haut.")


def _row(place: str, rank: int, low: Decimal, high: Decimal | None) -> str:
    return _in(place, f"Tranche {rank}, {bracket(low, high)}")


def _named(what: str, rank: int, label: str) -> str:
    return f"{what} {rank}" + (f", « {label} »" if label else "")


def _in(place: str, inner: str) -> str:
    return ", ".join(each for each in (place, inner) if each)
