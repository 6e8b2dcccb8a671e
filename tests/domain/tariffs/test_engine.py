"""Flat prices and what the guides print: which grid holds, what it costs, and why."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.kernel.money import line_amount, total
from portal.domain.tariffs.engine import Grid, NoPrice, Quotient, Situation, Tariff, grid_on, price_on
from portal.domain.tariffs.engine.grids import Part
from portal.domain.tariffs.engine.methods import Flat

ANYBODY = Situation()


def flat(price: str, *, since: date, key: int = 0, deliberation: str = "") -> Grid:
    return Grid(since, (Part(Flat(Decimal(price))),), key=key, deliberation=deliberation)


MEAL = Tariff(
    code="repas",
    name="Repas enfant",
    rate_label="à l’unité",
    grids=(
        flat("4.20", since=date(2018, 9, 1), key=1),
        flat("4.30", since=date(2019, 9, 1), key=2, deliberation="délibération du 18 juin 2019"),
    ),
)


@pytest.mark.parametrize(
    ("day", "price"),
    [
        (date(2018, 9, 1), "4.20"),
        (date(2019, 8, 31), "4.20"),
        (date(2019, 9, 1), "4.30"),
        (date(2030, 1, 1), "4.30"),
    ],
)
def test_a_version_holds_until_the_next(day, price):
    assert price_on(MEAL, day, ANYBODY).amount == Decimal(price)


def test_a_day_before_the_first_version_has_no_price():
    with pytest.raises(NoPrice, match="repas"):
        price_on(MEAL, date(2018, 8, 31), ANYBODY)


def test_the_explanation_names_the_tariff_the_price_and_the_decision():
    price = price_on(MEAL, date(2019, 9, 20), Situation(quotient=Quotient.of(842)))
    assert price.explanation == (
        "Tarif «\u00a0Repas enfant\u00a0»\u00a0: 4,30\u00a0€ à l’unité, "
        "valable depuis le dimanche 1er\u00a0septembre 2019.",
        "Ce tarif est le même pour tous les quotients familiaux.",
        "Fixé par la délibération du 18\u00a0juin 2019.",
    )


@pytest.mark.exigence("P71", "P54", "P50", "F10", "F11", "F19")
@pytest.mark.parametrize(
    ("quantity", "unit_price", "amount"),
    [
        (21, "4.30", "90.30"),
        (20, "4.30", "86.00"),
        (138, "5.15", "710.70"),
        (28, "5.15", "144.20"),
        (138, "0.30", "41.40"),
        (28, "0.30", "8.40"),
        (4, "5.20", "20.80"),
        (6, "4.35", "26.10"),
        (10, "4.40", "44.00"),
        (10, "0.75", "7.50"),
    ],
)
def test_the_amounts_printed_in_the_guides_are_ours(quantity, unit_price, amount):
    assert line_amount(Decimal(unit_price), quantity) == Decimal(amount)


def test_a_total_is_the_sum_of_rounded_lines():
    assert total([line_amount(Decimal("4.35"), 6), line_amount(Decimal("4.35"), 6)]) == Decimal("52.20")


@given(
    starts=st.lists(st.dates(date(2015, 1, 1), date(2030, 12, 31)), min_size=1, max_size=6, unique=True),
    offset=st.integers(0, 6000),
)
def test_every_day_from_the_first_version_on_has_exactly_one_price(starts, offset):
    grids = [flat(str(i), since=day, key=i) for i, day in enumerate(starts)]
    day = min(starts) + timedelta(days=offset)
    found = grid_on(grids, day)
    assert found is not None
    assert found.valid_from == max(each for each in starts if each <= day)
