"""One secret address a person and household: what it opens, and when it dies."""

from datetime import date, datetime, time
from decimal import Decimal

import pytest
from icalendar import Calendar

from portal.domain.activities.models import Closure
from portal.domain.audit.models import AuditEntry
from portal.domain.bookings.models import Booking
from portal.domain.families.access import NotAllowed
from portal.domain.families.models import FamilyMember
from portal.domain.feeds.enums import ChildNames
from portal.domain.feeds.ics import agenda_ics
from portal.domain.feeds.merging import _follow_family
from portal.domain.feeds.models import CalendarFeed
from portal.domain.feeds.queries import agenda_entries, read_feed, secret_address, window_at
from portal.domain.feeds.services import Contents, change_feed, open_feed, renew_feed, revoke_feed
from portal.domain.kernel.clock import PARIS
from portal.domain.merging.registry import archived
from portal.domain.privacy.registry import erasures
from portal.domain.privacy.services import close_account
from tests.domain.accounts.factories import UserFactory
from tests.domain.bookings.conftest import AT, FRIDAY, MONDAY, THURSDAY, TUESDAY
from tests.domain.bookings.factories import BookingFactory, book, household, join, priced_unit

pytestmark = pytest.mark.django_db


def opened(home, **contents):
    return open_feed(family=home.family, contents=Contents(**contents), by=home.parent, at=AT)


def parsed(feed, at=AT):
    calendar = Calendar.from_ical(agenda_ics("Agenda", agenda_entries(feed, at=at), window=window_at(at)))
    return {str(event["uid"]): event for event in calendar.walk("VEVENT")}


def days(feed, at=AT):
    return [event for uid, event in parsed(feed, at).items() if uid.startswith("jour-")]


@pytest.mark.exigence("B19")
def test_the_address_is_shown_again_and_never_kept(home):
    feed = opened(home)
    secret = secret_address(feed)
    assert secret is not None
    assert len(secret) == 43
    assert secret == secret_address(CalendarFeed.objects.get())
    row = str(CalendarFeed.objects.values().get())
    assert secret not in row
    assert read_feed(secret=secret) == feed
    assert open_feed(family=home.family, contents=Contents(), by=home.parent, at=AT) == feed
    assert AuditEntry.objects.filter(verb="create_calendar_feed", family_key=home.family.pk).count() == 1
    assert secret not in str(AuditEntry.objects.values_list("after", "before"))


def test_another_key_of_the_site_does_not_break_addresses(home, settings):
    feed = opened(home)
    secret = secret_address(feed)
    former, settings.SECRET_KEY = settings.SECRET_KEY, "une-autre-clé-du-site-0123456789-0123456789-abcdef"
    assert read_feed(secret=secret) == feed
    assert secret_address(feed) is None
    settings.SECRET_KEY_FALLBACKS = [former]
    assert secret_address(feed) == secret


@pytest.mark.parametrize("garbled", ["", "x", "x" * 43, "é" * 43, "x" * 4000, "\x00" * 43])
def test_an_unknown_address_opens_nothing(home, garbled):
    opened(home)
    assert read_feed(secret=garbled) is None


@pytest.mark.exigence("B19")
def test_a_booked_day_is_an_event_with_its_hours_and_place(home, canteen):
    structure = canteen.activity.structure
    structure.name, structure.street, structure.postcode, structure.town = (
        "Le Préau",
        "3 rue du Lac",
        "39220",
        "Les Rousses",
    )
    structure.save()
    canteen.starts_at, canteen.ends_at = time(11, 30), time(13, 20)
    canteen.save()
    book(home, [MONDAY])
    (event,) = days(opened(home))
    assert event["summary"] == "Hugo\u00a0: cantine"
    assert event["dtstart"].dt == datetime(2026, 9, 14, 11, 30, tzinfo=PARIS)
    assert event["dtend"].dt == datetime(2026, 9, 14, 13, 20, tzinfo=PARIS)
    assert event["dtstart"].params["TZID"] == "Europe/Paris"
    assert event["location"] == "Le Préau, 3 rue du Lac, 39220 Les Rousses"
    assert event["sequence"] == 0
    assert "4,30" not in event["description"]
    assert event["class"] == "PRIVATE"


def test_without_hours_it_is_the_whole_day(home, canteen):
    canteen.starts_at = canteen.ends_at = None
    canteen.save()
    book(home, [MONDAY])
    (event,) = days(opened(home))
    assert (event["dtstart"].dt, event["dtend"].dt) == (MONDAY, TUESDAY)


