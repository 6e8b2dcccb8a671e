"""Changing the places of a pool: the days that count them follow, and nobody loses a place."""

from datetime import UTC, date, datetime

import pytest

from portal.domain.activities.models import PlacePool
from portal.domain.audit.models import AuditEntry
from portal.domain.bookings.capacity import CapacityTooLow, set_capacity
from portal.domain.bookings.models import DayPlaces
from tests.domain.accounts.factories import UserFactory
from tests.domain.activities.factories import PlacePoolFactory
from tests.domain.bookings.factories import DayPlacesFactory

pytestmark = pytest.mark.django_db

AT = datetime(2026, 9, 14, 8, tzinfo=UTC)
YESTERDAY, TODAY, LATER = date(2026, 9, 13), date(2026, 9, 14), date(2026, 10, 1)


@pytest.fixture
def pool() -> PlacePool:
    """Forty places, some taken yesterday, today and later."""
    made: PlacePool = PlacePoolFactory(capacity=40)
    for day, taken, held in ((YESTERDAY, 38, 0), (TODAY, 30, 2), (LATER, 10, 0)):
        DayPlacesFactory(pool=made, day=day, taken=taken, held=held)
    return made


def capacities() -> dict[date, int | None]:
    return dict(DayPlaces.objects.values_list("day", "capacity"))


def test_today_and_the_days_to_come_follow(pool: PlacePool) -> None:
    by = UserFactory()

    assert set_capacity(pool=pool, capacity=60, by=by, at=AT) == 2
    assert capacities() == {YESTERDAY: 40, TODAY: 60, LATER: 60}
    assert PlacePool.objects.get().capacity == 60
    entry = AuditEntry.objects.get(verb="set_capacity")
    assert (entry.by, entry.before, entry.after) == (by, {"capacity": 40}, {"capacity": 60, "days": 2})


def test_a_pool_may_lose_its_limit(pool: PlacePool) -> None:
    set_capacity(pool=pool, capacity=None, by=UserFactory(), at=AT)

    assert capacities() == {YESTERDAY: 40, TODAY: None, LATER: None}


def test_held_places_count_too(pool: PlacePool) -> None:
    """32 places are gone today: 30 booked, 2 held by a live draft."""
    with pytest.raises(CapacityTooLow) as refused:
        set_capacity(pool=pool, capacity=31, by=UserFactory(), at=AT)

    assert [(crowded.day, crowded.gone) for crowded in refused.value.days] == [(TODAY, 32)]
    assert str(refused.value).startswith("32\u00a0places déjà prises le lundi 14\u00a0septembre 2026\u00a0: ")
    assert capacities() == {YESTERDAY: 40, TODAY: 40, LATER: 40}
    assert not AuditEntry.objects.exists()


def test_several_crowded_days_are_counted(pool: PlacePool) -> None:
    with pytest.raises(CapacityTooLow, match="et 1\u00a0autre jour"):
        set_capacity(pool=pool, capacity=5, by=UserFactory(), at=AT)


def test_exactly_the_places_gone_is_enough(pool: PlacePool) -> None:
    set_capacity(pool=pool, capacity=32, by=UserFactory(), at=AT)

    assert capacities()[TODAY] == 32


def test_the_same_capacity_again_writes_nothing(pool: PlacePool) -> None:
    assert set_capacity(pool=pool, capacity=40, by=UserFactory(), at=AT) == 0
    assert not AuditEntry.objects.exists()
