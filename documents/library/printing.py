"""A text of the town as a document on paper: tagged, in the town's dress."""

import hashlib
from datetime import date
from html import unescape

from django.utils.html import strip_tags
from django.utils.safestring import mark_safe
from django.utils.text import slugify

from portal.domain.files.checks import NAME_LENGTH, CheckedFile, FileType
from portal.domain.kernel import prose
from portal.domain.kernel.french import typography
from portal.web.design.pdf import render_paged_pdf


def text_digest(title: str, source: str) -> str:
    """What tells two texts apart: the same one is not printed again."""
    return hashlib.sha256(f"{title}\n{source}".encode()).hexdigest()


def print_text(*, slug: str, title: str, lead: str, source: str, on: date) -> tuple[CheckedFile, int]:
    """The text as a PDF/UA file with its number of pages. `source` is the light markup of `kernel.prose`."""
    content, pages = render_paged_pdf(
        "library/text_pdf.html",
        {
            "title": typography(title),
            "lead": typography(lead),
            "body": mark_safe(prose.html(source)),  # noqa: S308  # our own tags around escaped text
            "day": on,
        },
    )
    name = f"{slugify(slug)[:NAME_LENGTH]}.pdf"
    return CheckedFile(FileType.PDF, name, content), pages


def plain_text(source: str) -> str:
    """The words of a text, for the search."""
    lines = (prose.inline_html(line) for block in prose.blocks(source) for line in block.lines)
    return unescape(strip_tags(" ".join(lines)))
