"""Filling an empty town: families, accounts, enrolments, bookings."""

import random
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import connection, transaction

from portal.backoffice.profiles.days import profile_year
from portal.backoffice.sample.accounts import FAMILIES, create_agents, create_families, limit_agents
from portal.backoffice.sample.bookings import Guest, Places, Wanted, copy_bookings
from portal.backoffice.sample.fillers import fill_town
from portal.backoffice.sample.people import PlannedFamily, plan_families
from portal.backoffice.sample.receipts import write_receipts
from portal.domain.accounts.models import TermsAcceptance, User
from portal.domain.accounts.queries import latest_terms
from portal.domain.activities.enums import EnrolmentMode, ServiceDays
from portal.domain.activities.models import Activity, CalendarSettings, PlacePool, Unit, UnitRelation
from portal.domain.activities.opening import Offer
from portal.domain.activities.queries import load_calendar, offer_of
from portal.domain.activities.relations import Edge, Hours, Relations
from portal.domain.audit.services import record
from portal.domain.bookings.capacity import set_capacity
from portal.domain.enrolments.enums import EnrolmentState
from portal.domain.enrolments.models import Enrolment, PatternDay
from portal.domain.enrolments.queries import applicant, conditions_of
from portal.domain.enrolments.rules import why_not_enrol
from portal.domain.families.enums import AdultRole
from portal.domain.families.models import Adult, Child, ChildLink, Family, FamilyMember, School, Schooling
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.clock import at_paris, paris_date
from portal.domain.kernel.school_year import SchoolYear
from portal.domain.pricing.situations import load_many
from portal.domain.tariffs.queries import load_price_book

DEFAULT_FAMILIES = 400
MOST_FAMILIES = 50_000
DEFAULT_SEED = 39220

BATCH = 2_000
#: How likely a weekday is in a regular week: fewer meals on Wednesdays and Fridays.
WEEKDAY_TASTE = {1: 0.8, 2: 0.85, 3: 0.35, 4: 0.85, 5: 0.7}
#: The busiest weekday of a canteen leaves a little room, so that a demonstration can book.
FULLNESS = 0.9
#: The share of children enrolled at most, by kind of activity.
SHARES = {EnrolmentMode.PATTERN: 0.6, EnrolmentMode.OPEN: 0.25, EnrolmentMode.WHOLE_YEAR: 0.3}
HOLIDAY_SHARE = 0.12
CANCELLED = 0.015

Tell = Callable[[str], None]


class TownNotEmpty(Exception):
    """The database already has families; nothing was written. The message is French."""


class NothingToEnrolIn(Exception):
    """No profile was loaded for the school year; nothing was written. The message is French."""


@dataclass(frozen=True, slots=True)
class TownBuilt:
    """What was written. `bookings` counts cancelled ones too."""

    year: SchoolYear
    families: int
    children: int
    enrolments: int
    bookings: int


def build_town(*, families: int, seed: int, by: User, at: datetime, tell: Tell = lambda sentence: None) -> TownBuilt:
    """Fill an empty database with the sample accounts and `families` fictional families, in one transaction.

    The same seed on the same day gives the same town. Bookings are those of the profile's school year, on served
    days, within the places; beyond 400 families the places grow in proportion. Raises TownNotEmpty,
    NothingToEnrolIn.
    """
    with transaction.atomic():
        if Family.objects.exists():
            raise TownNotEmpty(
                "La base contient déjà des familles : la ville d’exemple se charge dans une base vide. "
                "Pour repartir de rien dans une démonstration : make demo-reset."
            )
        year = profile_year(paris_date(at))
        units = _units(year)
        if not units:
            raise NothingToEnrolIn(
                f"Aucune activité pour l’année scolaire {year} : "
                "chargez d’abord un profil avec « portail load_commune »."
            )
        if families > DEFAULT_FAMILIES:
            _grow(units, families / DEFAULT_FAMILIES, by=by, at=at)
            units = _units(year)
        create_agents()
        sample_booked = create_families(year=year, at=at)
        draw = random.Random(seed)  # noqa: S311  # repeatable on purpose, protects nothing
        planned = list(
            plan_families(
                count=max(0, families - len(FAMILIES)),
                seed=seed,
                year=year,
                schools=School.objects.count(),
                today=paris_date(at),
                taken={family.number for family in FAMILIES},
            )
        )
        residents = _settle(planned, year=year, at=at, tell=tell)
        tell(f"Familles : {len(planned)}, enfants : {len(residents)}")
        writer = _Enrolments(draw, residents, units, year=year, at=at)
        enrolled = writer.enrol()
        tell(f"Inscriptions : {enrolled}")
        limit_agents(at=at)
        places = Places(units)
        fill_town(year=year, at=at, by=by, seed=seed, before_bookings=True)
        prices = load_price_book(units)
        written = copy_bookings(
            writer.wanted(),
            places=places,
            prices=prices,
            situations=load_many(
                families=list(Family.objects.values_list("pk", flat=True)),
                book=prices,
                units=[unit.pk for unit in units],
            ),
            tell=lambda count: tell(f"Réservations : {count}"),
        )
        places.save()
        write_receipts()
        fill_town(year=year, at=at, by=by, seed=seed)
        record(
            verb="sample_town",
            target=by,
            by=by,
            at=at,
            after={"families": families, "seed": seed, "year": year.label},
        )
    with connection.cursor() as cursor:
        # Without figures about the new rows PostgreSQL would guess, and plan badly, until its own turn comes.
        cursor.execute("ANALYZE")
    return TownBuilt(
        year=year,
        families=len(planned) + len(FAMILIES),
        children=Child.objects.count(),
        enrolments=Enrolment.objects.count(),
        bookings=written + sample_booked,
    )


