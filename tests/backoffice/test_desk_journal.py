"""The journal narrowed by who, which dossier, what and when; its file, and who may read what of it."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.backoffice.roles import Role
from portal.domain.accounts.models import User
from portal.domain.audit.models import AuditEntry
from portal.domain.audit.services import record
from portal.domain.families.models import Family
from portal.domain.health.enums import ReadingScreen
from portal.domain.health.models import HealthReading
from tests.backoffice.desk import is_refused, make_agent, said, sign_in
from tests.domain.accounts.factories import UserFactory
from tests.domain.families.factories import FamilyFactory
from tests.domain.papers.factories import child_of

pytestmark = [pytest.mark.django_db, pytest.mark.exigence("B51")]

NOW = datetime(2026, 9, 15, 10, tzinfo=UTC)
LIST, FILE = "/gestion/journal/", "/gestion/journal/fichier/"


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def reader() -> User:
    """Who reads the journal and nothing else: no health, no judgement."""
    agent: User = UserFactory(agent=True)
    agent.user_permissions.set(Permission.objects.filter(codename__in=["view_auditentry", "access_admin"]))
    return agent


def line(verb: str, by: User, days: int, family: Family, **values: str) -> AuditEntry:
    at = NOW - timedelta(days=days)
    return record(verb=verb, target=family, by=by, at=at, family_key=family.pk, after=values)


def rows(answer: HttpResponse) -> list[list[str]]:
    content = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]  # a streaming answer
    assert content.startswith("\ufeffle;par;")
    return list(csv.reader(io.StringIO(content[1:]), delimiter=";"))[1:]


def test_is_narrowed_by_agent_dossier_action_and_days(client: Client) -> None:
    agent, other = sign_in(client, Role.MANAGEMENT), make_agent(Role.MANAGEMENT)
    ours, theirs = FamilyFactory(number="4127"), FamilyFactory(number="412")
    line("create", agent, 10, ours), line("change", other, 5, ours), line("delete", agent, 1, theirs)

    def found(**query: object) -> list[str]:
        listed = [each.verb for each in client.get(LIST, query).context["object_list"]]
        filed = [cells[3] for cells in rows(client.post(FILE, query))]
        AuditEntry.objects.filter(verb="export_journal").delete()
        words = {"création": "create", "modification": "change", "suppression": "delete"}
        assert [words[cell] for cell in reversed(filed) if cell in words] == listed
        return listed

    assert found() == ["delete", "change", "create"]
    assert found(agent=agent.pk) == ["delete", "create"]
    assert found(dossier="4127") == ["change", "create"]
    assert found(dossier="4127", agent=agent.pk) == ["create"]
    assert found(action="change") == ["change"]
    assert found(du="2026-09-10", au="2026-09-10") == ["change"]
    assert found(du="2026-09-11") == ["delete"]
    assert found(au="2026-09-09") == ["create"]
    assert found(dossier="999") == []


@pytest.mark.parametrize(
    "query", [{"agent": "x"}, {"dossier": "12 OR 1"}, {"du": "2026-99-99"}, {"au": "0001-01-01"}, {"action": "x"}]
)
def test_a_filter_that_makes_no_sense_leads_back_to_the_list(client: Client, query: dict[str, str]) -> None:
    sign_in(client, Role.MANAGEMENT)
    assert client.get(LIST, query).status_code == 302
    answer = client.post(FILE, query)
    assert (answer.status_code, answer["Location"]) == (302, LIST)
    assert "rien n’a été téléchargé" in said(answer)
    assert not AuditEntry.objects.exists()


def test_the_file_is_for_spreadsheets_and_holds_no_formula(client: Client) -> None:
    agent = sign_in(client, Role.MANAGEMENT)
    User.objects.filter(pk=agent.pk).update(first_name="=HYPERLINK(1)", last_name="")
    family = FamilyFactory(number="4127")
    record(
        verb="change",
        target=family,
        by=agent,
        at=NOW,
        family_key=family.pk,
        before={"name": 'Étienne; "x"'},
        after={"archived_at": "2026-09-14"},
    )
    answer = client.post(FILE)
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="journal-2026-09-15.csv"'
    (first, itself) = rows(answer)
    assert first == [
        "2026-09-15 12:00:00",
        "'=HYPERLINK(1)",
        "",
        "modification",
        "famille",
        str(family.pk),
        "4127",
        'nom\u00a0: Étienne; "x"',
        "archivé le\u00a0: 14\u00a0septembre 2026",
    ]
    assert itself[3] == "journal exporté"


def test_the_download_is_in_the_journal(client: Client) -> None:
    agent = sign_in(client, Role.MANAGEMENT)
    client.post(FILE, {"dossier": "4127", "du": "2026-09-01"})
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.by, entry.at, entry.after) == (
        "export_journal",
        agent,
        NOW,
        {"number": "4127", "from": "2026-09-01"},
    )
    assert client.get(FILE).status_code == 405


def test_readings_of_health_are_for_those_who_may_see_them(client: Client, reader: User) -> None:
    family, other = FamilyFactory(number="4127"), FamilyFactory(number="4128")
    child = child_of(family, other)
    manager = make_agent(Role.MANAGEMENT)
    HealthReading.objects.create(child=child, agent=manager, at=NOW - timedelta(days=2), screen=ReadingScreen.FILE)
    record(verb="record_vaccines", target=HealthReading(pk=1), by=manager, at=NOW, family_key=family.pk)
    record(verb="read_judgement", target=family, by=manager, at=NOW, family_key=family.pk)
    line("change", manager, 3, family)

    client.force_login(manager)
    assert [cells[3] for cells in rows(client.post(FILE))] == [
        "modification",
        "lecture de données de santé",
        "vaccins enregistrés",
        "jugement lu",
        "journal exporté",
    ]
    assert [cells[6] for cells in rows(client.post(FILE, {"dossier": "4127"}))] == ["4127"] * 4
    assert [cells[6] for cells in rows(client.post(FILE, {"dossier": "4128"}))] == ["4128"]
    assert len(rows(client.post(FILE, {"dossier": "412"}))) == 0
    AuditEntry.objects.filter(verb="export_journal").delete()
    assert len(client.get(LIST).context["object_list"]) == 3

    client.force_login(reader)
    assert [each.verb for each in client.get(LIST).context["object_list"]] == ["change"]
    assert [cells[3] for cells in rows(client.post(FILE))] == ["modification", "journal exporté"]
    # Nor at the address of one line.
    pages = {
        entry.verb: client.get(f"{LIST}inspect/{entry.pk}/").status_code
        for entry in AuditEntry.objects.filter(verb__in=["change", "record_vaccines", "read_judgement"])
    }
    assert pages == {"change": 200, "record_vaccines": 404, "read_judgement": 404}


@pytest.mark.parametrize("role", [Role.ACCOUNTING, Role.ACTIVITIES, Role.COMMUNICATION, Role.VALIDATION])
def test_other_roles_download_nothing(client: Client, role: Role) -> None:
    sign_in(client, role)
    assert is_refused(client.post(FILE))
    assert not AuditEntry.objects.exists()


def test_the_file_costs_the_same_whatever_its_length(client: Client) -> None:
    agent = sign_in(client, Role.MANAGEMENT)
    family = FamilyFactory(number="4127")

    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            rows(client.post(FILE))
        return len(asked)

    line("change", agent, 1, family)
    cost()
    few = cost()
    for _ in range(60):
        line("change", agent, 1, family)
    assert cost() == few


def test_the_journal_is_read_by_its_indexes() -> None:
    """By time, by author, by dossier: nobody reads two years of lines to find a day."""
    agent, family = make_agent(Role.MANAGEMENT), FamilyFactory()
    one = line("change", agent, 1, family)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_auditentry (at, by_id, verb, target, target_key, family_key, before, after) "
            "SELECT at - n * interval '1 minute', %s, verb, target, target_key, n, before, after "
            "FROM audit_auditentry, generate_series(1, 50000) n WHERE id = %s",
            [make_agent(Role.MANAGEMENT).pk, one.pk],
        )
        cursor.execute("ANALYZE audit_auditentry")
    for narrowed in ({"by": agent.pk}, {"family_key": 4127}, {"at__gte": NOW - timedelta(days=2)}):
        plan = AuditEntry.objects.filter(**narrowed).order_by("-pk")[:50].explain()
        assert "Seq Scan" not in plan, plan
