"""Tables that towns and the CNAF publish: each row is a case. Sources: docs/tariffs.md."""

from datetime import date
from decimal import Decimal

import pytest

from portal.domain.kernel.money import line_amount
from portal.domain.tariffs.engine import Price, Quotient, Situation, price_with
from portal.domain.tariffs.engine.data import grid_from_data
from portal.domain.tariffs.engine.proof import examine, faults
from portal.domain.tariffs.engine.situations import Residence, Siblings
from portal.domain.tariffs.engine.steps import recompute

DAY = date(2026, 10, 7)


def priced(data: dict, **situation: object) -> Price:
    """The price that this grid gives, its explanation being checked on the way."""
    grid = grid_from_data(data, valid_from=date(2026, 1, 1))
    assert faults(grid) == ()
    price = price_with(grid, DAY, Situation(**situation))
    assert recompute(price.steps) == price.amount
    return price


def rows(*table: tuple[str, ...]) -> list[dict]:
    """Rows of a table: where each begins, then its prices. Each ends where the next begins."""
    lows = [row[0] for row in table]
    return [
        {"low": row[0], "high": high, "prices": list(row[1:])}
        for row, high in zip(table, [*lows[1:], None], strict=True)
    ]


# -- Wavrin (Nord), leisure centre, short holidays, 2025: quotient × rank of the child, others by their own column --

