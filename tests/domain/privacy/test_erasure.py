"""Being forgotten: what happens is what the list said, and a separated parent keeps the child."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError

from portal.domain.accounts.models import User
from portal.domain.audit.models import AuditEntry
from portal.domain.bookings.models import Booking
from portal.domain.consents.models import Consent
from portal.domain.contacts.models import Contact, Kinship
from portal.domain.families.models import Adult, Child, ChildLink, Family
from portal.domain.mails.models import OutgoingMail
from portal.domain.notices.models import Notice
from portal.domain.privacy.enums import ErasureState
from portal.domain.privacy.models import ErasureRequest
from portal.domain.privacy.registry import Fate
from portal.domain.privacy.services import (
    ErasureBlocked,
    ErasureDecided,
    ask_again_erasure,
    close_account,
    execute_erasure,
    plan_erasure,
    refuse_erasure,
    request_erasure,
)
from portal.domain.procedures.enums import ProcedureKind, ProcedureState
from portal.domain.procedures.models import Procedure
from tests.domain.accounts.factories import UserFactory
from tests.domain.privacy.town import NOW, agent, plant
from tests.web.planning.scene import Scene, make_unit

pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    return plant()


@pytest.fixture
def decider():
    return agent("decide_erasurerequest")


def ask(town):
    return request_erasure(family=town.family.pk, number=town.family.number, words="", by=town.user, at=NOW)


@pytest.mark.exigence("B37")
def test_what_is_erased_is_what_the_list_said(town, decider):
    request = ask(town)
    before = plan_erasure(family=town.family.pk, at=NOW)
    assert before.by_hand == ()
    execute_erasure(key=request.pk, by=decider, at=NOW)
    after = plan_erasure(family=town.family.pk, at=NOW)
    assert [line for line in after.lines if line.fate is Fate.ERASED and line.count] == []
    erased = {line.label: line.count for line in before.gone}
    assert erased["contacts et personnes autorisées"] == 1
    assert erased["réponses aux autorisations"] == 1
    assert erased["démarches"] == 2
    assert not Contact.objects.filter(family=town.family).exists()
    assert not Notice.objects.filter(family=town.family).exists()
    assert not Procedure.objects.filter(family=town.family).exclude(kind=ProcedureKind.PRIVACY).exists()
    assert Consent.objects.filter(child=town.shared).exists()


def test_no_word_of_the_family_remains_in_its_rows(town, decider):
    execute_erasure(key=ask(town).pk, by=decider, at=NOW)
    rows = [
        *Family.objects.filter(pk=town.family.pk).values(),
        *Child.objects.filter(pk=town.only.pk).values(),
        *Adult.objects.exclude(memberships__family=town.other).values(),
        *User.objects.filter(pk=town.user.pk).values(),
        *AuditEntry.objects.filter(family_key=town.family.pk).values("before", "after"),
        *OutgoingMail.objects.exclude(state="queued").values(),
    ]
    words = ("Quatremer", "quatremer", "Sidonie", "sentier", "dentellière", "Bérangère", "berengere")
    assert [word for word in words if word in str(rows)] == []
    assert Child.objects.get(pk=town.only.pk).birth_date == date(2018, 1, 1)


@pytest.mark.exigence("B37")
def test_the_separated_parent_keeps_the_child_and_the_judgement(town, decider):
    execute_erasure(key=ask(town).pk, by=decider, at=NOW)
    town.shared.refresh_from_db()
    assert town.shared.first_name == "Hugo"
    assert ChildLink.objects.filter(family=town.other, child=town.shared).exists()
    assert Kinship.objects.filter(child=town.shared, may_not_collect=True).exists()
    assert Contact.objects.filter(family=town.other).exists()
    assert OutgoingMail.objects.filter(recipient="marc@cache.example").exists()
    assert Adult.objects.filter(first_name="Marc").exists()


def test_a_second_answer_is_refused_and_writes_nothing(town, decider):
    request = ask(town)
    refuse_erasure(key=request.pk, reason="une facture reste à payer", by=decider, at=NOW)
    with pytest.raises(ErasureDecided, match="refusée"):
        execute_erasure(key=request.pk, by=decider, at=NOW)
    assert Family.objects.get(pk=town.family.pk).name == "Quatremer"
    procedure = Procedure.objects.get(kind=ProcedureKind.PRIVACY)
    assert procedure.state == ProcedureState.REFUSED
    assert Notice.objects.filter(user=town.user, text="une facture reste à payer").exists()


def test_a_question_puts_the_family_in_turn_and_leaves_the_request_open(town, decider):
    request = ask(town)
    ask_again_erasure(key=request.pk, message="Pour les deux enfants ?", by=decider, at=NOW)
    assert Procedure.objects.get(kind=ProcedureKind.PRIVACY).state == ProcedureState.YOUR_TURN
    assert ErasureRequest.objects.get().state == ErasureState.ASKED


def test_asked_twice_is_one_request(town):
    assert ask(town) == ask(town)
    assert Procedure.objects.filter(kind=ProcedureKind.PRIVACY).count() == 1
    with pytest.raises(IntegrityError, match="erasure_one_open"):
        ErasureRequest.objects.create(family_key=town.family.pk, family_number="1", user=town.user, asked_at=NOW)


def test_erasing_needs_the_permission(town):
    request = ask(town)
    with pytest.raises(PermissionDenied):
        execute_erasure(key=request.pk, by=town.user, at=NOW)


def test_bookings_to_come_block_and_past_ones_stay_without_names(decider):
    scene = Scene()
    canteen = make_unit()
    child = scene.child("Sidonie")
    scene.enrol(child, canteen)
    scene.book(child, canteen, [date(2026, 9, 15)])
    request = request_erasure(family=scene.family.pk, number=scene.family.number, words="", by=scene.user, at=NOW)
    with pytest.raises(ErasureBlocked, match="réservations à venir"):
        execute_erasure(key=request.pk, by=decider, at=NOW)
    plan = execute_erasure(key=request.pk, by=decider, at=NOW + timedelta(days=30))
    assert any(line.fate is Fate.KEPT and "réservations" in line.label for line in plan.kept)
    assert Booking.objects.filter(family=scene.family).count() == 1
    assert str(Child.objects.get(pk=child.pk)) == "Enfant effacé"


def test_a_closed_account_opens_no_more_and_its_person_stays_in_the_dossier(town):
    close_account(user=town.user, at=NOW)
    close_account(user=town.user, at=NOW)
    user = User.objects.get(pk=town.user.pk)
    assert (user.is_active, user.email, user.username) == (False, "", f"ferme-{user.pk}")
    assert not user.has_usable_password()
    assert Adult.objects.get(last_name="Quatremer").user is None
    assert AuditEntry.objects.filter(verb="close_account").count() == 1


def test_an_agent_does_not_close_an_account_here():
    with pytest.raises(PermissionDenied):
        close_account(user=UserFactory(agent=True), at=NOW)
