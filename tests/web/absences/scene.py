"""A declaration with its certificate, for the tests that go through every address."""

from datetime import timedelta

from portal.domain.absences.enums import AbsenceState
from portal.domain.absences.models import Absence, AbsenceDay, AbsenceFile
from portal.domain.absences.rules import Terms
from portal.domain.absences.services import with_content
from portal.domain.bookings.models import Booking
from tests.domain.absences.factories import ReasonFactory, RuleFactory, certificate
from tests.web.planning.scene import NOW
from tests.web.two_families import CLOSED_DAY, Town


def rules(town: Town) -> None:
    """The town takes absences, illness with a certificate."""
    ReasonFactory()
    ReasonFactory(school=True)
    if not hasattr(town.evening.activity.type, "absence_rule"):
        RuleFactory(type=town.evening.activity.type)


def declared(town: Town) -> Absence:
    """The first child does not come to the evening of the closed day: declared, with a page.

    Written as rows: what a verb adds elsewhere (démarche, notice) would look like a change to who watches the dossier.
    """
    found = Absence.objects.filter(family=town.family).first()
    if found is not None:
        return found
    rules(town)
    booking = Booking.objects.get(child=town.enrolled, unit=town.evening, day=CLOSED_DAY)
    absence = Absence.objects.create(
        family=town.family,
        child=town.enrolled,
        reason=ReasonFactory(),
        first_day=CLOSED_DAY,
        last_day=CLOSED_DAY,
        state=AbsenceState.SENT,
        terms={str(town.evening.activity_id): Terms(carence=1).to_data()},
        certificate_due=CLOSED_DAY + timedelta(days=8),
        declared_at=NOW,
        declared_by=town.owner,
        sent_at=NOW,
    )
    AbsenceDay.objects.create(absence=absence, booking=booking)
    with_content(absence, [certificate()], by=town.owner, at=NOW)
    return absence


def page_of(town: Town) -> AbsenceFile:
    """Its page."""
    return declared(town).files.get()
