"""Two parents who send the same rentrée, and two households who want the same places, at the same instant."""

from uuid import uuid4

import pytest

from portal.domain.bookings import enrol
from portal.domain.bookings.models import Booking, DayPlaces
from portal.domain.enrolments.models import Enrolment
from portal.domain.families.models import Family
from portal.domain.rentree import services
from portal.domain.rentree.services import save_rentree, validate_rentree
from tests.domain.activities.factories import PlacePoolFactory
from tests.domain.bookings.invariants import check_places
from tests.domain.rentree.scene import AT, YEAR, coming, rentree_scene
from tests.harness.races import run_together, successes

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


def send(scene, answers, key, by=None):
    return validate_rentree(family=scene.family, year=YEAR, key=key, answers=answers, by=by or scene.parent, at=AT)


@pytest.mark.exigence("C8")
def test_both_parents_at_once_send_one_rentree():
    for _ in range(3):
        scene = rentree_scene(parents=2, stems=(f"cantine{Family.objects.count()}",))
        stem = next(iter(scene.new))
        key, answers = uuid4(), [scene.answer(stem, 1)]
        results = run_together(
            *[
                lambda by=by, scene=scene, answers=answers, key=key: send(scene, answers, key, by)
                for by in (scene.parent, scene.others[0]) * 2
            ]
        )
        assert {getattr(each, "number", each) for each in results} == {results[0].number}
        assert Enrolment.objects.filter(activity=scene.new[stem].activity).count() == 1
    check_places()


def test_without_the_lock_of_the_family_a_rentree_sent_twice_would_fail(monkeypatch):
    """The race exists: both find no recap yet; a constraint stops the second one, as an error."""
    monkeypatch.setattr(services, "lock_in_use", lambda family: family)
    broken = False
    for _ in range(8):
        scene = rentree_scene(stems=(f"cantine{Family.objects.count()}",))
        stem = next(iter(scene.new))
        key, answers = uuid4(), [scene.answer(stem, 1)]
        calls = [lambda scene=scene, answers=answers, key=key: send(scene, answers, key) for _each in range(4)]
        results = run_together(*calls)
        broken = len(successes(results)) < 4
        if broken:
            break
    assert broken


def test_two_parents_who_begin_at_once_share_one_preparation():
    scene = rentree_scene(parents=2)
    results = run_together(
        *[
            lambda by=by: save_rentree(
                family=scene.family, year=YEAR, answers=[scene.answer("cantine", 1)], by=by, at=AT
            )
            for by in (scene.parent, scene.others[0]) * 2
        ]
    )
    assert {each.pk for each in results} == {results[0].pk}
    results[0].refresh_from_db()
    assert results[0].version == 4


def test_two_households_with_crossed_activities_never_wait_for_each_other():
    """Each locks its places once, in order, whatever the order of its wishes; the last place is given once."""
    for _ in range(3):
        pools = [PlacePoolFactory(capacity=1), PlacePoolFactory(capacity=1)]
        mark = Family.objects.count()
        units = [coming(f"judo{mark}", pools=[pools[0]]), coming(f"danse{mark}", pools=[pools[1]])]
        homes = [rentree_scene(stems=(f"vide{mark}-{each}",)) for each in range(2)]
        for home in homes:
            home.new |= {"a": units[0], "b": units[1]}
        orders = (("a", "b"), ("b", "a"))
        results = run_together(
            *[
                lambda home=home, order=order: send(home, [home.answer(stem, 1, 2) for stem in order], uuid4())
                for home, order in zip(homes, orders, strict=True)
            ]
        )
        assert len(successes(results)) == 2, results
        taken = DayPlaces.objects.filter(pool__in=pools)
        assert set(taken.values_list("taken", flat=True)) == {1}
        assert Booking.objects.filter(unit__in=units).count() == taken.count()
    check_places()


def test_places_locked_activity_by_activity_would_end_in_a_deadlock(monkeypatch):
    """What one lock for all is for: booked one enrolment after the other, crossed households wait in a ring."""

    def one_by_one(asking, **more):
        return [outcome for each in asking for outcome in whole([each], **more)]

    whole = enrol.book_weeks
    monkeypatch.setattr("portal.domain.bookings.household.book_weeks", one_by_one)
    broken = False
    for _ in range(10):
        pools = [PlacePoolFactory(capacity=None), PlacePoolFactory(capacity=None)]
        mark = Family.objects.count()
        units = [coming(f"judo{mark}", pools=[pools[0]]), coming(f"danse{mark}", pools=[pools[1]])]
        homes = [rentree_scene(stems=(f"vide{mark}-{each}",)) for each in range(2)]
        for home in homes:
            home.new |= {"a": units[0], "b": units[1]}
        results = run_together(
            *[
                lambda home=home, order=order: send(home, [home.answer(stem, 1, 2, 4, 5) for stem in order], uuid4())
                for home, order in zip(homes, (("a", "b"), ("b", "a")), strict=True)
            ]
        )
        broken = len(successes(results)) < 2
        if broken:
            break
    assert broken
