"""What families ask: refused days only, where the town takes it, once, by whoever may book."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from portal.domain.activities.enums import LateKind
from portal.domain.audit.models import AuditEntry
from portal.domain.bookings.enums import Wish
from portal.domain.bookings.models import Booking, DayPlaces
from portal.domain.families.access import NotAllowed
from portal.domain.families.models import ChildLink, FamilyMember
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.clock import PARIS
from portal.domain.kernel.refusals import Rule
from portal.domain.late_requests.asking import askable_days
from portal.domain.late_requests.deciding import ask_request_again
from portal.domain.late_requests.ending import lapse_requests
from portal.domain.late_requests.enums import DayState, Ground, RequestState
from portal.domain.late_requests.models import LateDay, LateRequest, LateRule
from portal.domain.late_requests.queries import find_request, marks
from portal.domain.late_requests.services import (
    RequestRefused,
    reply_to_service,
    send_request,
    withdraw_request,
)
from portal.domain.late_requests.terms import sentences, terms_of, terms_of_rule
from portal.domain.mails.models import OutgoingMail
from portal.domain.notices.models import Notice
from portal.domain.procedures.enums import ProcedureState
from portal.domain.procedures.models import Procedure
from tests.domain.activities.factories import ClosureFactory
from tests.domain.bookings.conftest import FRIDAY, MONDAY, NEXT_MONDAY, THURSDAY, TUESDAY
from tests.domain.bookings.factories import book, household, join
from tests.domain.bookings.test_policy import alter
from tests.domain.late_requests.factories import LateRuleFactory, ask

pytestmark = [pytest.mark.django_db, pytest.mark.exigence("P23", "C15")]


def look(home, day, *, at, by=None, child=0):
    code = home.code(day, child=child)
    return askable_days(family=home.family, user=by or home.parent, code=code, at=at)


def rule():
    return LateRule.objects.get()


# What may be asked


@pytest.mark.exigence("C2")
def test_the_form_holds_the_refused_days_of_the_month_with_their_price_and_their_rule(home, at):
    found = look(home, MONDAY, at=at)

    # Friday 11 has not begun, the week of the 14th is closed, that of the 21st is still changed on the planning.
    assert [each.day.day for each in found.days] == [11, 14, 15, 17, 18]
    monday = found.days[1]
    assert (found.wish, found.child_name, monday.ground) == (Wish.ADD, "Hugo", Ground.DEADLINE)
    assert (monday.amount, monday.surcharge, monday.is_late) == (Decimal("4.30"), 0, True)
    assert monday.since == datetime(2026, 9, 10, 23, 59, tzinfo=PARIS)
    assert monday.reason.rule is Rule.DEADLINE_PASSED


def test_a_booked_day_is_asked_to_be_cancelled(home, at):
    book(home, [MONDAY, THURSDAY])

    found = look(home, MONDAY, at=at)

    assert found.wish == Wish.REMOVE
    assert [each.day for each in found.days] == [MONDAY, THURSDAY]


def test_a_day_that_still_changes_on_the_planning_is_not_asked_for(home, at):
    found = look(home, NEXT_MONDAY, at=at)

    assert found.refusal is not None
    with pytest.raises(RequestRefused, match="change encore"):
        ask(home, NEXT_MONDAY, at=at)


def test_a_full_day_is_asked_for_only_where_the_town_takes_it(home, other, at):
    book(other, [NEXT_MONDAY])
    assert look(home, NEXT_MONDAY, at=at).refusal is not None

    alter(rule(), for_capacity=True)
    found = look(home, NEXT_MONDAY, at=at)

    assert [(each.day, each.ground, each.is_late) for each in found.days if each.day == NEXT_MONDAY] == [
        (NEXT_MONDAY, Ground.CAPACITY, False)
    ]


def test_late_and_full_needs_both(home, other, at):
    book(other, [MONDAY])
    assert look(home, MONDAY, at=at).refusal is not None
    alter(rule(), for_capacity=True)
    assert look(home, MONDAY, at=at).days[1].ground == Ground.BOTH


@pytest.mark.exigence("I41")
def test_what_is_changed_by_the_service_only_is_asked_of_it(home, at):
    alter(home.unit.activity, booking_deadline={"kind": "never"}, cancellation_deadline={"kind": "never"})
    book(home, [NEXT_MONDAY])

    assert look(home, NEXT_MONDAY, at=at).refusal is None
    assert ask(home, NEXT_MONDAY, at=at).wish == Wish.REMOVE
    alter(home.unit.activity, editable_by_families=False)
    assert look(home, TUESDAY, at=at).refusal is None


def test_the_rule_of_the_activity_holds_before_that_of_its_service(home, at):
    activity = home.unit.activity
    alter(rule(), for_deadline=False)
    LateRuleFactory(service=activity.service, full=True, answer_days=3)

    assert not terms_of([activity.pk])[activity.pk].takes_any
    assert look(home, MONDAY, at=at).refusal is not None
    rule_of_activity = LateRule.objects.get(activity=activity)
    rule_of_activity.delete()
    assert terms_of([activity.pk])[activity.pk].answer_days == 3


def test_the_rule_reads_as_a_sentence():
    assert "après le délai, une demande" in " ".join(sentences(terms_of_rule(LateRule()))).lower()
    both = " ".join(sentences(terms_of_rule(LateRule(for_capacity=True, answer_days=2))))
    assert "ou quand un jour est complet" in both
    assert "répond en 2\u00a0jours" in both
    assert "aucune demande ne se fait" in " ".join(sentences(terms_of_rule(LateRule(for_deadline=False))))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda home: ClosureFactory(starts_on=MONDAY, ends_on=MONDAY), Rule.CLOSED_DAY),
        (lambda home: home.child.enrolments.update(ends_on=FRIDAY - timedelta(days=7)), Rule.OUTSIDE_ENROLMENT),
        (lambda home: home.child.enrolments.all().delete(), Rule.NOT_ENROLLED),
    ],
)
def test_nobody_asks_for_what_nobody_can_grant(home, at, change, expected):
    change(home)

    refusal = look(home, MONDAY, at=at).refusal

    assert refusal is not None
    assert refusal.rule is expected
    with pytest.raises(RequestRefused):
        ask(home, MONDAY, at=at)


def test_a_day_that_has_begun_is_not_asked_for(home, at):
    noon = at.replace(hour=11, minute=30)
    assert look(home, at.date(), at=noon - timedelta(minutes=1)).refusal is None
    refusal = look(home, at.date(), at=noon).refusal
    assert refusal is not None
    assert "a commencé" in refusal.sentence


@pytest.mark.exigence("P16")
def test_a_late_surcharge_is_shown_before_it_is_asked_for(home, at):
    late = {"kind": "days_before", "days": 4, "hour": "00:00"}
    alter(home.unit.activity, late_booking_deadline=late, late_kind=LateKind.AMOUNT, late_value=Decimal("2.00"))

    monday = look(home, MONDAY, at=at).days[1]

    assert (monday.day, monday.amount, monday.surcharge) == (MONDAY, Decimal("6.30"), Decimal("2.00"))
    assert "supplément" in monday.explanation[-1]


# Sending


def test_a_request_is_sent_acknowledged_and_holds_no_place(home, at):
    alter(rule(), answer_days=2)

    found = ask(home, MONDAY, TUESDAY, at=at)

    assert (found.state, found.days.count(), found.asked_by) == (RequestState.SENT, 2, home.parent)
    procedure = Procedure.objects.get(kind="late_request")
    assert procedure.title == "Réservation demandée\u00a0: Hugo, Cantine"
    assert (procedure.state, procedure.answer_by) == (ProcedureState.RECEIVED, (at + timedelta(days=2)).date())
    assert procedure.number
    assert OutgoingMail.objects.count() == 2  # both parents are told that it was received
    assert not DayPlaces.objects.exists()
    assert not Booking.objects.exists()
    line = AuditEntry.objects.get(verb="send_late_request")
    assert "imprévu" not in str(line.after)


def test_the_same_day_is_asked_for_once(home, at):
    ask(home, MONDAY, at=at)

    with pytest.raises(RequestRefused, match="attend déjà"):
        ask(home, MONDAY, TUESDAY, at=at)
    assert look(home, MONDAY, at=at).refusal is not None
    assert MONDAY not in [each.day for each in look(home, TUESDAY, at=at).days]
    ask(home, MONDAY, at=at, child=1)  # a sister asks for herself


def test_the_database_keeps_one_open_request_by_day(home, at):
    found = ask(home, MONDAY, at=at)
    row = found.days.get()
    row.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


@pytest.mark.parametrize(
    ("reason", "expected"),
    [("  ", "Écrivez pourquoi"), ("x" * 501, "500\u00a0caractères"), ("\x00", "Écrivez pourquoi")],
)
def test_a_reason_is_needed_and_stays_short(home, at, reason, expected):
    with pytest.raises(RequestRefused, match=expected):
        send_request(family=home.family, codes=[home.code(MONDAY)], reason=reason, by=home.parent, at=at)
    assert not LateRequest.objects.exists()


def test_one_child_and_one_wish_by_request(home, at):
    book(home, [MONDAY])
    for codes in ([home.code(TUESDAY), home.code(TUESDAY, child=1)], [home.code(MONDAY), home.code(TUESDAY)]):
        with pytest.raises(RequestRefused) as refused:
            send_request(family=home.family, codes=codes, reason="Imprévu", by=home.parent, at=at)
        assert refused.value.field == "days"


def test_who_may_not_book_does_not_ask(home, at):
    FamilyMember.objects.filter(adult__user=home.parent).update(can_book=False)
    with pytest.raises(NotAllowed):
        ask(home, MONDAY, at=at)
    ChildLink.objects.filter(child=home.child).update(can_book=False)
    with pytest.raises(NotAllowed):
        ask(home, MONDAY, at=at, by=home.others[0])


def test_both_parents_see_it_and_the_other_household_does_not(home, at):
    apart = household()
    join(apart.family, home.child)
    found = ask(home, MONDAY, at=at)

    assert find_request(user=home.others[0], family=home.family, key=found.key) == found
    assert find_request(user=apart.parent, family=apart.family, key=found.key) is None
    assert find_request(user=apart.parent, family=home.family, key=found.key) is None
    week = DateRange(MONDAY, FRIDAY)
    assert [*marks(family=home.family, days=week)] == [home.code(MONDAY)]
    assert marks(family=apart.family, days=week) == {}


# The rest of its life


def test_withdrawn_twice_is_withdrawn_once_and_may_be_asked_again(home, at):
    found = ask(home, MONDAY, at=at)
    for _ in range(2):
        withdraw_request(request=found.key, family=home.family, by=home.others[0], at=at)

    found.refresh_from_db()
    assert (found.state, found.days.get().state) == (RequestState.WITHDRAWN, DayState.WITHDRAWN)
    assert Procedure.objects.get(kind="late_request").state == ProcedureState.CANCELLED
    assert AuditEntry.objects.filter(verb="withdraw_late_request").count() == 1
    ask(home, MONDAY, at=at)


def test_another_familys_request_does_not_exist(home, other, at):
    found = ask(home, MONDAY, at=at)
    for verb in (
        lambda: withdraw_request(request=found.key, family=other.family, by=other.parent, at=at),
        lambda: reply_to_service(request=found.key, family=other.family, text="Oui", by=other.parent, at=at),
    ):
        with pytest.raises(LateRequest.DoesNotExist):
            verb()


@pytest.mark.exigence("T2", "T10")
def test_a_question_and_its_answer(home, agent, at):
    found = ask(home, MONDAY, at=at)
    with pytest.raises(RequestRefused):
        reply_to_service(request=found.key, family=home.family, text="Oui", by=home.parent, at=at)

    ask_request_again(request=found.pk, version=1, message="À quelle heure arrive-t-il ?", by=agent, at=at)
    assert Procedure.objects.get(kind="late_request").state == ProcedureState.YOUR_TURN
    assert Notice.objects.filter(title__startswith="Le service vous demande").count() == 2
    assert marks(family=home.family, days=DateRange(MONDAY, MONDAY))[home.code(MONDAY)].asked
    reply_to_service(request=found.key, family=home.family, text="À midi", by=home.parent, at=at)

    found.refresh_from_db()
    assert (found.state, found.version) == (RequestState.SENT, 3)
    assert [(word.of_service, word.text) for word in found.words.order_by("pk")] == [
        (True, "À quelle heure arrive-t-il ?"),
        (False, "À midi"),
    ]


def test_a_day_that_comes_closes_its_line_and_the_last_one_the_request(home, at):
    found = ask(home, MONDAY, TUESDAY, at=at)
    monday_noon = datetime(2026, 9, 14, 11, 30, tzinfo=PARIS)

    assert lapse_requests(monday_noon - timedelta(minutes=1)) == 0
    assert lapse_requests(monday_noon) == 1
    assert lapse_requests(monday_noon) == 0
    found.refresh_from_db()
    assert found.state == RequestState.SENT
    assert list(LateDay.objects.order_by("day").values_list("state", flat=True)) == ["lapsed", "open"]
    lapse_requests(monday_noon + timedelta(days=1))
    found.refresh_from_db()
    assert found.state == RequestState.LAPSED
    assert Procedure.objects.get(kind="late_request").state == ProcedureState.CANCELLED
    assert Notice.objects.filter(user=home.parent, title__startswith="Sans réponse").count() == 2


def test_the_form_costs_the_same_whatever_the_days(home, at, django_assert_max_num_queries):
    with django_assert_max_num_queries(14):
        look(home, MONDAY, at=at)
