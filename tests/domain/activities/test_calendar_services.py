"""Seeding and loading the calendar, in the database."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from portal.domain.accounts.models import User
from portal.domain.activities.deadlines import WeekdayBefore
from portal.domain.activities.models import CalendarSettings, PublicHoliday, SchoolHoliday
from portal.domain.activities.queries import load_calendar, offer_of
from portal.domain.activities.school_calendar import UnknownCalendar
from portal.domain.activities.services import CalendarSeeded, seed_calendar
from portal.domain.audit.models import AuditEntry
from portal.domain.kernel.calendar import DateRange
from tests.domain.activities.factories import ActivityFactory, ClosureFactory, UnitFactory

pytestmark = pytest.mark.django_db

AT = datetime(2026, 8, 20, 8, tzinfo=UTC)
SEPTEMBER = DateRange(date(2026, 9, 1), date(2026, 9, 30))


@pytest.fixture
def agent() -> User:
    return User.objects.create_user("agent-calendrier")


def seed(agent: User, **changes: Any) -> CalendarSeeded:
    wish: dict[str, Any] = {"zone": "A", "from_year": 2026, "to_year": 2027} | changes
    return seed_calendar(by=agent, at=AT, **wish)


def test_stores_the_published_calendar(agent: User) -> None:
    seeded = seed(agent)
    names = list(
        SchoolHoliday.objects.filter(zone="A").order_by("starts_on").values_list("name", "starts_on", "ends_on")
    )
    assert names[3] == ("Pont de l’Ascension", date(2026, 5, 15), date(2026, 5, 16))
    assert names[0][1] == date(2025, 12, 20)
    assert PublicHoliday.objects.get(day=date(2026, 11, 11)).name == "Armistice"
    assert seeded == CalendarSeeded(
        created=SchoolHoliday.objects.count() + PublicHoliday.objects.count(), updated=0, removed=0, kept=0, notice=""
    )
    entry = AuditEntry.objects.get(verb="seed_calendar")
    assert (entry.by, entry.at) == (agent, AT)
    assert entry.after["years"] == "2026-2027"


def test_a_second_seeding_changes_and_records_nothing(agent: User) -> None:
    seed(agent)
    assert seed(agent) == CalendarSeeded(created=0, updated=0, removed=0, kept=0, notice="")
    assert AuditEntry.objects.filter(verb="seed_calendar").count() == 1


def test_never_touches_what_an_agent_corrected(agent: User) -> None:
    seed(agent)
    christmas = SchoolHoliday.objects.get(starts_on=date(2026, 12, 19))
    christmas.starts_on, christmas.name, christmas.edited = date(2026, 12, 18), "Noël avancé", True
    christmas.save()
    PublicHoliday.objects.filter(day=date(2026, 8, 15)).update(name="Fête du village", edited=True)
    PublicHoliday.objects.create(day=date(2026, 7, 3), name="Foire", edited=True)
    seeded = seed(agent)
    assert (seeded.created, seeded.updated, seeded.removed, seeded.kept) == (0, 0, 0, 3)
    kept = SchoolHoliday.objects.get(starts_on__gte=date(2026, 12, 1), starts_on__lte=date(2026, 12, 31))
    assert (kept.name, kept.starts_on) == ("Noël avancé", date(2026, 12, 18))
    assert PublicHoliday.objects.get(day=date(2026, 8, 15)).name == "Fête du village"


def test_follows_a_publication_that_changed(agent: User) -> None:
    seed(agent)
    SchoolHoliday.objects.filter(starts_on=date(2026, 10, 17)).update(starts_on=date(2026, 10, 16), name="Ancien")
    SchoolHoliday.objects.filter(starts_on=date(2027, 2, 13)).update(ends_on=date(2027, 2, 20))
    PublicHoliday.objects.filter(day=date(2026, 5, 1)).update(name="1er mai")
    PublicHoliday.objects.create(day=date(2026, 6, 1), name="Erreur")
    seeded = seed(agent)
    assert (seeded.created, seeded.updated, seeded.removed) == (1, 2, 2)
    assert SchoolHoliday.objects.get(starts_on=date(2026, 10, 17)).ends_on == date(2026, 11, 1)
    assert SchoolHoliday.objects.get(starts_on=date(2027, 2, 13)).ends_on == date(2027, 2, 28)
    assert not PublicHoliday.objects.filter(day=date(2026, 6, 1)).exists()


def test_another_zone_leaves_the_first_alone(agent: User) -> None:
    seed(agent)
    zone_a = SchoolHoliday.objects.filter(zone="A").count()
    seed(agent, zone="C")
    assert SchoolHoliday.objects.filter(zone="A").count() == zone_a
    assert SchoolHoliday.objects.get(zone="C", starts_on=date(2027, 2, 6)).name == "Vacances d’hiver"


def test_stores_the_local_days_of_the_region(agent: User) -> None:
    CalendarSettings.objects.create(zone="B", public_holidays_region="6AE")
    seed(agent, zone="B")
    assert PublicHoliday.objects.get(day=date(2026, 12, 26)).name == "Saint-Étienne"


def test_says_what_is_not_published_and_keeps_what_agents_typed_there(agent: User) -> None:
    SchoolHoliday.objects.create(
        zone="A", name="Noël", starts_on=date(2029, 12, 22), ends_on=date(2030, 1, 6), edited=True
    )
    SchoolHoliday.objects.create(zone="A", name="Hiver", starts_on=date(2030, 2, 9), ends_on=date(2030, 2, 24))
    seeded = seed(agent, from_year=2028, to_year=2030)
    assert "31\u00a0août 2028" in seeded.notice
    assert SchoolHoliday.objects.filter(starts_on__gte=date(2029, 1, 1)).count() == 2
    assert PublicHoliday.objects.filter(day=date(2030, 7, 14)).exists()


def test_refuses_what_does_not_exist(agent: User) -> None:
    with pytest.raises(UnknownCalendar, match="zone"):
        seed(agent, zone="D")
    with pytest.raises(ValueError, match="vient avant"):
        seed(agent, from_year=2027, to_year=2026)
    assert not SchoolHoliday.objects.exists()


def test_loads_the_calendar_of_the_zone(agent: User) -> None:
    seed(agent)
    seed(agent, zone="C")
    CalendarSettings.objects.update(zone="C")
    calendar = load_calendar(DateRange(date(2027, 2, 1), date(2027, 2, 28)))
    assert calendar.is_school_holiday(date(2027, 2, 8))
    assert not calendar.is_school_holiday(date(2027, 2, 22))


def test_knows_the_days_before_the_range_that_deadlines_count(agent: User) -> None:
    seed(agent)
    calendar = load_calendar(SEPTEMBER)
    assert calendar.is_school_holiday(date(2026, 8, 31))
    assert calendar.is_public_holiday(date(2026, 5, 14))


def test_a_town_without_settings_reads_zone_a(agent: User) -> None:
    SchoolHoliday.objects.create(zone="A", name="Toussaint", starts_on=date(2026, 9, 7), ends_on=date(2026, 9, 8))
    assert load_calendar(SEPTEMBER).is_school_holiday(date(2026, 9, 7))


def test_loads_only_the_closures_that_concern_the_structures() -> None:
    unit, other = UnitFactory(), UnitFactory()
    ClosureFactory(reason="ville")
    ClosureFactory(reason="structure", structure=unit.activity.structure)
    ClosureFactory(reason="activité", activity=unit.activity)
    ClosureFactory(reason="autre structure", structure=other.activity.structure)
    ClosureFactory(reason="autre activité", activity=other.activity)
    loaded = load_calendar(SEPTEMBER, [unit.activity.structure_id])
    assert [closure.reason for closure in loaded.closures] == ["ville", "structure", "activité"]
    assert len(load_calendar(SEPTEMBER).closures) == 5


def test_costs_one_query_whatever_the_range(agent: User, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    seed(agent)
    ClosureFactory()
    for days in (SEPTEMBER, DateRange(date(2026, 1, 1), date(2027, 12, 31))):
        with django_assert_num_queries(1):
            load_calendar(days, [1, 2, 3])


def test_an_offer_takes_the_deadlines_of_its_unit_then_of_its_activity(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    activity = ActivityFactory()
    unit = UnitFactory(activity=activity, cancellation_deadline={"kind": "weekday_before", "weekday": 2})
    with django_assert_num_queries(0):
        offer = offer_of(unit)
    assert offer.booking == WeekdayBefore(4)
    assert offer.cancellation == WeekdayBefore(2)
    assert (offer.unit_id, offer.activity_id, offer.structure_id) == (unit.pk, activity.pk, activity.structure_id)
    assert offer.weekdays == {1, 2, 4, 5}
    assert offer.article == "règlement intérieur, article 5"
