"""The fictional town: always the same, true to the rules of places, never where a real town lives."""

from collections import Counter
from datetime import UTC, date, datetime
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import Count, Min

from portal.backoffice.sample.accounts import AGENTS, NEWCOMER, PARENT, PARENT2, PARENT3, password_of
from portal.backoffice.sample.people import plan_families
from portal.backoffice.sample.town import NothingToEnrolIn, TownBuilt, TownNotEmpty, build_town, crowded_days
from portal.domain.accounts.models import TermsAcceptance, User
from portal.domain.accounts.queries import terms_to_accept
from portal.domain.activities.models import Unit
from portal.domain.activities.queries import load_calendar, offer_of
from portal.domain.audit.models import AuditEntry
from portal.domain.bookings.enums import BookingState
from portal.domain.bookings.models import Basket, Booking, DayPlaces, Receipt
from portal.domain.custody.enums import CustodyState
from portal.domain.custody.models import Custody
from portal.domain.enrolments.models import Enrolment
from portal.domain.enrolments.queries import applicant, conditions_of
from portal.domain.enrolments.rules import why_not_enrol
from portal.domain.families.models import Child, Family, FamilyMember, Schooling
from portal.domain.families.registration import DossierClaim, check_claim
from portal.domain.kernel.school_year import SchoolYear
from portal.domain.reconciliation.enums import Trigger
from portal.domain.reconciliation.models import Finding
from portal.domain.reconciliation.running import run_checks
from portal.domain.waiting.enums import OfferState
from portal.domain.waiting.models import OfferPlace
from tests.domain.families.factories import FamilyFactory
from tests.harness.towns import load_town

AT = datetime(2026, 11, 21, 9, tzinfo=UTC)
FAMILIES = 60


@pytest.fixture
def rousses(db: None) -> None:
    """The profile of Les Rousses, for the school year of the day."""
    load_rousses(AT)


def load_rousses(at: datetime) -> None:
    load_town("les-rousses", at=at)


def build(*, families: int = FAMILIES, seed: int = 7, at: datetime = AT) -> TownBuilt:
    return build_town(families=families, seed=seed, by=User.objects.system(), at=at)


def portrait() -> list[Any]:
    """Who lives there and what they booked, without the keys that the database gives."""
    return [
        list(Family.objects.order_by("number").values_list("number", "name", "contact_email", "street")),
        list(Child.objects.order_by("pk").values_list("first_name", "last_name", "birth_date")),
        list(Schooling.objects.order_by("child").values_list("child__first_name", "level", "school__code")),
        list(
            Booking.objects.order_by("child__pk", "unit__code", "day", "state").values_list(
                "child__first_name", "child__birth_date", "unit__code", "day", "state", "unit_price"
            )
        ),
    ]


def test_the_places_taken_are_the_bookings(rousses: None) -> None:
    build()

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT places.day, places.taken, count(booking.id)"
            "  FROM bookings_dayplaces AS places"
            "  LEFT JOIN activities_unit_pools AS link ON link.placepool_id = places.pool_id"
            "  LEFT JOIN bookings_booking AS booking ON booking.unit_id = link.unit_id"
            "   AND booking.day = places.day AND booking.state = 'booked'"
            " GROUP BY places.id HAVING places.taken <> count(booking.id)"
        )
        assert cursor.fetchall() == []
    uncounted = Booking.objects.booked().exclude(day__in=DayPlaces.objects.filter(taken__gt=0).values("day"))
    assert not uncounted.exists()
    assert not Basket.objects.exists()
    held = {(row.pool_id, row.day): row.held for row in DayPlaces.objects.exclude(held=0)}
    proposed = Counter(
        (pool.pk, place.offer.day)
        for place in OfferPlace.objects.filter(offer__state=OfferState.OPEN).select_related("offer", "unit")
        for pool in place.unit.pools.all()
    )
    assert held == proposed


def test_bookings_are_on_served_days_for_enrolled_children_at_the_right_price(rousses: None) -> None:
    build()

    for unit in Unit.objects.select_related("activity"):
        offer = offer_of(unit)
        served = set(load_calendar(offer.period).served_days(offer, offer.period))
        assert set(Booking.objects.filter(unit=unit).values_list("day", flat=True)) <= served
    assert set(Booking.objects.filter(unit__code="repas").values_list("unit_price", flat=True)) == {
        Unit.objects.get(code="repas").tariff_link.tariff.versions.get(valid_from=date(2019, 9, 1)).unit_price
    }
    orphans = Booking.objects.exclude(enrolment__in=Enrolment.objects.accepted())
    assert not orphans.exists()
    for booking in Booking.objects.select_related("enrolment", "unit")[:200]:
        assert booking.child_id == booking.enrolment.child_id
        assert booking.unit.activity_id == booking.enrolment.activity_id
        assert booking.explanation


