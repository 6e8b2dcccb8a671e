"""Who opens which screen, and what a mistyped or curious address gets."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client
from wagtail.models import ReferenceIndex

from portal.backoffice.roles import Role
from portal.domain.activities.models import CalendarSettings, PublicHoliday, SchoolHoliday
from portal.domain.bookings.models import Booking
from portal.domain.enrolments.models import Enrolment
from portal.domain.families.models import Child, Family
from tests.backoffice.desk import SCREENS, WRITTEN, address, is_refused, sign_in
from tests.domain.accounts.factories import UserFactory
from tests.domain.activities.factories import ClosureFactory, PlacePoolFactory
from tests.domain.bookings.factories import book, household, priced_unit

ROLES = [None, *Role]
role_names = {None: "superuser"} | {role: role.value for role in Role}


@pytest.fixture
def town() -> None:
    """One row on most screens."""
    unit = priced_unit(pools=[PlacePoolFactory()])
    book(household(unit), [date(2026, 9, 14)])
    ClosureFactory()
    CalendarSettings.objects.create(zone="A")
    SchoolHoliday.objects.create(zone="A", name="Noël", starts_on=date(2026, 12, 19), ends_on=date(2027, 1, 3))
    PublicHoliday.objects.create(day=date(2026, 11, 11), name="Armistice")


@pytest.mark.django_db
@pytest.mark.usefixtures("town")
@pytest.mark.parametrize("role", ROLES, ids=role_names.get)
def test_each_role_opens_its_screens_and_no_other(client: Client, role: Role | None) -> None:
    sign_in(client, role)

    opened = {screen for screen in SCREENS if client.get(address(screen)).status_code == 200}
    refused = {screen for screen in SCREENS if is_refused(client.get(address(screen)))}

    assert opened == {screen for screen, roles in SCREENS.items() if role is None or role in roles}
    assert refused == set(SCREENS) - opened


@pytest.mark.django_db
@pytest.mark.parametrize("role", ROLES, ids=role_names.get)
def test_each_role_writes_where_it_must_and_nowhere_else(client: Client, role: Role | None) -> None:
    sign_in(client, role)

    opened = {screen for screen in SCREENS if client.get(address(screen, "create")).status_code == 200}

    assert opened == {screen for screen, roles in WRITTEN.items() if role is None or role in roles}


@pytest.mark.django_db
@pytest.mark.usefixtures("town")
def test_nobody_corrects_a_family_or_a_booking_from_a_list(client: Client) -> None:
    """Not even a superuser: these are written by the domain only."""
    sign_in(client)

    for screen, row in (
        ("familles/dossiers", Family.objects.get()),
        ("familles/enfants", Child.objects.get()),
        ("inscriptions/inscriptions", Enrolment.objects.get()),
        ("inscriptions/reservations", Booking.objects.get()),
    ):
        assert client.get(address(screen, "inspect", row.pk)).status_code == 200
        for action in ("edit", "delete"):
            assert is_refused(client.post(address(screen, action, row.pk))), (screen, action)
    assert Booking.objects.count() == 1


def menu_of(client: Client) -> set[str]:
    """The labels of the menu, and of what is under them, as the page draws it."""
    page = client.get("/gestion/").content.decode()
    found = re.search(r'<script id="wagtail-sidebar-props" type="application/json">(.*?)</script>', page, re.DOTALL)
    assert found

    def labels(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            for name, inner in value.items():
                if name == "label" and isinstance(inner, str):
                    yield inner
                else:
                    yield from labels(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from labels(inner)

    return set(labels(json.loads(found[1])))


OURS = {
    "Familles",
    "Inscriptions et réservations",
    "Activités",
    "Calendrier",
    "Tarifs",
    "Courriels",
    "Journal",
}


@pytest.mark.django_db
def test_the_menu_shows_what_the_role_opens(client: Client) -> None:
    shown = {}
    for role in ROLES:
        sign_in(client, role)
        shown[role] = menu_of(client)

    assert shown[None] >= OURS
    assert shown[Role.MANAGEMENT] & OURS == OURS
    assert shown[Role.ACCOUNTING] & OURS == OURS - {"Calendrier", "Journal"}
    assert shown[Role.ACTIVITIES] & OURS == {"Familles", "Inscriptions et réservations", "Activités", "Calendrier"}
    assert shown[Role.COMMUNICATION] & OURS == {"Activités"}
    for role in Role:
        assert not shown[role] & {"Utilisateurs", "Groupes", "Sites", "Collections", "Redirections"}, role


@pytest.mark.django_db
def test_a_parent_never_enters(client: Client) -> None:
    client.force_login(UserFactory())

    for screen in SCREENS:
        response = client.get(address(screen))
        assert response.status_code == 302
        assert "/compte/connexion/" in response.headers["Location"]


@pytest.mark.django_db
@pytest.mark.usefixtures("town")
@pytest.mark.parametrize(
    "query",
    [
        "family__members__adult__user__password__startswith=md5",
        "nawak=1",
        "state__exact=%00",
        "unit__activity__id__exact=abc",
        "unit__activity__id__exact=99999999999999999999999",
        "jour=hier-matin",
        "jour=9999-12-31",
        "jour=0001-01-01",
        "q=%00",
        "o=abc.-99.2",
        "p=abc",
        "p=99999999999999999999",
        "p=-1",
        "export=xlsx",
    ],
)
def test_a_strange_address_never_breaks_nor_tells(client: Client, query: str) -> None:
    """An unknown filter leads back to the whole list: the package would read any column of any table with it."""
    sign_in(client, Role.ACTIVITIES)

    response = client.get(f"{address('inscriptions/reservations')}?{query}", follow=True)

    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/html")
    if "password" in query or "nawak" in query:
        assert response.redirect_chain == [(address("inscriptions/reservations"), 302)]
        assert "Ce filtre n’existe pas" in response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("action", ["inspect", "edit", "delete"])
@pytest.mark.parametrize("key", ["999999", "abc", "-1", "99999999999999999999999999", "_3F"])
def test_an_address_that_names_nothing_is_a_404(client: Client, action: str, key: str) -> None:
    sign_in(client)

    assert client.get(address("activites/activites", action, key)).status_code == 404


@pytest.mark.django_db
def test_saving_a_booking_writes_nothing_for_the_administration() -> None:
    """A screen of modeladmin would make Wagtail index the references of each row that is saved."""
    assert not ReferenceIndex.is_indexed(Booking)
    assert not ReferenceIndex.is_indexed(Enrolment)
    unit = priced_unit()
    (booking,) = book(household(unit), [date(2026, 9, 14)])
    booking.booked_at = datetime(2026, 9, 1, tzinfo=UTC)
    booking.save()

    assert not ReferenceIndex.objects.exists()
