"""Residence by the address, the last day of a membership, ranks, caps of aids."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.pricing.enums import Validity
from portal.domain.pricing.rules import Grant, Use, help_each, last_day, place_among, residence_of
from portal.domain.tariffs.engine.aids import Aid, AidKind
from portal.domain.tariffs.engine.situations import Residence, Siblings

TOWNS, AREA = ["Les Rousses"], ["39220 Prémanon", "Bois-d’Amont"]
DAY = date(2026, 9, 14)


@pytest.mark.parametrize(
    ("town", "postcode", "expected"),
    [
        ("LES ROUSSES", "39220", Residence.TOWN),
        ("les-rousses", "", Residence.TOWN),
        ("Premanon", "39220", Residence.AREA),
        ("Prémanon", "01000", Residence.OUTSIDE),  # another commune of that name
        ("bois d'amont", "39220", Residence.AREA),
        ("Morez", "39400", Residence.OUTSIDE),
        ("", "39220", Residence.OUTSIDE),
    ],
)
def test_an_address_says_where_the_family_lives(town, postcode, expected):
    assert residence_of(town=town, postcode=postcode, towns=TOWNS, area=AREA) is expected


def test_without_a_policy_everybody_is_of_the_town():
    assert residence_of(town="Morez", postcode="39400", towns=[], area=AREA) is Residence.TOWN


@pytest.mark.exigence("B27")
@pytest.mark.parametrize(
    ("validity", "months", "first", "last"),
    [
        (Validity.SCHOOL_YEAR, None, date(2026, 9, 14), date(2027, 7, 31)),
        (Validity.SCHOOL_YEAR, None, date(2027, 7, 31), date(2027, 7, 31)),
        (Validity.CIVIL_YEAR, None, date(2026, 9, 14), date(2026, 12, 31)),
        (Validity.MONTHS, 12, date(2026, 9, 14), date(2027, 9, 13)),
        (Validity.MONTHS, 1, date(2027, 1, 31), date(2027, 2, 27)),
        (Validity.MONTHS, 3, date(2026, 10, 1), date(2026, 12, 31)),
    ],
)
def test_a_membership_lasts_as_its_kind_says(validity, months, first, last):
    assert last_day(validity, months, first) == last


def test_the_eldest_is_first_and_twins_keep_their_rank():
    births = {3: date(2018, 5, 1), 1: date(2018, 5, 1), 2: date(2015, 1, 1)}
    assert [place_among(child, births, births) for child in (2, 1, 3)] == [
        Siblings(1, 3),
        Siblings(2, 3),
        Siblings(3, 3),
    ]
    assert place_among(3, births, [3]) == Siblings(1, 1)
    assert place_among(3, births, []) == Siblings(1, 1)
    assert place_among(1, births, [2]) == Siblings(2, 2)


def _aid(**more):
    return Aid("1", "CCAS", AidKind.AMOUNT, Decimal("2.00"), **more)


def _uses(*prices):
    return [Use(1, "repas", DAY.replace(day=14 + index), Decimal(price)) for index, price in enumerate(prices)]


def test_a_cap_is_used_up_in_the_order_of_the_days():
    found = help_each([Grant(_aid(amount_left=Decimal("3.00")), DAY)], _uses("4.30", "4.30", "4.30"))
    assert [[line.amount for line in each.lines] for each in found] == [[Decimal("2.00")], [Decimal("1.00")], []]
    found = help_each([Grant(_aid(units_left=1), DAY)], _uses("4.30", "4.30"))
    assert [len(each.lines) for each in found] == [1, 0]
    assert found[0].capped


@pytest.mark.parametrize(
    "grant",
    [
        Grant(_aid(), date(2026, 9, 15)),
        Grant(_aid(), date(2026, 9, 1), date(2026, 9, 13)),
        Grant(_aid(), DAY, child=2),
        Grant(_aid(), DAY, tariffs=frozenset({"club"})),
    ],
)
def test_an_aid_keeps_to_its_days_its_child_and_its_tariffs(grant):
    assert help_each([grant], _uses("4.30"))[0].lines == ()


@given(
    prices=st.lists(st.decimals(0, 20, places=2), max_size=8),
    cap=st.none() | st.decimals(0, 30, places=2),
    uses=st.none() | st.integers(0, 5),
)
def test_aids_never_pass_their_caps_nor_the_price(prices, cap, uses):
    grant = Grant(_aid(amount_left=cap, units_left=uses), date(2026, 9, 1))
    found = help_each([grant], _uses(*prices))
    given_ = [line.amount for each in found for line in each.lines]
    assert cap is None or sum(given_, Decimal(0)) <= cap
    assert uses is None or len(given_) <= uses
    assert all(
        sum((line.amount for line in each.lines), Decimal(0)) <= price
        for each, price in zip(found, prices, strict=True)
    )
