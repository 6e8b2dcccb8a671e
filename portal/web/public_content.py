"""What everybody reads, and the mark that changes with it.

One mark, the generation, stands in the cache and is replaced whenever something public may have changed. What is kept
with a generation is worth nothing under the next one: pages (config.page_cache) and facts (`kept`). Applications add
their models from `AppConfig.ready()` with `register_public_content`, and the query parameters that choose among their
pages with `register_public_parameter`.
"""

import re
import time
import uuid
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from django.core.cache import caches
from django.db import models, transaction
from django.db.models.signals import m2m_changed, post_delete, post_save
from django.http import HttpRequest

from portal.domain.language import spoken

T = TypeVar("T")

#: Of settings.CACHES.
ALIAS = "public"
KEY = "public.generation"
#: A fact whose generation nobody knows (no cache) is read again after that many seconds.
SECONDS_WITHOUT_CACHE = 5.0
_REQUEST_ATTRIBUTE = "_public_generation"
_UNTIL_ATTRIBUTE = "_public_until"

Question = Callable[[type[models.Model]], bool]

_models: set[type[models.Model]] = set()
_questions: list[Question] = []
_parameters: dict[str, re.Pattern[str]] = {}
_facts: dict[str, tuple[str | None, str, float, Any]] = {}
#: True while a change could not be told to the cache: nothing is taken from it before that is done.
_untold = False


def register_public_content(*public: type[models.Model]) -> None:
    """Models that public pages show; their subclasses too. A row saved or deleted makes every kept page old."""
    _models.update(public)
    is_public_content.cache_clear()


def register_public_question(question: Question) -> None:
    """The same for models that are known later: `question` says of a model whether public pages show it."""
    _questions.append(question)
    is_public_content.cache_clear()


def register_public_parameter(name: str, pattern: str) -> None:
    """A query parameter that chooses among public pages, with the values worth keeping a page for."""
    _parameters[name] = re.compile(pattern)


def public_parameters() -> dict[str, re.Pattern[str]]:
    """The parameters that were registered."""
    return _parameters


@cache
def is_public_content(model: type[models.Model]) -> bool:
    """Whether public pages show rows of this model."""
    return issubclass(model, tuple(_models)) or any(question(model) for question in _questions)


def generation(request: HttpRequest | None = None) -> str | None:
    """The mark of what is public now, read once per request; None when the cache cannot tell."""
    if request is not None and hasattr(request, _REQUEST_ATTRIBUTE):
        known: str | None = getattr(request, _REQUEST_ATTRIBUTE)
        return known
    mark = _read()
    if request is not None:
        setattr(request, _REQUEST_ATTRIBUTE, mark)
    return mark


def changed() -> None:
    """Replace the mark now. Who keeps public facts elsewhere drops them first."""
    global _untold
    mark = uuid.uuid4().hex
    caches[ALIAS].set(KEY, mark, None)
    _untold = caches[ALIAS].get(KEY) is None


def will_change() -> None:
    """Replace the mark now and once the transaction is over: another process may read in between."""
    changed()
    transaction.on_commit(changed)


def kept(name: str, read: Callable[[], T], request: HttpRequest | None = None, *, during: str = "") -> T:
    """What `read` gives, kept by this process for each language as long as nothing public changes.

    No query when it is known. `during` names the day or the minute for which it is true: under another name it is
    read again. Names must be few: one value is kept for each. Who receives a value must not change it.
    """
    mark = generation(request)
    now = time.monotonic()
    name = f"{name}.{spoken()}"
    known = _facts.get(name)
    same = known is not None and known[:2] == (mark, during)
    if known is not None and same and (mark is not None or now - known[2] < SECONDS_WITHOUT_CACHE):
        value: T = known[3]
        return value
    value = read()
    # A mark that changed while reading must not be given to what was read before.
    _facts[name] = (mark, during, now, value)
    return value


def true_until(request: HttpRequest, instant: datetime) -> None:
    """Say that what this page shows ends (or begins) by itself at that instant: nobody keeps it any longer."""
    known = getattr(request, _UNTIL_ATTRIBUTE, None)
    setattr(request, _UNTIL_ATTRIBUTE, instant if known is None else min(known, instant))


def end_of_truth(request: HttpRequest) -> datetime | None:
    """The first instant given to `true_until` while the page was made; None when nothing ends by itself."""
    return getattr(request, _UNTIL_ATTRIBUTE, None)


def connect() -> None:
    """Listen to every model; those that are not public cost a look in a table. Called once, at start-up."""
    post_save.connect(_saved, dispatch_uid="portal.web.public_content")
    post_delete.connect(_deleted, dispatch_uid="portal.web.public_content")
    m2m_changed.connect(_linked, dispatch_uid="portal.web.public_content")


def _read() -> str | None:
    if _untold:
        changed()
        if _untold:
            return None
    mark: str | None = caches[ALIAS].get(KEY)
    if mark is None:
        # `add`: two processes that find nothing agree on one.
        caches[ALIAS].add(KEY, uuid.uuid4().hex, None)
        mark = caches[ALIAS].get(KEY)
    return mark


#: Written when a draft is saved, a page locked or its place in the tree counted: readers see none of it.
_UNSEEN_FIELDS = frozenset(
    {
        "draft_title",
        "has_unpublished_changes",
        "latest_revision",
        "latest_revision_id",
        "latest_revision_created_at",
        "locked",
        "locked_at",
        "locked_by",
        "locked_by_id",
    }
)


def _saved(
    sender: type[models.Model],
    update_fields: frozenset[str] | None = None,
    created: bool = False,
    raw: bool = False,
    **kwargs: Any,
) -> None:
    if not is_public_content(sender) or (update_fields and update_fields <= _UNSEEN_FIELDS):
        return
    will_change()


def _deleted(sender: type[models.Model], **kwargs: Any) -> None:
    if is_public_content(sender):
        will_change()


def _linked(sender: type[models.Model], instance: models.Model, action: str, **kwargs: Any) -> None:
    if action.startswith("post_") and is_public_content(type(instance)):
        will_change()
