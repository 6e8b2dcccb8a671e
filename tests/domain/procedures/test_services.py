"""Opening and moving démarches: numbers, acknowledgements, who is told, what is refused."""

from datetime import UTC, datetime

import pytest
from django.db import transaction

from portal.domain.mails.enums import MailKind
from portal.domain.mails.models import OutgoingMail
from portal.domain.notices.models import Notice, NoticePreference
from portal.domain.procedures.enums import ProcedureKind, ProcedureState
from portal.domain.procedures.models import Procedure, ProcedureEvent, ProcedureSetting
from portal.domain.procedures.services import ImpossibleMove, find_procedure, move_procedure, open_procedure
from tests.domain.accounts.factories import UserFactory
from tests.web.planning.scene import Scene

AT = datetime(2026, 9, 7, 10, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return Scene()


def ask(scene: Scene, **options: object) -> Procedure:
    values = {
        "family": scene.family,
        "kind": ProcedureKind.CHANGE,
        "title": "Changement d’adresse",
        "state": ProcedureState.RECEIVED,
        "by": scene.user,
        "at": AT,
    }
    return open_procedure(**{**values, **options})  # type: ignore[arg-type]  # the defaults above are of the right types


@pytest.mark.exigence("T1", "N8")
def test_a_request_that_waits_is_acknowledged_by_notice_and_mail(scene: Scene) -> None:
    procedure = ask(scene)
    assert procedure.number == "AE-2026-00001"
    notice = Notice.objects.get(user=scene.user)
    assert notice.path == f"/famille/demarches/{procedure.pk}/"
    assert procedure.number in notice.text
    assert OutgoingMail.objects.get(kind=MailKind.ACKNOWLEDGEMENT).recipient == scene.user.email


def test_a_thing_recorded_at_once_needs_no_acknowledgement(scene: Scene) -> None:
    assert ask(scene, state=ProcedureState.RECORDED).number == ""
    assert not Notice.objects.exists()


def test_the_town_says_which_kinds_are_acknowledged_and_how_soon_it_answers(scene: Scene) -> None:
    ProcedureSetting.objects.create(kind=ProcedureKind.CHANGE, acknowledges=False, answer_days=3)
    procedure = ask(scene)
    assert str(procedure.answer_by) == "2026-09-10"
    assert procedure.number
    assert not Notice.objects.exists()


@pytest.mark.exigence("N8")
def test_who_prefers_no_mail_still_has_the_notice(scene: Scene) -> None:
    NoticePreference.objects.create(user=scene.user, kind="procedure", by_mail=False)
    ask(scene)
    assert Notice.objects.filter(user=scene.user).exists()
    assert not OutgoingMail.objects.exists()


def test_numbers_follow_each_other_and_a_rollback_gives_its_number_back(scene: Scene) -> None:
    assert ask(scene).number == "AE-2026-00001"
    with transaction.atomic():
        assert ask(scene).number == "AE-2026-00002"
        transaction.set_rollback(True)
    assert ask(scene).number == "AE-2026-00002"
    assert ask(scene, at=datetime(2027, 1, 1, 8, tzinfo=UTC)).number == "AE-2027-00001"


@pytest.mark.exigence("D2", "T10")
def test_an_answer_is_told_to_the_family_in_the_words_of_the_service(scene: Scene) -> None:
    procedure = ask(scene, acknowledge=False)
    agent = UserFactory(username="gestion", agent=True)
    move_procedure(procedure=procedure, state=ProcedureState.REFUSED, by=agent, at=AT, note="L’adresse est illisible.")
    notice = Notice.objects.get(user=scene.user)
    assert "refusée" in notice.title
    assert notice.text == "L’adresse est illisible."
    assert OutgoingMail.objects.filter(kind=MailKind.NOTICE).count() == 1


def test_what_follows_an_object_is_told_by_its_own_verb(scene: Scene) -> None:
    procedure = ask(scene, acknowledge=False, about=scene.family)
    assert find_procedure(about=scene.family) == procedure
    agent = UserFactory(username="gestion", agent=True)
    move_procedure(procedure=procedure, state=ProcedureState.YOUR_TURN, by=agent, at=AT)
    assert not Notice.objects.exists()
    move_procedure(procedure=procedure, state=ProcedureState.ACCEPTED, by=agent, at=AT, tell=True)
    assert Notice.objects.count() == 1


def test_a_family_is_not_told_of_its_own_move(scene: Scene) -> None:
    procedure = ask(scene, acknowledge=False)
    move_procedure(procedure=procedure, state=ProcedureState.CANCELLED, by=scene.user, at=AT)
    assert not Notice.objects.exists()


def test_a_move_that_does_not_exist_is_refused_and_writes_nothing(scene: Scene) -> None:
    procedure = ask(scene, acknowledge=False)
    stale = Procedure.objects.get(pk=procedure.pk)
    agent = UserFactory(username="gestion", agent=True)
    move_procedure(procedure=procedure, state=ProcedureState.ACCEPTED, by=agent, at=AT)
    with pytest.raises(ImpossibleMove, match="acceptée"):
        move_procedure(procedure=stale, state=ProcedureState.REFUSED, by=agent, at=AT)
    assert ProcedureEvent.objects.filter(procedure=procedure).count() == 2
