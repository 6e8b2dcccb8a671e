"""The rentrée of the first of two families, sent once: what its pages show for ever."""

from uuid import UUID

from portal.domain.kernel.school_year import SchoolYear
from portal.domain.rentree.models import RentreeRecap
from portal.domain.rentree.services import Answer, validate_rentree
from tests.domain.rentree.scene import FIRST, coming
from tests.web.planning.scene import NOW
from tests.web.two_families import Town

KEY = UUID("6a9c1234-0000-4000-8000-000000000001")


def sent(town: Town) -> RentreeRecap:
    """The recap of the family's rentrée, made by the verb; twice the same."""
    known = RentreeRecap.objects.filter(key=KEY).first()
    if known is not None:
        return known
    unit = coming("cantine-de-la-rentree")
    answer = Answer(
        child=town.children[0],
        activity=unit.activity,
        wanted=True,
        earliest=FIRST,
        pattern={unit.pk: frozenset({1})},
    )
    return validate_rentree(
        family=town.family, year=SchoolYear(2027), key=KEY, answers=[answer], by=town.owner, at=NOW
    )
