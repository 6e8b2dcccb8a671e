"""What goes with a closed unit, for one child on one day. Pure."""

from collections.abc import Collection

from portal.domain.activities.relations import Relations


def fall_with(relations: Relations, present: Collection[int], closed: Collection[int]) -> frozenset[int]:
    """The units of `present` that go because some of them are `closed`, the closed ones left out.

    Those booked together with one that goes; those that needed one that goes and have none of the others left.
    """
    here = set(present)
    gone = here & set(closed)
    first = frozenset(gone)
    while True:
        stay = here - gone
        falling = {
            unit
            for unit in stay
            if relations.group(unit) & gone
            or (relations.needs_of(unit) & gone and not relations.needs_of(unit) & stay)
        }
        if not falling:
            return frozenset(gone - first)
        gone |= falling
