"""Locks say which rows they take."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from django.db.models.sql.compiler import SQLCompiler
from treebeard.models import Node


class UnnamedLockError(AssertionError):
    """A `select_for_update` over a join locks the rows of every table of it."""


@contextmanager
def locks_name_their_target() -> Iterator[None]:
    """Refuse `select_for_update()` without `of` as soon as the query joins another table.

    The tree of pages is not ours to lock: treebeard does, over the join of a specific page.
    """
    real_from_clause = SQLCompiler.get_from_clause

    def get_from_clause(self: SQLCompiler) -> Any:
        query = self.query
        ours = query.model is not None and not issubclass(query.model, Node)
        if ours and query.select_for_update and not query.select_for_update_of:
            # Reference counts are right only while the statement is being written.
            tables = [alias for alias in query.alias_map if query.alias_refcount.get(alias)]
            if len(tables) > 1:
                raise UnnamedLockError(f"select_for_update(of=…) is needed: the query joins {', '.join(tables)}")
        return real_from_clause(self)

    with patch.object(SQLCompiler, "get_from_clause", get_from_clause):
        yield
