"""Places left by pool and day, counted on paper: pure, the same for a page that shows and a verb that writes.

A `Room` starts from counts read once, then follows every hold, release and booking; what it granted is in `taken`
and `held`, ready to be written in one statement by `places.save_places`. It decides nothing about locks: under
lock its counts are true, elsewhere they are a picture.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from enum import Enum

PlaceKey = tuple[int, date]
"""(pool, day)."""

UNLIMITED = None


class Grant(Enum):
    """How a wish got its place."""

    HELD = "held"
    COVERED = "covered"


class Room:
    """Free places by (pool, day). A key that is not in `free` is unlimited; below zero, as many were given beyond the
    capacity (`DayPlaces.extra`).
    """

    def __init__(self, free: Mapping[PlaceKey, int | None]) -> None:
        self._free = {key: left if left is None else max(left, 0) for key, left in free.items()}
        self._beyond = {key: -left for key, left in free.items() if left is not None and left < 0}
        self._spare: Counter[PlaceKey] = Counter()
        self.extra: Counter[PlaceKey] = Counter()
        self.taken: Counter[PlaceKey] = Counter()
        self.held: Counter[PlaceKey] = Counter()

    def copy(self) -> "Room":
        """The same places and expectations, with nothing granted yet: for a rehearsal."""
        room = Room(self._free)
        room._spare.update(self._spare)
        return room

    def mark(self) -> "Room":
        """How things stand, to come `back_to`."""
        room = self.copy()
        room.taken.update(self.taken)
        room.held.update(self.held)
        room.extra.update(self.extra)
        return room

    def back_to(self, mark: "Room") -> None:
        """Forget what was granted and expected since `mark`."""
        self._free, self._spare = mark._free, mark._spare
        self.taken, self.held, self.extra = mark.taken, mark.held, mark.extra

    def free(self, pool: int, day: date) -> int | None:
        """Places left, None when unlimited."""
        return self._free.get((pool, day), UNLIMITED)

    def has_one(self, pool: int, day: date) -> bool:
        """Whether a place is left, whatever the family itself gives back."""
        left = self._free.get((pool, day), UNLIMITED)
        return left is None or left > 0

    def beyond(self, key: PlaceKey) -> int:
        """Places in use beyond the capacity when the room was read: as many that come back are nobody's."""
        return self._beyond.get(key, 0)

    def add_place(self, pools: Iterable[int], day: date) -> list[int]:
        """One place more than the capacity in those of `pools` that have none left; gives these pools.

        For an agent who passes over a full day on purpose; the place must be used in the same transaction.
        """
        full = [pool for pool in pools if not self.has_one(pool, day)]
        for pool in full:
            self._free[pool, day] = (self._free[pool, day] or 0) + 1
            self.extra[pool, day] += 1
        return full

    def full_pools(self, pools: Iterable[int], day: date) -> list[int]:
        """Those of `pools` that refuse one more wish: no place left, and none that the family itself gives back."""
        return [pool for pool in pools if not self.has_one(pool, day) and self._spare[(pool, day)] <= 0]

    def expect(self, pools: Collection[int], day: date, places: int = 1) -> None:
        """Count places that a pending cancellation of the same draft will give back (or, negative, uses up).

        Moving a place within a family never fails on a full day: the cancellation is validated first.
        """
        for pool in pools:
            self._spare[(pool, day)] += places

    def hold(self, pools: Collection[int], day: date) -> Grant | None:
        """One place in every pool for a draft, all or nothing; None when one of them is full.

        Covered instead of held when a full pool is given back by the draft's own cancellations: nothing is
        counted, the place changes hands at validation.
        """
        if all(self.has_one(pool, day) for pool in pools):
            self._move(pools, day, free=-1, held=1)
            return Grant.HELD
        if self.full_pools(pools, day):
            return None
        self.expect(pools, day, -1)
        return Grant.COVERED

    def release(self, pools: Collection[int], day: date) -> None:
        """A held place comes back."""
        self._move(pools, day, free=1, held=-1)

    def book(self, pools: Collection[int], day: date) -> bool:
        """One place in every pool for a booking, all or nothing."""
        if not all(self.has_one(pool, day) for pool in pools):
            return False
        self._move(pools, day, free=-1, taken=1)
        return True

    def book_held(self, pools: Collection[int], day: date) -> None:
        """A held place becomes a booked one."""
        self._move(pools, day, held=-1, taken=1)

    def cancel(self, pools: Collection[int], day: date) -> None:
        """A booked place comes back."""
        self._move(pools, day, free=1, taken=-1)

    def _move(self, pools: Collection[int], day: date, *, free: int = 0, taken: int = 0, held: int = 0) -> None:
        for pool in pools:
            key = (pool, day)
            left = self._free.get(key, UNLIMITED)
            if left is not None:
                self._free[key] = left + free
            self.taken[key] += taken
            self.held[key] += held
