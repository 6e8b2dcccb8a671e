"""Reading the rentrée of a household: what is open to each child, what carries over, what was prepared."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Exists, Q, QuerySet

from portal.domain.accounts.models import User
from portal.domain.activities.models import Activity, Unit
from portal.domain.activities.opening import ServiceCalendar
from portal.domain.activities.queries import load_calendar
from portal.domain.enrolments.enums import EnrolmentState
from portal.domain.enrolments.models import Enrolment
from portal.domain.enrolments.queries import ChildOffers, Offer, list_offers
from portal.domain.enrolments.weeks import load_weeks, read_pattern
from portal.domain.families.access import Right, children_with
from portal.domain.families.models import Child, Family
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.clock import paris_date
from portal.domain.kernel.school_year import SchoolYear
from portal.domain.pricing.situations import Situations, load_situations
from portal.domain.rentree.enums import PREPARABLE, Openness
from portal.domain.rentree.estimating import Estimate, Week, estimate
from portal.domain.rentree.models import RentreeAnswer, RentreeDraft, RentreeRecap
from portal.domain.rentree.rules import (
    ActivityFacts,
    Carried,
    UnitFacts,
    carry_over,
    rentree_year,
    successor,
)
from portal.domain.tariffs.engine import NoPrice, Situation
from portal.domain.tariffs.queries import ANYBODY, PriceBook, load_price_book

#: An enrolment of last year that still says something of what a family wants.
_LAST_YEAR = (EnrolmentState.ACCEPTED, EnrolmentState.REQUESTED)


@dataclass(frozen=True, slots=True)
class Choice:
    """One activity of the coming year that one child may be enrolled in, now or later.

    `wanted`, `starts_on` and `pattern` (ISO weekdays by key of unit) are the family's: prepared, else carried over
    from last year. `carried` is None when the child was not in it.
    """

    offer: Offer
    openness: Openness
    wanted: bool = False
    starts_on: date | None = None
    pattern: Mapping[int, frozenset[int]] = field(default_factory=dict)
    carried: Carried | None = None
    prices: Mapping[int, Decimal] = field(default_factory=dict)

    @property
    def activity(self) -> Activity:
        return self.offer.activity

    @property
    def entry(self) -> date:
        """The day of entry: the one chosen, else the first possible."""
        return self.starts_on or self.offer.earliest


@dataclass(frozen=True, slots=True)
class ChildRentree:
    """One child: what is done for the coming year, what may be chosen, what is closed and why, what is no more.

    `gone` names the activities of last year that nothing continues.
    """

    child: Child
    level: str
    may_book: bool
    done: tuple[Enrolment, ...] = ()
    choices: tuple[Choice, ...] = ()
    closed: tuple[Offer, ...] = ()
    gone: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rentree:
    """The rentrée of a household as one person may prepare it. Without activities, nothing is announced yet."""

    year: SchoolYear
    children: tuple[ChildRentree, ...]
    draft: RentreeDraft | None
    has_activities: bool
    calendar: ServiceCalendar
    prices: PriceBook
    situations: Situations

    @property
    def choices(self) -> tuple[tuple[ChildRentree, Choice], ...]:
        return tuple((each, choice) for each in self.children for choice in each.choices)

    @property
    def opens_at(self) -> datetime | None:
        """The next opening of what is not open yet."""
        coming = [choice.offer.opens_at for _each, choice in self.choices if choice.offer.opens_at is not None]
        return min(coming, default=None)

    @property
    def may_send(self) -> bool:
        """Whether something can be asked for now."""
        return any(choice.openness is Openness.OPEN for _each, choice in self.choices)

    def estimate(self, weeks: Iterable[Week]) -> Estimate:
        """What these weeks would cost, at the prices and on the days known now."""
        return estimate(weeks, calendar=self.calendar, prices=self.prices, situations=self.situations)


def load_rentree(*, family: Family, user: User, at: datetime) -> Rentree:
    """The rentrée that is prepared at `at`, for the children whom this person may see.

    A constant number of queries whatever the number of children, activities and families: those of `list_offers`,
    then one each for last year's enrolments, their weeks and units, the preparation and its answers, prices, calendar.
    """
    year = rentree_year(paris_date(at))
    offered = list_offers(family=family, user=user, at=at)
    bookable = set(children_with(user=user, family=family, right=Right.BOOK).values_list("pk", flat=True))
    last = _last_year([each.child.pk for each in offered], year)
    units = {
        unit.pk: unit
        for each in offered
        for offer in each.offers
        if _of_year(offer.activity, year)
        for unit in offer.units
    }
    before = {unit.pk for several in last.values() for one in several for unit in one.activity.units.all()}
    prices = load_price_book({*units, *before})
    situations = load_situations(family=family.pk, book=prices, units=units)
    weeks = _weeks(one for several in last.values() for one in several)
    draft = RentreeDraft.objects.filter(family=family, school_year=year.start).select_related("changed_by").first()
    answers = _answers(draft)
    today = paris_date(at)
    children = tuple(
        _child(each, last.get(each.child.pk, []), weeks, answers, year, prices, situations, each.child.pk in bookable)
        for each in offered
    )
    return Rentree(
        year=year,
        children=children,
        draft=draft,
        has_activities=any([*each.choices, *each.closed, *each.done] for each in children)
        or announced(year=year, on=today),
        calendar=load_calendar(
            DateRange(min(today, year.first_day), year.last_day),
            {unit.activity.structure_id for unit in units.values()},
        )
        if units
        else ServiceCalendar(),
        prices=prices,
        situations=situations,
    )


def announced(*, year: SchoolYear, on: date) -> bool:
    """Whether the town has activities of that year that are not over, in one query."""
    return _activities_of(year).filter(ends_on__gte=on).exists()


def coming_rentree(*, at: datetime) -> SchoolYear | None:
    """The rentrée that can be prepared at `at`: something of it is announced, and enrolment is not closed for good.

    None out of the campaign. One query.
    """
    year = rentree_year(paris_date(at))
    return year if _open_activities(year, at).exists() else None


def _open_activities(year: SchoolYear, at: datetime) -> QuerySet[Activity]:
    """Those of that year in which enrolment is not closed for good, with one row for each of their windows."""
    open_later = Q(enrolment_closes_at=None) | Q(enrolment_closes_at__gt=at) | Q(enrolment_windows__isnull=False)
    return _activities_of(year).filter(open_later, ends_on__gte=paris_date(at))


def rentree_to_prepare(*, family: Family, at: datetime) -> SchoolYear | None:
    """The rentrée of `coming_rentree`, unless the household sent it and keeps no wish that is still to be sent.

    One query.
    """
    today = paris_date(at)
    year = rentree_year(today)
    sent = RentreeRecap.objects.filter(family=family, school_year=year.start)
    wished = RentreeAnswer.objects.filter(draft__family=family, draft__school_year=year.start, wanted=True)
    found = _open_activities(year, at).annotate(sent=Exists(sent), wished=Exists(wished))
    row = found.order_by().values_list("sent", "wished").first()
    return None if row is None or row == (True, False) else year


def last_recap(*, family: Family, year: SchoolYear) -> RentreeRecap | None:
    """The last validation of that rentrée."""
    return RentreeRecap.objects.filter(family=family, school_year=year.start).order_by("-at", "-pk").first()


def carried_to(*, child: Child, activity: Activity) -> Carried | None:
    """What the child's enrolment of the year before becomes in this activity; None when nothing carries over to it."""
    year = SchoolYear.of(activity.starts_on)
    several = _last_year([child.pk], year).get(child.pk, [])
    if not several:
        return None
    among = list(
        _activities_of(year).filter(type=activity.type_id).select_related("structure").prefetch_related("units")
    )
    units = {unit.pk for each in [*among, *(one.activity for one in several)] for unit in each.units.all()}
    prices = load_price_book(units)
    weeks = _weeks(several)
    facts = [_facts(each, prices) for each in among]
    for enrolment in several:
        old = _facts(enrolment.activity, prices)
        found = successor(old, facts)
        if found is not None and found.key == activity.pk:
            return carry_over(old, found, weeks[enrolment.pk])
    return None


