"""Publishing the terms of use from the administration asks every family again."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from cms_pages import terms
from portal.domain.accounts.models import TermsVersion, User
from portal.domain.accounts.queries import latest_terms, terms_to_accept
from portal.domain.accounts.services import accept_terms
from portal.domain.audit.models import AuditEntry
from tests.cms_pages.conftest import NOW
from tests.cms_pages.test_home import page
from tests.communes.small import ProfileFolder
from tests.domain.accounts.factories import UserFactory

TOMORROW = NOW + timedelta(days=1)


@pytest.fixture
def agent(town: ProfileFolder) -> User:
    """Somebody of the communication."""
    agent = UserFactory(username="plume", is_staff=True)
    agent.groups.add(Group.objects.get(name="communication"))
    return agent


@pytest.fixture
def desk(agent: User, client: Client) -> Client:
    client.force_login(agent)
    return client


def publish(agent: User, *, body: str = "## Article 1\n\nTout neuf.", in_force: datetime = NOW) -> TermsVersion:
    draft = terms.save_draft(title="Conditions", body=body, by=agent, at=NOW)
    return terms.publish_terms(draft_key=draft.pk, read_at=draft.updated_at, in_force=in_force, by=agent, at=NOW)


def test_from_the_draft_to_the_question(desk: Client) -> None:
    family = UserFactory()
    accept_terms(version=latest_terms(at=NOW), by=family, at=NOW)
    assert terms_to_accept(user=family, at=NOW) is None

    assert "Préparer une nouvelle version" in page(desk, reverse("terms_index"))
    html = page(desk, reverse("terms_edit"))
    assert "Le portail est gratuit." in html, "a new version begins as the text in force"
    saved = desk.post(reverse("terms_edit"), {"title": "Conditions", "body": "## Article 1\n\nTout neuf."})
    assert saved["Location"] == reverse("terms_preview")
    assert terms_to_accept(user=family, at=NOW) is None, "a draft changes nothing"
    assert "Tout neuf." in page(desk, reverse("terms_preview"))
    html = page(desk, reverse("terms_publish"))
    assert "1 compte devra accepter ce texte" in html
    read_at = html.split('name="read_at" value="', 1)[1].split('"', 1)[0].replace("&#x2B;", "+")
    sent = {"in_force": "08/09/2026", "read_at": read_at}
    refused = desk.post(reverse("terms_publish"), sent)
    assert refused.status_code == 200, "the box must be ticked"
    assert TermsVersion.objects.count() == 1
    done = desk.post(reverse("terms_publish"), {**sent, "understood": "on"}, follow=True)

    assert "La version 2 est publiée." in done.content.decode()
    assert terms_to_accept(user=family, at=NOW).number == 2
    assert AuditEntry.objects.filter(verb="publish_terms").count() == 1
    assert terms.current_draft() is None


def test_a_version_with_a_date_waits_for_it_and_can_be_taken_back(agent: User, desk: Client) -> None:
    publish(agent, in_force=TOMORROW)

    assert latest_terms(at=NOW).number == 1
    assert latest_terms(at=TOMORROW).number == 2
    assert "Retirer la version 2" in page(desk, reverse("terms_index"))
    desk.post(reverse("terms_withdraw", args=[2]))
    assert not TermsVersion.objects.filter(number=2).exists()
    assert terms.current_draft().body.endswith("Tout neuf.")


def test_what_is_in_force_stays(agent: User, desk: Client) -> None:
    publish(agent)

    html = desk.post(reverse("terms_withdraw", args=[2]), follow=True).content.decode()
    assert "elle ne se retire plus" in html
    assert TermsVersion.objects.filter(number=2).exists()


def test_what_would_make_no_sense_is_refused(agent: User) -> None:
    with pytest.raises(terms.TermsRefused, match="déjà celui de la version 1"):
        publish_same(agent)
    publish(agent, in_force=TOMORROW)
    with pytest.raises(terms.TermsRefused, match="attend déjà"):
        publish(agent, body="Encore un autre.")
    draft = terms.current_draft()
    with pytest.raises(terms.TermsRefused, match="est passée"):
        terms.publish_terms(
            draft_key=draft.pk, read_at=draft.updated_at, in_force=NOW - timedelta(hours=1), by=agent, at=NOW
        )
    with pytest.raises(terms.TermsRefused, match="changé depuis"):
        terms.publish_terms(draft_key=draft.pk, read_at=NOW - timedelta(1), in_force=NOW, by=agent, at=NOW)
    with pytest.raises(terms.TermsRefused, match="plus rien"):
        terms.publish_terms(draft_key=0, read_at=NOW, in_force=NOW, by=agent, at=NOW)


def publish_same(agent: User) -> TermsVersion:
    latest = latest_terms(at=NOW)
    draft = terms.save_draft(title=latest.title, body=latest.body, by=agent, at=NOW)
    return terms.publish_terms(draft_key=draft.pk, read_at=draft.updated_at, in_force=NOW, by=agent, at=NOW)


def test_an_accepted_text_can_be_read_again(agent: User, client: Client) -> None:
    publish(agent)
    html = page(client, "/conditions-generales/")

    assert "Tout neuf." in html
    assert 'href="/conditions-generales/?version=1"' in html
    former = page(client, "/conditions-generales/?version=1")
    assert "Le portail est gratuit." in former
    assert "Ceci est l’ancienne version 1." in former
    for wrong in ("9", "abc", "²", "1%00"):
        assert client.get(f"/conditions-generales/?version={wrong}").status_code == 404


def test_a_version_that_is_not_in_force_is_not_shown(agent: User, client: Client) -> None:
    publish(agent, in_force=TOMORROW)

    assert client.get("/conditions-generales/?version=2").status_code == 404
    with time_machine.travel(TOMORROW + timedelta(hours=1), tick=False):
        assert "Tout neuf." in page(client, "/conditions-generales/?version=2")


@pytest.mark.parametrize("name", ["terms_index", "terms_edit", "terms_preview", "terms_publish"])
def test_other_agents_and_families_stay_outside(town: ProfileFolder, client: Client, name: str) -> None:
    agent = UserFactory(username="caisse", is_staff=True)
    agent.groups.add(Group.objects.get(name="regie"))
    client.force_login(agent)
    assert client.get(reverse(name)).status_code in (302, 403)
    client.force_login(UserFactory())
    assert client.get(reverse(name)).status_code in (302, 403)


def test_a_past_date_keeps_what_was_typed(agent: User, desk: Client) -> None:
    terms.save_draft(title="Conditions", body="Tout neuf.", by=agent, at=NOW)
    html = desk.post(
        reverse("terms_publish"), {"in_force": "01/09/2026", "read_at": "n’importe quoi", "understood": "on"}
    ).content.decode()

    assert "Choisissez aujourd’hui ou un jour qui vient." in html
    assert 'value="01/09/2026"' in html
    desk.post(reverse("terms_publish"), {"in_force": "08/09/2026", "read_at": "n’importe quoi", "understood": "on"})
    assert latest_terms(at=datetime(2026, 12, 1, tzinfo=UTC)).number == 1
