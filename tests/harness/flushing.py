"""Emptying the database between tests that commit: what they filled, and nothing else.

Django truncates every table, then reads the rows of the migrations back one object at a time: more than a second for
each test, most of it for tables that nobody touched. Here only tables that hold rows are emptied, and the rows
of the migrations are copied back as PostgreSQL keeps them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from django.db import connection, transaction
from django.db.backends.base.creation import BaseDatabaseCreation
from django.db.backends.postgresql.operations import DatabaseOperations

Rows = dict[str, bytes]


def filled(tables: list[str]) -> list[str]:
    """Those of the tables that hold at least one row, in one query."""
    if not tables:
        return []
    quote = connection.ops.quote_name
    asked = " UNION ALL ".join(f"(SELECT '{table}' FROM {quote(table)} LIMIT 1)" for table in tables)
    with connection.cursor() as cursor:
        cursor.execute(asked)
        return [table for (table,) in cursor.fetchall()]


def _sql_flush(
    _operations: DatabaseOperations, style: Any, tables: list[str], *, reset_sequences: bool = False, **_: Any
) -> list[str]:
    """Empty the filled tables. Neither foreign keys nor triggers: everything goes."""
    used = filled(tables)
    if not used:
        return []
    quote = connection.ops.quote_name
    return [
        "SET LOCAL session_replication_role = replica",
        *(f"DELETE FROM {quote(table)}" for table in used),
        "SET LOCAL session_replication_role = DEFAULT",
    ]


def copy_rows(tables: list[str]) -> Rows:
    """Every row of these tables, as PostgreSQL writes them."""
    rows: Rows = {}
    for table in tables:
        with _raw().copy(f"COPY {connection.ops.quote_name(table)} TO STDOUT (FORMAT binary)") as copy:
            rows[table] = b"".join(bytes(piece) for piece in copy)
    return rows


@transaction.atomic
def empty(tables: list[str]) -> None:
    """Delete every row of these tables, without foreign keys nor triggers."""
    with connection.cursor() as cursor:
        for statement in _sql_flush(connection.ops, None, tables):
            cursor.execute(statement)


@transaction.atomic
def copy_back(rows: Rows) -> None:
    """Put the rows back in empty tables, without foreign keys nor triggers: they passed them the first time."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
    for table, content in rows.items():
        with _raw().copy(f"COPY {connection.ops.quote_name(table)} FROM STDIN (FORMAT binary)") as copy:
            copy.write(content)


def _raw() -> Any:
    """A cursor of psycopg itself: Django's has no `copy`."""
    connection.ensure_connection()
    return connection.connection.cursor()


@contextmanager
def only_what_was_filled() -> Iterator[None]:
    """While it lasts, flushing and restoring between tests that commit cost what those tests wrote."""
    read_back = BaseDatabaseCreation.deserialize_db_from_string
    kept: dict[str, Rows] = {}

    def restore(creation: BaseDatabaseCreation, data: str) -> None:
        """Django's own way the first time; what it left is copied for the next ones."""
        if data in kept:
            copy_back(kept[data])
            return
        read_back(creation, data)
        kept[data] = copy_rows(filled(connection.introspection.django_table_names(only_existing=True)))

    with (
        mock.patch.object(DatabaseOperations, "sql_flush", _sql_flush),
        mock.patch.object(BaseDatabaseCreation, "deserialize_db_from_string", restore),
    ):
        yield
