"""The history on the page of each object."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from portal.domain.audit.models import AuditEntry
from portal.domain.audit.services import record
from portal.domain.audit.words import VERBS
from tests.backoffice.desk import GESTION, REGIE, address, sign_in, words
from tests.domain.bookings.factories import household, priced_unit

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 9, 7, 10, tzinfo=UTC)


def test_the_page_of_an_object_tells_its_last_changes_to_whoever_reads_the_journal(client: Client) -> None:
    home = household(priced_unit(), children=2)
    author = sign_in(client, GESTION)
    entry = record(verb="check_identity", target=home.child, by=author, at=NOON, family_key=home.family.pk)
    record(verb="confirm_health_sheet", target=home.children[1], by=author, at=NOON, family_key=home.family.pk)
    page = address("familles/enfants", "inspect", home.child.pk)

    answer = client.get(page)

    assert "Historique" in words(answer)
    assert f"{author}\u00a0: {VERBS['check_identity']}" in words(answer)
    assert VERBS["confirm_health_sheet"] not in words(answer)
    assert address("journal", "inspect", entry.pk) in answer.content.decode()

    sign_in(client, REGIE)
    assert "Historique" not in words(client.get(page))


@pytest.mark.parametrize("reads_health", [True, False])
def test_the_history_of_a_dossier_tells_of_health_to_its_readers_only(client: Client, reads_health: bool) -> None:
    home = household(priced_unit())
    agent = sign_in(client, GESTION if reads_health else REGIE)
    agent.user_permissions.add(Permission.objects.get(codename="view_auditentry"))
    entry = record(verb="fill_health_sheet", target=home.child, by=agent, at=NOON, family_key=home.family.pk)
    AuditEntry.objects.filter(pk=entry.pk).update(target="health.healthsheet")

    answer = client.get(f"/gestion/familles/{home.family.number}/")

    assert "Historique" in words(answer) or not reads_health
    assert (VERBS["fill_health_sheet"] in words(answer)) is reads_health