def test_the_year_is_booked_from_its_first_day_to_its_last(rousses: None) -> None:
    build()

    days = Booking.objects.filter(unit__code="repas").order_by("day").values_list("day", flat=True)
    assert days.first() == date(2026, 9, 1)
    assert days.last() == date(2027, 7, 2)
    assert Booking.objects.filter(state=BookingState.CANCELLED, day__lt=AT.date()).exists()


def test_children_are_enrolled_where_their_age_and_level_allow(rousses: None) -> None:
    build()
    levels = {schooling.child_id: schooling for schooling in Schooling.objects.select_related("school")}

    for enrolment in Enrolment.objects.select_related("child", "activity"):
        refusal = why_not_enrol(
            conditions_of(enrolment.activity),
            applicant(enrolment.child, levels[enrolment.child_id]),
            starts_on=enrolment.starts_on,
            at=enrolment.requested_at,
            today=enrolment.starts_on,
        )
        assert refusal is None


def test_some_days_are_full_and_most_are_not(rousses: None) -> None:
    build(families=400)

    places = DayPlaces.objects.filter(pool__code="restaurant")
    full = set(places.filter(taken=180).values_list("day", flat=True))
    assert full == {
        date(2026, 10, 15),
        date(2026, 12, 17),
        date(2027, 2, 11),
        date(2027, 4, 8),
        date(2027, 7, 1),
    }
    assert max(places.exclude(day__in=full).values_list("taken", flat=True)) < 180


def test_some_children_live_in_two_households(rousses: None) -> None:
    build()

    shared = Child.objects.annotate(homes=Count("links")).filter(homes=2)
    assert shared.exists()
    for child in shared:
        numbers = sorted(child.links.values_list("family__number", flat=True))
        assert len(set(numbers)) == 2


def test_a_large_town_has_places_in_proportion(rousses: None) -> None:
    build(families=800)

    assert set(DayPlaces.objects.filter(pool__code="restaurant").values_list("capacity", flat=True)) == {360}
    assert Family.objects.count() == 800


def test_one_seed_makes_one_town() -> None:
    def plan(seed: int) -> list[Any]:
        return list(
            plan_families(count=200, seed=seed, year=SchoolYear(2026), schools=2, today=AT.date(), taken=("4127",))
        )

    assert plan(1) == plan(1)
    assert plan(1) != plan(2)


@pytest.mark.exigence("C19")
def test_one_seed_makes_one_town_with_its_bookings(rousses: None) -> None:
    with transaction.atomic():
        build(families=20)
        first = portrait()
        transaction.set_rollback(True)
    assert not Family.objects.exists()
    build(families=20)

    assert portrait() == first


def test_dossier_numbers_addresses_and_telephones_are_fictional(rousses: None) -> None:
    build()

    for family in Family.objects.all():
        assert family.number.isdigit()
        assert 3 <= len(family.number) <= 6
        assert family.contact_email.endswith(".example")
        assert family.phone.startswith("06 39 98 ")
        assert "Exemple" in family.street or family.street.split(", ", 1)[1]
    assert not User.objects.exclude(email="").exclude(email__endswith=".example").exists()


def test_nobody_can_sign_in_with_an_invented_account(rousses: None) -> None:
    build()
    known = {PARENT.username, PARENT2.username, PARENT3.username, *(agent.username for agent in AGENTS)}

    for user in User.objects.exclude(username__in=known):
        assert not user.has_usable_password()


def test_the_sample_accounts_open_with_their_password(rousses: None) -> None:
    build(families=4)

    parents = ("parent", "parent2", "parent3")
    for username in (*parents, *(agent.username for agent in AGENTS)):
        user = authenticate(None, username=username, password=password_of(username))
        assert user is not None, username
        assert user.is_staff is (username not in parents), username


@pytest.mark.exigence("B43")
def test_one_agent_sees_the_families_of_one_place_only(rousses: None) -> None:
    build(families=40)

    agent = User.objects.get(username="accueil")
    seen = Family.objects.for_agent(agent, on=AT.date()).count()
    assert 0 < seen < Family.objects.count() / 2
    assert AuditEntry.objects.get(verb="limit_agent").target_key == str(agent.pk)


def test_the_parents_have_a_running_year_and_a_receipt(rousses: None) -> None:
    build(families=4)

    for sample in (PARENT, PARENT2):
        family = Family.objects.get(number=sample.number)
        user = User.objects.get(username=sample.username)
        assert family.child_links.count() >= 2
        assert FamilyMember.objects.get(family=family, adult__user=user).can_book
        assert terms_to_accept(user=user, at=AT) is None
        meals = Booking.objects.booked().filter(family=family, unit__code="repas")
        assert meals.filter(day__lt=AT.date()).exists()
        assert meals.filter(day__gt=AT.date()).exists()
        assert Receipt.objects.filter(family=family).exists()


