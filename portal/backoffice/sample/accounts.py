"""The accounts of every demonstration: who they are, and their families written with the domain's own verbs."""

import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.contrib.auth.models import Group
from django.db.models import Count, Q

from portal.backoffice.roles import Role
from portal.backoffice.sample.people import LEVELS
from portal.domain.accounts.enums import AccountOrigin
from portal.domain.accounts.models import User
from portal.domain.accounts.queries import latest_terms
from portal.domain.accounts.services import accept_terms
from portal.domain.activities.enums import EnrolmentMode, ServiceDays
from portal.domain.activities.models import Activity, Structure, Unit
from portal.domain.activities.queries import load_calendar, offer_of
from portal.domain.bookings.codes import CellKey
from portal.domain.bookings.models import Basket
from portal.domain.bookings.services import change_draft, confirm_basket, enrol_and_book
from portal.domain.enrolments.enums import LIVE_ENROLMENT_STATES
from portal.domain.enrolments.models import Enrolment
from portal.domain.enrolments.services import EnrolmentRefused
from portal.domain.families.enums import AdultRole, SchoolLevel
from portal.domain.families.models import Adult, Child, ChildLink, Family, FamilyMember, School, Schooling
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.clock import at_paris, paris_date
from portal.domain.kernel.school_year import SchoolYear
from portal.domain.scope.services import limit_agent

MAIL_DOMAIN = "famille.example"
AGENT_DOMAIN = "mairie.example"


def password_of(username: str) -> str:
    """The password of a sample account: known to everybody, hence never in production."""
    return f"{username}-demo-2026"


@dataclass(frozen=True, slots=True)
class SampleChild:
    """`birthday` is month and day, the year follows from the level. `canteen`: ISO weekdays, none = not enrolled."""

    first_name: str
    level: SchoolLevel
    birthday: tuple[int, int]
    canteen: frozenset[int] = frozenset()
    other_activities: bool = False


@dataclass(frozen=True, slots=True)
class SampleFamily:
    """`username` empty: the dossier has no account yet.

    `shares`: dossier number and first name of children of a family before, who also live in this household.
    """

    username: str
    number: str
    name: str
    first_name: str
    other_parent: str
    phone: str
    children: tuple[SampleChild, ...]
    shares: tuple[tuple[str, str], ...] = ()

    @property
    def email(self) -> str:
        plain = unicodedata.normalize("NFKD", self.first_name).encode("ascii", "ignore").decode()
        return f"{plain.lower()}.{self.name.lower()}@{MAIL_DOMAIN}"


MONDAY_TO_FRIDAY = frozenset({1, 2, 3, 4, 5})
FOUR_DAYS = frozenset({1, 2, 4, 5})

PARENT = SampleFamily(
    username="parent",
    number="4127",
    name="Vuillet",
    first_name="Claire",
    other_parent="Samir",
    phone="06 39 98 45 10",
    children=(
        SampleChild("Hugo", SchoolLevel.CM1, (5, 14), MONDAY_TO_FRIDAY, other_activities=True),
        SampleChild("Léna", SchoolLevel.GS, (3, 2), FOUR_DAYS),
        SampleChild("Noé", SchoolLevel.PS, (9, 21)),
    ),
)
PARENT2 = SampleFamily(
    username="parent2",
    number="5236",
    name="Girod",
    first_name="Thomas",
    other_parent="",
    phone="06 39 98 61 24",
    children=(
        SampleChild("Zoé", SchoolLevel.CE1, (11, 8), FOUR_DAYS),
        SampleChild("Malo", SchoolLevel.MS, (6, 30), frozenset({2, 4})),
    ),
)
NEWCOMER = SampleFamily(
    username="",
    number="6314",
    name="Morand",
    first_name="Nadia",
    other_parent="",
    phone="06 39 98 72 35",
    children=(
        SampleChild("Inès", SchoolLevel.CP, (2, 17)),
        SampleChild("Sami", SchoolLevel.MS, (8, 9)),
    ),
)
#: The other parent of Zoé, separated from Thomas Girod: a household of her own, one week out of two.
PARENT3 = SampleFamily(
    username="parent3",
    number="5237",
    name="Bouvet",
    first_name="Élise",
    other_parent="",
    phone="06 39 98 61 57",
    children=(),
    shares=((PARENT2.number, "Zoé"),),
)
FAMILIES = (PARENT, PARENT2, NEWCOMER, PARENT3)


