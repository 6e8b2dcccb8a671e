"""A family takes an enrolment away: what goes with it, what stays, and when it is too late."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from portal.domain.activities.enums import EnrolmentMode
from portal.domain.audit.models import AuditEntry
from portal.domain.bookings.models import Basket, BasketLine, Booking, Receipt
from portal.domain.bookings.removal import cancel_enrolment, plan_removal
from portal.domain.bookings.services import change_draft
from portal.domain.enrolments.enums import EnrolmentState
from portal.domain.enrolments.services import EnrolmentRefused
from portal.domain.kernel.clock import PARIS
from portal.domain.kernel.refusals import Rule, WayOutKind
from portal.domain.mails.models import OutgoingMail
from portal.domain.notices.models import Notice
from portal.domain.procedures.models import Procedure
from tests.domain.accounts.factories import UserFactory
from tests.domain.activities.factories import PlacePoolFactory
from tests.domain.bookings.conftest import AT, FRIDAY, MONDAY, NEXT_MONDAY, TUESDAY
from tests.domain.bookings.factories import book, household, join
from tests.domain.bookings.invariants import check_drafts, check_numbers, check_places
from tests.domain.families.factories import MemberFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("calendar")]

#: Friday of the week before: Monday 14 closed on Thursday 10 at 23 h 59, Monday 21 is open.
LATE = datetime(2026, 9, 11, 9, tzinfo=PARIS)


@pytest.fixture
def pool(db):
    return PlacePoolFactory(capacity=2)


def enrolment_of(home: Any) -> Any:
    return home.child.enrolments.get()


def remove(home: Any, *, at: datetime = AT, by: Any = None) -> Any:
    return cancel_enrolment(enrolment=enrolment_of(home), by=by or home.parent, at=at)


@pytest.mark.exigence("I50", "T8")
def test_the_days_that_may_be_cancelled_go_with_the_enrolment_and_the_others_stay(home):
    book(home, [MONDAY, NEXT_MONDAY, date(2026, 9, 28)])
    shown = plan_removal(enrolment=enrolment_of(home), by=home.parent, at=LATE)
    done = remove(home, at=LATE)
    for plan in (shown, done):
        assert [each.line.day for each in plan.going] == [NEXT_MONDAY, date(2026, 9, 28)]
        assert [(each.day, each.refusal.rule) for each in plan.staying] == [(MONDAY, Rule.DEADLINE_PASSED)]
        assert plan.given_back == Decimal("8.60")
    assert enrolment_of(home).state == EnrolmentState.CANCELLED
    assert list(Booking.objects.booked().values_list("day", flat=True)) == [MONDAY]
    check_places()
    receipt = Receipt.objects.get()
    assert (receipt.total, receipt.lines.count(), receipt.left_out[0]["day"]) == (Decimal("-8.60"), 2, "2026-09-14")
    check_numbers("2026-09")
    mail = OutgoingMail.objects.get()
    for text in (mail.text, mail.html):
        assert receipt.number in text
        assert "lundi 21\u00a0septembre 2026" in text
        assert done.staying[0].refusal.sentence in text
    assert mail.subject.startswith("Inscription supprimée\u00a0: Hugo")
    line = Procedure.objects.get()
    assert (line.title[:25], line.state) == ("Suppression d’inscription", "recorded")
    assert "2\u00a0réservations annulées (8,60\u00a0€)" in line.events.get().note
    assert Notice.objects.get().title.startswith("Inscription supprimée")
    assert AuditEntry.objects.get(verb="cancel_enrolment").after["given_back"] == "8.60"


def test_removed_twice_it_is_removed_once(home):
    book(home, [NEXT_MONDAY])
    remove(home)
    again = remove(home)
    assert (again.going, again.receipt) == ((), None)
    assert (Receipt.objects.count(), OutgoingMail.objects.count()) == (1, 1)


@pytest.mark.exigence("I50", "I55")
def test_after_the_delay_the_removal_is_refused_with_the_rule_the_instant_and_a_way_out(home, canteen):
    activity = canteen.activity
    activity.removal_deadline = {"kind": "days_before", "days": 8}
    activity.save()
    enrolment = enrolment_of(home)
    enrolment.starts_on = date(2026, 9, 21)
    enrolment.save()
    last = datetime(2026, 9, 13, 23, 59, 59, tzinfo=PARIS)
    assert plan_removal(enrolment=enrolment, by=home.parent, at=last).refusal is None
    with pytest.raises(EnrolmentRefused) as refused:
        remove(home, at=last + timedelta(seconds=1))
    refusal = refused.value.refusal
    assert refusal.rule is Rule.DEADLINE_PASSED
    assert refusal.since == datetime(2026, 9, 13, 23, 59, tzinfo=PARIS)
    assert "dimanche 13\u00a0septembre 2026" in refusal.sentence
    assert refusal.article == activity.rules_article
    assert refusal.way_out.kind is WayOutKind.CONTACT_SERVICE
    assert enrolment_of(home).state == EnrolmentState.ACCEPTED


@pytest.mark.exigence("I50")
def test_a_request_that_nobody_answered_is_always_taken_back(home, canteen):
    activity = canteen.activity
    activity.removal_deadline = {"kind": "never"}
    activity.save()
    home.child.enrolments.update(state=EnrolmentState.REQUESTED, decided_at=None)
    remove(home)
    assert enrolment_of(home).state == EnrolmentState.CANCELLED
    assert OutgoingMail.objects.get().subject.startswith("Demande d’inscription retirée")
    assert not Procedure.objects.exists()  # that of the request, had it one, would be « annulée »


def test_days_never_changed_on_line_go_with_the_enrolment(home, canteen):
    """Guide 002: the year is booked by the enrolment; the delay of the enrolment is its rule."""
    activity = canteen.activity
    activity.enrolment_mode = EnrolmentMode.WHOLE_YEAR
    activity.booking_deadline = activity.cancellation_deadline = {"kind": "never"}
    activity.editable_by_families = False
    activity.save()
    book(home, [MONDAY, TUESDAY])
    assert len(remove(home).going) == 2


def test_wishes_of_the_draft_go_with_their_places_and_the_others_stay(home, canteen, pool):
    sister = home.code(FRIDAY, child=1)
    change_draft(family=home.family, add=[home.code(NEXT_MONDAY), sister], remove=[], by=home.parent, at=AT)
    version = Basket.objects.get().version
    remove(home)
    assert [line.child for line in BasketLine.objects.all()] == [home.children[1]]
    assert Basket.objects.get().version == version + 1
    check_places()
    check_drafts()
    cancel_enrolment(enrolment=home.children[1].enrolments.get(), by=home.parent, at=AT)
    assert not Basket.objects.exists()
    check_places()


def test_only_who_may_book_in_the_household_that_enrolled_removes(home, canteen):
    relative = MemberFactory(family=home.family, relative=True, adult__user=UserFactory()).adult.user
    other = household(canteen, enrolled=False)
    join(other.family, home.child)
    for person in (relative, other.parent, UserFactory()):
        with pytest.raises(EnrolmentRefused) as refused:
            remove(home, by=person)
        assert refused.value.refusal.rule is Rule.NO_RIGHT
    booked = book(home, [NEXT_MONDAY])
    Booking.objects.filter(pk=booked[0].pk).update(family=other.family)
    with pytest.raises(EnrolmentRefused, match="autre foyer"):
        remove(home)
    assert enrolment_of(home).state == EnrolmentState.ACCEPTED


def test_a_day_given_back_may_be_asked_for_again_after_a_new_enrolment(home):
    book(home, [NEXT_MONDAY])
    remove(home)
    change = change_draft(family=home.family, add=[home.code(NEXT_MONDAY)], remove=[], by=home.parent, at=AT)
    assert change.left_out[0].refusal.rule is Rule.NOT_ENROLLED


def test_the_cost_does_not_grow_with_the_days(home, django_assert_max_num_queries):
    book(home, [NEXT_MONDAY])
    with django_assert_max_num_queries(75) as few:
        remove(home)
    other = household(home.unit, children=1)
    book(other, [NEXT_MONDAY + timedelta(weeks=week) for week in range(12)])
    with django_assert_max_num_queries(len(few)):
        remove(other)
