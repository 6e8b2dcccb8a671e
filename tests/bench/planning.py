"""The planning and its verbs, measured beside the bare limit.

    python -m tests.bench.planning --families 400 20000
"""

import argparse
from datetime import timedelta

from tests.bench.town import Town, full_month, school_days, timed, town  # first: it sets Django up

from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.domain.bookings.models import Booking
from portal.domain.bookings.queries import load_draft, load_planning, month_effect, next_deadlines
from portal.domain.bookings.services import change_draft, confirm_basket, discard_draft
from portal.domain.kernel.clock import paris_date
from tests.domain.bookings.factories import Household, household


def bare_select() -> float:
    """One round trip to the database that reads nothing."""

    def ask() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()

    return timed(ask, runs=400)


def bare_bookings(home: Household, place: Town) -> float:
    """Only the bookings of the month, without meaning."""
    keys = [child.pk for child in home.children]
    days = (place.month.first, place.month.last)
    return timed(lambda: list(Booking.objects.filter(child__in=keys, day__range=days).values_list()))


def measure_pages(place: Town) -> None:
    print(f"\n{place.families} families, {place.bookings} bookings")
    print(f"  bare round trip                         {bare_select():7.2f} ms")
    for children in (2, 3, 5):
        home = full_month(place, children=children)

        def look(home: Household = home) -> object:
            return load_planning(family=home.family, user=home.parent, days=place.month, at=place.at)

        with CaptureQueriesContext(connection) as queries:
            planning = look()
        cells = sum(len(row.cells) for row in planning.rows)
        print(
            f"  planning, {children} children, {cells:4} cells: {len(queries):2} queries, {timed(look):7.2f} ms;"
            f" its bookings alone {bare_bookings(home, place):5.2f} ms"
        )
    home = full_month(place, children=2)
    days = school_days(place, paris_date(place.at) + timedelta(days=14), 20)
    codes = [code for child in range(2) for code in home.codes(days, child=child, unit=1)]
    change_draft(family=home.family, add=codes, remove=[], by=home.parent, at=place.at)
    for name, read in (
        ("draft of 40 lines, each rule again", lambda: load_draft(family=home.family, at=place.at)),
        ("effect on the months", lambda: month_effect(family=home.family, user=home.parent, at=place.at)),
        ("next deadlines", lambda: next_deadlines(family=home.family, user=home.parent, at=place.at)),
    ):
        with CaptureQueriesContext(connection) as queries:
            read()
        print(f"  {name:38}: {len(queries):2} queries, {timed(read, runs=30):7.2f} ms")


def measure_verbs(place: Town) -> None:
    home = household(*place.units, children=2)
    days = school_days(place, paris_date(place.at) + timedelta(days=14), 20)
    codes = [code for child in range(2) for code in home.codes(days, child=child)]

    def save() -> None:
        change_draft(family=home.family, add=codes, remove=[], by=home.parent, at=place.at)

    def save_and_discard() -> None:
        save()
        discard_draft(family=home.family, by=home.parent, at=place.at)

    def journey() -> None:
        add = change_draft(family=home.family, add=codes, remove=[], by=home.parent, at=place.at)
        confirm_basket(family=home.family, key=add.draft.key, by=home.parent, at=place.at)
        back = change_draft(family=home.family, add=[], remove=codes, by=home.parent, at=place.at)
        confirm_basket(family=home.family, key=back.draft.key, by=home.parent, at=place.at)

    with CaptureQueriesContext(connection) as saving:
        save()
    discard_draft(family=home.family, by=home.parent, at=place.at)
    both = timed(save_and_discard, runs=30)
    save()
    discarding = timed(lambda: (discard_draft(family=home.family, by=home.parent, at=place.at)), runs=1, warm=0)
    print(f"  save 20 days × 2 children: {len(saving)} statements with BEGIN and COMMIT, {both - discarding:7.2f} ms")
    print(f"  tick, validate, untick, validate 40 days: {timed(journey, runs=15, warm=3):7.2f} ms for two receipts")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--families", type=int, nargs="+", default=[400])
    for families in parser.parse_args().families:
        with town(families) as place:
            measure_pages(place)
            measure_verbs(place)


if __name__ == "__main__":
    main()
