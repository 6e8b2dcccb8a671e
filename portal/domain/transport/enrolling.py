"""Enrolling a child in an activity whose units a bus serves: the stop is asked at once, and written with it."""

from collections.abc import Callable, Mapping
from datetime import datetime

from portal.domain.accounts.models import User
from portal.domain.enrolments.models import Enrolment
from portal.domain.enrolments.services import EnrolmentRefused
from portal.domain.kernel.refusals import Refusal, Rule
from portal.domain.transport.queries import lines_of
from portal.domain.transport.rules import Wanted
from portal.domain.transport.services import StopRefused, check_wanted, create_first


def writing_stops(stops: Mapping[int, Wanted], *, by: User, at: datetime) -> Callable[[Enrolment], None]:
    """What `enrol_and_book` does in its transaction with the child's stops (`stops`, by key of line).

    Every line of the activity has its stop, or the enrolment is refused whole: raises EnrolmentRefused, rule STOP. An
    activity without line needs none.
    """

    def write(enrolment: Enrolment) -> None:
        for line in lines_of(enrolment.activity_id):
            try:
                wanted = check_wanted(
                    line, stops.get(line.pk, Wanted()), child=enrolment.child, from_day=enrolment.starts_on, at=at
                )
            except StopRefused as refused:
                raise EnrolmentRefused(Refusal(rule=Rule.STOP, sentence=refused.reason)) from refused
            create_first(enrolment, line, wanted, by=by, at=at)

    return write