@pytest.mark.exigence("B19")
def test_a_cancellation_disappears_and_a_day_booked_again_is_the_same_event(home):
    feed = opened(home)
    (booking,) = book(home, [MONDAY])
    (before,) = days(feed)
    Booking.objects.filter(pk=booking.pk).update(state="cancelled", cancelled_at=AT, cancelled_by=home.parent)
    assert days(feed) == []
    (again,) = book(home, [MONDAY])
    Booking.objects.filter(pk=again.pk).update(booked_at=AT)
    (after,) = days(feed)
    assert after["uid"] == before["uid"]
    assert (before["sequence"], after["sequence"]) == (0, 2)
    assert after["last-modified"].dt > before["last-modified"].dt


def test_a_month_back_and_a_year_ahead(home, canteen):
    for day in (date(2026, 8, 9), date(2026, 8, 10), date(2027, 9, 9), date(2027, 9, 10)):
        BookingFactory(child=home.child, unit=canteen, day=day, enrolment=home.child.enrolments.get())
    assert [event["dtstart"].dt.date() for event in days(opened(home))] == [date(2026, 8, 10), date(2027, 9, 9)]


@pytest.mark.exigence("B19", "C3")
def test_deadlines_are_events_of_their_own_with_an_alarm_the_evening_before(home, calendar):
    feed = opened(home)
    first = min(
        (event for uid, event in parsed(feed).items() if uid.startswith("echeance-")), key=lambda e: e["dtstart"].dt
    )
    assert first["summary"] == "Dernier moment pour réserver ou annuler\u00a0: cantine"
    assert first["dtstart"].dt == datetime(2026, 9, 10, 23, 59, tzinfo=PARIS)
    assert "Hugo et Léna" in first["description"]
    (alarm,) = first.walk("VALARM")
    assert first["dtstart"].dt + alarm["trigger"].dt == datetime(2026, 9, 9, 18, tzinfo=PARIS)
    change_feed(family=home.family, contents=Contents(with_alarms=False), by=home.parent, at=AT)
    feed.refresh_from_db()
    assert not any(event.walk("VALARM") for event in parsed(feed).values())
    change_feed(family=home.family, contents=Contents(with_deadlines=False), by=home.parent, at=AT)
    feed.refresh_from_db()
    assert not [uid for uid in parsed(feed) if uid.startswith("echeance-")]


def test_closures_that_concern_the_children(home, canteen):
    elsewhere = priced_unit()
    for reason, place in (
        ("Pont de l’Ascension.", {}),
        ("Travaux", {"structure": canteen.activity.structure}),
        ("Sortie", {"activity": canteen.activity}),
        ("Ailleurs", {"structure": elsewhere.activity.structure}),
    ):
        Closure.objects.create(reason=reason, starts_on=MONDAY, ends_on=TUESDAY, **place)
    found = [event for uid, event in parsed(opened(home)).items() if uid.startswith("fermeture-")]
    assert {str(event["summary"]).partition("\u00a0: ")[2] for event in found} == {
        "Pont de l’Ascension",
        "Travaux",
        "Sortie",
    }
    assert {(event["dtstart"].dt, event["dtend"].dt) for event in found} == {(MONDAY, date(2026, 9, 16))}
    assert not [uid for uid in parsed(opened(home, with_closures=True)) if uid == "Ailleurs"]


@pytest.mark.exigence("B19")
def test_names_and_prices_are_choices(home):
    book(home, [MONDAY], price="4.30")
    (event,) = days(opened(home, names=ChildNames.INITIAL, with_prices=True))
    assert event["summary"] == "H.\u00a0: cantine"
    assert "4,30\u00a0€" in event["description"]


@pytest.mark.exigence("B19", "B3")
def test_a_separated_parent_sees_the_children_of_their_own_household(canteen):
    mother, father = household(canteen, children=2), household(canteen)
    join(father.family, mother.child)
    book(mother, [MONDAY], child=0, price="9.99")
    book(mother, [TUESDAY], child=1)
    (event,) = days(opened(father, with_prices=True))
    assert event["dtstart"].dt.date() == MONDAY
    # What the other household pays is its own affair.
    assert "9,99" not in event["description"]


