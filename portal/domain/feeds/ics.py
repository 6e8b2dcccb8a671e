"""An agenda as iCalendar (RFC 5545): values in, bytes out, the same for the same values."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from icalendar import Alarm, Event

from portal.domain.feeds.entries import Entry
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.icalendars import new_calendar


def agenda_ics(name: str, entries: Iterable[Entry], *, window: DateRange) -> bytes:
    """The agenda, with the time zone of Paris over `window`; readers are asked to come back every four hours."""
    calendar = new_calendar(product="Agenda", name=name, every_hours=4)
    for entry in entries:
        calendar.add_component(_event(entry))
    calendar.add_missing_timezones(window.first - timedelta(days=366), window.last + timedelta(days=366))
    text: bytes = calendar.to_ical()
    return text


def _event(entry: Entry) -> Event:
    stamp = entry.changed_at.astimezone(UTC).replace(microsecond=0)
    event = Event()
    event.add("uid", entry.uid)
    event.add("dtstamp", stamp)
    event.add("last-modified", stamp)
    event.add("sequence", entry.sequence)
    event.add("dtstart", entry.starts)
    whole_days = isinstance(entry.ends, date) and not isinstance(entry.ends, datetime)
    event.add("dtend", entry.ends + timedelta(days=1) if whole_days else entry.ends)
    event.add("summary", entry.summary)
    event.add("categories", [entry.category])
    for key in ("description", "location", "url"):
        if value := getattr(entry, key):
            event.add(key, value)
    # The child is busy, not the reader of the agenda.
    event.add("transp", "TRANSPARENT")
    event.add("class", "PRIVATE")
    if entry.alarm is not None:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", entry.summary)
        alarm.add("trigger", -entry.alarm)
        event.add_component(alarm)
    return event
