"""The yearly update: the situation, the rubrics, the certification, one démarche, the answer of the service."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.test import Client

from portal.backoffice.desk.areas.yearly import YearlyQueue
from portal.backoffice.desk.registry import AlreadyDecided
from portal.domain.accounts.models import User
from portal.domain.dossier.enums import Branch
from portal.domain.dossier.models import Certification, YearlySettings, YearlyUpdate
from portal.domain.dossier.queries import branch_of
from portal.domain.dossier.services import certify_tacitly
from portal.domain.families import requirements
from portal.domain.families.models import FamilyMember
from portal.domain.families.requirements import Requirement, Standing, register_requirements
from portal.domain.mails.enums import MailKind
from portal.domain.mails.models import OutgoingMail
from portal.domain.procedures.models import Procedure
from portal.web.dossier import sections
from portal.web.dossier.sections import Rubric, register_family_rubric
from tests.domain.accounts.factories import UserFactory
from tests.web.planning.scene import NOW, Scene

URL = "/famille/dossier/actualisation/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(client: Client, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    monkeypatch.setattr(sections, "_family", {})
    monkeypatch.setattr(sections, "_child", {})
    monkeypatch.setattr(requirements, "_sources", {})
    register_family_rubric("address", lambda request: Rubric("Adresse", facts=(("Rue", request.family.street),)))
    with time_machine.travel(NOW, tick=False):
        scene = Scene()
        scene.child("Hugo")
        client.force_login(scene.user)
        YearlySettings.objects.create(
            school_year=2026, opens_on=NOW.date() - timedelta(days=3), closes_on=NOW.date() + timedelta(days=30)
        )
        yield scene


def fill(client: Client, **changed: str) -> int:
    data = {"rubrique-0": "exact", "certifie": "oui"} | changed
    return client.post(URL, {name: value for name, value in data.items() if value}).status_code


@pytest.fixture
def agent() -> User:
    agent = UserFactory(username="gestion", first_name="Ana", last_name="Roy", agent=True)
    agent.user_permissions.add(*Permission.objects.filter(content_type__app_label="dossier"))
    return agent


@pytest.mark.exigence("D32", "D33", "A28")
def test_a_dossier_is_renewed_in_one_page_and_one_demarche(client: Client, scene: Scene) -> None:
    assert "Certifier et envoyer" not in client.get(URL).content.decode()
    client.post(f"{URL}situation/", {"situation": "renewal"})
    assert branch_of(scene.family, 2026) == Branch.RENEWAL
    assert scene.family.street in client.get(URL).content.decode()
    assert [fill(client), fill(client)] == [302, 302]
    assert Procedure.objects.filter(kind="yearly").count() == 1
    certification = Certification.objects.get()
    assert certification.shown_on == NOW.date()
    assert str(certification.valid_until) == "2027-07-31"
    assert scene.family.street not in str(certification.items)
    assert "Votre actualisation est envoyée" in client.get(URL).content.decode()
    client.post(f"{URL}situation/", {"situation": "leisure_only"})
    assert branch_of(scene.family, 2026) == Branch.RENEWAL


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"certifie": ""}, "Cochez la case"),
        ({"rubrique-0": ""}, "Répondez pour chaque rubrique"),
        ({"rubrique-0": "wrong"}, "Corrigez d’abord"),
    ],
)
def test_what_is_not_exact_or_not_certified_is_not_sent(
    client: Client, scene: Scene, changed: dict[str, str], word: str
) -> None:
    client.post(f"{URL}situation/", {"situation": "renewal"})
    data = {"rubrique-0": "exact", "certifie": "oui"} | changed
    answer = client.post(URL, {name: value for name, value in data.items() if value})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert word in page
    assert "Erreur" in re.search(r"<title>(.*?)</title>", page)[1]
    assert not Certification.objects.exists()


@pytest.mark.exigence("D34")
def test_a_missing_document_stops_the_sending_and_is_shown_in_place(client: Client, scene: Scene) -> None:
    register_requirements("papers", lambda _asked: [Requirement("papers.home", "Justificatif", Standing.MISSING)])
    client.post(f"{URL}situation/", {"situation": "renewal"})
    assert "Justificatif" in client.get(URL).content.decode()
    assert fill(client) == 422


def test_somebody_who_may_only_look_sends_nothing(client: Client, scene: Scene) -> None:
    FamilyMember.objects.filter(family=scene.family).update(can_edit=False)
    assert client.post(f"{URL}situation/", {"situation": "renewal"}).status_code == 403
    assert client.post(f"{URL}certification/", {"certifie": "oui"}).status_code == 403
    assert not YearlyUpdate.objects.exists()


@pytest.mark.exigence("D36")
def test_the_service_validates_and_the_family_has_its_receipt_by_mail(
    client: Client, scene: Scene, agent: User
) -> None:
    client.post(f"{URL}situation/", {"situation": "renewal"})
    fill(client)
    queue = YearlyQueue()
    (line,) = queue.waiting(agent, limit=10)
    assert queue.count(agent) == 1
    assert queue.panel(agent, line.key, at=NOW).family == scene.family
    queue.accept(line.key, cleaned={}, by=agent, at=NOW)
    assert Procedure.objects.get(kind="yearly").state == "accepted"
    assert OutgoingMail.objects.filter(kind=MailKind.NOTICE, recipient=scene.user.email).count() == 1
    with pytest.raises(AlreadyDecided, match="Ana"):
        queue.refuse(line.key, reason="Trop tard", by=agent, at=NOW)
    assert "Votre dossier est validé" in client.get(URL).content.decode()


def test_what_is_asked_again_is_corrected_and_sent_under_the_same_line(
    client: Client, scene: Scene, agent: User
) -> None:
    client.post(f"{URL}situation/", {"situation": "renewal"})
    fill(client)
    (line,) = YearlyQueue().waiting(agent, limit=10)
    YearlyQueue().ask_again(line.key, message="Le jugement manque.", by=agent, at=NOW)
    assert Procedure.objects.get(kind="yearly").state == "your_turn"
    assert fill(client) == 302
    assert Procedure.objects.get(kind="yearly").state == "received"


def test_an_agent_without_the_right_sees_nothing(client: Client, scene: Scene) -> None:
    client.post(f"{URL}situation/", {"situation": "renewal"})
    fill(client)
    nobody = UserFactory(username="regie", agent=True)
    assert YearlyQueue().count(nobody) == 0
    assert YearlyQueue().panel(nobody, YearlyUpdate.objects.get().pk, at=NOW) is None


def test_outside_the_window_nothing_is_sent_but_the_dossier_may_be_certified(client: Client, scene: Scene) -> None:
    YearlySettings.objects.update(closes_on=NOW.date() - timedelta(days=1))
    assert "n’est pas ouverte" in client.get(URL).content.decode()
    for _twice in range(2):
        assert client.post(f"{URL}certification/", {"certifie": "oui"}).status_code == 302
    assert Certification.objects.count() == 1


@pytest.mark.exigence("A28")
def test_silence_counts_for_coordinates_only_and_from_the_day_announced(scene: Scene) -> None:
    settings = YearlySettings.objects.get()
    system = User.objects.system()
    assert certify_tacitly(family=scene.family, settings=settings, by=system, at=NOW) is None
    settings.tacit_on = NOW.date()
    kept = certify_tacitly(family=scene.family, settings=settings, by=system, at=NOW)
    assert kept.tacit
    assert (kept.shown_on, kept.effective_on) == (settings.opens_on, settings.tacit_on)
    assert {each["rubric"] for each in kept.items} == {
        "name", "street", "address_extra", "postcode", "town", "phone", "contact_email",
    }  # fmt: skip
    assert certify_tacitly(family=scene.family, settings=settings, by=system, at=NOW) is None


@pytest.mark.exigence("A27")
def test_the_first_look_goes_once_done_or_put_away(client: Client, scene: Scene) -> None:
    page = client.get("/famille/").content.decode()
    assert "Vos premières vérifications" in page
    codes = re.findall(r'name="vu" value="([^"]+)"', page)
    client.post("/famille/verifications/", {"vu": [codes[0], "inconnu"]})
    assert "Vos premières vérifications" in client.get("/famille/").content.decode()
    client.post("/famille/verifications/", {"vu": codes})
    assert "Vos premières vérifications" not in client.get("/famille/").content.decode()


def test_the_first_look_is_that_of_each_account(client: Client, scene: Scene) -> None:
    client.post("/famille/verifications/", {"suite": "ranger"})
    assert "Vos premières vérifications" not in client.get("/famille/").content.decode()
    client.force_login(scene.other_parent())
    assert "Vos premières vérifications" in client.get("/famille/").content.decode()
