"""Locks say which rows they take."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from django.db.models.sql.compiler import SQLCompiler


class UnnamedLockError(AssertionError):
    """A `select_for_update` over a join locks the rows of every table of it."""


@contextmanager
def locks_name_their_target() -> Iterator[None]:
    """Refuse `select_for_update()` without `of` as soon as the query joins another table."""
    real_as_sql = SQLCompiler.as_sql

    def as_sql(self: SQLCompiler, *args: Any, **kwargs: Any) -> Any:
        result = real_as_sql(self, *args, **kwargs)
        query = self.query
        if query.select_for_update and not query.select_for_update_of:
            tables = [alias for alias in query.alias_map if query.alias_refcount.get(alias)]
            if len(tables) > 1:
                raise UnnamedLockError(f"select_for_update(of=…) is needed: the query joins {', '.join(tables)}")
        return result

    with patch.object(SQLCompiler, "as_sql", as_sql):
        yield
