"""A whole commune for tests that commit: loaded once in the session, copied back afterwards.

Loading a profile is thousands of statements and as many checks; copying its rows back is a second. Files stay in the
memory of the storages, which no test empties.
"""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from wagtail.models import Site

from config.places import COMMUNES_DIR
from portal.backoffice.profiles import load_profile, read_profile
from portal.domain.accounts.models import User
from portal.web.public_content import changed

_TABLES = """
    SELECT quote_ident(tablename) FROM pg_tables
     WHERE schemaname = 'public' AND tablename <> 'django_migrations' ORDER BY tablename
"""
_SEQUENCES = """
    SELECT quote_ident(sequencename), last_value FROM pg_sequences
     WHERE schemaname = 'public' AND last_value IS NOT NULL
"""

Rows = dict[str, bytes]
_kept: dict[tuple[str, str, datetime], tuple[Rows, list[tuple[str, int]]]] = {}


def load_town(name: str, *, at: datetime) -> None:
    """The database as loading this profile leaves it at that instant, for the address that PORTAL_BASE_URL gives.

    For a test with transactions, on a database that holds the rows of the migrations only.
    """
    key = (name, settings.PORTAL_BASE_URL, at)
    if key in _kept:
        _copy_back(*_kept[key])
        return
    load_profile(profile=read_profile(COMMUNES_DIR / name), by=User.objects.system(), at=at)
    _kept[key] = _copy()


def _copy() -> tuple[Rows, list[tuple[str, int]]]:
    rows: Rows = {}
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
        tables = [table for (table,) in cursor.fetchall()]
        cursor.execute(_SEQUENCES)
        sequences = list(cursor.fetchall())
    for table in tables:
        with _raw().copy(f"COPY {table} TO STDOUT (FORMAT binary)") as copy:
            rows[table] = b"".join(bytes(piece) for piece in copy)
    return rows, sequences


@transaction.atomic
def _copy_back(rows: Rows, sequences: list[tuple[str, int]]) -> None:
    with connection.cursor() as cursor:
        # Neither triggers nor foreign keys: the rows are those that passed them the first time.
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(f"TRUNCATE {', '.join(rows)}")
        for table, content in rows.items():
            with _raw().copy(f"COPY {table} FROM STDIN (FORMAT binary)") as copy:
                copy.write(content)
        for sequence, value in sequences:
            cursor.execute("SELECT setval(%s, %s)", [sequence, value])
    # Content types keep their keys: what the process knows of them stays true.
    Site.clear_site_root_paths_cache()
    changed()


def _raw() -> Any:
    """A cursor of psycopg itself: Django's has no `copy`."""
    connection.ensure_connection()
    return connection.connection.cursor()
