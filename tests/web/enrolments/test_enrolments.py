"""The families' screens of enrolments, through HTTP."""

from datetime import date, datetime

import pytest
import time_machine
from django.urls import reverse

from portal.domain.activities.enums import EnrolmentMode
from portal.domain.bookings.models import Booking
from portal.domain.enrolments.models import Enrolment
from portal.domain.kernel.clock import PARIS
from portal.domain.mails.models import OutgoingMail
from tests.domain.accounts.factories import UserFactory
from tests.domain.activities.factories import ActivityFactory, UnitFactory
from tests.domain.families.factories import ChildLinkFactory, MemberFactory
from tests.domain.tariffs.factories import UnitTariffFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


@pytest.fixture
def frozen():
    with time_machine.travel(datetime(2026, 9, 9, 10, 0, tzinfo=PARIS), tick=False):
        yield


@pytest.fixture
def parent():
    return UserFactory()


@pytest.fixture
def family(parent):
    return MemberFactory(adult__user=parent).family


@pytest.fixture
def child(family):
    return ChildLinkFactory(family=family).child


@pytest.fixture
def canteen():
    unit = UnitFactory(activity__enrolment_mode=EnrolmentMode.PATTERN, activity__code="cantine-2026")
    UnitTariffFactory(unit=unit)
    return unit.activity


@pytest.fixture
def signed_in(client, parent, family):
    client.force_login(parent)
    return client


def form_url(child, activity):
    return reverse("enrolments:enrol", args=[child.pk, activity.code])


@pytest.mark.exigence("I56", "I3", "I4", "I5")
def test_the_list_names_each_child_and_leads_to_an_enrolment(signed_in, child, canteen):
    page = signed_in.get("/famille/inscriptions/")
    assert page.status_code == 200
    html = page.content.decode()
    assert "aucune inscription ou demande en cours" in html
    assert reverse("enrolments:choose", args=[child.pk]) in html


@pytest.mark.exigence("I6")
def test_one_child_can_be_shown_alone(signed_in, family, child):
    ChildLinkFactory(family=family, child__first_name="Léna")
    html = signed_in.get("/famille/inscriptions/", {"enfant": child.pk}).content.decode()
    assert f'id="enfant-{child.pk}"' in html
    assert html.count('<section class="card"') == 1


@pytest.mark.exigence("I9", "I10", "I16", "I22", "I23")
def test_the_form_shows_the_dates_the_price_and_its_reason(signed_in, child, canteen):
    html = signed_in.get(form_url(child, canteen)).content.decode()
    assert "4,30\u00a0€" in html
    assert "Pourquoi ce prix" in html
    assert "2\u00a0juillet 2027" in html
    assert 'name="jours_' in html


@pytest.mark.exigence("I33", "I35", "I36", "I38")
def test_enrolling_books_the_regular_week_sends_a_mail_and_offers_the_planning(signed_in, child, canteen):
    unit = canteen.units.get()
    answer = signed_in.post(form_url(child, canteen), {"starts_on": "2026-09-14", f"jours_{unit.pk}": ["1", "4"]})
    enrolment = Enrolment.objects.get()
    assert (answer.status_code, answer.url) == (302, reverse("enrolments:detail", args=[enrolment.pk]))
    booked = Booking.objects.filter(child=child).values_list("day", flat=True)
    assert min(booked) == date(2026, 9, 14)
    assert {day.isoweekday() for day in booked} == {1, 4}
    assert OutgoingMail.objects.filter(kind="enrolment").count() == 1
    html = signed_in.get(answer.url).content.decode()
    assert "C’est enregistré" in html
    assert f"{len(booked)} jours" in html
    assert "/famille/planning/" in html


def test_sending_the_form_twice_shows_the_same_enrolment(signed_in, child, canteen):
    first = signed_in.post(form_url(child, canteen), {"starts_on": "2026-09-14"})
    again = signed_in.post(form_url(child, canteen), {"starts_on": "2026-09-14"})
    assert again.url == first.url
    assert Enrolment.objects.count() == 1


@pytest.mark.exigence("I25")
@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("", "Indiquez la date d’entrée souhaitée"),
        ("32/13/2026", "Indiquez une date complète"),
        ("2026-09-01", "La date d’entrée doit être comprise entre"),
        ("2027-07-03", "La date d’entrée doit être comprise entre"),
        ("2026-09-08", "La date d’entrée est déjà passée"),
    ],
)
def test_a_wrong_day_of_entry_is_named_and_nothing_is_lost(signed_in, child, canteen, typed, message):
    unit = canteen.units.get()
    answer = signed_in.post(form_url(child, canteen), {"starts_on": typed, f"jours_{unit.pk}": ["4"]})
    html = answer.content.decode()
    assert answer.status_code == 200
    assert message in html
    assert "checked" in html
    assert f'value="{typed}"' in html or not typed
    assert not Enrolment.objects.exists()


def test_a_weekday_that_is_not_offered_is_refused_with_words(signed_in, child, canteen):
    unit = canteen.units.get()
    answer = signed_in.post(form_url(child, canteen), {"starts_on": "2026-09-14", f"jours_{unit.pk}": ["3"]})
    assert "Choisissez des jours parmi ceux qui sont proposés" in answer.content.decode()


@pytest.mark.exigence("I13", "I15")
def test_an_activity_that_is_not_open_to_the_child_says_why(signed_in, child):
    ActivityFactory(name="Accueil des petits", levels=["PS"])
    html = signed_in.get(reverse("enrolments:choose", args=[child.pk])).content.decode()
    assert "s’adresse aux niveaux PS" in html


def test_a_foreign_child_or_enrolment_does_not_exist(signed_in, child, canteen):
    other = MemberFactory(adult__user=UserFactory())
    stranger = ChildLinkFactory(family=other.family).child
    assert signed_in.get(reverse("enrolments:choose", args=[stranger.pk])).status_code == 404
    assert signed_in.get(form_url(stranger, canteen)).status_code == 404
    assert signed_in.post(form_url(stranger, canteen), {"starts_on": "2026-09-14"}).status_code == 404
    signed_in.post(form_url(child, canteen), {"starts_on": "2026-09-14"})
    enrolment = Enrolment.objects.get()
    signed_in.force_login(other.adult.user)
    assert signed_in.get(reverse("enrolments:detail", args=[enrolment.pk])).status_code == 404


def test_a_visitor_signs_in_and_comes_back(client, child, canteen):
    answer = client.get(form_url(child, canteen))
    assert answer.status_code == 302
    assert "next=/famille/inscriptions/nouvelle/" in answer.url
