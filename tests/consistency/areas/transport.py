"""Addresses of a part of the portal: the bus."""

from tests.consistency.address import FORM, Address
from tests.domain.transport.factories import stop
from tests.web.transport.scene import enrolment_of, line_of
from tests.web.two_families import OPEN_DAY, Town

STOPS = "les arrêts et les horaires du bus se lisent sans compte"


def _usual(town: Town) -> tuple[object, ...]:
    return enrolment_of(town).pk, line_of(town).code


def _stops(town: Town) -> dict[str, object]:
    line = line_of(town)
    return {"aller": str(stop(line, "vignes").pk), "retour": "sans", "depart": "collected"}


ADDRESSES: dict[str, Address] = {
    "transport:index": Address(),
    "transport:usual": Address(FORM, _usual, theirs=True, form=_stops),
    "transport:day": Address(FORM, lambda town: (*_usual(town), OPEN_DAY.isoformat()), theirs=True, form=_stops),
    "transport:lines": Address(public=STOPS),
    "transport:sheet": Address(arguments=lambda town: (line_of(town).code,), public=STOPS, html=False),
}
