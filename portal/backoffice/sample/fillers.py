"""What the sample town holds beside families and bookings: each part of the dossier adds its share.

A part registers from `portal.backoffice.apps.ready`; `build_town` calls them in order, in its transaction, once the
families are there. A filler writes by batches (`bulk_create`): a town may have 50,000 families.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from portal.domain.accounts.models import User
from portal.domain.kernel.school_year import SchoolYear


@dataclass(frozen=True, slots=True)
class Filling:
    """The town being filled. `draw` gives the same figures for the same seed and part; `by` is the system."""

    year: SchoolYear
    at: datetime
    by: User
    draw: random.Random


@dataclass(frozen=True, slots=True)
class Filler:
    """A part: its code, its place among the others, what it writes; `before_bookings`: what their prices read."""

    code: str
    order: int
    fill: Callable[[Filling], None]
    before_bookings: bool = False


_fillers: dict[str, Filler] = {}


def register_filler(filler: Filler) -> None:
    """Add a part; the same code again replaces it."""
    _fillers[filler.code] = filler


def fill_town(*, year: SchoolYear, at: datetime, by: User, seed: int, before_bookings: bool = False) -> None:
    """Let every part add its share, each with its own draw: one more part changes nothing to the others."""
    for filler in sorted(_fillers.values(), key=lambda filler: (filler.order, filler.code)):
        if filler.before_bookings is not before_bookings:
            continue
        draw = random.Random(f"{seed} {filler.code}")  # noqa: S311  # repeatable on purpose, protects nothing
        filler.fill(Filling(year=year, at=at, by=by, draw=draw))
