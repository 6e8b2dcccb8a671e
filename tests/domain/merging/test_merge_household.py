"""Two dossiers of one household become one: what moves, what is there already, what must be settled first."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from portal.domain.audit.models import AuditEntry
from portal.domain.bookings.models import Basket, Booking, Receipt
from portal.domain.bookings.services import change_draft, confirm_basket
from portal.domain.families.enums import AdultRole
from portal.domain.families.models import ActingSession, Family, FamilyMember
from portal.domain.families.registration import DossierClaim, _find_dossier
from portal.domain.merging.registry import Fate
from portal.domain.merging.services import MergeRefused, PlanChanged, merge, plan_merge
from portal.domain.privacy.erasure import execute_erasure, request_erasure
from portal.domain.privacy.models import ErasureRequest
from tests.domain.accounts.factories import UserFactory
from tests.domain.activities.factories import PlacePoolFactory
from tests.domain.bookings.conftest import AT, MONDAY, TUESDAY
from tests.domain.bookings.factories import book, household, join, priced_unit
from tests.domain.bookings.invariants import check_drafts, check_places
from tests.domain.families.factories import ChildLinkFactory, FamilyFactory, MemberFactory
from tests.domain.merging.agents import make_merger

pytestmark = [pytest.mark.django_db, pytest.mark.exigence("B54")]


def absorb(kept, duplicate, *, by=None, at=AT):
    plan = plan_merge(kept=kept, duplicate=duplicate, at=at)
    return merge(kept=kept, duplicate=duplicate, expected=plan.digest, by=by or make_merger(), at=at)


def said(plan, *fates):
    return [(line.what, line.why) for line in plan.with_fate(*fates)]


@pytest.fixture
def canteen():
    return priced_unit(pools=[PlacePoolFactory(capacity=4)])


def test_people_bookings_and_receipts_follow_and_no_place_moves(canteen):
    kept, twice = household(canteen), household(canteen)
    book(kept, [MONDAY])
    book(twice, [MONDAY, TUESDAY])
    change_draft(family=twice.family, add=[twice.code(MONDAY + timedelta(days=7))], remove=[], by=twice.parent, at=AT)
    confirm_basket(family=twice.family, key=str(Basket.objects.get().key), by=twice.parent, at=AT)
    check_places()

    absorb(kept.family, twice.family)

    assert set(Booking.objects.values_list("family", flat=True)) == {kept.family.pk}
    assert Receipt.objects.get().family == kept.family
    assert list(kept.family.child_links.order_by("order").values_list("child", flat=True)) == [
        kept.child.pk,
        twice.child.pk,
    ]
    assert Family.objects.visible_to(twice.parent).get() == kept.family
    check_places()


def test_the_duplicate_remains_archived_and_its_number_leads_to_the_survivor():
    kept, twice, older = FamilyFactory(), FamilyFactory(), FamilyFactory(archived_at=AT)
    Family.objects.filter(pk=older.pk).update(merged_into=twice)

    absorb(kept, twice)

    for number in (twice.number, older.number):
        found = Family.objects.get(number=number)
        assert found.merged_into == kept
        assert found.archived_at is not None


def test_the_journal_of_both_tells_the_merge():
    kept, twice = FamilyFactory(), FamilyFactory()
    agent = make_merger()
    absorb(kept, twice, by=agent)

    lines = AuditEntry.objects.filter(by=agent).values_list("verb", "target_key", "family_key")
    for family in (kept, twice):
        assert ("merge_family", str(kept.pk), family.pk) in lines
        assert ("absorb_family", str(twice.pk), family.pk) in lines


def test_one_holder_remains_and_both_keep_their_rights():
    kept, twice = FamilyFactory(), FamilyFactory()
    holder, other = MemberFactory(family=kept), MemberFactory(family=twice)
    plan = absorb(kept, twice)

    assert FamilyMember.objects.get(pk=holder.pk).role == AdultRole.HOLDER
    entered = FamilyMember.objects.get(pk=other.pk)
    assert (entered.family, entered.role, entered.can_pay) == (kept, AdultRole.PARENT, True)
    assert any("comme autre parent, où cette personne peut consulter" in line.why for line in plan.moves)


def test_somebody_of_both_dossiers_keeps_the_rights_of_the_kept_one():
    kept, twice = FamilyFactory(), FamilyFactory()
    member = MemberFactory(family=kept, relative=True)
    MemberFactory(family=twice, adult=member.adult)
    absorb(kept, twice)

    left = FamilyMember.objects.get()
    assert (left.pk, left.role, left.can_edit) == (member.pk, AdultRole.HOLDER, False)


def test_what_the_kept_dossier_lacks_is_taken_and_nothing_else_changes():
    kept = FamilyFactory(phone="", street="", postcode="", town="", contact_email="garde@famille.example")
    twice = FamilyFactory(phone="01 99 00 12 34", contact_email="doublon@famille.example", benefit_number="123")
    plan = absorb(kept, twice)

    kept.refresh_from_db()
    assert (kept.phone, kept.street, kept.town) == ("01 99 00 12 34", "3 chemin des Essais", "Les Rousses")
    assert (kept.contact_email, kept.benefit_number) == ("garde@famille.example", "123")
    assert any("doublon@famille.example" in line.why for line in plan.with_fate(Fate.THERE))


def test_a_plan_writes_nothing(canteen):
    kept, twice = household(canteen), household(canteen)
    before = AuditEntry.objects.count()
    plan_merge(kept=kept.family, duplicate=twice.family, at=AT)
    assert AuditEntry.objects.count() == before
    assert Family.objects.get(pk=twice.family.pk).archived_at is None


def test_refuses_when_something_changed_since_the_plan_was_read(canteen):
    kept, twice = household(canteen), household(canteen)
    plan = plan_merge(kept=kept.family, duplicate=twice.family, at=AT)
    ChildLinkFactory(family=twice.family, child__first_name="Zélie")

    with pytest.raises(PlanChanged) as changed:
        merge(kept=kept.family, duplicate=twice.family, expected=plan.digest, by=make_merger(), at=AT)

    assert any("Zélie" in line.what for line in changed.value.plan.moves)
    assert Family.objects.get(pk=twice.family.pk).merged_into is None


def test_an_agent_without_the_right_is_refused():
    kept, twice = FamilyFactory(), FamilyFactory()
    with pytest.raises(PermissionDenied):
        absorb(kept, twice, by=UserFactory(agent=True))
    with pytest.raises(PermissionDenied):
        absorb(kept, twice, by=UserFactory())


def test_refuses_the_same_an_absorbed_and_an_archived_survivor():
    kept, twice = FamilyFactory(), FamilyFactory()
    with pytest.raises(MergeRefused):
        plan_merge(kept=kept, duplicate=kept, at=AT)
    absorb(kept, twice)
    twice.refresh_from_db()
    with pytest.raises(MergeRefused, match="déjà réuni"):
        plan_merge(kept=kept, duplicate=twice, at=AT)
    with pytest.raises(MergeRefused, match="archivée"):
        plan_merge(kept=twice, duplicate=kept, at=AT)


# Drafts


def test_waits_for_a_family_that_is_choosing_its_days(canteen):
    kept, twice = household(canteen), household(canteen)
    change_draft(family=twice.family, add=[twice.code(MONDAY)], remove=[], by=twice.parent, at=AT)

    with pytest.raises(MergeRefused, match="en train de choisir des jours"):
        absorb(kept.family, twice.family)

    check_places()


@pytest.mark.parametrize("kept_has_one", [False, True])
def test_old_wishes_follow_or_are_forgotten_and_their_places_are_given_back(canteen, kept_has_one):
    kept, twice = household(canteen), household(canteen)
    for home in (kept, twice) if kept_has_one else (twice,):
        change_draft(family=home.family, add=[home.code(MONDAY)], remove=[], by=home.parent, at=AT)

    absorb(kept.family, twice.family, at=AT + timedelta(hours=1))

    draft = Basket.objects.get()
    assert draft.family == kept.family
    assert draft.lines.get().child == (kept.child if kept_has_one else twice.child)
    check_places()
    check_drafts()


def test_a_wish_that_the_other_dossier_has_booked_is_no_wish(canteen):
    kept, twice = household(canteen), household(canteen)
    join(twice.family, kept.child)
    change_draft(family=twice.family, add=[kept.code(MONDAY)], remove=[], by=twice.parent, at=AT)
    book(kept, [MONDAY])

    absorb(kept.family, twice.family, at=AT + timedelta(hours=1))

    assert not Basket.objects.exists()
    check_drafts()


# What is settled first


def test_waits_for_the_answer_to_an_erasure():
    kept, twice = FamilyFactory(), FamilyFactory()
    ErasureRequest.objects.create(family_key=kept.pk, family_number=kept.number, user=UserFactory(), asked_at=AT)
    with pytest.raises(MergeRefused, match="effacement"):
        absorb(kept, twice)


def test_waits_for_an_agent_who_acts_for_one_of_them():
    kept, twice = FamilyFactory(), FamilyFactory()
    ActingSession.objects.create(
        agent=UserFactory(agent=True),
        family=twice,
        reason="Au guichet",
        started_at=AT,
        expires_at=AT + timedelta(hours=1),
    )
    with pytest.raises(MergeRefused, match="agit pour le dossier"):
        absorb(kept, twice)


def test_two_records_of_one_child_are_pointed_out():
    kept, twice = FamilyFactory(), FamilyFactory()
    ChildLinkFactory(family=kept)
    ChildLinkFactory(family=twice)
    plan = plan_merge(kept=kept, duplicate=twice, at=AT)
    assert [why for _what, why in said(plan, Fate.LOOK)] == [
        "figure dans les deux dossiers\u00a0: réunissez ensuite ses deux fiches"
    ]


def test_a_number_of_an_absorbed_dossier_still_serves_to_make_an_account():
    kept = FamilyFactory(name="Vuillet", contact_email="claire@famille.example")
    twice = FamilyFactory(name="Vuillet")
    absorb(kept, twice)
    claim = DossierClaim(number=twice.number, name="Vuillet", contact_email="claire@famille.example")
    assert _find_dossier(claim) == kept


@pytest.mark.exigence("B37")
def test_what_stayed_with_the_duplicate_is_forgotten_with_the_survivor():
    kept, twice = FamilyFactory(), FamilyFactory(name="Vuillet-Martin")
    absorb(kept, twice)
    boss = UserFactory(agent=True, is_superuser=True)
    asked = request_erasure(family=kept.pk, number=kept.number, words="", by=boss, at=AT)

    execute_erasure(key=asked.pk, by=boss, at=AT)

    twice.refresh_from_db()
    assert (twice.name, twice.contact_email, twice.merged_into) == ("Dossier effacé", "", kept)
