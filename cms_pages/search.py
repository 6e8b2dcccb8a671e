"""Searching the public space: what every source of results answers, and the words that are compared.

The pages register themselves; news, library and menus, which are layers above, add theirs with
`register_search_source`. A search term is never written anywhere.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.contrib.auth.models import AnonymousUser
from django.utils.functional import Promise
from wagtail.models import Page

from portal.domain.accounts.models import User

#: What a source answers at most: nobody reads further, one more word is quicker.
MAX_HITS = 50
SHORTEST, LONGEST = 2, 100

#: The ligatures and barred letters that Unicode does not take apart.
_LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ı": "i"})
_WORD = re.compile(r"[^\W_]+")
#: “réservée”, “réservées”: folded, the feminine would hide the stem from the French dictionary.
_FEMININE = re.compile(r"(?<=\w\w)ee(s?)\b")
#: The little words that the French dictionary leaves out too.
STOP_WORDS = frozenset(
    [
        "a",
        "ai",
        "au",
        "aux",
        "avec",
        "c",
        "ce",
        "ces",
        "d",
        "dans",
        "de",
        "des",
        "du",
        "elle",
        "en",
        "est",
        "et",
        "eux",
        "il",
        "ils",
        "je",
        "l",
        "la",
        "le",
        "les",
        "leur",
        "lui",
        "m",
        "ma",
        "mais",
        "me",
        "mes",
        "mon",
        "n",
        "ne",
        "nos",
        "notre",
        "nous",
        "on",
        "ou",
        "par",
        "pas",
        "pour",
        "qu",
        "que",
        "qui",
        "s",
        "sa",
        "se",
        "ses",
        "son",
        "sont",
        "sur",
        "t",
        "ta",
        "te",
        "tes",
        "ton",
        "tu",
        "un",
        "une",
        "vos",
        "votre",
        "vous",
        "y",
    ]
)


@dataclass(frozen=True, slots=True)
class Hit:
    """One result. `excerpt` is plain text, long or short: the page cuts it around the words that were found.

    `rank` sorts inside its source, higher first; `day` is the date readers know it by.
    """

    title: str
    url: str
    kind: str
    excerpt: str = ""
    day: date | None = None
    rank: float = 0.0


Search = Callable[..., list[Hit]]
"""`search(text, *, user, on)`: what this visitor may read on that day, best first, `MAX_HITS` at most."""


@dataclass(frozen=True, slots=True)
class SearchSource:
    """A kind of results. `models`: the classes of pages that it answers for, which the pages then leave to it."""

    key: str
    label: str | Promise
    order: int
    search: Search
    models: Sequence[type[Page]] = field(default=())


_sources: dict[str, SearchSource] = {}


def register_search_source(source: SearchSource) -> None:
    """Add a kind of results, or replace the one that has the same key."""
    _sources[source.key] = source


def search_sources() -> tuple[SearchSource, ...]:
    """The kinds of results, in order."""
    return tuple(sorted(_sources.values(), key=lambda source: source.order))


def answered_elsewhere() -> tuple[type[Page], ...]:
    """The classes of pages that have a source of their own."""
    return tuple(model for source in _sources.values() for model in source.models)


def search_everywhere(text: str, *, user: User | AnonymousUser, on: date) -> dict[str, list[Hit]]:
    """What each source answers, by its key. `text` comes from `clean_query`."""
    return {source.key: source.search(text, user=user, on=on)[:MAX_HITS] for source in search_sources()}


# -- words --------------------------------------------------------------------------------


def clean_query(typed: str) -> str:
    """What is searched for: one line, trimmed, without control characters, cut at `LONGEST`."""
    plain = "".join(character if character.isprintable() else " " for character in typed)
    return " ".join(plain.split())[:LONGEST].strip()


def fold(text: str) -> str:
    """Words without case, accents nor punctuation, one space between: “L’Œuvre, réservée” is “l oeuvre reserve”.

    Both what is indexed and what is searched for go through it. Folding twice changes nothing.
    """
    plain = unicodedata.normalize("NFKD", text).casefold().translate(_LETTERS)
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    return _FEMININE.sub(r"e\1", " ".join(_WORD.findall(plain)))


def words(text: str) -> tuple[str, ...]:
    """The folded words of a text that mean something, once each, in order; all of them if none does."""
    every = tuple(dict.fromkeys(fold(text).split()))
    return tuple(word for word in every if word not in STOP_WORDS) or every


def stem(word: str) -> str:
    """The part of a folded word that its plural and feminine share. Short words stay whole."""
    if word.endswith("aux") and len(word) > 5:
        return word[:-1] if word.endswith("eaux") else f"{word[:-3]}al"
    shorter = word.rstrip("sx") if len(word) > 3 else word
    return shorter.removesuffix("e") if len(shorter) > 4 else shorter


def matches(text: str, wanted: Iterable[str]) -> bool:
    """Whether every wanted word (of `words`) is in the text, singular or plural."""
    present = {stem(word) for word in fold(text).split()}
    return all(stem(word) in present for word in wanted)


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of an excerpt; `found` when it is one of the words searched for."""

    text: str
    found: bool = False


def excerpt_around(text: str, wanted: Iterable[str], *, length: int = 220) -> list[Piece]:
    """About `length` characters of a text, from a little before the first word found; every one found is marked."""
    text = " ".join(text.split())
    stems = {stem(word) for word in wanted}
    found = [span for span in _spans(text) if _is_one_of(text[slice(*span)], stems)]
    start = _start(text, found[0][0]) if found else 0
    end = _end(text, start + length)
    pieces: list[Piece] = [Piece("… ")] if start else []
    reached = start
    for first, last in found:
        if first < reached or last > end:
            continue
        if first > reached:
            pieces.append(Piece(text[reached:first]))
        pieces.append(Piece(text[first:last], found=True))
        reached = last
    if reached < end:
        pieces.append(Piece(text[reached:end]))
    if end < len(text):
        pieces.append(Piece(" …"))
    return pieces


def _spans(text: str) -> list[tuple[int, int]]:
    return [match.span() for match in _WORD.finditer(text)]


def _is_one_of(word: str, stems: set[str]) -> bool:
    folded = stem(fold(word))
    return folded in stems or any(
        len(known) > 3 and folded.startswith(known) and len(folded) - len(known) < 4 for known in stems
    )


def _start(text: str, first: int) -> int:
    """Where to begin so that the first word found has some words before it."""
    if first < 80:
        return 0
    return text.find(" ", first - 60) + 1


def _end(text: str, wanted: int) -> int:
    if wanted >= len(text):
        return len(text)
    space = text.rfind(" ", 0, wanted)
    return space if space > wanted - 40 else wanted