@dataclass(frozen=True, slots=True)
class SampleAgent:
    """`limited`: to one place, chosen by `limit_agents` once families are enrolled."""

    username: str
    first_name: str
    last_name: str
    role: Role | None
    work: str
    limited: bool = False


AGENTS = (
    SampleAgent("admin", "Alix", "Romand", None, "tout, et les droits des autres"),
    SampleAgent("gestion", "Gaëlle", "Perrier", Role.MANAGEMENT, "familles, inscriptions, activités, calendrier"),
    SampleAgent(
        "accueil", "Aline", "Cordier", Role.MANAGEMENT, "comme gestion, pour une seule structure", limited=True
    ),
    SampleAgent("regie", "Romain", "Jeannin", Role.ACCOUNTING, "tarifs et reçus"),
    SampleAgent("animation", "Anaïs", "Lamy", Role.ACTIVITIES, "les enfants et leurs jours"),
    SampleAgent("communication", "Côme", "Bailly", Role.COMMUNICATION, "pages, actualités, images"),
    SampleAgent("validation", "Violaine", "Monnier", Role.VALIDATION, "relecture et publication des pages"),
)


def create_agents() -> None:
    """The agents, each in the group of their role."""
    for agent in AGENTS:
        user = User.objects.create_user(
            username=agent.username,
            email=f"{agent.username}@{AGENT_DOMAIN}",
            password=password_of(agent.username),
            first_name=agent.first_name,
            last_name=agent.last_name,
            is_staff=True,
            is_superuser=agent.role is None,
            origin=AccountOrigin.STAFF,
        )
        if agent.role is not None:
            user.groups.add(Group.objects.get(name=agent.role.value))


def limit_agents(*, at: datetime) -> None:
    """Those who work for one place: the one that welcomes the fewest children, so that most of the town is missing."""
    welcomed = Count("activities__enrolments", filter=Q(activities__enrolments__state__in=LIVE_ENROLMENT_STATES))
    place = Structure.objects.annotate(children=welcomed).filter(children__gt=0).order_by("children", "pk").first()
    if place is None:
        return
    boss = User.objects.get(username=next(agent.username for agent in AGENTS if agent.role is None))
    for agent in AGENTS:
        if agent.limited:
            limit_agent(agent=User.objects.get(username=agent.username), structures=[place], by=boss, at=at)


def create_families(*, year: SchoolYear, at: datetime) -> int:
    """The families one can sign in with, enrolled and booked by the real verbs; returns how many days were booked.

    They enrolled at the end of the summer, or a moment ago when the year has not begun.
    """
    enrolled_at = min(at_paris(date(year.start, 8, 24), time(18, 30)), at - timedelta(hours=2))
    activities = list(
        Activity.objects.filter(starts_on__gte=year.first_day, ends_on__lte=year.last_day).order_by("order", "pk")
    )
    booked = 0
    for sample in FAMILIES:
        family, holder, children = _create_family(sample, year=year, at=enrolled_at)
        if holder is None:
            continue
        terms = latest_terms(at=at)
        if terms is not None:
            accept_terms(version=terms, by=holder, at=max(terms.published_at, enrolled_at))
        for child, planned in zip(children, sample.children, strict=True):
            booked += _enrol(family, holder, child, planned, activities, at=enrolled_at)
        _change_days(family, holder, enrolled_at=enrolled_at, at=at)
    return booked


