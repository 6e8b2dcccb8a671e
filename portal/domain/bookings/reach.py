"""What a person's children do, as far as it decides which news and documents are addressed to them."""

from dataclasses import dataclass
from datetime import date

from portal.domain.accounts.models import User
from portal.domain.enrolments.models import Enrolment
from portal.domain.families.models import Child, FamilyMember, Schooling
from portal.domain.kernel.school_year import SchoolYear


@dataclass(frozen=True, slots=True)
class ChildReach:
    """One child: the activities it is enrolled in on that day or later, its school and level of the year."""

    child: int
    activities: frozenset[int]
    school: int | None
    level: str


@dataclass(frozen=True, slots=True)
class Reach:
    """A person: whether they have a family, and each child they may see."""

    has_family: bool
    children: tuple[ChildReach, ...] = ()


NOBODY = Reach(has_family=False)


def reach_of(*, user: User, on: date) -> Reach:
    """The reach of an account on a day, in four queries at most, whatever the number of families.

    Only children the person may see count; an enrolment counts until its last day. School and level are those of the
    school year of `on`.
    """
    if not FamilyMember.objects.filter(adult__user=user, can_see=True).exists():
        return NOBODY
    children = list(Child.objects.visible_to(user).order_by("pk").values_list("pk", flat=True))
    activities: dict[int, set[int]] = {child: set() for child in children}
    enrolled = Enrolment.objects.accepted().filter(child__in=children, ends_on__gte=on)
    for child, activity in enrolled.values_list("child_id", "activity_id"):
        activities[child].add(activity)
    schoolings = {
        child: (school, level)
        for child, school, level in Schooling.objects.filter(
            child__in=children, school_year=SchoolYear.of(on).start
        ).values_list("child_id", "school_id", "level")
    }
    return Reach(
        has_family=True,
        children=tuple(
            ChildReach(child, frozenset(activities[child]), *schoolings.get(child, (None, ""))) for child in children
        ),
    )
