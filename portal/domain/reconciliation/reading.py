"""Asking PostgreSQL for what is wrong: one query a check, the first findings told, all of them counted."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db import connection

from portal.domain.reconciliation.registry import MOST, Found, Seen

Row = Mapping[str, Any]

_HEAD = "SELECT COUNT(*) OVER () AS how_many, wrong.* FROM ("
_TAIL = ") AS wrong ORDER BY day NULLS FIRST, key LIMIT %(most)s"


def look(query: str, values: Mapping[str, Any], say: Callable[[Row], str]) -> Seen:
    """What `query` finds, in one round trip. Its columns are `key` and `day`, then, when they mean something,
    `family`, `child`, `unit`, `subject` and `subject_key`; others are for `say`, which gives the sentence of a row.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"{_HEAD}{query}{_TAIL}", {**values, "most": MOST})
        names = [column.name for column in cursor.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return Seen([_found(row, say(row)) for row in rows], rows[0]["how_many"] if rows else 0)


def _found(row: Row, sentence: str) -> Found:
    return Found(
        key=str(row["key"]),
        sentence=sentence,
        subject=row.get("subject", ""),
        subject_key=str(row.get("subject_key", "")),
        family=row.get("family"),
        child=row.get("child"),
        unit=row.get("unit"),
        day=row["day"],
    )
