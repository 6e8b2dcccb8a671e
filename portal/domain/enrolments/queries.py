"""Reading enrolments: what each child is enrolled in, and what they may be enrolled in."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q

from portal.domain.accounts.models import User
from portal.domain.activities.deadlines import Calendar, deadline_from_data
from portal.domain.activities.enums import Audience
from portal.domain.activities.models import Activity, EnrolmentWindow, Unit
from portal.domain.activities.queries import load_calendar
from portal.domain.enrolments.enums import EnrolmentState
from portal.domain.enrolments.models import Enrolment
from portal.domain.enrolments.rules import (
    Applicant,
    Conditions,
    age_sentence,
    earliest_start,
    open_until,
    why_not_enrol,
)
from portal.domain.enrolments.windows import EntryWindow, NoCalendar, openings
from portal.domain.families.access import Right, children_with
from portal.domain.families.models import Child, Family, Schooling
from portal.domain.families.queries import load_schoolings
from portal.domain.families.rules import fold
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.clock import paris_date, to_paris
from portal.domain.kernel.refusals import Refusal, Rule
from portal.domain.kernel.school_year import SchoolYear
from portal.domain.papers.enums import PaperState
from portal.domain.papers.models import Paper


@dataclass(frozen=True, slots=True)
class Offer:
    """An activity for one child, open to them when `refusal` is None. `earliest` is the first day to ask for.

    `age_rule` and `openings` are sentences for the page; `open_until` the last minute to enrol for that first day.
    `opens_at` is when it opens to this child, when only the date is against it; `awaits_schooling` when only their
    level or school of that year is, and nobody knows it yet.
    """

    activity: Activity
    units: tuple[Unit, ...]
    earliest: date
    refusal: Refusal | None
    age_rule: str = ""
    openings: tuple[str, ...] = ()
    open_until: datetime | None = None
    opens_at: datetime | None = None
    awaits_schooling: bool = False


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

    @property
    def accepted(self) -> int:
        """How many of the enrolments are accepted."""
        return sum(each.state == EnrolmentState.ACCEPTED for each in self.enrolments)

    @property
    def requested(self) -> int:
        """How many are requests that wait for an answer."""
        return len(self.enrolments) - self.accepted


def conditions_of(activity: Activity, *, calendar: Calendar | None = None) -> Conditions:
    """What the activity asks of a child, as the rules read it; one query for its windows unless they were read, and
    one for the calendar when it is not given and a window counts days.
    """
    windows = tuple(_entry_window(each) for each in activity.enrolment_windows.all())
    if calendar is None and any(each.entry is not None for each in windows):
        calendar = load_calendar(DateRange(activity.starts_on, activity.ends_on))
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
        windows=windows,
        calendar=calendar or NoCalendar(),
        is_offered=activity.is_offered,
    )


def _entry_window(row: EnrolmentWindow) -> EntryWindow:
    return EntryWindow(
        key=row.pk,
        audience=row.audience,
        label=row.label,
        opens_at=row.opens_at and to_paris(row.opens_at),
        closes_at=row.closes_at and to_paris(row.closes_at),
        entry=deadline_from_data(row.entry_rule) if row.entry_rule is not None else None,
    )


def applicant(child: Child, schooling: Schooling | None, windows: Collection[int] = frozenset()) -> Applicant:
    """What is known of the child in one school year; `windows`: those of `audiences_of` for this child."""
    return Applicant(
        first_name=child.first_name,
        birth_date=child.birth_date,
        level=schooling.level if schooling else "",
        school_code=schooling.school.code if schooling else "",
        windows=windows,
    )


def audiences_of(
    *, family: Family, children: Iterable[int], activities: Iterable[Activity], at: datetime
) -> dict[int, frozenset[int]]:
    """The windows kept for some that are open to each of these children, by keys; `enrolment_windows` prefetched.

    No query when there is no such window, one for papers and one for brothers and sisters when there are.
    """
    keys = list(children)
    rows = [
        (activity, each)
        for activity in activities
        for each in activity.enrolment_windows.all()
        if each.audience != Audience.EVERYONE
    ]
    if not rows:
        return {}
    papers = _accepted_papers(family, keys, {each.paper_code for _, each in rows if each.paper_code}, at=at)
    siblings = _enrolled_siblings(family, keys, at) if any(r.audience == Audience.SIBLINGS for _, r in rows) else {}
    town = fold(family.town)
    found: dict[int, set[int]] = {key: set() for key in keys}
    for activity, each in rows:
        for child in keys:
            if each.audience == Audience.RESIDENTS:
                concerned = bool(town) and town in {fold(name) for name in each.towns}
            elif each.audience == Audience.PAPER:
                concerned = bool({(each.paper_code, None), (each.paper_code, child)} & papers)
            else:
                concerned = activity.structure_id in siblings.get(child, ())
            if concerned:
                found[child].add(each.pk)
    return {child: frozenset(windows) for child, windows in found.items()}


def _accepted_papers(
    family: Family, children: list[int], codes: set[str], *, at: datetime
) -> set[tuple[str, int | None]]:
    """The papers of these codes that hold today, by code and child (None: the family's)."""
    if not codes:
        return set()
    rows = Paper.objects.filter(
        Q(child=None, family=family) | Q(child__in=children), type__code__in=codes, state=PaperState.ACCEPTED
    ).select_related("type")
    today = paris_date(at)
    return {(row.type.code, row.child_id) for row in rows.order_by("pk") if row.holds_on(today)}


def _enrolled_siblings(family: Family, children: list[int], at: datetime) -> dict[int, set[int]]:
    """The structures in which a brother or a sister of each child is enrolled now or later."""
    rows = Enrolment.objects.accepted().filter(child__links__family=family, ends_on__gte=paris_date(at))
    pairs = list(rows.order_by("pk").values_list("child", "activity__structure"))
    return {key: {structure for child, structure in pairs if child != key} for key in children}


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
        .prefetch_related("units", "enrolment_windows")
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
    audiences = audiences_of(family=family, children=[each.pk for each in children], activities=activities, at=at)
    conditions = _all_conditions(activities)
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
                    _offer(
                        activity,
                        conditions[activity.pk],
                        applicant(
                            each,
                            schoolings[SchoolYear.of(activity.starts_on).start].get(each.pk),
                            audiences.get(each.pk, frozenset()),
                        ),
                        at,
                    )
                    for activity in activities
                    if activity.pk not in enrolled and each.pk in bookable
                ),
            )
        )
    return result


