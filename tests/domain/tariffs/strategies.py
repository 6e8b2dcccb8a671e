"""Grids and situations as towns and families make them, for property tests."""

from datetime import date
from decimal import Decimal

from hypothesis import strategies as st

from portal.domain.tariffs.engine.aids import Aid, AidKind
from portal.domain.tariffs.engine.conditions import AgeOn, Bounds, Span, When
from portal.domain.tariffs.engine.grids import (
    Change,
    ChangeKind,
    Counting,
    Grid,
    Part,
    Per,
    Rounding,
    Unknown,
    WithoutQuotient,
)
from portal.domain.tariffs.engine.methods import (
    Bracket,
    Brackets,
    Column,
    Effort,
    Flat,
    Lines,
    NationalScale,
    Point,
    Rate,
    Reference,
)
from portal.domain.tariffs.engine.situations import (
    Attendance,
    Counted,
    Knowledge,
    Quotient,
    Regime,
    Residence,
    Siblings,
    Situation,
)
from portal.domain.tariffs.engine.steps import Direction

#: Words as somebody types them.
labels = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=12)
CODES = st.sampled_from(["a", "b", "c"])


def euros(highest: int = 60, lowest: int = 0) -> st.SearchStrategy[Decimal]:
    return st.decimals(lowest, highest, places=2, allow_nan=False)


bounds = st.builds(
    lambda low, more: Bounds(low, None if more is None else low + more),
    st.integers(0, 4),
    st.none() | st.integers(0, 3),
)
spans = st.builds(
    lambda low, more: Span(low, None if more is None else low + more), euros(1500), st.none() | euros(800, 1)
)


def some(values: type) -> st.SearchStrategy[frozenset]:
    return st.frozensets(st.sampled_from(list(values)), max_size=2)


conditions = st.builds(
    When,
    residences=some(Residence),
    regimes=some(Regime),
    ages=st.none() | bounds,
    age_on=st.sampled_from(AgeOn),
    schools=st.frozensets(CODES, max_size=1),
    members=st.frozensets(CODES, max_size=1),
    not_members=st.frozensets(CODES, max_size=1),
    ranks=st.none() | bounds,
    children=st.none() | bounds,
    counted=st.sampled_from(Counted),
    regular=st.none() | st.booleans(),
    own_meal=st.none() | st.booleans(),
    late=st.none() | st.booleans(),
    attendances=some(Attendance),
    quotients=st.none() | spans,
)
references = st.sampled_from([Reference.QUOTIENT, Reference.INCOME])


@st.composite
def columns(draw: st.DrawFn) -> tuple[Column, ...]:
    """None, or some with conditions and a last one for everybody else."""
    number = draw(st.integers(0, 3))
    conditioned = [
        Column(f"colonne {i}", draw(conditions.filter(lambda when: not when.always))) for i in range(number)
    ]
    return (*conditioned, Column("les autres")) if number else ()


@st.composite
def brackets(draw: st.DrawFn, rising: bool = False) -> Brackets:
    table = draw(columns())
    lows = sorted(draw(st.sets(euros(3000, 1), max_size=6)))
    width = max(len(table), 1)
    prices = [draw(st.lists(euros(), min_size=len(lows) + 1, max_size=len(lows) + 1)) for _column in range(width)]
    if rising:
        prices = [sorted(column) for column in prices]
    edges = [Decimal(0), *lows]
    rows = tuple(
        Bracket(low, high, tuple(column[index] for column in prices))
        for index, (low, high) in enumerate(zip(edges, [*lows, None], strict=True))
    )
    return Brackets(rows, table, draw(references))


@st.composite
def efforts(draw: st.DrawFn) -> Effort:
    table = draw(columns())
    low, high = sorted((draw(euros(20)), draw(euros(80))))
    rates = st.lists(st.decimals(0, 3, places=3), min_size=max(len(table), 1), max_size=max(len(table), 1))
    return Effort(tuple(draw(rates)), draw(st.sampled_from([None, low])), high, table, draw(references))


@st.composite
def lines(draw: st.DrawFn, rising: bool = False) -> Lines:
    places = sorted(draw(st.sets(euros(3000), min_size=2, max_size=5)))
    prices = draw(st.lists(euros(), min_size=len(places), max_size=len(places)))
    prices = sorted(prices) if rising else prices
    above = draw(st.none() | euros(120, 60)) if rising else draw(st.none() | euros())
    return Lines(tuple(Point(*pair) for pair in zip(places, prices, strict=True)), above, draw(references))


