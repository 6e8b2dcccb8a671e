"""The family's papers: what is asked, looking before sending, the answer, and whose they are."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.contrib.staticfiles import finders
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.domain.families.models import ChildLink, FamilyMember
from portal.domain.papers.deciding import accept_paper, ask_paper_again, refuse_paper
from portal.domain.papers.enums import PaperState
from portal.domain.papers.models import Paper, PaperFile
from portal.domain.procedures.models import Procedure
from tests.domain.accounts.factories import UserFactory
from tests.domain.papers.factories import PaperTypeFactory
from tests.web.papers.scene import file_of, insurance, photo
from tests.web.two_families import Town

pytestmark = pytest.mark.django_db

ROOT = "/famille/dossier/documents/"


def symbols_of(page: str) -> set[str]:
    return set(re.findall(r"icons\.[^#\"]*svg#i-([a-z]+)", page))


def text_of(answer: Any) -> str:
    return str(answer.content.decode()).replace("\u00a0", " ").replace("\u202f", " ")


@pytest.fixture
def owner(town: Town, client: Client) -> Client:
    client.force_login(town.owner)
    return client


@pytest.fixture
def agent() -> Any:
    user = UserFactory(agent=True)
    user.user_permissions.add(Permission.objects.get(codename="decide_paper"))
    return user


def page_of(town: Town) -> str:
    return f"{ROOT}assurance/{town.enrolled.pk}/"


@pytest.mark.exigence("D6", "D29", "D31", "T10")
def test_a_parent_looks_before_sending_and_the_service_answers(town: Town, owner: Client, agent: Any) -> None:
    PaperTypeFactory(insurance=True)
    page = page_of(town)
    assert "à fournir" in text_of(owner.get(ROOT))
    answer = owner.post(page, {"suite": "ajouter", "files": [photo(), photo("verso.jpg", "grey")]}, follow=True)
    assert "Est-ce lisible ?" in text_of(answer)
    paper = Paper.objects.get()
    assert (paper.state, paper.files.count()) == (PaperState.DRAFT, 2)
    assert not Procedure.objects.filter(kind="document").exists()
    gone = paper.files.order_by("order").last()
    assert gone is not None
    owner.post(page, {"suite": f"enlever-{gone.pk}"})
    paper.refresh_from_db()
    said = text_of(owner.post(page, {"suite": "envoyer", "version": paper.version, "note": "Voici"}, follow=True))
    assert "La pièce est transmise" in said
    paper.refresh_from_db()
    assert (paper.state, paper.note, paper.files.count()) == (PaperState.SENT, "Voici", 1)
    refuse_paper(paper=paper.pk, version=paper.version, reason="La pièce est illisible.", by=agent, at=timezone.now())
    assert "illisible" in text_of(owner.get(page))
    assert "refusée" in text_of(owner.get(ROOT))
    owner.post(page, {"suite": "ajouter", "files": [photo("mieux.jpg", "blue")]})
    again = Paper.objects.get(state=PaperState.DRAFT)
    owner.post(page, {"suite": "envoyer", "version": again.version})
    again.refresh_from_db()
    accept_paper(paper=again.pk, version=again.version, by=agent, at=timezone.now())
    assert "Pièce acceptée" in text_of(owner.get(page))


def test_sending_twice_is_sending_once_and_a_changed_page_is_read_again(town: Town, owner: Client) -> None:
    insurance(town)
    paper = Paper.objects.get()
    assert owner.post(page_of(town), {"suite": "envoyer", "version": paper.version - 1}).status_code == 422
    for _time in range(2):
        assert owner.post(page_of(town), {"suite": "envoyer", "version": paper.version}).status_code == 302
    assert Procedure.objects.filter(kind="document").count() == 1


@pytest.mark.parametrize(
    ("upload", "words"),
    [
        (None, "Choisissez au moins un fichier"),
        (SimpleUploadedFile("virus.exe", b"MZ" * 50), "Ce type de fichier n’est pas accepté"),
        (SimpleUploadedFile("page.pdf", b"<html><script>alert(1)</script></html>"), "porte l’extension"),
    ],
    ids=["nothing", "program", "web page"],
)
@pytest.mark.exigence("D31")
def test_a_file_that_is_not_taken_says_why_and_keeps_what_was_there(
    town: Town, owner: Client, upload: Any, words: str
) -> None:
    insurance(town)
    answer = owner.post(page_of(town), {"suite": "ajouter", "files": [upload] if upload else []})
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert "Erreur" in text_of(answer)
    assert PaperFile.objects.count() == 1


@pytest.mark.exigence("D26")
def test_a_text_is_accepted_on_line_with_its_version(town: Town, owner: Client) -> None:
    kind = PaperTypeFactory(rules=True)
    page = f"{ROOT}reglement/"
    assert owner.post(page, {"suite": "accepter", "version": "2026"}).status_code == 422
    assert owner.post(page, {"suite": "accepter", "version": "2025", "agreed": "on"}).status_code == 422
    said = text_of(owner.post(page, {"suite": "accepter", "version": "2026", "agreed": "on"}, follow=True))
    assert "Votre accord est enregistré" in said
    paper = Paper.objects.get(type=kind)
    assert (paper.state, paper.text_version, paper.sent_by) == (PaperState.ACCEPTED, "2026", town.owner)
    kind.text_version = "2027"
    kind.save()
    assert "à accepter" in text_of(owner.get(ROOT))


def test_what_the_service_asks_again_is_completed_on_the_same_paper(town: Town, owner: Client, agent: Any) -> None:
    insurance(town)
    paper = Paper.objects.get()
    owner.post(page_of(town), {"suite": "envoyer", "version": paper.version})
    paper.refresh_from_db()
    ask_paper_again(paper=paper.pk, version=paper.version, message="Il manque le verso.", by=agent, at=timezone.now())
    assert "Il manque le verso." in text_of(owner.get(page_of(town)))
    owner.post(page_of(town), {"suite": "ajouter", "files": [photo("verso.jpg", "grey")]})
    paper.refresh_from_db()
    owner.post(page_of(town), {"suite": "envoyer", "version": paper.version})
    paper.refresh_from_db()
    assert (paper.state, paper.files.count()) == (PaperState.SENT, 2)


def test_a_paper_is_withdrawn_with_its_files(town: Town, owner: Client) -> None:
    row = file_of(town)
    owner.post(page_of(town), {"suite": "retirer"})
    assert not Paper.objects.exists()
    assert owner.get(f"{ROOT}fichiers/{row.paper.key}/{row.pk}/").status_code == 404


def test_files_are_sent_guarded_and_drawn_here(town: Town, owner: Client) -> None:
    row = file_of(town)
    sent = owner.get(f"{ROOT}fichiers/{row.paper.key}/{row.pk}/")
    assert (sent["Content-Type"], sent["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
    assert "no-store" in sent["Cache-Control"]
    assert sent["Content-Disposition"].startswith("attachment")
    drawn = owner.get(f"{ROOT}fichiers/{row.paper.key}/{row.pk}/page-1.png")
    assert drawn.content.startswith(b"\x89PNG")
    assert owner.get(f"{ROOT}fichiers/{row.paper.key}/{row.pk}/page-2.png").status_code == 404


def test_whoever_may_only_look_sees_and_sends_nothing(town: Town, owner: Client) -> None:
    insurance(town)
    FamilyMember.objects.filter(adult__user=town.owner).update(can_edit=False, can_book=False, can_pay=False)
    said = text_of(owner.get(page_of(town)))
    assert "sans la changer" in said
    assert "Transmettre au service" not in said
    paper = Paper.objects.get()
    assert owner.post(page_of(town), {"suite": "envoyer", "version": paper.version}).status_code == 403
    assert owner.post(page_of(town), {"suite": "ajouter", "files": [photo()]}).status_code == 403
    assert Paper.objects.get().state == PaperState.DRAFT


def test_the_other_household_of_a_child_sees_what_was_sent(town: Town, client: Client) -> None:
    insurance(town)
    paper = Paper.objects.get()
    owner = Client()
    owner.force_login(town.owner)
    owner.post(page_of(town), {"suite": "envoyer", "version": paper.version})
    client.force_login(town.stranger)
    assert client.get(page_of(town)).status_code == 404
    ChildLink.objects.create(family=town.second.family, child=town.enrolled)
    assert "Pièce transmise" in text_of(client.get(page_of(town)))


def test_the_list_costs_the_same_for_one_paper_or_twenty(town: Town, owner: Client) -> None:
    insurance(town)
    owner.get(ROOT)
    with CaptureQueriesContext(connection) as few:
        owner.get(ROOT)
    for number in range(10):
        PaperTypeFactory(code=f"piece-{number}", name=f"Pièce {number}", scope="child")
    with CaptureQueriesContext(connection) as many:
        owner.get(ROOT)
    assert len(many) <= len(few)


@pytest.mark.exigence("D23", "D24")
def test_what_the_portal_made_for_the_family_is_there(town: Town, owner: Client) -> None:
    assert town.receipt.number in text_of(owner.get(ROOT))


def test_every_symbol_of_the_pages_is_drawn(town: Town, owner: Client) -> None:
    insurance(town)
    PaperTypeFactory(rules=True, model_path="/documents/reglement/")
    known = set(re.findall(r'id="i-([a-z]+)"', Path(str(finders.find("icons.svg"))).read_text()))
    for page in (ROOT, page_of(town), f"{ROOT}reglement/"):
        shown = symbols_of(text_of(owner.get(page)))
        assert shown
        assert shown <= known
