"""The pages as a source of results, and the words of their titles for « Vouliez-vous dire »."""

from collections.abc import Iterable
from datetime import date
from difflib import get_close_matches
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page
from wagtail.query import PageQuerySet
from wagtail.search import index

from cms_pages.audiences import open_to_everybody
from cms_pages.search import (
    MAX_HITS,
    STOP_WORDS,
    Hit,
    SearchSource,
    answered_elsewhere,
    fold,
    register_search_source,
    words,
)
from portal.domain.accounts.models import User

#: Titles read to propose another word. A town has a few hundred pages.
TITLES_READ = 500
_NOT_TEXT = frozenset({"title", "slug", "seo_title"})


def connect() -> None:
    """Register the pages. Called once, at start-up."""
    register_search_source(SearchSource(key="pages", label=_("Pages"), order=10, search=search_pages))


def public_pages() -> PageQuerySet:
    """The pages on line that no other source answers for, without the root."""
    pages = Page.objects.live().public().filter(depth__gt=1)
    return pages.not_exact_type(*answered_elsewhere()) if answered_elsewhere() else pages


def search_pages(text: str, *, user: User | AnonymousUser, on: date) -> list[Hit]:
    """The pages whose title or text has every word, best first."""
    return page_hits(public_pages(), text, kind=str(_("Page")))


def page_hits(pages: Any, text: str, *, kind: str, day: str = "") -> list[Hit]:
    """Search some pages with the index and turn them into results. `day` names the date field of their class.

    Two queries and one per class of page found, whatever their number.
    """
    wanted = " ".join(words(text))
    if not wanted:
        return []
    found = pages.search(wanted, operator="and").annotate_score("score")[:MAX_HITS]
    scores = {page.pk: page.score or 0.0 for page in found}
    specific = Page.objects.filter(pk__in=scores).specific()
    hits = [
        Hit(
            title=page.title,
            url=page.url or "",
            kind=kind,
            excerpt=page_text(page),
            day=getattr(page, day) if day else None,
            rank=scores[page.pk],
        )
        for page in specific
    ]
    return sorted((hit for hit in hits if hit.url), key=lambda hit: (-hit.rank, hit.title))


def page_text(page: Any) -> str:
    """The words of a page as its readers see them: what it is indexed by, title and address apart."""
    texts: list[str] = []
    for field in page.get_search_fields():
        if isinstance(field, index.SearchField) and field.field_name not in _NOT_TEXT:
            texts.extend(_texts(field.get_value(page)))
    return " ".join(dict.fromkeys(text for text in texts if text))


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _texts(item)
    elif value is not None and not isinstance(value, models.Manager):
        yield str(value).strip()


def suggestion(text: str) -> str:
    """The same search with each unknown word replaced by the nearest word of a title; "" when nothing is near.

    One query. Only public titles: a suggestion tells nobody what is addressed to others.
    """
    public = open_to_everybody(Page.objects.live().public().filter(depth__gt=1))
    titles = public.order_by("-pk").values_list("title", flat=True)
    known: dict[str, str] = {}
    for title in titles[:TITLES_READ]:
        for word in title.replace("’", " ").replace("'", " ").split():
            plain = "".join(character for character in word if character.isalnum())
            if len(plain) > 3 and fold(plain) not in STOP_WORDS:
                known.setdefault(fold(plain), plain.lower())
    proposed = []
    for word in words(text):
        near = [word] if word in known else _nearest(word, known)
        proposed.append(known[near[0]] if near else word)
    changed = [fold(word) for word in proposed] != list(words(text))
    return " ".join(proposed) if changed else ""


def _nearest(word: str, known: Iterable[str]) -> list[str]:
    """By its beginning, else by its letters."""
    if len(word) < 3:
        return []
    begins = sorted((each for each in known if each.startswith(word)), key=len)
    return begins[:1] or get_close_matches(word, list(known), n=1, cutoff=0.75)