scales = st.builds(
    lambda low, more, rates: NationalScale(
        low, low + more, tuple(Rate(index, rate) for index, rate in enumerate(sorted(rates, reverse=True), start=1))
    ),
    euros(1000),
    euros(9000),
    st.lists(st.decimals(0, 1, places=4), min_size=1, max_size=5),
)
methods = st.builds(Flat, euros()) | brackets() | efforts() | lines() | scales


@st.composite
def changes(draw: st.DrawFn, *, has_brackets: bool) -> Change:
    kinds = [kind for kind in ChangeKind if has_brackets or kind is not ChangeKind.SHIFT]
    kind = draw(st.sampled_from(kinds))
    number = {
        ChangeKind.SHIFT: st.sampled_from([Decimal(-1), Decimal(1), Decimal(-2)]),
        ChangeKind.ADD: euros(20, -20),
        ChangeKind.PERCENT: st.decimals(-100, 200, places=1),
        ChangeKind.TIMES: st.decimals(0, 3, places=2),
    }.get(kind, euros(20))
    minutes = draw(st.sampled_from([5, 15, 30])) if kind is ChangeKind.SLICES else 0
    return Change(draw(labels), kind, draw(number), draw(conditions), minutes)


roundings = st.builds(
    Rounding, st.sampled_from([Decimal("0.01"), Decimal("0.05"), Decimal("0.10")]), st.sampled_from(Direction)
)
countings = st.just(Counting()) | st.builds(
    Counting,
    st.sampled_from(Per),
    st.sampled_from([30, 60]),
    st.sampled_from([1, 15, 30]),
    st.sampled_from([0, 60]),
    st.sampled_from(Direction),
)
withouts = st.builds(WithoutQuotient, keeps_expired=st.booleans()) | st.builds(
    WithoutQuotient, st.sampled_from([Unknown.AMOUNT, Unknown.QUOTIENT]), euros(2000), st.booleans()
)


@st.composite
def grids(draw: st.DrawFn) -> Grid:
    """Any grid that a town may publish."""
    conditioned = draw(st.lists(st.builds(Part, methods, conditions.filter(lambda when: not when.always)), max_size=2))
    parts = (*conditioned, Part(draw(methods)))
    has_brackets = any(isinstance(part.method, Brackets) for part in parts)
    return Grid(
        valid_from=date(2026, 9, 1),
        parts=parts,
        changes=tuple(draw(st.lists(changes(has_brackets=has_brackets), max_size=4))),
        rounding=draw(roundings),
        counting=draw(countings),
        without=draw(withouts),
    )


quotients = st.builds(Quotient) | st.builds(Quotient.of, euros(5000)) | st.builds(
    lambda last: Quotient(None, Knowledge.EXPIRED, last, until=date(2026, 8, 31)), euros(3000)
)  # fmt: skip
siblings = st.integers(1, 6).flatmap(lambda number: st.builds(Siblings, st.integers(1, number), st.just(number)))
aids = st.builds(
    Aid,
    code=CODES,
    label=CODES,
    kind=st.sampled_from(AidKind),
    number=euros(30),
    amount_left=st.none() | euros(100),
    units_left=st.none() | st.integers(0, 5),
)
situations = st.builds(
    Situation,
    quotient=quotients,
    income=st.none() | euros(20000),
    residence=st.sampled_from(Residence),
    regime=st.sampled_from(Regime),
    birth_date=st.none() | st.dates(date(2012, 1, 1), date(2026, 1, 1)),
    school=CODES,
    memberships=st.frozensets(CODES),
    household=siblings,
    enrolled=siblings,
    present=siblings,
    disabled=st.integers(0, 3),
    regular=st.booleans(),
    own_meal=st.booleans(),
    late=st.booleans(),
    attendance=st.sampled_from(Attendance),
    minutes=st.none() | st.integers(0, 700),
    late_minutes=st.integers(0, 120),
    aids=st.lists(aids, max_size=3, unique_by=lambda aid: aid.code).map(tuple),
)
days = st.dates(date(2026, 9, 1), date(2030, 12, 31))