def _units(year: SchoolYear) -> list[Unit]:
    """The units of the activities of that school year, with what the draw needs of them."""
    activities = Activity.objects.filter(starts_on__gte=year.first_day, ends_on__lte=year.last_day)
    return list(
        Unit.objects.filter(activity__in=activities)
        .select_related("activity")
        .prefetch_related("pools")
        .order_by("activity__order", "activity", "order", "pk")
    )


def _grow(units: list[Unit], factor: float, *, by: User, at: datetime) -> None:
    pools = {pool.pk: pool for unit in units for pool in unit.pools.all()}
    for pool in PlacePool.objects.filter(pk__in=pools, capacity__isnull=False).order_by("pk"):
        set_capacity(pool=pool, capacity=round((pool.capacity or 0) * factor), by=by, at=at)


@dataclass(frozen=True, slots=True)
class Resident:
    """A child of the town, as enrolling needs it."""

    child: Child
    schooling: Schooling
    family: int
    account: int


def _settle(planned: list[PlannedFamily], *, year: SchoolYear, at: datetime, tell: Tell) -> list[Resident]:
    """Write the households, by batches of tables; return the children."""
    system = User.objects.system()
    schools = list(School.objects.order_by("pk"))
    residents: list[Resident] = []
    previous: list[Child] = []
    for start in range(0, len(planned), BATCH):
        batch = planned[start : start + BATCH]
        families = Family.objects.bulk_create(
            Family(
                number=family.number,
                name=family.name,
                contact_email=family.adults[0].email,
                phone=family.adults[0].phone,
                street=family.street,
                postcode="39220",
                town="Les Rousses",
                created_at=at_paris(family.created_on, time(10)),
            )
            for family in batch
        )
        accounts = _accounts(batch, at=at)
        pairs = [(family, order, adult) for family in batch for order, adult in enumerate(family.adults)]
        adults = Adult.objects.bulk_create(
            Adult(
                user=accounts.get(adult.username),
                first_name=adult.first_name,
                last_name=adult.last_name,
                email=adult.email,
                phone=adult.phone,
            )
            for _family, _order, adult in pairs
        )
        household = {family.number: row for family, row in zip(batch, families, strict=True)}
        FamilyMember.objects.bulk_create(
            FamilyMember(
                family=household[family.number],
                adult=row,
                role=AdultRole.PARENT if order else AdultRole.HOLDER,
            )
            for (family, order, _adult), row in zip(pairs, adults, strict=True)
        )
        flat = [(family, child) for family in batch for child in family.children]
        children = Child.objects.bulk_create(
            Child(first_name=child.first_name, last_name=child.last_name, birth_date=child.birth_date)
            for _family, child in flat
        )
        schoolings = Schooling.objects.bulk_create(
            Schooling(child=row, school_year=year.start, school=schools[child.school], level=child.level)
            for (_family, child), row in zip(flat, children, strict=True)
        )
        links = []
        cursor = 0
        for family in batch:
            row = household[family.number]
            own = children[cursor : cursor + len(family.children)]
            schooling = schoolings[cursor : cursor + len(family.children)]
            cursor += len(family.children)
            living = own or [previous[rank] for rank in family.shared]
            links += [ChildLink(family=row, child=child, order=order) for order, child in enumerate(living)]
            holder = accounts.get(family.adults[0].username)
            account = holder.pk if holder else system.pk
            residents += [
                Resident(child, taught, row.pk, account) for child, taught in zip(own, schooling, strict=True)
            ]
            previous = living
        ChildLink.objects.bulk_create(links)
        tell(f"Familles : {min(start + BATCH, len(planned))}")
    return residents


