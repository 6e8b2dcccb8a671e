"""What units are to each other, over keys: groups, alternatives, hours, and what cannot hold together."""

from datetime import time

import pytest
from django.db import IntegrityError, transaction

from portal.domain.activities.models import UnitRelation
from portal.domain.activities.relations import Edge, Fault, Hours, Relations, faults
from tests.domain.activities.factories import UnitFactory, UnitRelationFactory

TOGETHER, APART, NEEDS = "solidary", "exclusive", "dependent"
EVERY_DAY = frozenset(range(1, 8))


def hours(start, end, weekdays=EVERY_DAY, *, free=False):
    return Hours(time(*start) if start else None, time(*end) if end else None, weekdays, free)


def found(*edges):
    return [(fault, units) for fault, units in faults(Edge(*edge) for edge in edges)]


def test_solidarity_spreads_and_exclusion_does_not():
    relations = Relations.of([Edge(TOGETHER, 1, 2), Edge(TOGETHER, 3, 2), Edge(APART, 4, 5), Edge(APART, 5, 6)])
    assert relations.group(1) == {1, 2, 3}
    assert relations.excluded_by(5) == {4, 6}
    assert relations.excluded_by(4) == {5}
    assert relations.group(9) == {9}


@pytest.mark.parametrize(
    ("one", "other", "crossed"),
    [
        (((11, 30), (13, 30)), ((13, 0), (18, 0)), True),
        (((11, 30), (13, 30)), ((13, 30), (18, 0)), False),
        (((11, 30), (13, 30)), (None, (18, 0)), False),
        (((7, 0), (18, 0)), ((12, 0), (13, 0)), True),
    ],
)
def test_hours_cross_when_both_last_at_one_instant(one, other, crossed):
    read = {1: hours(*one), 2: hours(*other)}
    assert Relations.of([], read).crossed_by(1) == ({2} if crossed else set())


def test_hours_that_the_town_settled_do_not_cross():
    day = {unit: hours((8, 0), (18, 0)) for unit in range(1, 8)}
    edges = [Edge(TOGETHER, 1, 2), Edge(APART, 1, 3), Edge(NEEDS, 4, 2)]
    relations = Relations.of(edges, day | {7: hours((8, 0), (18, 0), frozenset({3}), free=True)})
    assert relations.crossed_by(1) == {5, 6}
    assert relations.crossed_by(7) == set()
    assert Relations.of([], {1: hours((8, 0), (9, 0), frozenset({1})), 2: hours((8, 0), (9, 0), frozenset({2}))}) == (
        Relations()
    )


def test_what_cannot_hold_together_is_found():
    assert found((NEEDS, 1, 2), (NEEDS, 2, 3), (NEEDS, 3, 1)) == [(Fault.RING, (1, 2, 3))]
    assert found((NEEDS, 1, 2), (TOGETHER, 2, 3), (NEEDS, 3, 1))[0][0] is Fault.RING
    assert found((TOGETHER, 1, 2), (TOGETHER, 2, 3), (APART, 1, 3)) == [(Fault.TORN, (1, 3))]
    assert found((NEEDS, 1, 2), (TOGETHER, 2, 3), (APART, 1, 3)) == [(Fault.NEVER, (1, 2))]
    # One of the alternatives is enough.
    assert found((NEEDS, 1, 2), (NEEDS, 1, 3), (APART, 2, 3), (APART, 1, 3)) == []


@pytest.mark.django_db
def test_a_pair_has_one_relation_whichever_way_it_is_written():
    unit, other = UnitFactory(), UnitFactory()
    UnitRelationFactory(unit=unit, other=other)
    for one, two in ((unit, other), (other, unit)):
        with pytest.raises(IntegrityError, match="unit_relation_once"), transaction.atomic():
            UnitRelation.objects.create(unit=one, other=two, kind=APART)
    with pytest.raises(IntegrityError, match="unit_relation_of_two"):
        UnitRelation.objects.create(unit=unit, other=unit, kind=APART)
