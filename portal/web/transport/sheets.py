"""The sheets of stops: what anybody reads of a line, on the screen and on paper, made of what the town keeps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal.domain import language
from portal.domain.kernel.clock import paris_date
from portal.domain.transport.enums import Way
from portal.domain.transport.queries import line_by_code, list_lines
from portal.domain.transport.rules import Line, Stop
from portal.domain.transport.words import hours_words
from portal.web.design.pdf import render_pdf

_TEN_MINUTES = 600


@dataclass(frozen=True, slots=True)
class Passage:
    """A stop of a way, with its hours in words."""

    stop: Stop
    hours: str


@dataclass(frozen=True, slots=True)
class ShownWay:
    """One way of a line: its stops as the bus goes."""

    label: str
    passages: Sequence[Passage]


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line as its sheet shows it. `days` are the weekdays on which it runs, in words."""

    line: Line
    days: str
    ways: Sequence[ShownWay]


@login_not_required
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Every line that runs, with its stops and its sheet to print."""
    today = paris_date(timezone.now())
    lines = [shown_line(line, on=today) for line in list_lines(on=today)]
    return render(request, "transport/lines.html", {"lines": lines})


@login_not_required
@require_safe
def sheet(request: HttpRequest, code: str) -> HttpResponse:
    """The sheet of one line as a PDF, for the door of the refrigerator."""
    today = paris_date(timezone.now())
    line = line_by_code(code)
    if line is None or (line.last is not None and line.last < today):
        raise Http404
    content = render_pdf("transport/sheet_pdf.html", {"shown": shown_line(line, on=today), "printed_on": today})
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="bus-{line.code}.pdf"'
    response["Cache-Control"] = f"public, max-age={_TEN_MINUTES}"
    return response


def shown_line(line: Line, *, on: date) -> ShownLine:
    """The line with the stops that are served on that day or later, each way in the order of its hours."""
    alive = [stop for stop in line.stops if stop.last is None or stop.last >= on]
    weekdays = sorted({weekday for stop in alive for weekday, _way in stop.times})
    ways = []
    for way in Way:
        served = [stop for stop in alive if stop.serves(way)]
        ordered = sorted(
            served, key=lambda stop: min(hour for (_day, each), hour in stop.times.items() if each == way)
        )
        if ordered:
            ways.append(ShownWay(str(way.label), [Passage(stop, hours_words(stop, way)) for stop in ordered]))
    return ShownLine(line, language.words().weekday_names(weekdays) if weekdays else "", ways)
