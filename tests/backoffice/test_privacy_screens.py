"""The agents' screens of data protection and contacts: who opens them, what each button does."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from portal.backoffice.desk.areas.privacy import ErasureQueue
from portal.backoffice.desk.registry import AlreadyDecided, file_sections
from portal.domain.audit.models import AuditEntry
from portal.domain.contacts.models import ContactLink, Kinship
from portal.domain.families.models import Family
from portal.domain.mails.models import OutgoingMail
from portal.domain.privacy.models import RetentionRule
from portal.domain.privacy.services import request_erasure
from tests.domain.privacy.town import NOW, agent, plant

pytestmark = pytest.mark.django_db

ALL = (
    "access_admin",
    "view_contact",
    "check_identity",
    "restrict_adult",
    "view_consent",
    "view_erasurerequest",
    "decide_erasurerequest",
    "view_retentionrule",
    "change_retentionrule",
    "erase_expired",
)
LATER = NOW + timedelta(days=800)


@pytest.fixture
def town():
    return plant()


@pytest.fixture
def gestion(client):
    user = agent(*ALL)
    client.force_login(user)
    return user


@pytest.mark.exigence("B37")
def test_the_list_is_read_then_erased_exactly(client, town, gestion):
    url = reverse("retention_detail", args=["mails"])
    with time_machine.travel(LATER, tick=False):
        client.force_login(gestion)
        page = client.get(url)
        assert page.status_code == 200
        client.post(url, {"effacer": "1", "cles": page.context["keys"] + ",999999"})
        assert OutgoingMail.objects.filter(state="sent").count() == 2
        client.post(url, {"effacer": "1", "cles": page.context["keys"]})
    assert not OutgoingMail.objects.filter(state="sent").exists()
    assert AuditEntry.objects.get(verb="erase_expired").by == gestion


def test_a_delay_is_changed_on_screen(client, town, gestion):
    url = reverse("retention_detail", args=["mails"])
    assert client.post(url, {"days": "0"}).status_code == 422
    assert client.post(url, {"days": "90"}).status_code == 302
    assert RetentionRule.objects.get(code="mails").days == 90


def test_the_slip_comes_before_erasing(client, town, gestion):
    with time_machine.travel(LATER, tick=False):
        client.force_login(gestion)
        text = client.get(reverse("retention_slip", args=["mails", "csv"])).content.decode("utf-8-sig")
        assert client.get(reverse("retention_slip", args=["mails", "html"])).status_code == 200
    assert text.startswith("nature;durée en jours;objet")
    assert "Courriels envoyés" in text


@pytest.mark.parametrize("name", ["retention_index", "desk_contacts"])
def test_an_agent_without_the_right_opens_nothing(client, town, name):
    client.force_login(agent("access_admin"))
    arguments = [town.family.pk] if name == "desk_contacts" else []
    assert client.get(reverse(name, args=arguments)).status_code in {302, 403}


def test_an_identity_is_checked_and_a_judgement_recorded_and_lifted(client, town, gestion):
    url = reverse("desk_contacts", args=[town.family.pk])
    link = ContactLink.objects.get(child=town.only)
    client.post(url, {"verifier": str(link.pk)})
    link.refresh_from_db()
    assert link.identity_checked_by == gestion
    mother = town.family.members.get().adult
    client.post(url, {"adult": mother.pk, "child": town.only.pk, "judgement": "TJ 26/9"})
    kinship = Kinship.objects.get(adult=mother, child=town.only)
    assert kinship.may_not_collect
    client.post(url, {"lever": str(kinship.pk)})
    kinship.refresh_from_db()
    assert not kinship.may_not_collect


def test_another_familys_link_is_not_checked_from_here(client, town, gestion):
    foreign = ContactLink.objects.get(child=town.shared)
    assert client.post(reverse("desk_contacts", args=[town.family.pk]), {"verifier": foreign.pk}).status_code == 404


@pytest.mark.exigence("B37")
def test_the_queue_shows_the_plan_then_erases_once(town, gestion):
    queue = ErasureQueue()
    request_erasure(family=town.family.pk, number="904127", words="", by=town.user, at=NOW)
    [waiting] = queue.waiting(gestion, limit=10)
    panel = queue.panel(gestion, waiting.key, at=NOW)
    assert ("Sera effacé", "contacts et personnes autorisées (1\u00a0ligne)") in panel.facts
    queue.accept(waiting.key, cleaned={}, by=gestion, at=NOW)
    with pytest.raises(AlreadyDecided):
        queue.refuse(waiting.key, reason="non", by=gestion, at=NOW)
    assert Family.objects.get(pk=town.family.pk).name == "Dossier effacé"
    assert queue.count(gestion) == 0


def test_whoever_may_not_decide_sees_no_request(town):
    request = request_erasure(family=town.family.pk, number="904127", words="", by=town.user, at=NOW)
    nobody = agent("access_admin")
    queue = ErasureQueue()
    assert (queue.count(nobody), queue.waiting(nobody, limit=5), queue.panel(nobody, request.pk, at=NOW)) == (
        0,
        [],
        None,
    )


def test_the_file_of_a_family_has_these_sections(town, gestion):
    request_erasure(family=town.family.pk, number="904127", words="", by=town.user, at=NOW)
    titles = [section.title for section in file_sections(gestion, town.family, NOW)]
    assert {"Contacts et personnes autorisées", "Autorisations", "Données personnelles"} <= set(titles)
