"""A bus for the town of the two families: the evening of the first child is its unit."""

from portal.domain.transport.models import BusLine, StopChoice
from tests.domain.transport.factories import bus_line, stop
from tests.web.planning.scene import NOW, SCHOOL_WEEK
from tests.web.two_families import Town


def line_of(town: Town) -> BusLine:
    """The line that serves the evening, with the stop of the first child. Written as rows."""
    found = BusLine.objects.filter(code="ligne-du-soir").first()
    if found is not None:
        return found
    line = bus_line(town.evening, weekdays=tuple(SCHOOL_WEEK), code="ligne-du-soir", name="Bus du soir")
    enrolment = enrolment_of(town)
    StopChoice.objects.create(
        enrolment=enrolment,
        line=line,
        outward=stop(line, "marche"),
        since=enrolment.starts_on,
        at=NOW,
        by=town.owner,
    )
    return line


def enrolment_of(town: Town):
    """The enrolment of the first child in the evening."""
    return town.enrolled.enrolments.get(activity=town.evening.activity)