def _activities_of(year: SchoolYear) -> QuerySet[Activity]:
    return Activity.objects.filter(starts_on__range=(year.first_day, year.last_day))


def _of_year(activity: Activity, year: SchoolYear) -> bool:
    return activity.starts_on in year


def _last_year(children: Collection[int], year: SchoolYear) -> dict[int, list[Enrolment]]:
    """The enrolments of the year before, by key of child."""
    found: dict[int, list[Enrolment]] = defaultdict(list)
    before = year.previous
    rows = Enrolment.objects.filter(
        child__in=children,
        state__in=_LAST_YEAR,
        activity__starts_on__range=(before.first_day, before.last_day),
    )
    rows = rows.select_related("activity__structure").prefetch_related("activity__units")
    for row in rows.order_by("activity__type__order", "activity__order", "pk"):
        found[row.child_id].append(row)
    return found


def _answers(draft: RentreeDraft | None) -> dict[tuple[int, int], RentreeAnswer]:
    if draft is None:
        return {}
    return {
        (each.child_id, each.activity_id): each for each in RentreeAnswer.objects.filter(draft=draft).order_by("pk")
    }


def _child(
    offers: ChildOffers,
    last: Sequence[Enrolment],
    weeks: Mapping[int, Mapping[str, frozenset[int]]],
    answers: Mapping[tuple[int, int], RentreeAnswer],
    year: SchoolYear,
    prices: PriceBook,
    situations: Situations,
    may_book: bool,
) -> ChildRentree:
    coming = [offer for offer in offers.offers if _of_year(offer.activity, year)]
    done = tuple(each for each in offers.enrolments if _of_year(each.activity, year))
    facts = {offer.activity.pk: _facts(offer.activity, prices) for offer in coming}
    # What is already asked for continues something too: it is not said to be gone.
    known = [*facts.values(), *(_facts(each.activity, prices) for each in done)]
    carried: dict[int, Carried] = {}
    gone = []
    for enrolment in last:
        old = _facts(enrolment.activity, prices)
        found = successor(old, known)
        if found is None:
            gone.append(enrolment.activity.short_name)
        elif found.key in facts:
            carried[found.key] = carry_over(old, found, weeks[enrolment.pk])
    choices, closed = [], []
    for offer in coming:
        openness = _openness(offer)
        if openness not in PREPARABLE:
            closed.append(offer)
            continue
        key = offer.activity.pk
        costs = _costs(offers.child.pk, offer, prices, situations)
        choices.append(_choice(offer, openness, answers.get((offers.child.pk, key)), carried.get(key), costs))
    return ChildRentree(offers.child, offers.level, may_book, done, tuple(choices), tuple(closed), tuple(gone))


