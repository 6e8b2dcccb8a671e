"""« Mes données » and the erasure of the changes asked for."""

import pytest

from portal.domain.changes.models import ChangeRequest
from portal.domain.changes.personal_data import ERASURE, collect_changes
from portal.domain.privacy.registry import Fate
from tests.domain.changes.factories import AT, Household, agent, separate

pytestmark = pytest.mark.django_db


def test_a_person_reads_the_changes_of_their_household_and_nobody_elses() -> None:
    home = Household()
    other = separate(home)
    home.ask_address()
    (asked,) = collect_changes(home.family.pk, home.claire)
    assert asked["valeurs"] == {"street": "3, chemin des Essais"}
    assert list(collect_changes(home.family.pk, other.claire)) == []


def test_the_changes_go_with_the_dossier_as_the_plan_said() -> None:
    home = Household()
    home.ask_address()
    (line,) = ERASURE.plan(home.family.pk, AT)
    assert (line.count, line.fate) == (1, Fate.ERASED)
    ERASURE.execute(home.family.pk, agent(), AT)
    assert not ChangeRequest.objects.exists()
