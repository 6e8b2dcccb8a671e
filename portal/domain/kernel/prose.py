"""The light markup of a town's texts: terms of use, pages and news of a profile.

Titles (`## Titre`, `### Sous-titre`), paragraphs, lists (`- ` or `1. `), `**important**`, `*nuance*` and
`[mots](adresse)`. Everything else is text: what looks like HTML is shown, never interpreted. Lines of one paragraph
are joined; an empty line separates blocks. The source is French prose, written by hand in a file or a field.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from html import escape

from portal.domain.kernel.french import typography


class BlockKind(StrEnum):
    TITLE = "title"
    SUBTITLE = "subtitle"
    PARAGRAPH = "paragraph"
    BULLETS = "bullets"
    NUMBERS = "numbers"


@dataclass(frozen=True, slots=True)
class Block:
    """A block of text. `lines` holds one text, or one per item of a list; marks are still in them."""

    kind: BlockKind
    lines: tuple[str, ...]


Links = Callable[[str], str]
"""From the address written in the text to the attributes of the link, ready for HTML (`href="…"`)."""

_TITLE = re.compile(r"(#{1,6})\s+(.*?)\s*#*$")
_BULLET = re.compile(r"[-*•]\s+(.*)$")
_NUMBER = re.compile(r"\d{1,3}[.)]\s+(.*)$")
_LINK = re.compile(r"\[([^\[\]]+)\]\(([^()\s]+)\)")
_STRONG = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*")
_EMPHASIS = re.compile(r"\*(?=\S)([^*]+?)(?<=\S)\*")
# Our own tags stand in the text as characters that no text uses, while the rest is escaped.
_FIRST_MARK = 0xE000
_MARKS = re.compile("[\ue000-\uf8ff]")
_SAFE_ADDRESS = re.compile(r"(https?://|mailto:|tel:|/(?!/)|#)", re.IGNORECASE)


def blocks(source: str) -> tuple[Block, ...]:
    """The blocks of a text, in order. Titles of any level but one (`###` and deeper) are subtitles."""
    found: list[Block] = []
    kind: BlockKind | None = None
    lines: list[str] = []

    def close() -> None:
        nonlocal kind, lines
        if kind is not None and lines:
            found.append(Block(kind, tuple(lines)))
        kind, lines = None, []

    for raw in source.replace("\r\n", "\n").split("\n"):
        line = raw.strip()
        if not line:
            close()
        elif title := _TITLE.match(line):
            close()
            deep = len(title[1]) > 2
            found.append(Block(BlockKind.SUBTITLE if deep else BlockKind.TITLE, (title[2],)))
        elif (item := _BULLET.match(line)) or (item := _NUMBER.match(line)):
            wanted = BlockKind.BULLETS if _BULLET.match(line) else BlockKind.NUMBERS
            if kind is not wanted:
                close()
                kind = wanted
            lines.append(item[1])
        elif kind is None:
            kind, lines = BlockKind.PARAGRAPH, [line]
        else:
            # A line that starts nothing continues the paragraph, or the last item.
            lines[-1] = f"{lines[-1]} {line}"
    close()
    return tuple(found)


def addresses(source: str) -> tuple[str, ...]:
    """The addresses of the links of a text, in order, as they are written."""
    return tuple(match[2] for match in _LINK.finditer(source))


def plain_link(address: str) -> str:
    """The `href` of an address that is safe to follow; anything else leads nowhere (`#`)."""
    return f'href="{escape(address)}"' if _SAFE_ADDRESS.match(address) else 'href="#"'


def inline_html(text: str, *, link: Links = plain_link) -> str:
    """One line of text as HTML, French typography included; links go through `link`."""
    kept: list[str] = []

    def keep(html: str) -> str:
        kept.append(html)
        return chr(_FIRST_MARK + len(kept) - 1)

    def anchor(match: re.Match[str]) -> str:
        return keep(f"<a {link(match[2])}>") + match[1] + keep("</a>")

    text = _LINK.sub(anchor, _MARKS.sub("", text))
    text = _STRONG.sub(lambda match: keep("<b>") + match[1] + keep("</b>"), text)
    text = _EMPHASIS.sub(lambda match: keep("<i>") + match[1] + keep("</i>"), text)
    text = escape(typography(text), quote=False)
    return _MARKS.sub(lambda match: kept[ord(match[0]) - _FIRST_MARK], text)


def block_html(block: Block, *, link: Links = plain_link) -> str:
    """One block as HTML."""
    lines = [inline_html(line, link=link) for line in block.lines]
    match block.kind:
        case BlockKind.TITLE:
            return f"<h2>{lines[0]}</h2>"
        case BlockKind.SUBTITLE:
            return f"<h3>{lines[0]}</h3>"
        case BlockKind.PARAGRAPH:
            return f"<p>{lines[0]}</p>"
        case BlockKind.BULLETS | BlockKind.NUMBERS:
            tag = "ul" if block.kind is BlockKind.BULLETS else "ol"
            return f"<{tag}>{''.join(f'<li>{line}</li>' for line in lines)}</{tag}>"


def html(source: str, *, link: Links = plain_link) -> str:
    """A whole text as HTML. Nothing in it but our own tags: safe to put in a page."""
    return "\n".join(block_html(block, link=link) for block in blocks(source))
