"""What is long to build is built once in the session and copied back afterwards, for tests that commit.

Building a town is thousands of statements and as many checks; copying its rows back is a second. Files stay in the
memory of the storages, which no test empties.
"""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from django.db import connection, transaction
from wagtail.models import Site

from portal.web.public_content import changed
from tests.harness.flushing import Rows, copy_back, copy_rows, empty, filled

T = TypeVar("T")

_SEQUENCES = """
    SELECT quote_ident(sequencename), last_value FROM pg_sequences
     WHERE schemaname = 'public' AND last_value IS NOT NULL
"""

_kept: dict[Hashable, tuple[Any, Rows, list[tuple[str, int]]]] = {}


def kept(key: Hashable, build: Callable[[], T]) -> T:
    """The database as `build` leaves it, and what it gave: rows come back with their keys, so objects stay true.

    For a test with transactions, on a database that holds the rows of the migrations only.
    """
    if key in _kept:
        before: tuple[T, Rows, list[tuple[str, int]]] = _kept[key]
        _copy_back(*before[1:])
        return before[0]
    made = build()
    _kept[key] = (made, *_copy())
    return made


def _copy() -> tuple[Rows, list[tuple[str, int]]]:
    with connection.cursor() as cursor:
        cursor.execute(_SEQUENCES)
        sequences = list(cursor.fetchall())
    return copy_rows(filled(_tables())), sequences


@transaction.atomic
def _copy_back(rows: Rows, sequences: list[tuple[str, int]]) -> None:
    empty(_tables())
    copy_back(rows)
    with connection.cursor() as cursor:
        calls = ", ".join("setval(%s, %s)" for _sequence in sequences)
        cursor.execute(f"SELECT {calls}", [value for pair in sequences for value in pair])
    # Content types keep their keys: what the process knows of them stays true.
    Site.clear_site_root_paths_cache()
    changed()


def _tables() -> list[str]:
    return connection.introspection.django_table_names(only_existing=True)
