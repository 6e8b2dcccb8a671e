"""The month of all the children on one sheet, for the door of the refrigerator."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from portal.domain.activities.opening import ServiceCalendar
from portal.domain.activities.queries import load_calendar
from portal.domain.bookings.queries import days_summary
from portal.domain.bookings.summaries import ChildDay, DayEntry
from portal.domain.files.checks import FileType
from portal.domain.files.sending import private_answer
from portal.domain.kernel import french
from portal.domain.kernel.calendar import monday_of, month_range
from portal.domain.kernel.clock import paris_date
from portal.web import clock
from portal.web.design.pdf import render_pdf
from portal.web.family import FamilyRequest, family_required
from portal.web.planning.state import PlanningState

#: Above, one sheet holds the month in smaller letters.
MANY_LINES = 3


@dataclass(frozen=True, slots=True)
class Line:
    """What a child does on a day: « Hugo », « cantine et accueil du soir »; a bus with its stops."""

    child: str
    words: str


@dataclass(frozen=True, slots=True)
class Square:
    """A day of the sheet; outside the month it is empty. `mark` says why nobody is expected."""

    day: date
    inside: bool
    lines: Sequence[Line] = ()
    mark: str = ""


@require_safe
@family_required
def month_pdf(request: FamilyRequest) -> HttpResponse:
    """The month that the address names, as a PDF of one landscape page: what is booked, nothing of a draft."""
    now = clock.now(request)
    state = PlanningState.read(request.GET, today=paris_date(now))
    days = month_range(state.anchor.year, state.anchor.month)
    booked = days_summary(family=request.family, user=request.user, days=days, noted=True)
    calendar = load_calendar(days, ())
    weekend = any(day.isoweekday() > 5 and any(each.entries for each in booked[day]) for day in days)
    weeks = [
        [
            _square(day, booked.get(day, ()), calendar, inside=day in days)
            for day in (monday + timedelta(days=offset) for offset in range(7 if weekend else 5))
        ]
        for monday in _mondays(days.first, days.last)
    ]
    shown = [week for week in weeks if any(square.inside for square in week)]
    document = render_pdf(
        "planning/month_pdf.html",
        {
            "family": request.family,
            "month": days.first,
            "weeks": shown,
            "names": [french.weekday_name(weekday) for weekday in range(1, len(shown[0]) + 1)],
            "dense": max(len(square.lines) for week in shown for square in week) > MANY_LINES,
            "printed_at": now,
        },
    )
    return private_answer(document, name=f"planning-{days.first:%Y-%m}.pdf", kind=FileType.PDF)


def _mondays(first: date, last: date) -> Iterator[date]:
    monday = monday_of(first)
    while monday <= last:
        yield monday
        monday += timedelta(weeks=1)


def _square(day: date, children: Sequence[ChildDay], calendar: ServiceCalendar, *, inside: bool) -> Square:
    if not inside:
        return Square(day, inside=False)
    lines = [
        Line(each.child.first_name, french.join_words(_words(entry) for entry in each.entries))
        for each in children
        if each.entries
    ]
    return Square(day, inside=True, lines=lines, mark=_mark(day, calendar))


def _words(entry: DayEntry) -> str:
    """« bus mercredi (aller : Place du Marché à 11 h 35) »: the paper is read where no screen is."""
    label = french.lower_first(entry.label)
    return f"{label} ({entry.note})" if entry.note else label


def _mark(day: date, calendar: ServiceCalendar) -> str:
    """The public holiday, the closure of the town or the holidays of that day."""
    if name := calendar.public_holidays.get(day):
        return name
    closed = next((each for each in calendar.closures if day in each.days and not each.structure_id), None)
    if closed is not None and closed.activity_id is None:
        return french.typography(closed.reason.strip().rstrip("."))
    holiday = calendar.holiday_on(day)
    return holiday.name if holiday else ""
