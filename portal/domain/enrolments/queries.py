"""Reading enrolments: what each child is enrolled in, and what they may be enrolled in."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from portal.domain.accounts.models import User
from portal.domain.activities.models import Activity, Unit
from portal.domain.enrolments.models import Enrolment
from portal.domain.enrolments.rules import Applicant, Conditions, earliest_start, why_not_enrol
from portal.domain.families.access import Right, children_with
from portal.domain.families.models import Child, Family, Schooling
from portal.domain.families.queries import load_schoolings
from portal.domain.kernel.clock import paris_date
from portal.domain.kernel.refusals import Refusal
from portal.domain.kernel.school_year import SchoolYear


@dataclass(frozen=True, slots=True)
class Offer:
    """An activity for one child, open to them when `refusal` is None. `earliest` is the first day to ask for."""

    activity: Activity
    units: tuple[Unit, ...]
    earliest: date
    refusal: Refusal | None


@dataclass(frozen=True, slots=True)
class ChildOffers:
    """A child, their live enrolments, and the activities still open or closed to them."""

    child: Child
    level: str
    enrolments: tuple[Enrolment, ...]
    offers: tuple[Offer, ...]

    @property
    def open_offers(self) -> tuple[Offer, ...]:
        return tuple(offer for offer in self.offers if offer.refusal is None)


def conditions_of(activity: Activity) -> Conditions:
    """What the activity asks of a child, as the rules read it."""
    return Conditions(
        name=activity.name,
        starts_on=activity.starts_on,
        ends_on=activity.ends_on,
        min_age=activity.min_age,
        max_age=activity.max_age,
        age_reference=activity.age_reference,
        levels=tuple(activity.levels),
        school_codes=tuple(activity.school_codes),
        opens_at=activity.enrolment_opens_at,
        closes_at=activity.enrolment_closes_at,
    )


def applicant(child: Child, schooling: Schooling | None) -> Applicant:
    """What is known of the child in one school year."""
    return Applicant(
        first_name=child.first_name,
        birth_date=child.birth_date,
        level=schooling.level if schooling else "",
        school_code=schooling.school.code if schooling else "",
    )


def list_offers(*, family: Family, user: User, at: datetime, child: int | None = None) -> list[ChildOffers]:
    """For each child the person may see: live enrolments, and every current or future activity with its answer.

    A constant number of queries whatever the number of children and activities, plus one per school year
    that the activities span (two at most in practice).
    """
    today = paris_date(at)
    children = [each for each in children_with(user=user, family=family, right=Right.SEE) if child in (None, each.pk)]
    bookable = set(children_with(user=user, family=family, right=Right.BOOK).values_list("pk", flat=True))
    activities = list(
        Activity.objects.current_or_future(on=today)
        .select_related("type", "structure", "service")
        .prefetch_related("units")
        .order_by("type__order", "order", "starts_on", "pk")
    )
    enrolments = defaultdict(list)
    for enrolment in (
        Enrolment.objects.live()
        .filter(child__in=children, activity__in=activities)
        .select_related("activity__type", "activity__structure", "activity__service")
        .prefetch_related("pattern_days__unit")
        .order_by("activity__type__order", "activity__order", "pk")
    ):
        enrolments[enrolment.child_id].append(enrolment)
    schoolings = {
        year: load_schoolings(children=[each.pk for each in children], school_year=year)
        for year in {
            SchoolYear.of(today).start,
            *(SchoolYear.of(each.starts_on).start for each in activities),
        }
    }
    result = []
    for each in children:
        enrolled = {enrolment.activity_id for enrolment in enrolments[each.pk]}
        current = schoolings[SchoolYear.of(today).start].get(each.pk)
        result.append(
            ChildOffers(
                child=each,
                level=current.level if current else "",
                enrolments=tuple(enrolments[each.pk]),
                offers=tuple(
                    _offer(activity, each, schoolings[SchoolYear.of(activity.starts_on).start].get(each.pk), at)
                    for activity in activities
                    if activity.pk not in enrolled and each.pk in bookable
                ),
            )
        )
    return result


def _offer(activity: Activity, child: Child, schooling: Schooling | None, at: datetime) -> Offer:
    today = paris_date(at)
    conditions = conditions_of(activity)
    earliest = earliest_start(conditions, today=today)
    return Offer(
        activity=activity,
        units=tuple(sorted(activity.units.all(), key=lambda unit: (unit.order, unit.pk))),
        earliest=earliest,
        refusal=why_not_enrol(conditions, applicant(child, schooling), starts_on=earliest, at=at, today=today),
    )
