"""The opening of a bookings day: many parents, few places, everybody at once.

    python -m tests.bench.rush --parents 100 --places 40

Each parent ticks one day, reads the recap and validates, in one of several processes with several connections each, as
behind gunicorn. Beside it, in the same run, the bare limit: the same processes increment one locked row.
"""

import argparse
import multiprocessing
import os
import resource
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any
from unittest.mock import patch

from django.db import connection, connections, transaction
from django.db.models import F
from django.utils import timezone

from portal.domain.accounts.models import User
from portal.domain.bookings.models import Basket, Booking, DayPlaces
from portal.domain.bookings.queries import load_draft
from portal.domain.bookings.services import NothingToConfirm, change_draft, confirm_basket
from portal.domain.families.models import Family
from portal.domain.kernel.clock import paris_date
from portal.domain.mails.tasks import deliver
from tests.bench.town import Town, percentile, say, school_days, town
from tests.domain.activities.factories import PlacePoolFactory
from tests.domain.bookings.factories import household, priced_unit
from tests.domain.bookings.invariants import check_numbers, check_places

Parent = tuple[int, int, str]
"""A family, its account, the code of the cell that it wants."""


def prepare(place: Town, *, parents: int, places: int | None, code: str) -> tuple[list[Parent], int, date]:
    """Families enrolled in a unit that has few places on one day to come."""
    today = paris_date(place.at)
    (day,) = school_days(place, today, 15)[-1:]
    pool = PlacePoolFactory(code=code, capacity=places)
    unit = priced_unit(
        pools=[pool],
        weekdays=[1, 2, 3, 4, 5],
        activity__starts_on=place.units[0].activity.starts_on,
        activity__ends_on=place.units[0].activity.ends_on,
        activity__code=code,
        activity__booking_deadline={"kind": "always"},
    )
    homes = [household(unit) for _ in range(parents)]
    return [(home.family.pk, home.parent.pk, home.code(day)) for home in homes], pool.pk, day


def journey(parent: Parent) -> tuple[str, float]:
    """From the click to the receipt, and how long it took."""
    family_id, user_id, code = parent
    begun = time.perf_counter()
    at = timezone.now()
    family, user = Family.objects.get(pk=family_id), User.objects.get(pk=user_id)
    change = change_draft(family=family, add=[code], remove=[], by=user, at=at)
    outcome = "full"
    if change.draft.count:
        draft = load_draft(family=family, user=user, at=at)
        try:
            confirm_basket(family=family, key=draft.key, version=draft.version, by=user, at=at)
            outcome = "booked"
        except NothingToConfirm:
            pass
    return outcome, time.perf_counter() - begun


def increment(row: int) -> tuple[str, float]:
    """The bare limit: lock one row, add one, commit."""
    begun = time.perf_counter()
    with transaction.atomic():
        DayPlaces.objects.select_for_update(of=("self",), no_key=True).get(pk=row)
        DayPlaces.objects.filter(pk=row).update(taken=F("taken") + 1)
    return "done", time.perf_counter() - begun


def worker(call: Any, warm: Any, jobs: Any, results: Any, start: Any, threads: int, name: str) -> None:
    """One process of the portal, with its threads; `warm` is done once before, as a process that has served pages."""
    connections.close_all()
    connection.settings_dict["NAME"] = name

    def work(_: int) -> None:
        connection.ensure_connection()
        start.wait()
        while (job := jobs.get()) is not None:
            try:
                results.put(call(job))
            except Exception as error:  # noqa: BLE001  # what families would see as an error page is counted
                results.put((f"error: {error!r}", 0.0))
        connections.close_all()

    with patch.object(deliver, "apply_async", lambda *args, **kwargs: None), ThreadPoolExecutor(threads) as pool:
        call(warm)
        list(pool.map(work, range(threads)))


def run(call: Any, warm: list[Any], jobs: list[Any], *, threads: int) -> tuple[list[tuple[str, float]], float]:
    """All the jobs through one process for each of `warm`; the results and the whole duration in seconds."""
    context = multiprocessing.get_context("fork")
    queue, results = context.Queue(), context.Queue()
    start = context.Barrier(len(warm) * threads + 1)
    name = connection.settings_dict["NAME"]
    connections.close_all()
    team = [context.Process(target=worker, args=(call, first, queue, results, start, threads, name)) for first in warm]
    for process in team:
        process.start()
    for job in [*jobs, *[None] * (len(warm) * threads)]:
        queue.put(job)
    start.wait()
    begun = time.perf_counter()
    found = [results.get() for _ in jobs]
    elapsed = time.perf_counter() - begun
    for process in team:
        process.join()
    return found, elapsed


def processor_of_workers() -> float:
    """Seconds of processor used so far by the processes that ended: on a busy machine, what the rush really costs."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def report(place: Town, *, parents: int, places: int, processes: int, threads: int) -> None:
    jobs, pool, day = prepare(place, parents=parents, places=places, code="ouverture")
    warm, _, _ = prepare(place, parents=processes, places=None, code="rodage")
    spare = DayPlaces.objects.create(pool_id=PlacePoolFactory(unlimited=True).pk, day=date(2000, 1, 1))
    bare, seconds = run(increment, [spare.pk] * processes, [spare.pk] * 2000, threads=threads)
    say(f"  bare limit, one locked row: {len(bare) / seconds:,.0f} transactions/s")
    used = processor_of_workers()
    found, seconds = run(journey, warm, jobs, threads=threads)
    used = processor_of_workers() - used
    outcomes = [outcome for outcome, _ in found]
    errors = [outcome for outcome in outcomes if outcome.startswith("error")]
    durations = [duration for _, duration in found]
    sold = Booking.objects.booked().filter(day=day, unit__pools=pool).count()
    say(
        f"  {parents} parents, {places} places: {sold} booked, {outcomes.count('full')} told it is full, "
        f"{len(errors)} errors; {Basket.objects.filter(lines=None).count()} empty drafts"
    )
    say(
        f"  whole rush {seconds:.2f} s: {outcomes.count('booked') / seconds:.0f} receipts/s, "
        f"{len(found) / seconds:.0f} journeys/s; a journey p50 {percentile(durations, 0.5) * 1000:.0f} ms, "
        f"p95 {percentile(durations, 0.95) * 1000:.0f} ms"
    )
    say(f"  processor of the workers {used:.2f} s, {used / len(found) * 1000:.0f} ms a journey, starting included")
    for error in sorted(set(errors)):
        say(f"    {error}")
    DayPlaces.objects.filter(pk=spare.pk).delete()
    check_places()
    check_numbers(f"{place.at:%Y-%m}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--families", type=int, default=400, help="the town around them")
    parser.add_argument("--parents", type=int, default=100)
    parser.add_argument("--places", type=int, default=40)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 2)
    parser.add_argument("--threads", type=int, default=8, help="connections of each process")
    options = parser.parse_args()
    with town(options.families) as place:
        say(f"\n{place.families} families; {options.processes} processes of {options.threads} connections")
        report(
            place,
            parents=options.parents,
            places=options.places,
            processes=options.processes,
            threads=options.threads,
        )


if __name__ == "__main__":
    main()
