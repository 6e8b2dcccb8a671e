"""What every calendar of the portal begins with (RFC 5545), for those who subscribe to it."""

from datetime import timedelta

from icalendar import Calendar, vText


def new_calendar(*, product: str, name: str, every_hours: int) -> Calendar:
    """An empty calendar in Paris time, with its name and how often readers are asked to come back."""
    calendar = Calendar()
    calendar.add("prodid", f"-//Portail famille//{product}//FR")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    for key in ("name", "x-wr-calname"):
        calendar.add(key, vText(name))
    calendar.add("x-wr-timezone", "Europe/Paris")
    calendar.add("refresh-interval", timedelta(hours=every_hours), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", f"PT{every_hours}H")
    return calendar
