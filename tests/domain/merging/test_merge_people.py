"""One child, or one adult, recorded twice."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from portal.domain.audit.models import AuditEntry
from portal.domain.bookings.models import Basket, Booking
from portal.domain.bookings.services import change_draft
from portal.domain.consents.models import Consent
from portal.domain.contacts.models import Contact, ContactLink, Kinship
from portal.domain.custody.models import Custody
from portal.domain.enrolments.enums import EnrolmentState
from portal.domain.enrolments.models import Enrolment
from portal.domain.families.enums import AdultRole
from portal.domain.families.models import Adult, Child, ChildLink, FamilyMember
from portal.domain.families.privacy import own_adults, own_children
from portal.domain.health.models import HealthSheet
from portal.domain.merging.registry import Fate
from portal.domain.merging.services import MergeRefused, merge, plan_merge
from portal.domain.quotients.models import Quotient
from tests.domain.accounts.factories import UserFactory
from tests.domain.activities.factories import PlacePoolFactory
from tests.domain.bookings.conftest import AT, MONDAY, NEXT_MONDAY, TUESDAY
from tests.domain.bookings.factories import BookingFactory, book, household, join, priced_unit
from tests.domain.bookings.invariants import check_drafts, check_places
from tests.domain.consents.factories import ConsentTextFactory
from tests.domain.contacts.factories import ContactFactory, ContactLinkFactory, KinshipFactory
from tests.domain.families.factories import (
    AdultFactory,
    ChildFactory,
    ChildLinkFactory,
    FamilyFactory,
    MemberFactory,
    SchoolingFactory,
)
from tests.domain.health.factories import filled_sheet
from tests.domain.merging.agents import make_merger
from tests.domain.papers.factories import PaperFactory
from tests.domain.quotients.factories import QuotientFactory

pytestmark = [pytest.mark.django_db, pytest.mark.exigence("B54")]


def absorb(kept, duplicate, *, at=AT):
    plan = plan_merge(kept=kept, duplicate=duplicate, at=at)
    return merge(kept=kept, duplicate=duplicate, expected=plan.digest, by=make_merger(), at=at)


@pytest.fixture
def canteen():
    return priced_unit(pools=[PlacePoolFactory(capacity=4)])


@pytest.fixture
def home(canteen):
    """A household where one child was recorded twice: both are enrolled, each has a day."""
    return household(canteen, children=2)


def test_bookings_of_both_records_stand_under_one_enrolment(home):
    book(home, [MONDAY])
    book(home, [TUESDAY], child=1)
    kept, twice = home.children
    late = kept.enrolments.get()
    late.starts_on = late.ends_on
    late.save()

    absorb(kept, twice)

    enrolment = Enrolment.objects.live().get()
    assert set(Booking.objects.values_list("child", "enrolment")) == {(kept.pk, enrolment.pk)}
    assert enrolment.starts_on == enrolment.activity.starts_on
    check_places()


def test_an_accepted_enrolment_stands_before_one_that_waits(home):
    kept, twice = home.children
    kept.enrolments.update(state=EnrolmentState.REQUESTED, decided_at=None)
    accepted = twice.enrolments.get()
    absorb(kept, twice)
    assert Enrolment.objects.live().get() == accepted
    assert accepted.child_id == twice.pk  # as read before
    assert Enrolment.objects.get(pk=accepted.pk).child == kept


def test_a_day_booked_on_both_records_is_settled_first(home):
    book(home, [MONDAY])
    book(home, [MONDAY], child=1)
    with pytest.raises(MergeRefused, match=r"14\sseptembre.*réservé sur les deux fiches"):
        absorb(*home.children)
    assert Booking.objects.filter(child=home.children[1]).exists()


def test_a_cancelled_day_of_one_record_hinders_nothing(home):
    BookingFactory(child=home.child, unit=home.unit, enrolment=home.child.enrolments.get(), day=MONDAY, cancelled=True)
    book(home, [MONDAY], child=1)
    absorb(*home.children)
    assert Booking.objects.filter(child=home.child).count() == 2
    check_places()


def test_waits_while_days_are_being_chosen_for_either_record(home):
    change_draft(family=home.family, add=[home.code(MONDAY)], remove=[], by=home.parent, at=AT)
    with pytest.raises(MergeRefused, match="choisir des jours"):
        absorb(*home.children)


def test_old_wishes_of_the_duplicate_are_forgotten_with_their_places(home):
    add = [home.code(MONDAY), home.code(TUESDAY, child=1), home.code(NEXT_MONDAY, child=1)]
    change_draft(family=home.family, add=add, remove=[], by=home.parent, at=AT)
    absorb(*home.children, at=AT + timedelta(hours=1))
    assert Basket.objects.get().lines.get().child == home.child
    check_places()
    check_drafts()


def test_both_households_have_the_child_afterwards(home):
    kept, twice = home.children
    other = FamilyFactory()
    join(other, twice, can_book=False, can_pay=False)
    plan = absorb(kept, twice)

    assert set(ChildLink.objects.values_list("family", "child")) == {(home.family.pk, kept.pk), (other.pk, kept.pk)}
    assert ChildLink.objects.get(family=other).can_book is False
    assert any("pourra consulter et modifier" in line.why for line in plan.moves)
    assert not twice.links.exists()
    assert Child.objects.get(pk=twice.pk).merged_into == kept


def test_each_dossier_of_the_child_reads_the_merge_in_its_journal(home):
    other = FamilyFactory()
    join(other, home.children[1])
    absorb(*home.children)
    assert set(AuditEntry.objects.filter(verb="merge_child").values_list("family_key", flat=True)) == {
        home.family.pk,
        other.pk,
    }


def test_the_school_of_the_kept_record_stands():
    kept, twice = ChildFactory(), ChildFactory()
    for child, year, level in ((kept, 2026, "CP"), (twice, 2026, "CE1"), (twice, 2025, "GS")):
        SchoolingFactory(child=child, school_year=year, level=level)
    absorb(kept, twice)
    assert list(kept.schoolings.order_by("school_year").values_list("level", flat=True)) == ["GS", "CP"]


# Who may collect the child


def test_a_judgement_is_never_lost():
    kept, twice, adult = ChildFactory(), ChildFactory(), AdultFactory()
    KinshipFactory(adult=adult, child=kept)
    KinshipFactory(adult=adult, child=twice, restricted=True)
    plan = absorb(kept, twice)
    left = Kinship.objects.get()
    assert (left.child, left.may_not_collect, left.judgement) == (kept, True, "TJ 26/00123")
    assert any("restriction" in line.what for line in plan.moves)


@pytest.mark.parametrize("careful", [{"may_collect": False}, {"ended_on": MONDAY}])
@pytest.mark.parametrize("on_kept", [True, False])
def test_the_more_careful_authorisation_stands(careful, on_kept):
    kept, twice, contact = ChildFactory(), ChildFactory(), ContactFactory()
    ContactLinkFactory(contact=contact, child=kept, **(careful if on_kept else {}))
    ContactLinkFactory(contact=contact, child=twice, **({} if on_kept else careful))
    absorb(kept, twice)
    left = ContactLink.objects.get()
    assert {name: getattr(left, name) for name in careful} == careful


def test_a_contact_of_both_dossiers_is_one_contact():
    kept, twice, child = FamilyFactory(), FamilyFactory(), ChildFactory()
    mine = ContactFactory(family=kept)
    theirs = ContactFactory(family=twice, first_name="JEANNE", phone="06 39 98 99 99")
    ContactLinkFactory(contact=mine, child=child)
    ContactLinkFactory(contact=theirs, child=child, may_collect=False)
    ContactLinkFactory(contact=theirs)
    absorb(kept, twice)
    left = Contact.objects.get()
    assert (left.pk, left.other_phone) == (mine.pk, "06 39 98 99 99")
    assert ContactLink.objects.get(child=child).may_collect is False
    assert left.links.count() == 2


# Consents, health


def test_answers_follow_the_child_unchanged_and_change_in_no_other_way(home):
    kept, twice = home.children
    text = ConsentTextFactory()
    given = Consent.objects.create(child=twice, text=text, answer="refused", at=AT, by=home.parent, family=home.family)
    absorb(kept, twice)
    assert Consent.objects.values_list("child", "answer", "family").get() == (kept.pk, "refused", home.family.pk)

    for forged in ({"answer": "granted"}, {"child": twice.pk}):
        with pytest.raises(DatabaseError, match="ne change plus"), transaction.atomic():
            Consent.objects.filter(pk=given.pk).update(**forged)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('portal.merging', 'on', true)")
    with pytest.raises(DatabaseError, match="ne change plus"), transaction.atomic():
        Consent.objects.filter(pk=given.pk).update(answer="granted")


def test_of_two_health_sheets_the_kept_one_stands_and_an_agent_is_told(home):
    kept, twice = home.children
    mine = filled_sheet(home.family, kept, by=home.parent, at=AT)
    theirs = filled_sheet(home.family, twice, by=home.parent, at=AT, diet={"diet": "vegetarian"})
    plan = absorb(kept, twice)
    assert HealthSheet.objects.get(child=kept) == mine
    assert HealthSheet.objects.get(child=twice) == theirs
    assert any("faites relire" in line.why for line in plan.to_look_at)
    assert "vegetarian" not in str(plan)


def test_the_only_sheet_follows(home):
    kept, twice = home.children
    sheet = filled_sheet(home.family, twice, by=home.parent, at=AT)
    absorb(kept, twice)
    assert HealthSheet.objects.get(child=kept) == sheet


# Adults


def test_two_accounts_in_use_are_settled_first():
    kept, twice = AdultFactory(user=UserFactory()), AdultFactory(user=UserFactory())
    with pytest.raises(MergeRefused, match="deux comptes"):
        absorb(kept, twice)


@pytest.mark.parametrize("kept_has", ["nothing", "pending"])
def test_the_account_in_use_opens_the_kept_record(kept_has):
    pending = UserFactory(is_active=False) if kept_has == "pending" else None
    kept, twice = AdultFactory(user=pending), AdultFactory(user=UserFactory(), phone="06 39 98 00 00")
    family = MemberFactory(adult=twice).family
    absorb(kept, twice)
    kept.refresh_from_db()
    assert (kept.user, kept.phone) == (twice.user, "06 39 98 00 00")
    assert Adult.objects.get(pk=twice.pk).user is None
    assert FamilyMember.objects.get(family=family).adult == kept


def test_the_holder_remains_holder_under_the_kept_record():
    family = FamilyFactory()
    relative = MemberFactory(family=family, relative=True)
    holder = MemberFactory(family=family)
    absorb(relative.adult, holder.adult)
    left = FamilyMember.objects.get()
    assert (left.adult, left.role, left.can_edit) == (relative.adult, AdultRole.HOLDER, True)


# Requests and the law


def test_papers_under_way_on_both_sides_are_settled_first():
    one, other = PaperFactory(), PaperFactory()
    with pytest.raises(MergeRefused, match="pièce"):
        absorb(one.family, other.family)


def test_one_quotient_answers_each_day_after_a_merge():
    one = QuotientFactory(accepted=True)
    same_days, earlier = QuotientFactory(accepted=True), None
    plan = absorb(one.family, same_days.family)
    assert Quotient.objects.get(pk=same_days.pk).family == same_days.family
    assert [line.fate for line in plan.lines if "quotient" in line.what] == [Fate.STAYS]
    earlier = QuotientFactory(accepted=True, valid_from="2025-09-01", valid_until="2026-09-01")
    absorb(one.family, earlier.family)
    assert Quotient.objects.get(pk=earlier.pk).family == one.family


def test_a_custody_between_the_two_says_that_they_are_two_households():
    kept, twice = FamilyFactory(), FamilyFactory()
    child = ChildLinkFactory(family=kept).child
    Custody.objects.create(
        child=child,
        household_a=kept,
        household_b=twice,
        state="agreed",
        pattern="even_odd",
        reference=MONDAY,
        proposed_by=UserFactory(),
        proposed_at=AT,
        answered_by=UserFactory(),
        answered_at=AT,
    )
    with pytest.raises(MergeRefused, match="deux foyers"):
        absorb(kept, twice)


def test_the_records_put_away_are_forgotten_with_the_dossier():
    family = FamilyFactory()
    kept, twice = ChildLinkFactory(family=family).child, ChildLinkFactory(family=family).child
    one, other = MemberFactory(family=family).adult, MemberFactory(family=family, parent=True).adult
    absorb(kept, twice)
    absorb(one, other)
    assert set(own_children(family.pk)) == {kept, twice}
    assert set(own_adults(family.pk)) == {one, other}
