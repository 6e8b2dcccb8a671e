"""An old address of a child or an adult recorded twice leads to the record that remains, for whoever may see it."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from portal.domain.families.models import Adult, Child
from portal.domain.merging.services import merge, plan_merge
from portal.domain.notices.enums import NoticeKind
from portal.domain.notices.services import notify_family
from tests.domain.changes.factories import Household
from tests.domain.families.factories import AdultFactory, ChildFactory, ChildLinkFactory, FamilyFactory, MemberFactory
from tests.domain.merging.agents import make_merger

AT = datetime(2026, 9, 8, 10, tzinfo=UTC)
PAGES = ("dossier:child", "health_sheet:detail", "consents:child", "contacts:kinship", "enrolments:choose")

pytestmark = [pytest.mark.django_db, pytest.mark.exigence("B54")]


def absorb(kept: Child | Adult, duplicate: Child | Adult) -> None:
    plan = plan_merge(kept=kept, duplicate=duplicate, at=AT)
    merge(kept=kept, duplicate=duplicate, expected=plan.digest, by=make_merger(), at=AT)


@pytest.fixture
def home() -> Household:
    return Household()


@pytest.fixture
def twice(home: Household) -> Child:
    """A second record of the child of the household, absorbed through a third one."""
    records = [ChildFactory(first_name=home.child.first_name, birth_date=home.child.birth_date) for _each in "ab"]
    for record in records:
        ChildLinkFactory(family=home.family, child=record)
    absorb(records[1], records[0])
    absorb(home.child, records[1])
    first: Child = records[0]
    return first


@pytest.mark.parametrize("name", PAGES)
def test_old_pages_of_a_child_lead_to_the_one_that_remains(
    client: Client, home: Household, twice: Child, name: str
) -> None:
    client.force_login(home.claire)
    answer = client.get(reverse(name, args=[twice.pk]) + "?vue=mois")
    assert (answer.status_code, answer["Location"]) == (302, reverse(name, args=[home.child.pk]) + "?vue=mois")
    assert client.get(answer["Location"]).status_code == 200


def test_an_old_notice_still_leads_somewhere(client: Client, home: Household, twice: Child) -> None:
    (notice, _other) = notify_family(
        family=home.family,
        kind=NoticeKind.DOSSIER,
        title="Autorisations",
        path=reverse("consents:child", args=[twice.pk]),
        at=AT,
    )
    client.force_login(home.claire)
    answer = client.post(reverse("notifications:open", args=[notice.pk]), follow=True)
    assert answer.status_code == 200
    assert answer.redirect_chain[-1][0] == reverse("consents:child", args=[home.child.pk])


def test_others_still_read_that_it_does_not_exist(client: Client, home: Household, twice: Child) -> None:
    stranger = Household(family=FamilyFactory(number="9001"))
    for user in (stranger.claire, None):
        client.logout()
        if user is not None:
            client.force_login(user)
        answer = client.get(reverse("dossier:child", args=[twice.pk]))
        assert str(home.child.pk) + "/" not in answer.get("Location", "").replace(f"enfant/{twice.pk}/", "")
        assert answer.status_code == (404 if user else 302)
    client.force_login(home.claire)
    assert client.get(reverse("dossier:child", args=[stranger.child.pk])).status_code == 404
    # A form is not sent again somewhere else.
    assert client.post(reverse("health_sheet:certify", args=[twice.pk])).status_code == 404


def test_an_old_page_of_an_adult_leads_to_the_one_that_remains(client: Client, home: Household) -> None:
    former = AdultFactory(first_name=home.father.first_name, last_name=home.father.last_name)
    MemberFactory(family=home.family, adult=former, parent=True)
    absorb(home.father, former)
    client.force_login(home.claire)
    answer = client.get(reverse("dossier:adult", args=[former.pk]))
    assert answer["Location"] == reverse("dossier:adult", args=[home.father.pk])
    client.force_login(Household(family=FamilyFactory(number="9001")).claire)
    assert client.get(reverse("dossier:adult", args=[former.pk])).status_code == 404
