"""The desk: requests answered one after the other, families found and read, their space entered."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db.models import QuerySet
from django.test import Client

from portal.backoffice.desk import registry
from portal.backoffice.desk.registry import AlreadyDecided, Panel, Waiting
from portal.backoffice.desk.sources import RowQueue
from portal.backoffice.roles import Role
from portal.domain.accounts.models import User
from portal.domain.families.models import ActingSession, Family
from tests.backoffice.desk import is_refused, said, sign_in
from tests.domain.families.factories import FamilyFactory
from tests.domain.families.parents import vuillet

pytestmark = pytest.mark.django_db

#: Keys that no other row of the tests takes.
FIRST, SECOND = 910_001, 910_002
SENT = datetime(2026, 9, 7, 10, tzinfo=UTC)


class Requests(RowQueue):
    """Two requests, which are two families, for whoever reads families."""

    code, label, order = "essai", "Essais", 1
    family, arrived = "pk", "created_at"

    def __init__(self) -> None:
        self.open = [FamilyFactory(pk=key, number=str(key)[1:], created_at=SENT).pk for key in (FIRST, SECOND)]
        self.answers: list[tuple[Any, ...]] = []

    def _rows(self, agent: User) -> QuerySet[Family]:
        return Family.objects.filter(pk__in=self.open if agent.has_perm("families.view_family") else [])

    def _told(self, rows: Sequence[Family]) -> list[Waiting]:
        return [Waiting("essai", row.pk, f"Demande {row.pk}", "Vuillet", "4127", row.created_at) for row in rows]

    def panel(self, agent: User, key: int, *, data: Mapping[str, Any] | None = None, at: datetime) -> Panel | None:
        return Panel(f"Demande {key}", "envoyée", None, reasons=("Illisible",)) if self.count(agent) else None

    def _close(self, key: int, *answer: Any) -> None:
        if key not in self.open:
            raise AlreadyDecided("Nadia a déjà répondu.")
        self.open.remove(key)
        self.answers.append((key, *answer))

    def accept(self, key: int, *, cleaned: Mapping[str, Any], by: User, at: datetime) -> None:
        self._close(key, "oui")

    def refuse(self, key: int, *, reason: str, by: User, at: datetime) -> None:
        self._close(key, "non", reason)

    def ask_again(self, key: int, *, message: str, by: User, at: datetime) -> None:
        self._close(key, "encore", message)


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> Requests:
    monkeypatch.setattr(registry, "_queues", {})
    requests = Requests()
    registry.register_queue(requests)
    return requests


def test_accepts_and_goes_on_to_the_next(client: Client, source: Requests) -> None:
    sign_in(client, Role.MANAGEMENT)
    assert f"Demande {SECOND}" in client.get("/gestion/demandes/").content.decode()
    assert f"Demande {FIRST}" in client.get(f"/gestion/demandes/essai/{FIRST}/").content.decode()

    answer = client.post(f"/gestion/demandes/essai/{FIRST}/", {"decision": "accepter"})

    assert answer["Location"] == f"/gestion/demandes/essai/{SECOND}/#demande"
    assert source.answers == [(FIRST, "oui")]


def test_refuses_with_a_reason_only(client: Client, source: Requests) -> None:
    sign_in(client, Role.MANAGEMENT)
    for forged in ({"decision": "refuser"}, {"decision": "refuser", "motif": "inventé"}, {"decision": "redemander"}):
        assert client.post(f"/gestion/demandes/essai/{FIRST}/", forged).status_code == 422
    client.post(f"/gestion/demandes/essai/{FIRST}/", {"decision": "refuser", "motif": "Illisible", "texte": "page 2"})
    client.post(f"/gestion/demandes/essai/{SECOND}/", {"decision": "redemander", "texte": "Le verso"})

    assert source.answers == [(FIRST, "non", "Illisible page 2"), (SECOND, "encore", "Le verso")]


def test_a_second_agent_hears_that_it_is_decided(client: Client, source: Requests) -> None:
    sign_in(client, Role.MANAGEMENT)
    source.open.remove(FIRST)

    answer = client.post(f"/gestion/demandes/essai/{FIRST}/", {"decision": "accepter"})

    assert "Nadia a déjà répondu" in said(answer)
    assert source.answers == []


@pytest.mark.parametrize("role", [Role.COMMUNICATION, Role.VALIDATION])
def test_roles_without_families_reach_nothing(client: Client, source: Requests, role: Role) -> None:
    vuillet()
    sign_in(client, role)
    for path in (
        "demandes/",
        "demandes/essai/1/",
        "demandes/essai/1/fichiers/3f8f2a0e-0000-4000-8000-000000000000/",
        "familles/chercher/?q=Vuillet",
        "familles/4127/",
        "familles/4127/agir/",
    ):
        assert is_refused(client.get(f"/gestion/{path}")), path


@pytest.mark.parametrize("asked", ["4127", "vuillet", "Martin Marc", "12/03/2018", "claire@famille.example", "hugo"])
def test_finds_a_family(client: Client, asked: str) -> None:
    vuillet()
    sign_in(client, Role.MANAGEMENT)
    assert "/gestion/familles/4127/" in client.get("/gestion/familles/chercher/", {"q": asked}).content.decode()


@pytest.mark.exigence("L11")
def test_reads_the_file_and_enters_the_space(client: Client) -> None:
    family = vuillet()
    agent = sign_in(client, Role.MANAGEMENT)
    page = client.get("/gestion/familles/4127/").content.decode()
    assert "Marc Martin" in page
    assert "Hugo" in page

    assert client.post("/gestion/familles/4127/agir/", {"motif": ""}).status_code == 422
    assert client.post("/gestion/familles/4127/agir/", {"motif": "x", "instant": "demain"}).status_code == 422
    assert client.post("/gestion/familles/4127/agir/", {"motif": "Au guichet"})["Location"] == "/famille/"
    assert ActingSession.objects.get(agent=agent, ended_at=None).family == family


def test_accounting_reads_but_does_not_act(client: Client) -> None:
    vuillet()
    sign_in(client, Role.ACCOUNTING)
    assert client.get("/gestion/familles/4127/").status_code == 200
    assert is_refused(client.post("/gestion/familles/4127/agir/", {"motif": "x"}))
