"""Reminders at 20 000 families: `python -m tests.bench.reminders [families]`. Figures for docs/performance.md.

A canteen where every child is enrolled, six weeks of bookings, one family in five without a day next week. What a run
costs that tells nobody, what telling them costs, and the plan of the one query.
"""

import os
import sys
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any
from unittest.mock import patch

from django.db import connection

from config import embedded
from portal.domain.accounts.models import User
from portal.domain.kernel.clock import PARIS
from portal.domain.mails.tasks import deliver
from portal.domain.reminders import queries
from portal.domain.reminders.services import remind_deadlines
from tests.bench.town import say
from tests.domain.bookings.factories import priced_unit, version_of

EVE = datetime(2026, 9, 9, 18, tzinfo=PARIS)
RIGHTS = ("can_see", "can_edit", "can_book", "can_pay", "is_notified")

_FAMILIES = "generate_series(1000001, 1000000 + %(families)s) AS n"
#: Table → its columns in SQL, one row for each family `n`; other columns take an empty value.
_ROWS = {
    "accounts_user": {
        "id": "n",
        "username": "'parent' || n",
        "email": "'p' || n || '@famille.example'",
        "is_active": "TRUE",
    },
    "families_family": {"id": "n", "number": "(n - 900000)::text", "name": "'Vuillet'"},
    "families_adult": {"id": "n", "user_id": "n", "first_name": "'Claire'", "last_name": "'Vuillet'"},
    "families_familymember": {"family_id": "n", "adult_id": "n", "role": "'holder'", **dict.fromkeys(RIGHTS, "TRUE")},
    "families_child": {"id": "n", "first_name": "'Hugo'", "last_name": "'Vuillet'"},
    "families_childlink": {"family_id": "n", "child_id": "n", **dict.fromkeys(RIGHTS, "TRUE")},
    "enrolments_enrolment": {
        "id": "n",
        "child_id": "n",
        "activity_id": "%(activity)s",
        "family_id": "n",
        "requested_by_id": "n",
        "state": "'accepted'",
        "starts_on": "'2026-07-01'",
        "ends_on": "'2027-07-05'",
    },
    "bookings_booking": {
        "child_id": "n",
        "unit_id": "%(unit)s",
        "day": "day",
        "enrolment_id": "n",
        "family_id": "n",
        "state": "'booked'",
        "source": "'basket'",
        "tariff_version_id": "%(version)s",
        "booked_at": "'2026-06-01'::timestamptz",
        "booked_by_id": "n",
    },
}
_DAYS = """{families}, generate_series('2026-08-10'::date, '2026-09-18'::date, '1 day') AS day
 WHERE extract(isodow FROM day) IN (1, 2, 4, 5) AND (day < '2026-09-14' OR n %% 5 > 0)"""
_EMPTY = {"jsonb": "'{}'", "boolean": "FALSE", "date": "'2017-03-01'", "timestamp with time zone": "now()"}


def main(families: int) -> None:
    """Load, run, print."""
    embedded.ensure_started()
    connection.settings_dict["TEST"]["NAME"] = f"bench_portail_{os.getpid()}_{families}"
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        with patch.object(deliver, "apply_async", lambda *args, **kwargs: None):
            _measure(families)
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


def _measure(families: int) -> None:
    unit = priced_unit()
    by = User.objects.system()
    values = {
        "families": families,
        "activity": unit.activity_id,
        "unit": unit.pk,
        "version": version_of(unit).pk,
    }
    with connection.cursor() as cursor:
        for table, columns in _ROWS.items():
            source = _DAYS.format(families=_FAMILIES) if table == "bookings_booking" else _FAMILIES
            columns = _others(cursor, table, columns) | columns
            names = ", ".join(map(connection.ops.quote_name, columns))
            cursor.execute(
                f"INSERT INTO {table} ({names}) SELECT {', '.join(columns.values())} FROM {source}",
                values,
            )
        # Statistics of empty tables would choose the plan.
        cursor.execute("ANALYZE")
        cursor.execute("SELECT COUNT(*) FROM bookings_booking")
        say(f"{families} familles, {cursor.fetchone()[0]} réservations")
    settings = queries.load_settings()
    (closing,) = queries.due_closings(at=EVE, settings=settings)
    _timed("échéances du jour (toutes activités)", lambda: queries.due_closings(at=EVE, settings=settings))
    found = _timed("une requête, une échéance", lambda: list(queries.who_needs(closing, at=EVE, settings=settings)))
    say(f"  à prévenir : {len(found)}")
    told = _timed("tout prévenir", lambda: remind_deadlines(by=by, at=EVE))
    say(f"  prévenus : {told}")
    _timed("un passage qui ne prévient personne", lambda: remind_deadlines(by=by, at=EVE))
    with patch.object(queries, "_NEEDING", "EXPLAIN (ANALYZE, BUFFERS) " + queries._NEEDING):
        _print_plan(closing, settings)


def _print_plan(closing: queries.DueClosing, settings: queries.ReminderSettings) -> None:
    with patch.object(queries, "Needing", lambda *row: row):
        for (line,) in queries.who_needs(closing, at=EVE, settings=settings):
            say(f"    {line}")


def _others(cursor: Any, table: str, known: dict[str, str]) -> dict[str, str]:
    """An empty value for each column that asks for one."""
    cursor.execute(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s AND is_nullable = 'NO'"
        " AND column_default IS NULL AND is_identity = 'NO'",
        [table],
    )
    empty = {name: _EMPTY.get(kind, "0" if "int" in kind or kind == "numeric" else "''") for name, kind in cursor}
    return {name: value for name, value in empty.items() if name not in known}


def _timed(what: str, call: Callable[[], Any]) -> Any:
    started = time.perf_counter()
    result = call()
    say(f"  {what} : {(time.perf_counter() - started) * 1000:.0f} ms")
    return result


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
