"""The event an item announces, for a reader's own calendar (RFC 5545)."""

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from portal.domain.kernel.clock import at_paris, to_utc
from portal.web.identity import current_identity

if TYPE_CHECKING:
    from news.models import NewsPage

#: Bytes of a line before it must be folded.
_LINE = 75


def calendar(page: "NewsPage", request: HttpRequest) -> HttpResponse:
    """The event as a file that calendars take; `page.event_on` is given."""
    response = HttpResponse(
        event_lines(page, host=urlsplit(page.full_url or "").hostname or request.get_host()),
        content_type="text/calendar; charset=utf-8",
    )
    response["Content-Disposition"] = f'attachment; filename="{page.slug}.ics"'
    return response


def event_lines(page: "NewsPage", *, host: str) -> str:
    """One VEVENT: whole days without hours, instants of Paris written in UTC with them."""
    first = page.event_on or page.date
    last = page.event_until or first
    written = to_utc(page.last_published_at or timezone.now())
    if page.event_starts_at is None:
        begins = [f"DTSTART;VALUE=DATE:{first:%Y%m%d}"]
        # The end of whole days is the morning after.
        ends = [f"DTEND;VALUE=DATE:{last + timedelta(days=1):%Y%m%d}"]
    else:
        begins = [f"DTSTART:{_utc(first, page.event_starts_at)}"]
        ends = [f"DTEND:{_utc(last, page.event_ends_at)}"] if page.event_ends_at else []
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:-//{_escaped(current_identity().title)}//Actualites//FR",
        "BEGIN:VEVENT",
        f"UID:actualite-{page.pk}@{host}",
        f"DTSTAMP:{written:%Y%m%dT%H%M%SZ}",
        *begins,
        *ends,
        f"SUMMARY:{_escaped(page.title)}",
        f"DESCRIPTION:{_escaped(page.excerpt)}",
        *([f"LOCATION:{_escaped(page.event_place)}"] if page.event_place else []),
        f"URL:{page.full_url or ''}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _utc(day: date, at: time) -> str:
    instant: datetime = to_utc(at_paris(day, at))
    return f"{instant:%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    plain = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return "\\n".join(plain.splitlines())


def _folded(line: str) -> str:
    """Lines of 75 bytes at most, cut between characters; what follows begins with a space."""
    pieces, piece = [], ""
    for character in line:
        if len((piece + character).encode()) > _LINE:
            pieces.append(piece)
            piece = " "
        piece += character
    return "\r\n".join([*pieces, piece])
