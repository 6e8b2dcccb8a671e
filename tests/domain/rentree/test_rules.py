"""Which rentrée is prepared, and how last year carries over: without a database."""

from datetime import date, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.rentree.rules import ActivityFacts, UnitFacts, carry_over, rentree_year, successor

NBSP = "\u00a0"


def unit(code="repas", key=1, weekdays=(1, 2, 4, 5), price="4.30", hours=(11, 13)):
    return UnitFacts(
        key=key,
        code=code,
        name=code.capitalize(),
        weekdays=frozenset(weekdays),
        starts_at=time(hours[0]),
        ends_at=time(hours[1]),
        price=None if price is None else Decimal(price),
    )


def activity(code="cantine-2026", key=10, *, type_key=1, structure_key=1, units=None):
    return ActivityFacts(
        key=key,
        code=code,
        name=code,
        type_key=type_key,
        structure_key=structure_key,
        structure=f"Lieu {structure_key}",
        units=tuple(units if units is not None else [unit()]),
    )


@pytest.mark.parametrize(
    ("day", "start"),
    [
        (date(2026, 11, 27), 2027),
        (date(2027, 1, 1), 2027),
        (date(2027, 7, 31), 2027),
        (date(2027, 8, 1), 2027),
        (date(2027, 9, 30), 2027),
        (date(2027, 10, 1), 2028),
    ],
)
def test_a_rentree_is_prepared_from_october_to_september(day, start):
    assert rentree_year(day).start == start


def test_the_successor_has_the_same_code_but_for_its_year():
    old, new = activity(), activity("cantine-2027", 20)
    assert successor(old, [activity("garderie-2027", 21), new]) == new


def test_the_successor_of_the_same_place_comes_before_another():
    here = activity("cantine-2027", 20)
    there = activity("cantine-2027b", 21, structure_key=2)
    assert successor(activity(), [there, here]) == here


def test_a_renamed_activity_is_found_by_its_type_its_place_and_its_units():
    new = activity("restaurant-2027", 20)
    assert successor(activity(), [new]) == new


@pytest.mark.parametrize(
    "among",
    [
        [],
        [activity("restaurant-2027", 20, type_key=2)],
        [activity("restaurant-2027", 20, structure_key=2)],
        [activity("restaurant-2027", 20, units=[unit("gouter")])],
        [activity("restaurant-2027", 20), activity("self-2027", 21)],
    ],
)
def test_nothing_is_guessed(among):
    assert successor(activity(), among) is None


def test_the_week_is_carried_over_by_the_code_of_the_unit():
    carried = carry_over(activity(), activity("cantine-2027", 20, units=[unit(key=7)]), {"repas": frozenset({1, 4})})
    assert carried.pattern == {7: frozenset({1, 4})}
    assert carried.changes == ()


def test_what_changed_is_said():
    new = activity(
        "cantine-2027", 20, structure_key=2, units=[unit(key=7, weekdays=(1, 2), price="4.50", hours=(12, 14))]
    )
    carried = carry_over(activity(), new, {"repas": frozenset({1, 4, 5})})
    assert carried.pattern == {7: frozenset({1})}
    assert carried.changes == (
        f"Le lieu change{NBSP}: Lieu 2.",
        f"«{NBSP}Repas{NBSP}» n’a plus lieu le jeudi et vendredi.",
        f"Le prix de «{NBSP}Repas{NBSP}» passe de 4,30{NBSP}€ à 4,50{NBSP}€.",
        f"Les horaires de «{NBSP}Repas{NBSP}» changent{NBSP}: de 12{NBSP}h à 14{NBSP}h.",
    )


def test_a_unit_that_is_gone_is_said_and_left_out():
    old = activity(units=[unit(), unit("gouter", 2)])
    new = activity("cantine-2027", 20, units=[unit(key=7)])
    carried = carry_over(old, new, {"repas": frozenset({1}), "gouter": frozenset({2})})
    assert carried.pattern == {7: frozenset({1})}
    assert carried.changes == (f"«{NBSP}Gouter{NBSP}» n’existe plus.",)


def test_a_price_that_nobody_knows_yet_is_no_change():
    new = activity("cantine-2027", 20, units=[unit(key=7, price=None)])
    assert carry_over(activity(), new, {"repas": frozenset({1})}).changes == ()


WEEK = st.frozensets(st.integers(1, 7))


@given(old=WEEK, served=WEEK)
def test_only_days_that_are_asked_for_and_served_are_carried_over(old, served):
    new = activity("cantine-2027", 20, units=[unit(key=7, weekdays=served)])
    carried = carry_over(activity(), new, {"repas": old})
    assert carried.pattern.get(7, frozenset()) == old & served
    assert bool(carried.changes) == bool(old - served)
