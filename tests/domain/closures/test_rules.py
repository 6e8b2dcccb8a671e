"""What falls with a closed unit, against a reading of the definition taken one unit at a time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.activities.enums import RelationKind
from portal.domain.activities.relations import Edge, Relations
from portal.domain.closures.rules import fall_with

pytestmark = pytest.mark.exigence("C5")

SOLIDARY, EXCLUSIVE, DEPENDENT = RelationKind.SOLIDARY, RelationKind.EXCLUSIVE, RelationKind.DEPENDENT


def test_the_twin_of_a_closed_unit_goes_and_its_neighbour_stays() -> None:
    relations = Relations.of([Edge(SOLIDARY, 1, 2), Edge(EXCLUSIVE, 1, 3)])
    assert fall_with(relations, {1, 2, 3}, {1}) == {2}


def test_the_bus_goes_with_the_centre_unless_another_centre_stays() -> None:
    relations = Relations.of([Edge(DEPENDENT, 9, 1), Edge(DEPENDENT, 9, 2)])
    assert fall_with(relations, {9, 1}, {1}) == {9}
    assert fall_with(relations, {9, 1, 2}, {1}) == frozenset()
    assert fall_with(relations, {9, 1, 2}, {1, 2}) == {9}


def test_it_spreads_from_one_to_the_next() -> None:
    relations = Relations.of([Edge(SOLIDARY, 1, 2), Edge(DEPENDENT, 3, 2), Edge(DEPENDENT, 4, 3)])
    assert fall_with(relations, {1, 2, 3, 4}, {1}) == {2, 3, 4}


def test_a_unit_closed_where_nothing_was_booked_takes_nothing_along() -> None:
    relations = Relations.of([Edge(SOLIDARY, 1, 2)])
    assert fall_with(relations, {2}, {1}) == frozenset()


EDGES = st.lists(
    st.tuples(st.sampled_from([SOLIDARY, DEPENDENT]), st.integers(1, 6), st.integers(1, 6))
    .filter(lambda edge: edge[1] != edge[2])
    .map(lambda edge: Edge(*edge)),
    max_size=8,
)


@given(EDGES, st.sets(st.integers(1, 6)), st.sets(st.integers(1, 6)))
def test_what_stays_could_stand_before_and_still_can(edges: list[Edge], present: set[int], closed: set[int]) -> None:
    relations = Relations.of(edges)
    gone = (present & closed) | fall_with(relations, present, closed)
    stay = present - gone
    assert not fall_with(relations, present, closed) & closed
    for unit in stay:
        assert not relations.group(unit) & gone
        assert not relations.needs_of(unit) & gone or relations.needs_of(unit) & stay
