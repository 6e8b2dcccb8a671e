"""An enrolment booked by week, of the first of two families."""

from portal.domain.activities.enums import EnrolmentMode
from portal.domain.activities.models import Activity
from portal.domain.enrolments.models import Enrolment
from tests.web.two_families import Town


def regular(town: Town) -> Enrolment:
    """One that the family has already: its activity books by week from now on, nothing of the family moves."""
    Activity.objects.filter(pk=town.enrolment.activity_id).update(enrolment_mode=EnrolmentMode.PATTERN)
    return town.enrolment
