"""The queue of changes, as the desk asks it."""

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext

from portal.backoffice.desk.areas.changes import ChangesQueue, people_section
from portal.backoffice.desk.registry import AlreadyDecided
from portal.domain.changes.models import ChangeRequest
from tests.domain.changes.factories import AT, Household, agent, separate
from tests.domain.families.factories import FamilyFactory

pytestmark = pytest.mark.django_db
QUEUE = ChangesQueue()


def test_an_agent_sees_what_waits_the_oldest_first_in_one_query() -> None:
    first = Household().ask_address()
    Household(family=FamilyFactory(number="9001")).ask_address()
    who = agent()
    assert QUEUE.count(who) == 2
    with CaptureQueriesContext(connection) as asked:
        lines = QUEUE.waiting(who, limit=10)
    assert len(asked) == 1
    assert [line.key for line in lines][0] == first.pk
    assert lines[0].title == "Changement d’adresse"


def test_without_the_permission_nothing_exists() -> None:
    request = Household().ask_address()
    who = agent("view_child")
    assert (QUEUE.count(who), QUEUE.waiting(who, limit=10)) == (0, [])
    assert QUEUE.panel(who, request.pk, at=AT) is None
    assert people_section(who, request.family, AT) is None


@pytest.mark.exigence("D2")
def test_the_panel_compares_and_the_answer_is_given_once() -> None:
    home, who = Household(), agent()
    request = home.ask_address()
    panel = QUEUE.panel(who, request.pk, at=AT)
    assert panel is not None
    assert panel.changes == [("Numéro et rue", "12, rue de l’Exemple", "3, chemin des Essais")]
    QUEUE.accept(request.pk, cleaned={}, by=who, at=AT)
    with pytest.raises(AlreadyDecided, match="Gaëlle"):
        QUEUE.refuse(request.pk, reason="non", by=who, at=AT)
    with pytest.raises(AlreadyDecided):
        QUEUE.ask_again(request.pk, message="quoi ?", by=who, at=AT)


def test_a_newer_value_is_said_and_nothing_is_written() -> None:
    home, who = Household(), agent()
    request, other = home.ask_address(), home.ask_address("8, rue du Lac", by=home.samir)
    QUEUE.accept(other.pk, cleaned={}, by=who, at=AT)
    panel = QUEUE.panel(who, request.pk, at=AT)
    assert panel is not None
    assert "8, rue du Lac" in panel.facts[0][1]
    with pytest.raises(AlreadyDecided, match="a changé"):
        QUEUE.accept(request.pk, cleaned={}, by=who, at=AT)
    assert ChangeRequest.objects.pending().count() == 1


def test_the_file_says_who_lives_where() -> None:
    home = Household()
    separate(home)
    section = people_section(agent(), home.family, AT)
    assert section is not None
    said = render_to_string(section.template, dict(section.context))
    for words in ("Claire Vuillet", "06 39 98 45 10", "est aussi dans le dossier", "/gestion/familles/5236/"):
        assert words in said
