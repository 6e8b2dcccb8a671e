"""What agents do: accept with its effect on prices, refuse, ask again, take a decision again."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from portal.backoffice.desk.areas.absences import AbsencesQueue
from portal.domain.absences.deciding import accept_absence, ask_absence_again, refuse_absence, reopen_absence
from portal.domain.absences.ending import lapse_absences
from portal.domain.absences.enums import AbsenceState, Cause, Outcome
from portal.domain.absences.models import Absence, AbsenceDay, AbsenceRule
from portal.domain.absences.pricing import price_effect, price_effects
from portal.domain.absences.queries import absent_on, family_absences, marks, waiting_absences
from portal.domain.absences.readings import ONE_LOOK, read_certificate
from portal.domain.absences.services import AbsenceDecided, AbsenceRefused, send_certificate
from portal.domain.accounts.models import User
from portal.domain.audit.models import AuditEntry
from portal.domain.bookings.codes import CellKey
from portal.domain.bookings.enums import BookingState
from portal.domain.bookings.models import Booking, DayPlaces
from portal.domain.bookings.services import change_draft, confirm_basket
from portal.domain.kernel.calendar import DateRange
from portal.domain.notices.models import Notice
from portal.domain.privacy.registry import retentions
from portal.domain.privacy.retention import find_kept, list_due
from portal.domain.scope.models import AgentLimit
from portal.domain.scope.queries import is_limited
from tests.domain.absences.conftest import AT, FRIDAY, MONDAY, THURSDAY, TUESDAY, WEEK
from tests.domain.absences.factories import RuleFactory, certificate
from tests.domain.absences.test_services import declare
from tests.domain.accounts.factories import UserFactory
from tests.domain.activities.factories import StructureFactory
from tests.domain.bookings.factories import Household, book, household
from tests.domain.bookings.invariants import check_places

pytestmark = pytest.mark.exigence("B4")


@pytest.fixture
def sent(home: Household, illness: Any) -> Absence:
    return declare(home, illness, uploads=[certificate()])


def test_accepting_keeps_the_price_of_each_day_for_billing(home: Household, sent: Absence, agent: Any) -> None:
    accept_absence(absence=sent.pk, version=sent.version, by=agent, at=AT)

    effects = price_effects(Booking.objects.filter(child=home.child))
    by_day = {row.day: effects.get(row.pk) for row in Booking.objects.filter(child=home.child)}
    assert [(by_day[day].outcome, str(by_day[day].amount)) for day in WEEK] == [
        (Outcome.CHARGED, "4.30"),
        (Outcome.FREE, "0.00"),
        (Outcome.FREE, "0.00"),
        (Outcome.FREE, "0.00"),
    ]
    assert by_day[MONDAY].cause is Cause.CARENCE
    assert by_day[MONDAY].explanation == ("Jour de carence\u00a0: facturé.",)
    assert sum(effect.change for effect in effects.values()) == -3 * by_day[MONDAY].price
    assert Booking.objects.filter(child=home.child, state=BookingState.BOOKED).count() == 5
    told = Notice.objects.latest("pk")
    assert told.text.startswith("1\u00a0jour de carence facturé, 3\u00a0jours non facturés")


def test_places_of_days_to_come_are_given_back_once_and_only_those(home: Household, sent: Absence, agent: Any) -> None:
    accept_absence(absence=sent.pk, version=sent.version, by=agent, at=AT)

    assert dict(DayPlaces.objects.filter(day__in=WEEK).values_list("day", "taken")) == {
        MONDAY: 1,
        TUESDAY: 1,
        THURSDAY: 0,
        FRIDAY: 0,
    }
    check_places()
    reopen_absence(absence=sent.pk, reason="Erreur de saisie.", by=agent, at=AT)
    again = Absence.objects.get()
    accept_absence(absence=again.pk, version=again.version, by=agent, at=AT)
    check_places()


def test_a_day_whose_place_was_given_back_gives_no_place_when_it_is_cancelled(
    home: Household, sent: Absence, agent: Any
) -> None:
    """The town may move its deadline: what is then cancelled on line must not free a place twice."""
    accept_absence(absence=sent.pk, version=sent.version, by=agent, at=AT)
    activity = home.unit.activity
    activity.cancellation_deadline = activity.booking_deadline = {"kind": "always"}
    activity.save()

    draft = change_draft(family=home.family, add=[], remove=home.codes([FRIDAY]), by=home.parent, at=AT)
    confirm_basket(family=home.family, key=draft.draft.key, by=home.parent, at=AT)

    assert not Booking.objects.booked().filter(day=FRIDAY).exists()
    check_places()


def test_what_was_cancelled_meanwhile_costs_nothing_of_its_own(home: Household, sent: Absence, agent: Any) -> None:
    Booking.objects.filter(day=TUESDAY).update(state=BookingState.CANCELLED, cancelled_at=AT, cancelled_by=home.parent)

    accept_absence(absence=sent.pk, version=sent.version, by=agent, at=AT)

    assert price_effect(Booking.objects.get(day=TUESDAY)) is None
    assert AbsenceDay.objects.get(booking__day=TUESDAY).outcome == Outcome.VOID
    assert price_effect(Booking.objects.get(day=MONDAY)).cause is Cause.CARENCE


def test_the_rule_shown_to_the_family_is_the_one_that_counts(home: Household, sent: Absence, agent: Any) -> None:
    AbsenceRule.objects.update(carence_days=4)

    accept_absence(absence=sent.pk, version=sent.version, by=agent, at=AT)

    assert AbsenceDay.objects.filter(cause=Cause.CARENCE).count() == 1


def test_what_follows_without_a_day_of_presence_pays_no_second_carence(
    home: Household, illness: Any, agent: Any
) -> None:
    first = declare(home, illness, [MONDAY, TUESDAY], uploads=[certificate()])
    accept_absence(absence=first.pk, version=first.version, by=agent, at=AT)
    next_one = declare(home, illness, [THURSDAY], uploads=[certificate()])
    accept_absence(absence=next_one.pk, version=next_one.version, by=agent, at=AT)

    assert price_effect(Booking.objects.get(day=THURSDAY)).outcome is Outcome.FREE


def test_a_maximum_counts_over_declarations(home: Household, illness: Any, agent: Any) -> None:
    RuleFactory(type=None, activity=home.unit.activity, carence_days=0, most_days=2)
    first = declare(home, illness, [MONDAY], uploads=[certificate()])
    accept_absence(absence=first.pk, version=first.version, by=agent, at=AT)
    second = declare(home, illness, [THURSDAY, FRIDAY], uploads=[certificate()])
    accept_absence(absence=second.pk, version=second.version, by=agent, at=AT)

    found = {row.booking.day: row.cause for row in AbsenceDay.objects.select_related("booking")}
    assert found == {MONDAY: "excused", THURSDAY: "excused", FRIDAY: "maximum"}


def test_refused_with_a_reason_charges_the_days(home: Household, sent: Absence, agent: Any) -> None:
    with pytest.raises(AbsenceRefused):
        refuse_absence(absence=sent.pk, version=sent.version, reason="  ", by=agent, at=AT)
    refuse_absence(absence=sent.pk, version=sent.version, reason="Illisible.", by=agent, at=AT)

    effects = price_effects(Booking.objects.all())
    assert {(effect.cause, effect.change) for effect in effects.values()} == {(Cause.REFUSED, 0)}
    assert not DayPlaces.objects.filter(day__in=WEEK, taken=0).exists()


def test_an_answer_is_given_to_what_was_seen(home: Household, sent: Absence, agent: Any) -> None:
    send_certificate(absence=sent, uploads=[certificate(shade=9)], by=home.parent, at=AT)
    with pytest.raises(AbsenceDecided):
        accept_absence(absence=sent.pk, version=sent.version, by=agent, at=AT)
    with pytest.raises(PermissionDenied):
        accept_absence(absence=sent.pk, version=2, by=UserFactory(agent=True), at=AT)
    ask_absence_again(absence=sent.pk, version=2, message="Il manque une page.", by=agent, at=AT)
    with pytest.raises(AbsenceDecided):
        refuse_absence(absence=sent.pk, version=3, reason="Non.", by=agent, at=AT)


def test_late_needs_a_reason(home: Household, illness: Any, agent: Any) -> None:
    absence = declare(home, illness)
    after = AT + timedelta(days=20)
    lapse_absences(after)
    sent = send_certificate(absence=absence, uploads=[certificate()], by=home.parent, at=after)
    with pytest.raises(AbsenceRefused, match="hors délai"):
        accept_absence(absence=sent.pk, version=sent.version, by=agent, at=after)

    accept_absence(absence=sent.pk, version=sent.version, late_reason="Hôpital.", by=agent, at=after)

    assert Absence.objects.get().late_reason == "Hôpital."
    with transaction.atomic(), pytest.raises(IntegrityError, match="absence_late_has_reason"):
        Absence.objects.update(late_reason="")


def test_one_declaration_speaks_of_a_booking(home: Household, sent: Absence) -> None:
    row = sent.days.order_by("pk")[0]
    with pytest.raises(IntegrityError, match="absence_day_once_per_booking"):
        AbsenceDay.objects.create(absence=sent, booking=row.booking)


def test_an_agent_who_looks_leaves_a_line_and_another_sees_nothing(sent: Absence, agent: Any) -> None:
    for minutes in (0, 5, 11):
        assert len(read_certificate(absence=sent, by=agent, at=AT + timedelta(minutes=minutes))) == 1
    assert sent.readings.count() == 2
    assert timedelta(minutes=10) == ONE_LOOK
    clerk = UserFactory(agent=True)
    with pytest.raises(PermissionDenied):
        read_certificate(absence=sent, by=clerk, at=AT)
    assert not waiting_absences(clerk).exists()
    assert absent_on(clerk, days=WEEK, on=MONDAY) == []
    assert waiting_absences(agent).count() == 1


def test_the_list_of_the_day_tells_who_and_never_why(home: Household, sent: Absence, agent: Any) -> None:
    rows = absent_on(agent, days=[MONDAY], on=MONDAY)

    assert [(row.child, row.decided) for row in rows] == [(f"{home.child.last_name} Hugo", False)]
    assert "aladie" not in repr(rows)
    assert absent_on(agent, days=[MONDAY], on=MONDAY, structure=0) == []


def test_marks_and_lists_cost_one_query_whatever_the_number(
    home: Household, sent: Absence, agent: Any, illness: Any, django_assert_num_queries: Any
) -> None:
    other = household(home.unit)
    book(other, WEEK)
    declare(other, illness)
    assert agent.has_perm("absences.list_absence")
    assert not is_limited(agent)  # both are read once for each request
    with django_assert_num_queries(1):
        found = marks(family=home.family, days=DateRange(MONDAY, FRIDAY))
    assert CellKey(home.child.pk, home.unit.pk, MONDAY).code in found
    assert len(found) == 4
    with django_assert_num_queries(1):
        assert len(absent_on(agent, days=WEEK, on=MONDAY)) == 8


def test_the_certificate_is_forgotten_and_the_price_stays(home: Household, sent: Absence, agent: Any) -> None:
    accept_absence(absence=sent.pk, version=sent.version, by=agent, at=AT)
    kept = find_kept("absence_certificates")
    assert list_due(kept=kept, at=AT + timedelta(days=59)) == []
    due = list_due(kept=kept, at=AT + timedelta(days=61))
    assert [row.key for row in due] == [sent.pk]

    retention = next(each for each in retentions() if each.code == "absence_certificates")
    assert retention.erase([sent.pk], agent, AT) == 1
    assert retention.erase([sent.pk], agent, AT) == 0

    sent.refresh_from_db()
    assert (sent.reason, sent.files.count(), sent.days.count()) == (None, 0, 4)
    assert price_effect(Booking.objects.get(day=date(2026, 9, 15))).outcome is Outcome.FREE
    assert AuditEntry.objects.filter(verb="erase_certificate").count() == 1
    assert sent.state == AbsenceState.ACCEPTED


def test_an_agent_of_another_place_sees_no_absence(home: Household, sent: Absence, agent: Any) -> None:
    assert AbsencesQueue().count(agent) == 1
    AgentLimit.objects.create(agent=agent, structure=StructureFactory())
    elsewhere = User.objects.get(pk=agent.pk)
    assert AbsencesQueue().count(elsewhere) == 0
    assert absent_on(elsewhere, days=WEEK, on=MONDAY) == []
    assert family_absences(elsewhere, home.family, limit=5, on=MONDAY) == []
