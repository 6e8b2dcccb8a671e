"""Wagtail's search on PostgreSQL, deaf to accents.

The `unaccent` extension is not to be had on every server: words are folded here instead, the same way when a text is
indexed and when it is searched for, before PostgreSQL's French dictionary takes their stems. « creche » finds
« crèche », « cantines » finds « cantine ».
"""

import copy
from collections.abc import Iterable, Iterator
from typing import Any

from modelsearch.backends.database.postgres.postgres import (
    PostgresAutocompleteQueryCompiler,
    PostgresIndex,
    PostgresSearchBackend,
    PostgresSearchQueryCompiler,
)
from modelsearch.index import AutocompleteField, RelatedFields, SearchField
from modelsearch.query import Phrase, PlainText

from cms_pages.search import fold


class FoldedObject:
    """An object as the index must see it: its searched texts folded, everything else its own."""

    def __init__(self, obj: Any) -> None:
        self.obj = obj
        self.pk = obj.pk

    def get_search_fields(self) -> list[Any]:
        """The object's fields, whose values come folded."""
        return list(_folded(self.obj.get_search_fields(), self.obj))


def _folded(fields: Iterable[Any], obj: Any = None) -> Iterator[Any]:
    """Copies of the fields; those of the object itself read it, those of a related one what they are given."""
    for original in fields:
        clone = copy.copy(original)
        if isinstance(original, RelatedFields):
            clone.fields = list(_folded(original.fields))
            if obj is not None:
                clone.get_value = lambda _wrapper, original=original: original.get_value(obj)
        elif isinstance(original, (SearchField, AutocompleteField)):
            clone.get_value = lambda given, original=original: _text(original.get_value(given if obj is None else obj))
        yield clone


def _text(value: Any) -> str:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return " ".join(_text(item) for item in value)
    return fold(str(value)) if value is not None else ""


class FoldedIndex(PostgresIndex):
    def add_items(self, model: Any, objs: Iterable[Any]) -> None:
        """Index the objects, folded."""
        super().add_items(model, [FoldedObject(obj) for obj in objs])


class FoldedQueryCompiler(PostgresSearchQueryCompiler):
    """Folds what is searched for, unless columns are compared as they are written (`fields=`)."""

    def build_tsquery_content(self, query: Any, config: Any = None, invert: bool = False) -> Any:
        if self.fields is None and isinstance(query, PlainText):
            # What holds no word at all is left as it is: it finds nothing.
            folded = fold(query.query_string) or query.query_string
            query = PlainText(folded, operator=query.operator, boost=query.boost)
        elif self.fields is None and isinstance(query, Phrase):
            query = Phrase(fold(query.query_string) or query.query_string)
        return super().build_tsquery_content(query, config=config, invert=invert)


class FoldedAutocompleteCompiler(FoldedQueryCompiler, PostgresAutocompleteQueryCompiler):
    pass


class SearchBackend(PostgresSearchBackend):
    """To name in `WAGTAILSEARCH_BACKENDS`; after a change here, `portail update_index` writes the index again."""

    query_compiler_class = FoldedQueryCompiler
    autocomplete_query_compiler_class = FoldedAutocompleteCompiler
    index_class = FoldedIndex
