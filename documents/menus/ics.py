"""iCalendar (RFC 5545) of whole days: menus and public calendars. Values in, text out."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from icalendar import Event, vText

from portal.domain.kernel.icalendars import new_calendar

#: When nothing says when an event was last changed.
_LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class AllDay:
    """One event of whole days, `last` included. `uid` never changes for the same event: readers update it."""

    uid: str
    first: date
    last: date
    summary: str
    description: str = ""
    url: str = ""
    changed_at: datetime | None = None
    categories: tuple[str, ...] = ()


def calendar_text(name: str, events: Iterable[AllDay], *, description: str = "", url: str = "") -> str:
    """The calendar to subscribe to; readers are told to ask again twice a day."""
    calendar = new_calendar(product="Calendriers publics", name=name, every_hours=12)
    if description:
        calendar.add("description", description)
        calendar.add("x-wr-caldesc", vText(description))
    if url:
        calendar.add("url", url)
    for event in events:
        calendar.add_component(_event(event))
    text: str = calendar.to_ical().decode()
    return text


def _event(event: AllDay) -> Event:
    stamp = (event.changed_at or _LONG_AGO).astimezone(UTC)
    component = Event()
    component.add("uid", event.uid)
    component.add("dtstamp", stamp)
    component.add("last-modified", stamp)
    component.add("dtstart", event.first)
    component.add("dtend", event.last + timedelta(days=1))
    component.add("summary", event.summary)
    if event.description:
        component.add("description", event.description)
    if event.categories:
        component.add("categories", list(event.categories))
    if event.url:
        component.add("url", event.url)
    component.add("transp", "TRANSPARENT")
    component.add("class", "PUBLIC")
    return component