WAVRIN = {
    "parts": [
        {"label": "Conditions CCAS", "when": {"members": ["ccas"]}, "method": {
            "kind": "brackets",
            "columns": [
                {"label": "1er enfant", "when": {"ranks": {"high": 1}}},
                {"label": "2e enfant", "when": {"ranks": {"low": 2, "high": 2}}},
                {"label": "3e enfant et suivants"},
            ],
            "rows": rows(("0", "2.00", "1.00", "0.50")),
        }},
        {"method": {
            "kind": "brackets",
            "columns": [
                {"label": "extérieurs", "when": {"residences": ["area", "outside"]}},
                {"label": "1er enfant", "when": {"ranks": {"high": 1}}},
                {"label": "2e enfant", "when": {"ranks": {"low": 2, "high": 2}}},
                {"label": "3e enfant", "when": {"ranks": {"low": 3, "high": 3}}},
                {"label": "4e enfant et suivants"},
            ],
            "rows": rows(
                ("0", "12", "3.77", "3.42", "3.10", "2.82"),
                ("308.01", "13", "5.53", "5.00", "4.53", "4.10"),
                ("500.01", "14", "7.86", "7.10", "6.42", "5.80"),
                ("800.01", "15", "9.14", "8.25", "7.45", "6.73"),
                ("1100.01", "16", "10.19", "9.20", "8.30", "7.50"),
                ("1400.01", "17", "10.63", "9.60", "8.66", "7.82"),
            ),
        }},
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("quotients", "prices", "outside"),
    [
        (("0", "308"), ("3.77", "3.42", "3.10", "2.82"), "12"),
        (("308.01", "500"), ("5.53", "5.00", "4.53", "4.10"), "13"),
        (("500.01", "800"), ("7.86", "7.10", "6.42", "5.80"), "14"),
        (("800.01", "1100"), ("9.14", "8.25", "7.45", "6.73"), "15"),
        (("1100.01", "1400"), ("10.19", "9.20", "8.30", "7.50"), "16"),
        (("1400.01", "9000"), ("10.63", "9.60", "8.66", "7.82"), "17"),
    ],
)
def test_wavrin_by_quotient_and_rank(quotients, prices, outside):
    for value in quotients:
        quotient = Quotient.of(Decimal(value))
        for rank, price in enumerate(prices, start=1):
            sibling = Siblings(rank, 4)
            assert priced(WAVRIN, quotient=quotient, enrolled=sibling).amount == Decimal(price)
            elsewhere = priced(WAVRIN, quotient=quotient, enrolled=sibling, residence=Residence.OUTSIDE)
            assert elsewhere.amount == Decimal(outside)
    helped = priced(WAVRIN, quotient=Quotient.of(300), memberships=frozenset({"ccas"}), enrolled=Siblings(2, 2))
    assert helped.amount == Decimal("1.00")


@pytest.mark.exigence("C1")
def test_the_explanation_names_the_bracket_the_column_and_the_quotient():
    price = priced(WAVRIN, quotient=Quotient.of(642), enrolled=Siblings(2, 3))

    text = " ".join(price.explanation).replace("\u00a0", " ")
    assert "Quotient familial : 642" in text
    assert "Tranche de 500,01 à 800, « 2e enfant » : 7,10 €" in text
    english = " ".join(price.explain("en")).replace("\u00a0", " ")
    assert "Bracket from 500.01 to 800, “2e enfant”: €7.10" in english


# -- Bubry (Morbihan), canteen 2023: from the third child half the price, but not in the lowest bracket ------------

BUBRY = {
    "parts": [
        {"label": "Repas occasionnel", "when": {"regular": False}, "method": {"kind": "flat", "price": "3.70"}},
        {"method": {"kind": "brackets", "rows": rows(
            ("0", "1.00"), ("600", "3.05"), ("1000", "3.10"), ("1500", "3.15"),
        )}},
    ],
    "changes": [
        {"kind": "times", "label": "À partir du 3e enfant", "number": "0.5",
         "when": {"ranks": {"low": 3}, "quotients": {"low": "600"}, "regular": True}},
        {"kind": "set", "label": "PAI, repas apporté", "number": "0.64", "when": {"own_meal": True}},
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("quotient", "first", "third"),
    [
        ("0", "1.00", "1.00"),
        ("599.99", "1.00", "1.00"),
        ("600", "3.05", "1.53"),  # 1,525: a half is rounded up, never to the even cent
        ("999", "3.05", "1.53"),
        ("1000", "3.10", "1.55"),
        ("1499", "3.10", "1.55"),
        ("1500", "3.15", "1.58"),
    ],
)
def test_bubry_halves_are_rounded_up(quotient, first, third):
    known = Quotient.of(Decimal(quotient))
    assert priced(BUBRY, quotient=known, regular=True).amount == Decimal(first)
    assert priced(BUBRY, quotient=known, regular=True, enrolled=Siblings(3, 3)).amount == Decimal(third)
    assert priced(BUBRY, quotient=known).amount == Decimal("3.70")
    assert priced(BUBRY, quotient=known, regular=True, own_meal=True).amount == Decimal("0.64")


# -- 2C2R, before and after school by half an hour -----------------------------------------------------------------

HALF_HOURS = {
    "parts": [{"method": {
        "kind": "brackets",
        "columns": [{"label": "hors territoire", "when": {"residences": ["outside"]}}, {"label": "territoire"}],
        "rows": rows(("0", "0.60", "0.30"), ("651", "0.96", "0.48"), ("1151", "1.26", "0.63")),
    }}],
    "counting": {"per": "time", "minutes": 30, "step": 30},
}  # fmt: skip


@pytest.mark.parametrize(
    ("quotient", "minutes", "inside", "outside"),
    [
        ("650", 30, "0.30", "0.60"),
        ("650", 31, "0.60", "1.20"),
        ("651", 60, "0.96", "1.92"),
        ("1150", 90, "1.44", "2.88"),
        ("1151", 75, "1.89", "3.78"),
    ],
)
def test_2c2r_counts_half_hours_begun(quotient, minutes, inside, outside):
    known = {"quotient": Quotient.of(Decimal(quotient)), "minutes": minutes}
    assert priced(HALF_HOURS, **known).amount == Decimal(inside)
    assert priced(HALF_HOURS, **known, residence=Residence.OUTSIDE).amount == Decimal(outside)


# -- Val-de-Marne, secondary schools 2025: bounds with cents -------------------------------------------------------

VAL_DE_MARNE = {
    "parts": [
        {"label": "RSA", "when": {"members": ["rsa"], "quotients": {"high": "480.01"}},
         "method": {"kind": "flat", "price": "0.40"}},
        {"method": {"kind": "brackets", "rows": rows(
            ("0", "1.15"), ("600.01", "1.55"), ("840.01", "2.10"), ("1025.01", "2.80"), ("1200.01", "3.50"),
            ("1400.01", "4.20"), ("1530.01", "4.70"), ("1680.01", "5.40"), ("1890.01", "5.70"), ("2225.01", "5.95"),
        )}},
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("quotient", "price"),
    [
        ("0", "1.15"), ("600", "1.15"), ("600.01", "1.55"), ("840", "1.55"), ("840.01", "2.10"), ("1025", "2.10"),
        ("1200", "2.80"), ("1400", "3.50"), ("1530", "4.20"), ("1680", "4.70"), ("1890", "5.40"), ("2225", "5.70"),
        ("2225.01", "5.95"), ("12000", "5.95"),
    ],
)  # fmt: skip
def test_val_de_marne(quotient, price):
    assert priced(VAL_DE_MARNE, quotient=Quotient.of(Decimal(quotient))).amount == Decimal(price)
    income = frozenset({"rsa"})
    helped = priced(VAL_DE_MARNE, quotient=Quotient.of(Decimal(quotient)), memberships=income).amount
    assert helped == (Decimal("0.40") if Decimal(quotient) <= 480 else Decimal(price))


# -- Saint-Germain-en-Laye 2016, canteen: straight lines, −10 % from three children --------------------------------

SAINT_GERMAIN = {
    "parts": [
        {"label": "Extra-muros", "when": {"residences": ["area", "outside"]},
         "method": {"kind": "flat", "price": "7.40"}},
        {"method": {"kind": "lines", "above": "6.70", "points": [
            {"reference": "0", "price": "1.50"}, {"reference": "500", "price": "3.205"},
            {"reference": "2000", "price": "6.696"},
        ]}},
    ],
    "changes": [{"kind": "percent", "label": "Familles de 3 enfants et plus", "number": "-10",
                 "when": {"children": {"low": 3}, "counted": "household"}}],
}  # fmt: skip


@pytest.mark.parametrize(
    ("quotient", "price", "large"),
    [
        ("0", "1.50", "1.35"), ("500", "3.21", "2.88"), ("250", "2.35", "2.12"), ("1250", "4.95", "4.46"),
        ("2000", "6.70", "6.03"), ("5000", "6.70", "6.03"),
    ],
)  # fmt: skip
def test_saint_germain(quotient, price, large):
    known = Quotient.of(Decimal(quotient))
    assert priced(SAINT_GERMAIN, quotient=known).amount == Decimal(price)
    assert priced(SAINT_GERMAIN, quotient=known, household=Siblings(1, 3)).amount == Decimal(large)
    assert priced(SAINT_GERMAIN, quotient=known, residence=Residence.OUTSIDE).amount == Decimal("7.40")


# -- The CNAF's scale for crèches, September 2025 ------------------------------------------------------------------

PSU = {
    "parts": [{"method": {
        "kind": "national_scale", "lowest": "814.62", "highest": "8500",
        "rates": [
            {"children": 1, "percentage": "0.0619"}, {"children": 2, "percentage": "0.0516"},
            {"children": 3, "percentage": "0.0413"}, {"children": 4, "percentage": "0.0310"},
            {"children": 8, "percentage": "0.0206"},
        ],
    }}],
    "counting": {"per": "time", "minutes": 60, "step": 30},
}  # fmt: skip


@pytest.mark.exigence("B40")
@pytest.mark.parametrize(
    ("children", "income", "hourly"),
    [
        (1, "0", "0.50"), (1, "814.62", "0.50"), (1, "1500", "0.93"), (1, "3000", "1.86"), (1, "5000", "3.10"),
        (1, "8500", "5.26"), (1, "20000", "5.26"), (2, "500", "0.42"), (2, "3000", "1.55"), (2, "9000", "4.39"),
        (3, "0", "0.34"), (3, "3000", "1.24"), (3, "8500", "3.51"), (4, "0", "0.25"), (7, "3000", "0.93"),
        (5, "8500", "2.64"), (8, "0", "0.17"), (9, "8500", "1.75"),
    ],
)  # fmt: skip
def test_the_national_scale_of_creches(children, income, hourly):
    family = {"household": Siblings(1, children), "income": Decimal(income)}
    assert priced(PSU, **family).unit_price == Decimal(hourly)
    assert priced(PSU, **family, minutes=445).amount == line_amount(Decimal(hourly), Decimal("7.5"))


def test_a_disabled_child_gives_the_rate_that_follows():
    family = {"household": Siblings(1, 2), "income": Decimal(3000)}
    assert priced(PSU, **family, disabled=1).unit_price == Decimal("1.24")
    assert priced(PSU, **family, disabled=2).unit_price == Decimal("0.93")
    assert priced(PSU, **family, disabled=9).unit_price == Decimal("0.62")


def test_a_family_that_keeps_its_resources_to_itself_pays_the_highest_price():
    assert priced(PSU).unit_price == Decimal("5.26")


# -- Rungis +20 %, Saint-Caprais +2 € without booking, and the generic effort and line ------------------------------


def test_rungis_asks_a_fifth_more_of_those_from_elsewhere():
    grid = {
        "parts": [{"method": {"kind": "effort", "percentages": ["0.35"], "lowest": "1", "highest": "5.97"}}],
        "changes": [{"kind": "percent", "label": "Hors commune", "number": "20", "when": {"residences": ["outside"]}}],
    }
    assert priced(grid, quotient=Quotient.of(700)).amount == Decimal("2.45")
    assert priced(grid, quotient=Quotient.of(700), residence=Residence.OUTSIDE).amount == Decimal("2.94")
    assert priced(grid, quotient=Quotient.of(100)).amount == Decimal("1.00")
    assert priced(grid).amount == Decimal("5.97")


def test_saint_caprais_asks_two_euros_more_without_booking():
    grid = {
        "parts": [
            {"label": "Extérieurs", "when": {"residences": ["outside"]}, "method": {"kind": "flat", "price": "4.00"}},
            {"method": {"kind": "flat", "price": "2.85"}},
        ],
        "changes": [
            {"kind": "add", "label": "Sans réservation", "number": "2", "when": {"attendances": ["unbooked"]}}
        ],
    }
    assert priced(grid).amount == Decimal("2.85")
    assert priced(grid, attendance="unbooked", residence="outside").amount == Decimal("6.00")


@pytest.mark.parametrize(("quotient", "price"), [("400", "1.00"), ("700", "2.20"), ("1000", "3.40"), ("1600", "5.80")])
def test_a_straight_line(quotient, price):
    points = [{"reference": "400", "price": "1.00"}, {"reference": "1600", "price": "5.80"}]
    grid = {"parts": [{"method": {"kind": "lines", "points": points}}]}
    assert priced(grid, quotient=Quotient.of(Decimal(quotient))).amount == Decimal(price)


@pytest.mark.parametrize(
    ("quotient", "price"),
    [("0", "0.99"), ("1099.99", "0.99"), ("1100", "3.80"), ("1500", "4.30"), ("2000", "4.80")],
)
def test_talloires(quotient, price):
    table = rows(("0", "0.99"), ("1100", "3.80"), ("1500", "4.30"), ("2000", "4.80"))
    grid = {"parts": [{"method": {"kind": "brackets", "rows": table}}]}
    assert priced(grid, quotient=Quotient.of(Decimal(quotient))).amount == Decimal(price)


@pytest.mark.parametrize("grid", [WAVRIN, BUBRY, HALF_HOURS, VAL_DE_MARNE, SAINT_GERMAIN, PSU])
def test_a_published_table_has_nothing_strange(grid):
    assert [str(found) for found in examine(grid_from_data(grid, valid_from=date(2026, 1, 1)))] == []
