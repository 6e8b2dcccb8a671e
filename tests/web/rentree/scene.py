"""The rentrée of the first of two families, sent once: what its pages show for ever."""

from uuid import UUID

from portal.domain.rentree.enums import LineState
from portal.domain.rentree.models import RentreeLine, RentreeRecap
from tests.web.planning.scene import NOW
from tests.web.two_families import Town

KEY = UUID("6a9c1234-0000-4000-8000-000000000001")


def sent(town: Town) -> RentreeRecap:
    """A recap of what the family has already, so that nothing else of it moves; twice the same."""
    recap, made = RentreeRecap.objects.get_or_create(
        key=KEY,
        defaults={
            "number": "RE-2026-00001",
            "family": town.family,
            "school_year": 2026,
            "at": NOW,
            "by": town.owner,
            "sent_to": town.owner.email,
        },
    )
    if made:
        enrolment = town.enrolment
        RentreeLine.objects.create(
            recap=recap,
            rank=0,
            child=enrolment.child,
            child_name=enrolment.child.first_name,
            activity=enrolment.activity,
            label=enrolment.activity.full_name,
            enrolment=enrolment,
            state=LineState.ACCEPTED,
            starts_on=enrolment.starts_on,
        )
    return recap
