"""How long a run of every check takes: `python -m tests.bench.reconciliation [families …]`, 700 families by default.

700 families of the sample town have some 50,000 bookings.
"""

import sys

from django.db import connection

from portal.domain.accounts.models import User
from portal.domain.reconciliation.enums import Trigger
from portal.domain.reconciliation.registry import find_check
from portal.domain.reconciliation.running import run_checks
from tests.bench.town import Town, say, timed, town

#: The longest checks, told one by one.
LONGEST = 6


def bare() -> None:
    """What anything costs here at the least: every booking read once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*), SUM(unit_price), MAX(day) FROM bookings_booking")


def measure(place: Town) -> None:
    """A first run, then one that finds what is known; the longest checks."""
    once = timed(bare, runs=5, warm=1)
    say(f"{place.families} families, {place.bookings} bookings; every booking read once: {once}")
    for name in ("first", "second"):
        run = run_checks(trigger=Trigger.COMMAND, by=User.objects.system(), at=place.at)
        if run is None:
            raise RuntimeError("another run is under way")
        found = sum(result["found"] for result in run.results.values())
        say(f"  {name} run: {run.seconds} s for {len(run.results)} checks, {found} findings")
    longest = sorted(run.results.items(), key=lambda each: -each[1]["seconds"])[:LONGEST]
    for code, result in longest:
        check = find_check(code)
        say(f"    {result['seconds']:6.3f} s  {check.title if check else code}")


if __name__ == "__main__":
    for asked in sys.argv[1:] or ["700"]:
        with town(int(asked)) as place:
            measure(place)
