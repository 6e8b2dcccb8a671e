"""The planning and its verbs, measured beside the bare limit.

python -m tests.bench.planning --families 400 20000
"""

import argparse
from collections.abc import Callable
from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.domain.bookings.models import Booking
from portal.domain.bookings.queries import day_summary, load_draft, load_planning, month_effect, next_deadlines
from portal.domain.bookings.services import change_draft, confirm_basket, discard_draft
from portal.domain.kernel.clock import paris_date
from tests.bench.town import Timing, Town, full_month, say, school_days, timed, town
from tests.domain.bookings.factories import Household, household


def bare_select() -> Timing:
    """One round trip to the database that reads nothing."""

    def ask() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()

    return timed(ask, runs=400)


def bare_bookings(home: Household, place: Town) -> Timing:
    """Only the bookings of the month, without meaning."""
    keys = [child.pk for child in home.children]
    days = (place.month.first, place.month.last)
    return timed(lambda: list(Booking.objects.filter(child__in=keys, day__range=days).values_list()))


def queries_of(call: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as captured:
        call()
    return len(captured)


def measure_pages(place: Town) -> None:
    say(f"\n{place.families} families, {place.bookings} bookings")
    say(f"  {'bare round trip':46} {bare_select()}")
    for children in (2, 3, 5):
        home = full_month(place, children=children)

        def look(home: Household = home) -> object:
            return load_planning(family=home.family, user=home.parent, days=place.month, at=place.at)

        planning = load_planning(family=home.family, user=home.parent, days=place.month, at=place.at)
        cells = sum(len(row.cells) for row in planning.rows)
        say(f"  {f'its bookings alone, {children} children':46} {bare_bookings(home, place)}")
        say(f"  {f'planning, {children} children, {cells} cells, {queries_of(look)} queries':46} {timed(look)}")
    home = full_month(place, children=2)
    days = school_days(place, paris_date(place.at) + timedelta(days=14), 20)
    codes = [code for child in range(2) for code in home.codes(days, child=child, unit=1)]
    change_draft(family=home.family, add=codes, remove=[], by=home.parent, at=place.at)
    whose = {"family": home.family, "user": home.parent}
    for name, read in (
        ("draft of 40 lines", lambda: load_draft(family=home.family, at=place.at)),
        ("effect of the draft", lambda: month_effect(**whose, at=place.at)),
        ("next deadlines", lambda: next_deadlines(**whose, at=place.at)),
        ("what the children do today", lambda: day_summary(**whose, day=paris_date(place.at))),
    ):
        say(f"  {f'{name}, {queries_of(read)} queries':46} {timed(read, runs=30)}")


def measure_verbs(place: Town) -> None:
    home = household(*place.units, children=2)
    days = school_days(place, paris_date(place.at) + timedelta(days=14), 20)
    codes = [code for child in range(2) for code in home.codes(days, child=child)]
    wishes = {"family": home.family, "by": home.parent, "at": place.at}

    def tick() -> str:
        return change_draft(**wishes, add=codes, remove=[]).draft.key

    def untick() -> str:
        return change_draft(**wishes, add=[], remove=codes).draft.key

    def both_ways() -> None:
        tick()
        untick()

    def journey() -> None:
        confirm_basket(**wishes, key=tick())
        confirm_basket(**wishes, key=untick())

    count = queries_of(tick)
    discard_draft(**wishes)
    say(f"  {f'save 20 days × 2 children ({count} statements), twice':46} {timed(both_ways, runs=30)}")
    tick()
    count = queries_of(lambda: confirm_basket(**wishes, key=str(home.family.basket.key)))
    confirm_basket(**wishes, key=untick())
    say(f"  {f'tick and validate 40 days ({count} statements), twice':46} {timed(journey, runs=15, warm=3)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--families", type=int, nargs="+", default=[400])
    for families in parser.parse_args().families:
        with town(families) as place:
            measure_pages(place)
            measure_verbs(place)


if __name__ == "__main__":
    main()