def _all_conditions(activities: Sequence[Activity]) -> dict[int, Conditions]:
    """The conditions of several activities, with one calendar for all, read only when a window counts days."""
    calendar: Calendar = NoCalendar()
    if any(each.entry_rule is not None for activity in activities for each in activity.enrolment_windows.all()):
        first, last = min(each.starts_on for each in activities), max(each.ends_on for each in activities)
        calendar = load_calendar(DateRange(first, last))
    return {activity.pk: conditions_of(activity, calendar=calendar) for activity in activities}


def _offer(activity: Activity, conditions: Conditions, asking: Applicant, at: datetime) -> Offer:
    today = paris_date(at)
    earliest = earliest_start(conditions, today=today, applicant=asking, at=at)
    refusal = why_not_enrol(conditions, asking, starts_on=earliest, at=at, today=today)
    opens_at = refusal.since if refusal is not None and refusal.rule is Rule.NOT_YET_OPEN else None
    then = refusal
    if opens_at is not None:
        day = paris_date(opens_at)
        then = why_not_enrol(conditions, asking, starts_on=max(earliest, day), at=opens_at, today=day)
    return Offer(
        activity=activity,
        units=tuple(sorted(activity.units.all(), key=lambda unit: (unit.order, unit.pk))),
        earliest=earliest,
        refusal=refusal,
        opens_at=opens_at if then is None else None,
        awaits_schooling=then is not None and then.rule in {Rule.LEVEL, Rule.SCHOOL} and not asking.level,
        age_rule=age_sentence(conditions, starts_on=earliest),
        openings=tuple(openings(conditions.entry_windows)),
        open_until=open_until(conditions, asking, day=earliest, at=at),
    )


def enrolled_activities(children: Iterable[int]) -> dict[int, frozenset[int]]:
    """The activities of the live enrolments of these children, by keys, in one query."""
    found: dict[int, set[int]] = defaultdict(set)
    rows = Enrolment.objects.live().filter(child__in=list(children)).order_by("pk")
    for child, activity in rows.values_list("child", "activity"):
        found[child].add(activity)
    return {child: frozenset(activities) for child, activities in found.items()}


def list_enrolments(*, family: Family, limit: int, among: Q | None = None) -> list[Enrolment]:
    """The enrolments of the family's children, by whichever household, those that end last first, in one query.

    `among`: only those that answer to this condition.
    """
    rows = Enrolment.objects.filter(among or Q(), child__links__family=family)
    rows = rows.select_related("child", "activity", "family")
    return list(rows.order_by("-ends_on", "child__birth_date", "activity__order", "pk")[:limit])
