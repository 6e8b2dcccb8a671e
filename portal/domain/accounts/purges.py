"""What else the hourly purge forgets: packages above add the links that they own and that have lapsed."""

from collections.abc import Callable
from datetime import datetime

#: Erases what lapsed before the instant and returns how many.
Purge = Callable[[datetime], int]

_purges: dict[str, Purge] = {}


def register_purge(code: str, purge: Purge) -> None:
    """Add a purge to the hourly task; the same code again replaces it."""
    _purges[code] = purge


def run_purges(*, at: datetime) -> int:
    """Run every registered purge; returns how many rows went."""
    return sum(purge(at) for _code, purge in sorted(_purges.items()))
