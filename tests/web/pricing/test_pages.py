"""« Pourquoi ce prix ? » where a price stands: the enrolment page, the panel of a day, the child's memberships."""

from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse

from portal.domain.families import requirements
from portal.domain.pricing.enums import AidKind
from portal.domain.tariffs.models import TariffVersion
from tests.domain.bookings.conftest import AT, MONDAY
from tests.domain.bookings.factories import book, household, priced_unit
from tests.domain.pricing.factories import (
    BY_QUOTIENT,
    AidGrantFactory,
    MembershipFactory,
    MembershipKindFactory,
    flat,
    set_grid,
)
from tests.domain.quotients.factories import QuotientFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]

VOTE = "https://commune.example/deliberations/2026-12"


@pytest.fixture
def frozen(monkeypatch):
    monkeypatch.setattr(requirements, "_sources", {})
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def canteen():
    return priced_unit(activity__code="cantine-2026")


@pytest.fixture
def home(canteen, client):
    made = household(canteen, children=2, enrolled=False)
    client.force_login(made.parent)
    return made


def text(client, url):
    return client.get(url).content.decode().replace("\u00a0", " ").replace("\u202f", " ")


def enrolment_page(client):
    return text(client, f"{reverse('enrolments:together')}?activite=cantine-2026")


@pytest.mark.exigence("C1", "I22")
def test_the_enrolment_page_opens_the_price_with_its_quotient_and_its_vote(home, canteen, client):
    set_grid(canteen, grid=BY_QUOTIENT)
    TariffVersion.objects.update(deliberation="délibération du 2 juin 2026", deliberation_url=VOTE)
    QuotientFactory(family=home.family, accepted=True, value=Decimal(842))
    page = enrolment_page(client)
    assert page.count("3,00 €") >= 1
    assert "Avec votre quotient familial de 842, valable jusqu’au" in page
    assert "Tranche de 600 à moins de 1 000" in page
    assert f'href="{VOTE}"' in page
    assert f"<h3>{home.child.first_name}</h3>" not in page


@pytest.mark.exigence("I17", "B27")
def test_children_who_pay_differently_are_told_apart_with_how_to_join(home, canteen, client):
    kind = MembershipKindFactory()
    set_grid(canteen, grid={"parts": [flat("1.50", members=["jeunes"]), flat("6.00")]})
    MembershipFactory(kind=kind, child=home.child)
    page = enrolment_page(client)
    first, second = (child.first_name for child in home.children)
    assert f"<h3>{first}</h3>" in page
    assert f"<h3>{second}</h3>" in page
    assert page.index("1,50 €") < page.index("6,00 €")
    assert f"{first} : adhésion « Espace jeunes » valable jusqu’au 31 juillet 2027" in page
    assert f"{second} n’a pas l’adhésion « Espace jeunes » : tarif « non adhérent ». {kind.how_to}" in page


@pytest.mark.exigence("B27")
def test_the_page_of_a_child_says_its_memberships(home, client):
    kind = MembershipKindFactory(price_text="10 € par an")
    MembershipFactory(kind=kind, child=home.child)
    child, other = (text(client, reverse("dossier:child", args=[each.pk])) for each in home.children)
    assert "Adhésion valable jusqu’au 31 juillet 2027" in child
    assert f"Pas d’adhésion en cours (non adhérent). {kind.how_to} (10 € par an)" in other
    assert "non adhérent" not in child


@pytest.mark.exigence("C1")
def test_the_panel_of_a_day_gives_the_steps_the_aid_and_the_way_to_a_quotient(canteen, client):
    set_grid(canteen, grid=BY_QUOTIENT)
    home = household(canteen)
    client.force_login(home.parent)
    AidGrantFactory(family=home.family, kind=AidKind.AMOUNT, amount_cap=Decimal(50))
    page = text(client, reverse("planning:why", args=[home.code(MONDAY)]))
    assert "Pourquoi ce prix ?" in page
    assert "le prix le plus élevé s’applique" in page
    assert reverse("quotient:index") in page
    assert "Aide cantine" in page
    assert "dans la limite de ce qui reste de l’aide" in page
    assert "2,30 €" in page


def test_the_town_without_memberships_has_no_card(home, client):
    assert "Adhésions" not in text(client, reverse("dossier:child", args=[home.child.pk]))


def test_the_price_of_a_past_membership_is_that_of_the_day(home, canteen, client):
    set_grid(canteen, grid={"parts": [flat("1.50", members=["jeunes"]), flat("6.00")]})
    MembershipFactory(child=home.child, valid_until=date(2026, 9, 8))
    page = enrolment_page(client)
    assert "1,50 €" not in page
    assert "tarif « non adhérent »" in page


def test_an_aid_used_up_is_not_promised_again(canteen, client):
    home = household(canteen, children=2)
    home.children[1].enrolments.all().delete()
    client.force_login(home.parent)
    AidGrantFactory(family=home.family, uses_cap=1)
    assert "Aide cantine" in enrolment_page(client)
    book(home, [MONDAY])
    assert "Aide cantine" not in enrolment_page(client)
