"""What agents decide: one press, one transaction, everything asked again, nothing beyond the places without a word."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from portal.domain.activities.enums import LateKind
from portal.domain.audit.models import AuditEntry
from portal.domain.bookings.capacity import CapacityTooLow, set_capacity
from portal.domain.bookings.enums import BookingSource, BookingState, Wish
from portal.domain.bookings.models import Basket, Booking, DayPlaces, Receipt
from portal.domain.bookings.services import change_draft, confirm_basket
from portal.domain.kernel.refusals import Rule
from portal.domain.late_requests.deciding import DaysRefused, accept_request, ask_request_again, refuse_request
from portal.domain.late_requests.enums import DayState, RequestState
from portal.domain.late_requests.examining import examine
from portal.domain.late_requests.merging import close_family
from portal.domain.late_requests.models import LateDay, LateRule
from portal.domain.late_requests.services import RequestDecided, RequestRefused, withdraw_request
from portal.domain.mails.models import OutgoingMail
from portal.domain.notices.models import Notice
from portal.domain.procedures.enums import ProcedureState
from portal.domain.procedures.models import Procedure
from portal.domain.waiting.services import serve_day
from tests.domain.activities.factories import ClosureFactory, UnitRelationFactory
from tests.domain.bookings.conftest import MONDAY, NEXT_MONDAY, TUESDAY
from tests.domain.bookings.factories import book, household, priced_unit
from tests.domain.bookings.invariants import check_numbers, check_places, check_relations
from tests.domain.bookings.test_policy import alter
from tests.domain.late_requests.factories import ask, day_keys, decider
from tests.domain.waiting.factories import ListRuleFactory, entry_of, wait

pytestmark = [pytest.mark.django_db, pytest.mark.exigence("C15", "P23")]


def accept(request, *days, by, at, version=1, **options):
    return accept_request(request=request.pk, version=version, days=day_keys(request, *days), by=by, at=at, **options)


def booked(home, day, *, child=0):
    return Booking.objects.booked().get(child=home.children[child], day=day)


def test_accepted_in_one_press_it_is_booked_proved_and_told(home, agent, at):
    found = accept(ask(home, MONDAY, TUESDAY, at=at), by=agent, at=at)

    assert found.state == RequestState.ACCEPTED
    monday = booked(home, MONDAY)
    assert (monday.unit_price, monday.surcharge, monday.source) == (Decimal("4.30"), 0, BookingSource.SERVICE)
    assert (monday.booked_by, monday.family) == (agent, home.family)
    receipt = Receipt.objects.get()
    assert (receipt.number, receipt.total, receipt.basket_key) == ("2026-09-00001", Decimal("8.60"), found.key)
    assert receipt.sent_to == home.parent.email
    mail = OutgoingMail.objects.get(reference=receipt.number)
    assert mail.recipient == home.parent.email
    assert "le service a accepté votre demande du" in mail.text
    assert f"Bonjour {home.parent.first_name}" in mail.text
    assert "demande du" in mail.html
    procedure = Procedure.objects.get(kind="late_request")
    assert procedure.state == ProcedureState.ACCEPTED
    assert "Reçu n° 2026-09-00001" in procedure.events.order_by("-pk")[0].note
    assert Notice.objects.filter(title__startswith="Acceptée").count() == 2
    line = AuditEntry.objects.get(verb="accept_late_request")
    assert (line.by, line.after["receipt"], len(line.after["passed"])) == (agent, receipt.number, 2)
    check_places()
    check_numbers("2026-09")


def test_a_cancellation_gives_the_place_and_the_price_back(home, other, agent, at):
    book(home, [MONDAY])

    accept(ask(home, MONDAY, at=at), by=agent, at=at)

    booking = Booking.objects.get()
    assert (booking.state, booking.cancelled_by) == (BookingState.CANCELLED, agent)
    assert Receipt.objects.get().total == Decimal("-4.30")
    assert DayPlaces.objects.get().taken == 0
    check_places()


def test_some_days_yes_the_others_no_with_a_reason(home, agent, at):
    request = ask(home, MONDAY, TUESDAY, at=at)
    with pytest.raises(RequestRefused) as refused:
        accept(request, MONDAY, by=agent, at=at)
    assert refused.value.field == "others"

    found = accept(request, MONDAY, by=agent, at=at, others="Sortie ce jour-là.")

    assert (found.state, found.answer) == (RequestState.PARTLY, "Sortie ce jour-là.")
    assert list(LateDay.objects.order_by("day").values_list("state", flat=True)) == ["accepted", "refused"]
    assert [*Booking.objects.values_list("day", flat=True)] == [MONDAY]
    assert "Sortie ce jour-là." in OutgoingMail.objects.get(reference="2026-09-00001").text


def test_refused_with_a_reason_nothing_changes(home, agent, at):
    request = ask(home, MONDAY, at=at)
    with pytest.raises(RequestRefused):
        refuse_request(request=request.pk, version=1, reason=" ", by=agent, at=at)

    found = refuse_request(request=request.pk, version=1, reason="Repas déjà commandés.", by=agent, at=at)

    assert (found.state, found.days.get().state) == (RequestState.REFUSED, DayState.REFUSED)
    assert not Booking.objects.exists()
    assert Procedure.objects.get(kind="late_request").state == ProcedureState.REFUSED
    assert "Repas déjà commandés." in Notice.objects.filter(title__startswith="Refusée")[0].text


def test_without_the_permission_nothing_is_decided(home, at):
    request = ask(home, MONDAY, at=at)
    nobody = decider("autre")
    nobody.user_permissions.clear()
    for verb in (
        lambda: accept(request, by=nobody, at=at),
        lambda: refuse_request(request=request.pk, version=1, reason="Non", by=nobody, at=at),
        lambda: ask_request_again(request=request.pk, version=1, message="Quoi ?", by=nobody, at=at),
    ):
        with pytest.raises(PermissionDenied):
            verb()


def test_what_the_family_or_a_colleague_changed_is_not_answered(home, agent, at):
    request = ask(home, MONDAY, at=at)
    ask_request_again(request=request.pk, version=1, message="Pourquoi ?", by=agent, at=at)
    with pytest.raises(RequestDecided):
        accept(request, by=agent, at=at)
    withdraw_request(request=request.key, family=home.family, by=home.parent, at=at)
    with pytest.raises(RequestDecided):
        refuse_request(request=request.pk, version=3, reason="Non", by=agent, at=at)
    assert not Booking.objects.exists()


@pytest.mark.exigence("P16")
def test_a_late_booking_costs_its_surcharge_even_when_decided_after_the_late_path(home, agent, at):
    late = {"kind": "days_before", "days": 4, "hour": "00:00"}
    alter(home.unit.activity, late_booking_deadline=late, late_kind=LateKind.AMOUNT, late_value=Decimal("2.00"))

    accept(ask(home, MONDAY, at=at), by=agent, at=at)

    assert (booked(home, MONDAY).unit_price, booked(home, MONDAY).surcharge) == (Decimal("6.30"), Decimal("2.00"))
    assert "dont 2,00" in OutgoingMail.objects.get(reference="2026-09-00001").text


def test_asked_in_time_and_decided_late_there_is_no_surcharge(home, other, agent, at):
    late = {"kind": "days_before", "days": 2, "hour": "12:00"}
    alter(home.unit.activity, late_booking_deadline=late, late_kind=LateKind.AMOUNT, late_value=Decimal("2.00"))
    alter(LateRule.objects.get(), for_capacity=True)
    book(other, [NEXT_MONDAY])
    request = ask(home, NEXT_MONDAY, at=at)

    accept(request, by=agent, at=at + timedelta(days=8), beyond="Fratrie")

    assert booked(home, NEXT_MONDAY).surcharge == 0


# What an agent never passes over


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (lambda home: ClosureFactory(starts_on=MONDAY, ends_on=MONDAY), Rule.CLOSED_DAY),
        (lambda home: home.child.enrolments.update(ends_on=MONDAY - timedelta(days=3)), Rule.OUTSIDE_ENROLMENT),
        (lambda home: book(home, [MONDAY]), Rule.ALREADY_BOOKED),
    ],
)
def test_everything_but_the_deadline_is_asked_again(home, agent, at, change, rule):
    request = ask(home, MONDAY, TUESDAY, at=at)
    change(home)

    with pytest.raises(DaysRefused) as refused:
        accept(request, by=agent, at=at)

    assert {code: each.rule for code, each in refused.value.reasons.items() if code == home.code(MONDAY)} == {
        home.code(MONDAY): rule
    }
    assert not Receipt.objects.exists()
    monday = examine(request, at=at)[0]
    assert (monday.is_possible, monday.refusal.rule) == (False, rule)


def test_what_units_are_to_each_other_stays(home, agent, at):
    """Booked together, or not at all; what excludes a booked day is refused."""
    activity = home.unit.activity
    lunch = priced_unit(activity=activity, code="midi", price="0.30")
    UnitRelationFactory(unit=home.unit, other=lunch)
    accept(ask(home, MONDAY, at=at), by=agent, at=at)
    assert Booking.objects.booked().filter(day=MONDAY).count() == 2
    assert Receipt.objects.get().total == Decimal("4.60")
    check_relations()

    evening = priced_unit(activity=activity, code="soir")
    home.units.append(evening)
    UnitRelationFactory(unit=evening, other=home.unit, exclusive=True)
    with pytest.raises(RequestRefused):
        ask(home, MONDAY, at=at, unit=1)


def test_a_day_that_has_begun_is_not_decided(home, agent, at):
    request = ask(home, at.date(), at=at)

    with pytest.raises(DaysRefused):
        accept(request, by=agent, at=at.replace(hour=11, minute=30))


# Beyond the places


def full(home, other):
    alter(LateRule.objects.get(), for_capacity=True)
    book(other, [MONDAY])
    return home


def test_a_full_day_is_refused_without_a_word(home, other, agent, at):
    request = ask(full(home, other), MONDAY, at=at)

    with pytest.raises(DaysRefused) as refused:
        accept(request, by=agent, at=at)

    assert [each.rule for each in refused.value.reasons.values()] == [Rule.FULL]
    assert DayPlaces.objects.get().extra == 0


def test_beyond_the_places_with_a_reason_in_the_journal_one_place_more(home, other, agent, at):
    request = ask(full(home, other), MONDAY, at=at)

    accept(request, by=agent, at=at, beyond="Hospitalisation d’un parent")

    row = DayPlaces.objects.get()
    assert (row.capacity, row.taken, row.extra) == (1, 2, 1)
    assert request.days.get().is_beyond
    line = AuditEntry.objects.get(verb="exceed_places")
    assert (line.after["reason"], line.by) == ("Hospitalisation d’un parent", agent)
    check_places()


def test_exceeding_has_a_permission_of_its_own(home, other, at):
    request = ask(full(home, other), MONDAY, at=at)
    with pytest.raises(PermissionDenied):
        accept(request, by=decider("sans", exceeds=False), at=at, beyond="Urgence")


def test_the_place_beyond_vanishes_with_whoever_leaves(home, other, agent, at):
    """A stranger never gets it, nor the line; a place that changes hands within the family does."""
    accept(ask(full(home, other), MONDAY, at=at), by=agent, at=at, beyond="Urgence")

    accept(ask(other, MONDAY, at=at), by=agent, at=at)

    row = DayPlaces.objects.get()
    assert (row.taken, row.extra) == (1, 0)
    third = household(home.unit)
    with pytest.raises(DaysRefused):
        accept(ask(third, MONDAY, at=at), by=agent, at=at)
    check_places()


def test_the_line_is_not_served_a_place_beyond(home, other, agent, at):
    ListRuleFactory(activity=home.unit.activity)
    alter(LateRule.objects.get(), for_capacity=True)
    book(other, [NEXT_MONDAY])
    third = household(home.unit)
    wait(third, NEXT_MONDAY, at=at)
    accept(ask(home, NEXT_MONDAY, at=at), by=agent, at=at, beyond="Urgence")

    change = change_draft(family=other.family, add=[], remove=other.codes([NEXT_MONDAY]), by=other.parent, at=at)
    confirm_basket(family=other.family, key=change.draft.key, by=other.parent, at=at)
    serve_day(day=NEXT_MONDAY, at=at)

    assert entry_of(third, NEXT_MONDAY).state == "waiting"
    row = DayPlaces.objects.get(day=NEXT_MONDAY)
    assert (row.taken, row.held, row.extra) == (1, 0, 0)
    check_places()


def test_an_offered_place_is_not_taken_by_an_agent(home, other, agent, at):
    ListRuleFactory(activity=home.unit.activity)
    alter(LateRule.objects.get(), for_capacity=True)
    book(other, [NEXT_MONDAY])
    third = household(home.unit)
    wait(third, NEXT_MONDAY, at=at)
    request = ask(home, NEXT_MONDAY, at=at)
    change = change_draft(family=other.family, add=[], remove=other.codes([NEXT_MONDAY]), by=other.parent, at=at)
    confirm_basket(family=other.family, key=change.draft.key, by=other.parent, at=at)
    serve_day(day=NEXT_MONDAY, at=at)
    assert entry_of(third, NEXT_MONDAY).state == "offered"

    with pytest.raises(DaysRefused):
        accept(request, by=agent, at=at)
    accept(request, by=agent, at=at, beyond="Urgence")

    row = DayPlaces.objects.get(day=NEXT_MONDAY)
    assert (row.taken, row.held, row.extra) == (1, 1, 1)
    check_places()


def test_more_places_for_all_make_those_beyond_ordinary(home, other, pool, agent, at):
    accept(ask(full(home, other), MONDAY, at=at), by=agent, at=at, beyond="Urgence")

    set_capacity(pool=pool, capacity=3, by=agent, at=at)

    row = DayPlaces.objects.get()
    assert (row.capacity, row.taken, row.extra) == (3, 2, 0)
    with pytest.raises(CapacityTooLow):
        set_capacity(pool=pool, capacity=1, by=agent, at=at)


# The draft of the family


def test_a_wish_of_the_draft_is_granted_and_goes(home, agent, at):
    request = ask(home, MONDAY, at=at)
    before = at - timedelta(days=1)
    change_draft(family=home.family, add=home.codes([MONDAY]), remove=[], by=home.parent, at=before)
    assert DayPlaces.objects.get().held == 1

    accept(request, by=agent, at=at)

    assert not Basket.objects.exists()
    check_places()


def test_a_dossier_put_away_asks_for_nothing(home, agent, at):
    request = ask(home, MONDAY, at=at)
    close_family(home.family.pk, agent, at)

    request.refresh_from_db()
    assert (request.state, request.days.get().wish) == (RequestState.WITHDRAWN, Wish.ADD)


def test_what_an_agent_sees_of_each_day(home, at, django_assert_max_num_queries):
    """The places, the price, the rule, and what brothers and sisters have that week."""
    book(home, [NEXT_MONDAY])
    book(home, [TUESDAY], child=1)
    alter(LateRule.objects.get(), for_capacity=True)
    request = ask(home, MONDAY, TUESDAY, at=at)

    with django_assert_max_num_queries(14):
        monday, tuesday = examine(request, at=at)

    assert (monday.left, monday.capacity, monday.is_full, monday.amount) == (1, 1, False, Decimal("4.30"))
    assert (tuesday.left, tuesday.is_full, tuesday.is_possible) == (0, True, True)
    assert "jeudi" in monday.rule
    assert monday.week == ((TUESDAY, "Léna", "Cantine"),)