@pytest.mark.exigence("B3")
def test_two_separated_parents_share_a_child_by_an_agreed_calendar(rousses: None) -> None:
    build(families=4)

    custody = Custody.objects.get(child__first_name="Zoé", household_a__number=PARENT2.number)
    assert custody.household_b.number == PARENT3.number
    assert custody.state == CustodyState.AGREED
    assert set(custody.child.links.values_list("family__number", flat=True)) == {PARENT2.number, PARENT3.number}


def test_the_newcomer_can_prove_who_she_is_and_has_no_account(rousses: None) -> None:
    build(families=4)
    claim = DossierClaim(number=NEWCOMER.number, name=NEWCOMER.name, contact_email=NEWCOMER.email)

    assert check_claim(claim=claim) is None
    assert not FamilyMember.objects.filter(family__number=NEWCOMER.number, adult__user__isnull=False).exists()
    assert not Enrolment.objects.filter(family__number=NEWCOMER.number).exists()


@pytest.mark.parametrize(
    "at",
    [
        datetime(2026, 9, 1, 7, tzinfo=UTC),
        datetime(2027, 6, 30, 8, tzinfo=UTC),
        datetime(2027, 7, 14, 8, tzinfo=UTC),
        datetime(2027, 8, 2, 8, tzinfo=UTC),
        datetime(2027, 1, 1, 0, 30, tzinfo=UTC),
    ],
    ids=["first day of class", "end of June", "July", "August", "New Year's Day"],
)
@pytest.mark.django_db
def test_the_town_can_be_built_at_any_date(at: datetime) -> None:
    load_rousses(at)
    built = build(families=10, at=at)

    assert built.year.start == (2027 if at.month in (7, 8) else 2026)
    assert Booking.objects.filter(unit__code="repas").exists()
    assert Booking.objects.aggregate(first=Min("day"))["first"] >= built.year.first_day
    run_checks(trigger=Trigger.NIGHT, by=User.objects.system(), at=at)
    assert [(found.check_code, found.sentence) for found in Finding.objects.all()] == []


def test_a_database_with_families_is_refused(rousses: None) -> None:
    FamilyFactory()

    with pytest.raises(TownNotEmpty, match="La base contient déjà des familles"):
        build()
    assert User.objects.filter(username="parent").count() == 0


@pytest.mark.django_db
def test_a_database_without_profile_is_refused() -> None:
    with pytest.raises(NothingToEnrolIn, match="chargez d’abord un profil"):
        build()


def test_the_commands_refuse_the_settings_of_a_real_town(rousses: None, settings: Any) -> None:
    settings.DEMO = settings.DEBUG = False

    for command in ("sample_town", "demo_accounts"):
        with pytest.raises(CommandError, match="vraie commune"):
            call_command(command)
    assert not Family.objects.exists()


def test_a_real_town_that_is_asked_for_by_name_is_filled(rousses: None, settings: Any) -> None:
    settings.DEMO = settings.DEBUG = False
    call_command("sample_town", "--demo", "--families", "4", verbosity=0)

    assert Family.objects.count() == 4


@pytest.mark.parametrize("families", ["3", "50001"])
def test_the_number_of_families_has_bounds(rousses: None, families: str) -> None:
    with pytest.raises(CommandError, match="--families va de 4 à 50\u202f000"):
        call_command("sample_town", "--families", families)


def test_the_accounts_are_printed(rousses: None) -> None:
    with pytest.raises(CommandError, match="Aucun compte d’exemple"):
        call_command("demo_accounts")
    call_command("sample_town", "--families", "4", verbosity=0)
    output = StringIO()
    call_command("demo_accounts", stdout=output)

    for name in ("parent", "parent2", "parent3", "admin", "gestion", "accueil", "regie", "animation", "communication"):
        assert f"{name}-demo-2026" in output.getvalue()
    assert "dossier n°\u00a06314, nom Morand, adresse mail nadia.morand@famille.example" in output.getvalue()


def test_the_commands_say_how_far_they_are(rousses: None) -> None:
    output = StringIO()
    call_command("sample_town", "--families", "20", stdout=output)

    assert "Familles\u00a0: 16" in output.getvalue()
    assert "Réservations\u00a0: " in output.getvalue()
    assert "Année scolaire" in output.getvalue()


def test_the_busiest_thursdays_are_those_before_a_break() -> None:
    served = [date(2026, 12, day) for day in (14, 15, 17, 18)] + [date(2027, 1, day) for day in (4, 5, 7, 8)]

    assert crowded_days(served) == [date(2026, 12, 17), date(2027, 1, 7)]


def test_everybody_with_an_account_accepted_the_terms(rousses: None) -> None:
    build()
    parents = User.objects.filter(adult__isnull=False)

    assert TermsAcceptance.objects.filter(user__in=parents).count() == parents.count()
