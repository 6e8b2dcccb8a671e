"""What a visitor reads on a page, and what of it is French on a page that says it is English."""

import re
from collections.abc import Iterable
from html.parser import HTMLParser

_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
_READ = {"alt", "title", "placeholder", "aria-label", "data-label", "data-confirm"}

#: Words that French cannot do without, and letters that English has no use for.
FRENCH = re.compile(
    r"\b(?:le|la|les|des|du|une|vous|votre|vos|nous|est|sont|pour|avec|dans|aux|sur|pas|plus|jours?|jusqu|qui|que|et|"
    r"lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|septembre|octobre)\b|[éèêàâçôûîœ«»\u202f]|(?<!×)\u00a0[:€]|’[aeiouh]",
    re.IGNORECASE,
)


class Reader(HTMLParser):
    """Collects the words outside scripts and outside what is marked as French."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[bool] = []
        self.said: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        marked = values.get("lang") == "fr" and tag != "html"
        silent = (bool(self.open) and self.open[-1]) or tag in {"script", "style"} or marked
        if not silent:
            self.said += [value for name, value in attrs if name in _READ and value]
        if tag not in _VOID:
            self.open.append(silent)

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID and self.open:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if data.strip() and not (self.open and self.open[-1]):
            self.said.append(" ".join(data.replace("\u00a0", "~").split()).replace("~", "\u00a0"))


def left_in_french(page: str, *, names: Iterable[str] = ()) -> list[str]:
    """The pieces of an English page that hold French words, addresses and the town's own `names` set aside."""
    reader = Reader()
    reader.feed(page)
    found = []
    for piece in reader.said:
        own = re.sub(r"\S+@\S+", "", piece)
        for name in sorted(names, key=len, reverse=True):
            own = re.sub(re.escape(name), "", own, flags=re.IGNORECASE)
        if FRENCH.search(own):
            found.append(piece)
    return list(dict.fromkeys(found))
