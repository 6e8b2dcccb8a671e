"""From templates to the finished texts of a mail."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string

from portal.domain.language import in_french

_GAPS = re.compile(r"\n[ \t]*(?:\n[ \t]*)+\n")


@dataclass(frozen=True, slots=True)
class MailTexts:
    """The three texts that `queue_mail` takes."""

    subject: str
    text: str
    html: str


@in_french()
def render_mail(*, template: str, context: Mapping[str, Any]) -> MailTexts:
    """Render `mails/<template>.subject.txt`, `.txt` and `.html` with the same context, in French.

    The plain text keeps at most one empty line in a row, whatever the tags of its template left.
    """
    values = dict(context)
    subject = render_to_string(f"mails/{template}.subject.txt", values).strip()
    text = _GAPS.sub("\n\n", render_to_string(f"mails/{template}.txt", values)).strip() + "\n"
    html = render_to_string(f"mails/{template}.html", values | {"subject": subject}).strip() + "\n"
    return MailTexts(subject=subject, text=text, html=html)