def _accounts(batch: list[PlannedFamily], *, at: datetime) -> dict[str, User]:
    """Accounts nobody can sign in with, for the families that have one; they accepted the terms."""
    adults = [family.adults[0] for family in batch if family.has_account]
    users = User.objects.bulk_create(
        User(
            username=adult.username,
            email=adult.email,
            first_name=adult.first_name,
            last_name=adult.last_name,
            password="!",  # noqa: S106  # Django's mark of a password that nothing opens
            date_joined=at - timedelta(days=60),
        )
        for adult in adults
    )
    terms = latest_terms(at=at)
    if terms is not None:
        TermsAcceptance.objects.bulk_create(
            TermsAcceptance(user=user, version=terms, accepted_at=at - timedelta(days=60)) for user in users
        )
    return {user.username: user for user in users}


class _Enrolments:
    """Who is enrolled in what, and the days that follow: drawn in one order, so that a seed says all."""

    def __init__(
        self, draw: random.Random, residents: list[Resident], units: list[Unit], *, year: SchoolYear, at: datetime
    ) -> None:
        self._draw = draw
        self._residents = residents
        self._at = at
        self._today = paris_date(at)
        self._activities: dict[Activity, list[Unit]] = {}
        for unit in units:
            self._activities.setdefault(unit.activity, []).append(unit)
        free = CalendarSettings.objects.filter(allow_overlaps=True).exists()
        self._relations = Relations.of(
            (Edge(*row) for row in UnitRelation.objects.order_by("pk").values_list("kind", "unit_id", "other_id")),
            {
                unit.pk: Hours(unit.starts_at, unit.ends_at, frozenset(unit.weekdays), unit.may_overlap or free)
                for unit in units
            },
        )
        self._service_days = {unit.pk: unit.activity.service_days for unit in units}
        self._busy: dict[int, dict[int, frozenset[int]]] = {}
        self._mates = {unit.pk: {each.pk for each in mates} for mates in self._activities.values() for unit in mates}
        self._calendar = load_calendar(DateRange(year.first_day, year.last_day))
        self._days = {unit.pk: self._served(offer_of(unit)) for unit in units}
        self._guests: list[tuple[Activity, Guest, dict[int, frozenset[int]]]] = []
        self._asked_at = min(at_paris(date(year.start, 8, 20), time(20)), at - timedelta(hours=3))

    def _served(self, offer: Offer) -> list[date]:
        return list(self._calendar.served_days(offer, offer.period))

    def enrol(self) -> int:
        """Write the enrolments and their regular weeks; return how many."""
        for activity, units in self._activities.items():
            chosen = self._choose(activity, units)
            self._store(activity, units, chosen)
        return len(self._guests)

    def _choose(self, activity: Activity, units: list[Unit]) -> list[Resident]:
        """Children whom the activity takes, up to its share and to the places of its busiest weekday."""
        conditions = conditions_of(activity)
        fit = [
            resident
            for resident in self._residents
            if why_not_enrol(
                conditions,
                applicant(resident.child, resident.schooling),
                starts_on=activity.starts_on,
                at=self._asked_at,
                today=min(paris_date(self._asked_at), activity.starts_on),
            )
            is None
        ]
        holidays = activity.service_days == ServiceDays.HOLIDAYS
        share = HOLIDAY_SHARE if holidays else SHARES[EnrolmentMode(activity.enrolment_mode)]
        capacities = [pool.capacity for unit in units for pool in unit.pools.all() if pool.capacity is not None]
        most = len(fit) * share
        if capacities:
            most = min(most, min(capacities) * FULLNESS / max(WEEKDAY_TASTE.values()))
        self._draw.shuffle(fit)
        return fit[: int(most)]

    def _store(self, activity: Activity, units: list[Unit], chosen: list[Resident]) -> None:
        for start in range(0, len(chosen), BATCH):
            batch = chosen[start : start + BATCH]
            enrolments = Enrolment.objects.bulk_create(
                Enrolment(
                    child=resident.child,
                    activity=activity,
                    family_id=resident.family,
                    state=EnrolmentState.ACCEPTED,
                    starts_on=activity.starts_on,
                    ends_on=activity.ends_on,
                    requested_at=self._asked_at,
                    requested_by_id=resident.account,
                    decided_at=self._asked_at,
                )
                for resident in batch
            )
            pattern_days = []
            for resident, enrolment in zip(batch, enrolments, strict=True):
                week = {unit.pk: self._week(unit) for unit in units}
                for unit in units:
                    week[unit.pk] = week[self._together(unit.pk, week)[0]]
                self._keep_apart(resident.child.pk, week)
                guest = Guest(resident.child.pk, enrolment.pk, resident.family, resident.account)
                self._guests.append((activity, guest, week))
                if activity.enrolment_mode != EnrolmentMode.OPEN:
                    pattern_days += [
                        PatternDay(enrolment=enrolment, unit_id=unit, weekday=weekday)
                        for unit, weekdays in week.items()
                        if self._suits(unit, guest)
                        for weekday in sorted(weekdays)
                    ]
            PatternDay.objects.bulk_create(pattern_days, batch_size=BATCH * 5)

    def _week(self, unit: Unit) -> frozenset[int]:
        """A regular week, never empty, among the weekdays of the unit."""
        served = sorted(unit.weekdays)
        drawn = {weekday for weekday in served if self._draw.random() < WEEKDAY_TASTE.get(weekday, 0.5)}
        return frozenset(drawn or {self._draw.choice(served)})

    def _keep_apart(self, child: int, week: dict[int, frozenset[int]]) -> None:
        """Take out of a week the weekdays on which the child is elsewhere at the same hours."""
        busy = self._busy.setdefault(child, {}) if self._relations.overlapping else {}
        for unit in list(week):
            together = self._together(unit, week)
            if together[0] == unit and any(self._relations.crossed_by(each) for each in together):
                free = week[unit] - self._elsewhere(child, together)
                week.update(dict.fromkeys(together, free))
                busy.update(dict.fromkeys(together, free))

    def _elsewhere(self, child: int, units: Collection[int]) -> frozenset[int]:
        """The weekdays of what crosses these units and is already this child's, on days of the same kind."""
        apart = {ServiceDays.SCHOOL.value, ServiceDays.HOLIDAYS.value}
        return frozenset(
            weekday
            for unit in units
            for other in self._relations.crossed_by(unit)
            if {self._service_days[unit], self._service_days[other]} != apart
            for weekday in self._busy.get(child, {}).get(other, ())
        )

    def wanted(self) -> Iterator[Wanted]:
        """Every day wished for, child by child; then the days that fill up."""
        for activity, guest, week in self._guests:
            occasional = activity.enrolment_mode == EnrolmentMode.OPEN
            for unit, weekdays in week.items():
                together = self._together(unit, week)
                if together[0] != unit or not self._suits(unit, guest):
                    continue
                for day in self._days[unit]:
                    if day.isoweekday() not in weekdays or (occasional and not self._comes(activity, day)):
                        continue
                    gone = self._draw.random() < CANCELLED and day < self._today
                    cancelled_at = at_paris(day - timedelta(days=6), time(19)) if gone else None
                    yield Wanted(guest, together, day, self._asked_at, cancelled_at)
        yield from self._crowds()

    def _together(self, unit: int, week: Collection[int]) -> tuple[int, ...]:
        """The units of this activity booked with it, the first of them first."""
        return tuple(sorted(self._relations.group(unit) & {*week}))

    def _suits(self, unit: int, guest: Guest) -> bool:
        """Whether this child takes that unit: of two that exclude each other, always the same one; never one that
        needs another, nor one whose pair is in another activity.
        """
        group = self._relations.group(unit)
        if any(self._relations.needs_of(each) for each in group) or group - self._mates[unit]:
            return False
        return all(
            (guest.child + min(each, other)) % 2 == (each > other)
            for each in group
            for other in self._relations.excluded_by(each)
        )

    def _comes(self, activity: Activity, day: date) -> bool:
        """Where days are chosen one by one, families book some weeks ahead, and not every day."""
        if day > self._today + timedelta(days=35):
            return False
        return self._draw.random() < (0.6 if activity.service_days == ServiceDays.HOLIDAYS else 0.7)

    def _crowds(self) -> Iterator[Wanted]:
        """Days on which everybody comes, so that a full day can be seen: the last Thursdays before holidays."""
        for activity, units in self._activities.items():
            if activity.enrolment_mode != EnrolmentMode.PATTERN:
                continue
            for unit in units:
                together = self._together(unit.pk, [each.pk for each in units])
                if together[0] != unit.pk:
                    continue
                for day in crowded_days(self._days[unit.pk]):
                    for owner, guest, week in self._guests:
                        weekday = day.isoweekday()
                        if owner is not activity or weekday in week[unit.pk] or not self._suits(unit.pk, guest):
                            continue
                        if weekday not in self._elsewhere(guest.child, together):
                            yield Wanted(guest, together, day, self._asked_at)


def crowded_days(served: Collection[date]) -> list[date]:
    """The last Thursday served before each break of a week or more: the meal of the end of the period."""
    days = sorted(served)
    ends = [
        day
        for day, following in zip(days, [*days[1:], None], strict=True)
        if following is None or (following - day).days > 7
    ]
    thursdays = [[day for day in days if day.isoweekday() == 4 and day <= end][-1:] for end in ends]
    return sorted({day for found in thursdays for day in found})
