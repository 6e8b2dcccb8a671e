"""Places on paper: all the pools or none, and what the family itself gives back."""

from datetime import date

from portal.domain.bookings.room import Grant, Room

DAY = date(2026, 9, 14)
MEAL, CLUB, OPEN = 1, 2, 3


def room(meal=1, club=1):
    return Room({(MEAL, DAY): meal, (CLUB, DAY): club, (OPEN, DAY): None})


def test_a_place_is_taken_in_every_pool_or_in_none():
    places = room(meal=1, club=0)
    assert places.hold([MEAL, CLUB], DAY) is None
    assert (places.free(MEAL, DAY), places.held[(MEAL, DAY)]) == (1, 0)
    assert places.hold([MEAL, OPEN], DAY) is Grant.HELD
    assert (places.free(MEAL, DAY), places.held[(MEAL, DAY)], places.held[(OPEN, DAY)]) == (0, 1, 1)
    assert not places.book([MEAL, CLUB], DAY)


def test_an_unlimited_pool_is_counted_and_never_full():
    places = room()
    assert all(places.book([OPEN], DAY) for _ in range(1000))
    assert (places.taken[(OPEN, DAY)], places.full_pools([OPEN], DAY)) == (1000, [])


def test_a_full_pool_is_covered_by_what_the_family_gives_back_once():
    places = room(meal=0)
    places.expect([MEAL], DAY)
    assert places.full_pools([MEAL], DAY) == []
    assert places.hold([MEAL], DAY) is Grant.COVERED
    assert places.held[(MEAL, DAY)] == 0
    assert places.full_pools([MEAL], DAY) == [MEAL]
    assert places.hold([MEAL], DAY) is None


def test_what_is_released_cancelled_or_confirmed_is_counted():
    places = room(meal=0)
    places.release([MEAL], DAY)
    places.book_held([CLUB], DAY)
    places.cancel([OPEN], DAY)
    assert (places.free(MEAL, DAY), places.held[(MEAL, DAY)]) == (1, -1)
    assert (places.free(CLUB, DAY), places.held[(CLUB, DAY)], places.taken[(CLUB, DAY)]) == (1, -1, 1)
    assert places.taken[(OPEN, DAY)] == -1


def test_a_copy_starts_from_the_same_places_and_grants_apart():
    places = room(meal=1)
    rehearsal = places.copy()
    assert rehearsal.book([MEAL], DAY)
    assert (places.free(MEAL, DAY), places.taken[(MEAL, DAY)]) == (1, 0)