def _change_days(family: Family, holder: User, *, enrolled_at: datetime, at: datetime) -> None:
    """Three weeks ago the family chose some evenings and gave up a meal, so that there is a receipt to read."""
    moment = at - timedelta(days=20)
    enrolments = list(Enrolment.objects.filter(family=family).select_related("activity").order_by("pk"))
    if moment < enrolled_at + timedelta(days=1) or not enrolments:
        return
    days = DateRange(paris_date(moment), paris_date(moment) + timedelta(days=27))
    calendar = load_calendar(days)
    add, remove = [], []
    for enrolment in enrolments:
        unit = Unit.objects.filter(activity=enrolment.activity).select_related("activity").order_by("-order").first()
        if unit is None or enrolment.activity.service_days != ServiceDays.SCHOOL:
            continue
        offer = offer_of(unit)
        open_days = [day for day in calendar.served_days(offer, days) if offer.booking.allows(day, moment, calendar)]
        codes = [CellKey(enrolment.child_id, unit.pk, day).code for day in open_days if day.isoweekday() in (1, 4)]
        if enrolment.activity.enrolment_mode == EnrolmentMode.OPEN:
            add += codes
        elif not remove:
            remove = codes[-1:]
    if not add and not remove:
        return
    change_draft(family=family, add=add, remove=remove, by=holder, at=moment)
    basket = Basket.objects.filter(family=family).first()
    if basket is not None:
        confirm_basket(family=family, key=str(basket.key), by=holder, at=moment + timedelta(minutes=3))


def _create_family(sample: SampleFamily, *, year: SchoolYear, at: datetime) -> tuple[Family, User | None, list[Child]]:
    family = Family.objects.create(
        number=sample.number,
        name=sample.name,
        contact_email=sample.email,
        phone=sample.phone,
        street="12, rue de l’Exemple",
        postcode="39220",
        town="Les Rousses",
        created_at=at - timedelta(days=400),
    )
    user = None
    if sample.username:
        user = User.objects.create_user(
            username=sample.username,
            email=sample.email,
            password=password_of(sample.username),
            first_name=sample.first_name,
            last_name=sample.name,
            date_joined=at,
        )
    holder = Adult.objects.create(
        user=user, first_name=sample.first_name, last_name=sample.name, email=sample.email, phone=sample.phone
    )
    FamilyMember.objects.create(family=family, adult=holder, role=AdultRole.HOLDER)
    if sample.other_parent:
        other = Adult.objects.create(first_name=sample.other_parent, last_name=sample.name)
        FamilyMember.objects.create(family=family, adult=other, role=AdultRole.PARENT)
    school = School.objects.order_by("pk").first()
    children = []
    for order, planned in enumerate(sample.children):
        child = Child.objects.create(
            first_name=planned.first_name, last_name=sample.name, birth_date=birth_date(planned, year)
        )
        ChildLink.objects.create(family=family, child=child, order=order)
        if school is not None:
            Schooling.objects.create(child=child, school_year=year.start, school=school, level=planned.level)
        children.append(child)
    for order, (number, first_name) in enumerate(sample.shares, start=len(sample.children)):
        link = ChildLink.objects.get(family__number=number, child__first_name=first_name)
        ChildLink.objects.create(family=family, child=link.child, order=order)
    return family, user, children


def birth_date(planned: SampleChild, year: SchoolYear) -> date:
    """The birth date that puts a child in that level in that year."""
    return date(year.start - 3 - LEVELS.index(planned.level), *planned.birthday)


def _enrol(
    family: Family, holder: User, child: Child, planned: SampleChild, activities: list[Activity], *, at: datetime
) -> int:
    """The canteen by its regular week, other activities for who takes them; what the profile refuses is skipped."""
    booked = 0
    for activity in activities:
        by_pattern = activity.enrolment_mode == EnrolmentMode.PATTERN
        if not (planned.canteen if by_pattern else planned.other_activities):
            continue
        pattern = {unit.pk: planned.canteen & frozenset(unit.weekdays) for unit in activity.units.all()}
        try:
            outcome = enrol_and_book(
                family=family,
                child=child,
                activity=activity,
                starts_on=max(activity.starts_on, paris_date(at)),
                pattern=pattern if by_pattern else {},
                by=holder,
                at=at,
            )
        except EnrolmentRefused:
            continue
        booked += outcome.booked
    return booked
