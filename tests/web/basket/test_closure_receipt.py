"""The receipt of days that the town closed says so: the family validated nothing."""

import pytest
from django.test import Client
from django.urls import reverse

from portal.domain.bookings.models import Receipt
from portal.domain.bookings.services import change_draft
from portal.domain.closures.services import declare_closure, plan_closure
from tests.domain.activities.factories import PlacePoolFactory
from tests.domain.bookings.conftest import MONDAY, TUESDAY
from tests.domain.bookings.factories import book, household, priced_unit
from tests.domain.closures.conftest import AT, closer, wanted

pytestmark = [pytest.mark.django_db, pytest.mark.exigence("C5")]


def test_a_family_reads_that_the_service_closed_its_days(client: Client) -> None:
    home, other = (household(priced_unit(pools=[PlacePoolFactory()])) for _ in range(2))
    book(home, [MONDAY])
    change_draft(family=home.family, add=home.codes([TUESDAY]), remove=[], by=home.parent, at=AT)
    agent, asked = closer(), wanted(MONDAY, TUESDAY)
    declare_closure(wanted=asked, expected=plan_closure(wanted=asked, by=agent, at=AT).digest, by=agent, at=AT)
    address = reverse("basket:receipt", args=[Receipt.objects.get().number])

    client.force_login(home.parent)
    page = client.get(address).content.decode()
    assert "Le service a fermé ces jours" in page
    assert "Retiré de votre brouillon" in page
    assert "ces jours ne vous seront pas facturés" in page
    assert "Validé par" not in page
    client.force_login(other.parent)
    assert client.get(address).status_code == 404