def test_long_lines_are_folded_and_the_zone_is_described(home, canteen):
    canteen.activity.name = "Restaurant scolaire intercommunal des Hautes Combes, service du midi, année 2026/2027"
    canteen.activity.save()
    book(home, [MONDAY, THURSDAY, FRIDAY])
    feed = opened(home)
    text = agenda_ics("Agenda", agenda_entries(feed, at=AT), window=window_at(AT))
    assert all(len(line) <= 75 for line in text.split(b"\r\n"))
    assert text.count(b"BEGIN:VTIMEZONE") == 1
    assert b"TZID:Europe/Paris" in text
    assert text == agenda_ics("Agenda", agenda_entries(feed, at=AT), window=window_at(AT))


def test_as_many_queries_for_a_large_family(db, django_assert_num_queries, django_assert_max_num_queries):
    meal = priced_unit()
    small, large = household(meal), household(meal, children=5)
    feeds = [opened(small), opened(large)]
    book(small, [MONDAY])
    for child in range(5):
        book(large, [MONDAY, TUESDAY, FRIDAY], child=child)
    with django_assert_max_num_queries(13) as counted:
        agenda_entries(feeds[0], at=AT)
    with django_assert_num_queries(len(counted)):
        agenda_entries(feeds[1], at=AT)


# -- its end ------------------------------------------------------------------------------


@pytest.mark.exigence("B19")
def test_renewed_the_former_address_is_dead(home):
    feed = opened(home, names=ChildNames.INITIAL)
    former = secret_address(feed)
    renewed = renew_feed(family=home.family, by=home.parent, at=AT)
    assert renewed.pk == feed.pk
    assert read_feed(secret=former) is None
    assert read_feed(secret=secret_address(renewed)).names == ChildNames.INITIAL


def _revoke(home):
    revoke_feed(family=home.family, by=home.parent, at=AT)


def _leave(home):
    FamilyMember.objects.filter(family=home.family).delete()


def _lose_sight(home):
    FamilyMember.objects.filter(family=home.family).update(
        can_see=False, can_edit=False, can_book=False, can_pay=False
    )


def _close_account(home):
    close_account(user=home.parent, at=AT)


def _account_given_to_another(home):
    adult = home.parent.adult
    adult.user = UserFactory()
    adult.save()


def _archive(home):
    for close in archived():
        close(home.family.pk, home.parent, AT)


def _archived_alone(home):
    home.family.archived_at = AT
    home.family.save()


def _merge(home):
    _follow_family(0, home.family.pk, home.parent, AT)


def _erase(home):
    (own,) = [each for each in erasures() if each.code == "feeds"]
    assert [line.count for line in own.plan(home.family.pk, AT)] == [1]
    own.execute(home.family.pk, home.parent, AT)


@pytest.mark.exigence("B19")
@pytest.mark.parametrize(
    "end",
    [
        _revoke,
        _leave,
        _lose_sight,
        _close_account,
        _account_given_to_another,
        _archive,
        _archived_alone,
        _merge,
        _erase,
    ],
    ids=lambda end: end.__name__,
)
def test_the_address_dies_with_the_right_to_look(home, end):
    secret = secret_address(opened(home))
    end(home)
    assert read_feed(secret=secret) is None
    if end not in (_leave, _lose_sight, _account_given_to_another, _archived_alone):
        assert not CalendarFeed.objects.exists()
        assert AuditEntry.objects.filter(verb="revoke_calendar_feed", family_key=home.family.pk).count() == 1


def test_an_adult_with_another_account_has_another_address(home):
    secret = secret_address(opened(home))
    _account_given_to_another(home)
    newcomer = FamilyMember.objects.get(family=home.family).adult.user
    feed = open_feed(family=home.family, contents=Contents(), by=newcomer, at=AT)
    assert CalendarFeed.objects.get() == feed
    assert secret_address(feed) != secret


def test_only_a_member_has_one(home, canteen):
    other = household(canteen)
    with pytest.raises(NotAllowed):
        open_feed(family=home.family, contents=Contents(), by=other.parent, at=AT)
    with pytest.raises(NotAllowed):
        revoke_feed(family=home.family, by=other.parent, at=AT)
    opened(home)
    with pytest.raises(NotAllowed):
        renew_feed(family=home.family, by=other.parent, at=AT)


def test_a_price_is_that_of_the_booking(home):
    (booking,) = book(home, [MONDAY], price="3.10")
    assert booking.unit_price == Decimal("3.10")
    (event,) = days(opened(home, with_prices=True))
    assert "3,10\u00a0€" in event["description"]
