"""What a family reads of what was done in its dossier."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.domain.accounts.models import User
from portal.domain.audit.models import AuditEntry
from portal.domain.audit.services import UnknownVerbError, record
from portal.domain.audit.words import READ_BY_FAMILY, VERBS
from portal.domain.families.access import NotAllowed
from portal.domain.families.enums import Author
from portal.domain.families.history import Deed, history_of, tell
from tests.domain.changes.factories import Household, agent
from tests.domain.families.factories import FamilyFactory

AT = datetime(2026, 9, 8, 10, tzinfo=UTC)

pytestmark = [pytest.mark.django_db, pytest.mark.exigence("B36")]


@pytest.fixture
def home() -> Household:
    made = Household()
    AuditEntry.objects.all().delete()
    return made


def deed(home: Household, verb: str, by: User, minutes: int = 0) -> AuditEntry:
    return record(verb=verb, target=home.family, by=by, at=AT + timedelta(minutes=minutes), family_key=home.family.pk)


def read(home: Household, user: User) -> list[Deed]:
    return tell(list(history_of(home.family, user=user)), family=home.family, user=user)


def test_the_last_comes_first_with_its_author(home: Household) -> None:
    deed(home, "confirm_basket", home.claire)
    deed(home, "send_paper", home.samir, 1)
    deed(home, "accept_paper", agent(), 2)
    assert [(each.words, each.author, each.name) for each in read(home, home.claire)] == [
        ("pièce acceptée", Author.SERVICE, ""),
        ("pièce transmise", Author.MEMBER, str(home.father)),
        ("validation du planning", Author.YOU, str(home.mother)),
    ]


def test_what_an_agent_did_in_ones_name_is_told_so(home: Household) -> None:
    entry = deed(home, "confirm_basket", agent())
    AuditEntry.objects.filter(pk=entry.pk).update(acting_family_key=home.family.pk)
    assert [each.author for each in read(home, home.claire)] == [Author.SERVICE_FOR_FAMILY]


@pytest.mark.parametrize("verb", ["restrict_adult", "share_contact", "contest_custody", "read_judgement"])
def test_what_one_parent_is_not_to_know_of_the_other_is_left_out(verb: str, home: Household) -> None:
    deed(home, verb, home.samir)
    assert read(home, home.claire) == []


def test_ones_own_acts_are_all_there(home: Household) -> None:
    deed(home, "share_contact", home.claire)
    assert [each.author for each in read(home, home.claire)] == [Author.YOU]


def test_another_dossier_is_not_read(home: Household) -> None:
    record(verb="send_paper", target=home.family, by=home.claire, at=AT, family_key=FamilyFactory.create().pk)
    assert read(home, home.claire) == []
    with pytest.raises(NotAllowed):
        history_of(FamilyFactory.create(), user=home.claire)


def test_every_verb_shown_has_its_words() -> None:
    assert READ_BY_FAMILY - set(VERBS) == set()


def test_a_verb_without_words_is_refused(home: Household) -> None:
    with pytest.raises(UnknownVerbError):
        deed(home, "verbe_inconnu", home.claire)