def _openness(offer: Offer) -> Openness:
    if offer.refusal is None:
        return Openness.OPEN
    if offer.awaits_schooling:
        return Openness.UNKNOWN
    return Openness.LATER if offer.opens_at is not None else Openness.CLOSED


def _costs(child: int, offer: Offer, prices: PriceBook, situations: Situations) -> dict[int, Decimal]:
    """What each unit costs this child on the first day on which it may enter."""
    day, costs = offer.earliest, {}
    for unit in offer.units:
        price = price_at(prices, unit.pk, day, situations.of(child, unit.pk, day))
        if price is not None:
            costs[unit.pk] = price
    return costs


def _choice(
    offer: Offer,
    openness: Openness,
    answer: RentreeAnswer | None,
    carried: Carried | None,
    costs: Mapping[int, Decimal],
) -> Choice:
    if answer is not None:
        return Choice(offer, openness, answer.wanted, answer.starts_on, read_pattern(answer.pattern), carried, costs)
    return Choice(offer, openness, carried is not None, None, carried.pattern if carried else {}, carried, costs)


def price_at(prices: PriceBook, unit: int, day: date, situation: Situation = ANYBODY) -> Decimal | None:
    """The price of a unit that day in that situation, in euros; None when no tariff says."""
    try:
        return prices.price(unit, day, situation).amount
    except NoPrice:
        return None


def _facts(activity: Activity, prices: PriceBook) -> ActivityFacts:
    return ActivityFacts(
        key=activity.pk,
        code=activity.code,
        name=activity.name,
        type_key=activity.type_id,
        structure_key=activity.structure_id,
        structure=activity.structure.name,
        units=tuple(_unit_facts(unit, activity, prices) for unit in activity.units.all()),
    )


def _unit_facts(unit: Unit, activity: Activity, prices: PriceBook) -> UnitFacts:
    return UnitFacts(
        key=unit.pk,
        code=unit.code,
        name=unit.name,
        weekdays=frozenset(unit.weekdays),
        starts_at=unit.starts_at,
        ends_at=unit.ends_at,
        price=price_at(prices, unit.pk, activity.starts_on),
    )


def _weeks(last: Iterable[Enrolment]) -> dict[int, dict[str, frozenset[int]]]:
    """The last regular week of each of these enrolments, by key: ISO weekdays by code of unit. Two queries."""
    several = list(last)
    weeks = load_weeks(several)
    return {
        each.pk: {
            unit.code: weeks[each.pk].last[unit.pk]
            for unit in each.activity.units.all()
            if unit.pk in weeks[each.pk].last
        }
        for each in several
    }
