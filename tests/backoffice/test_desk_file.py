"""The file of a family: schools, enrolments, days to come, what was sent; bounded whatever the number of children."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.backoffice.parts import family_file
from portal.backoffice.roles import Role
from portal.domain.families.models import Family
from portal.domain.mails.enums import MailKind
from portal.domain.mails.models import OutgoingMail
from portal.domain.mails.services import queue_mail
from portal.domain.notices.enums import NoticeKind
from portal.domain.notices.models import Notice
from tests.backoffice.desk import sign_in, words
from tests.domain.bookings.factories import book, household, priced_unit
from tests.domain.families.factories import ChildLinkFactory, SchoolingFactory
from tests.web.planning.scene import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.exigence("B53")]


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def mondays(count: int) -> list[date]:
    first = NOW.date() + timedelta(days=(7 - NOW.weekday()))
    return [first + timedelta(weeks=week) for week in range(count)]


def told(family: Family, number: int) -> None:
    for index in range(number):
        queue_mail(kind=MailKind.NOTICE, recipient=family.contact_email, subject=f"Courriel {index}", text="x", at=NOW)
        user = family.members.get().adult.user
        Notice.objects.create(user=user, family=family, kind=NoticeKind.DOSSIER, title=f"Avis {index}", at=NOW)


def test_tells_schools_enrolments_bookings_and_what_was_sent(client: Client) -> None:
    unit = priced_unit()
    home = household(unit, number="4127")
    Family.objects.filter(pk=home.family.pk).update(contact_email="foyer@famille.example")
    family = Family.objects.get(pk=home.family.pk)
    SchoolingFactory(child=home.child, school_year=2024)
    days = mondays(6)
    book(home, days)
    told(family, 1)
    Notice.objects.update(read_at=NOW)
    OutgoingMail.objects.update(state="sent", sent_at=NOW)
    sign_in(client, Role.MANAGEMENT)
    page = words(client.get("/gestion/familles/4127/"))
    coming = len([day for day in days if day < NOW.date() + timedelta(days=31)])
    assert 0 < coming < 6
    for expected in (
        "Écoles et niveaux",
        "2024",
        "Inscriptions",
        unit.activity.name,
        "Courriel 0",
        "Avis 0",
        "envoyé",
    ):
        assert expected in page, expected
    (section,) = [
        each for each in client.get("/gestion/familles/4127/").context["sections"] if "mois" in each["title"]
    ]
    assert f"<td>{coming}</td>" in section["inside"]
    assert section["url"] == "/gestion/inscriptions/reservations/?q=4127"
    assert client.get(section["url"]).status_code == 200


def test_activities_and_accounting_read_what_their_role_reads(client: Client) -> None:
    home = household(priced_unit(), number="4127")
    told(home.family, 1)
    sign_in(client, Role.ACCOUNTING)
    page = words(client.get("/gestion/familles/4127/"))
    assert "Inscriptions" in page
    assert "Courriels envoyés" in page
    assert "Avis 0" not in page
    sign_in(client, Role.COMMUNICATION)
    assert client.get("/gestion/familles/4127/").status_code == 302


def test_a_file_costs_the_same_for_one_child_and_for_six(client: Client) -> None:
    unit = priced_unit()
    home = household(unit, number="4127")
    book(home, mondays(2))
    told(home.family, 1)
    sign_in(client, Role.MANAGEMENT)
    client.get("/gestion/familles/4127/")
    with CaptureQueriesContext(connection) as few:
        client.get("/gestion/familles/4127/")
    for _ in range(5):
        link = ChildLinkFactory(family=home.family)
        for year in range(2019, 2027):
            SchoolingFactory(child=link.child, school_year=year)
    told(home.family, 40)
    with CaptureQueriesContext(connection) as many:
        page = client.get("/gestion/familles/4127/").content.decode()
    assert len(many) <= len(few), [each["sql"][:150] for each in many]
    assert page.count("Courriel ") <= family_file.SENT
    assert page.count("Avis ") <= family_file.SENT
    assert "Les 24 plus récentes." in page
