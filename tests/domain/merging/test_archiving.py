"""A dossier is put away when nothing waits any more, and taken out again as it was."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from portal.domain.accounts.rules import digest
from portal.domain.audit.models import AuditEntry
from portal.domain.bookings.models import Basket
from portal.domain.bookings.services import change_draft
from portal.domain.custody.models import Custody
from portal.domain.families.access import NotAllowed, Right, may, reachable_families
from portal.domain.families.households import lock_household
from portal.domain.families.models import Child, Family
from portal.domain.health.models import HealthSheet
from portal.domain.joining.invitations import LinkRefused, accept_with_account
from portal.domain.joining.models import Invitation
from portal.domain.merging.archiving import ArchiveRefused, archive_family, restore_family, why_not_archive
from portal.domain.merging.services import merge, plan_merge
from portal.domain.procedures.enums import ProcedureKind, ProcedureState
from portal.domain.procedures.services import open_procedure
from tests.domain.accounts.factories import UserFactory
from tests.domain.activities.factories import PlacePoolFactory
from tests.domain.bookings.conftest import AT, MONDAY
from tests.domain.bookings.factories import book, household, priced_unit
from tests.domain.bookings.invariants import check_places
from tests.domain.families.factories import FamilyFactory
from tests.domain.merging.agents import make_merger

pytestmark = [pytest.mark.django_db, pytest.mark.exigence("B55")]


@pytest.fixture
def canteen():
    return priced_unit(pools=[PlacePoolFactory(capacity=2)])


def archive(family, *, at=AT, by=None, reason="Déménagement"):
    return archive_family(family=family, reason=reason, by=by or make_merger(), at=at)


def test_says_everything_that_hinders(canteen):
    home = household(canteen)
    book(home, [MONDAY])
    open_procedure(
        family=home.family,
        kind=ProcedureKind.DOCUMENT,
        title="x",
        state=ProcedureState.RECEIVED,
        by=home.parent,
        at=AT,
    )
    change_draft(family=home.family, add=[home.code(MONDAY + timedelta(days=7))], remove=[], by=home.parent, at=AT)

    reasons = why_not_archive(family=home.family, at=AT)

    for word in (
        "1\u00a0réservation à venir",
        "choisir des jours",
        "encore une inscription",
        "1\u00a0démarche attend",
    ):
        assert any(word in reason for reason in reasons), (word, reasons)
    with pytest.raises(ArchiveRefused, match="réservation à venir"):
        archive(home.family)
    assert Family.objects.get(pk=home.family.pk).archived_at is None


def test_nobody_acts_for_it_any_more_and_old_wishes_go(canteen):
    home = household(canteen, enrolled=False)
    assert reachable_families(user=home.parent) == [home.family]
    archive(home.family)

    assert reachable_families(user=home.parent) == []
    assert not any(may(user=home.parent, family=home.family, right=right) for right in Right)
    assert not Child.objects.visible_to(home.parent).exists()
    assert not HealthSheet.objects.visible_to(home.parent).exists()
    assert not Custody.objects.visible_to(home.parent).exists()
    with pytest.raises(NotAllowed):
        lock_household(home.family)


def test_a_lapsed_draft_gives_its_places_back(canteen):
    home = household(canteen)
    change_draft(family=home.family, add=[home.code(MONDAY)], remove=[], by=home.parent, at=AT)
    home.child.enrolments.update(ends_on=AT.date() - timedelta(days=1), starts_on=AT.date() - timedelta(days=2))
    archive(home.family, at=AT + timedelta(hours=1))
    assert not Basket.objects.exists()
    check_places()


def test_a_link_sent_before_opens_nothing(canteen):
    family, guest = FamilyFactory(), UserFactory(email="marc@famille.example")
    Invitation.objects.create(
        family=family,
        first_name="Marc",
        last_name="Martin",
        email=guest.email,
        origin="staff",
        token_digest=digest("x"),
        invited_by=guest,
        sent_at=AT,
        expires_at=AT + timedelta(days=3),
    )
    archive(family)
    with pytest.raises(LinkRefused):
        accept_with_account(token="x", by=guest, at=AT)


def test_comes_back_as_it_was(canteen):
    home = household(canteen, enrolled=False)
    archive(home.family)
    restore_family(family=home.family, by=make_merger(), at=AT)
    assert reachable_families(user=home.parent) == [home.family]
    assert may(user=home.parent, family=home.family, right=Right.BOOK)
    assert list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True)) == [
        "archive_family",
        "restore_family",
    ]


def test_an_absorbed_dossier_does_not_come_back():
    kept, twice = FamilyFactory(), FamilyFactory()
    plan = plan_merge(kept=kept, duplicate=twice, at=AT)
    merge(kept=kept, duplicate=twice, expected=plan.digest, by=make_merger(), at=AT)
    with pytest.raises(ArchiveRefused, match="réuni"):
        restore_family(family=twice, by=make_merger(), at=AT)


@pytest.mark.parametrize("verb", [archive, lambda family, by: restore_family(family=family, by=by, at=AT)])
def test_an_agent_without_the_right_is_refused(verb):
    with pytest.raises(PermissionDenied):
        verb(FamilyFactory(), by=make_merger("merge_family"))


@pytest.mark.parametrize("reason", ["  ", "x" * 201])
def test_asks_for_a_reason(reason):
    with pytest.raises(ArchiveRefused):
        archive(FamilyFactory(), reason=reason)


def test_twice_is_once():
    family = FamilyFactory()
    archive(family)
    archive(family, at=AT + timedelta(days=1))
    assert Family.objects.get(pk=family.pk).archived_at == AT
    assert AuditEntry.objects.count() == 1
