"""An enrolment booked by week, of the first of two families."""

from portal.domain.activities.enums import EnrolmentMode
from portal.domain.enrolments.models import Enrolment
from tests.domain.activities.factories import ActivityFactory
from tests.domain.bookings.factories import priced_unit
from tests.domain.enrolments.factories import EnrolmentFactory, PatternDayFactory
from tests.web.two_families import Town

CODE = "etudes-2026"


def regular(town: Town) -> Enrolment:
    """On Mondays; twice the same."""
    known = Enrolment.objects.filter(activity__code=CODE).first()
    if known is not None:
        return known
    activity = ActivityFactory(code=CODE, short_name="Études", enrolment_mode=EnrolmentMode.PATTERN)
    unit = priced_unit(activity=activity)
    made: Enrolment = EnrolmentFactory(
        child=town.children[0], activity=activity, family=town.family, requested_by=town.owner
    )
    PatternDayFactory(enrolment=made, unit=unit, weekday=1)
    return made
