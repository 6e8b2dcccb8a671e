"""An enrolment that books its days by itself."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from portal.domain.activities.enums import EnrolmentMode, ValidationMode
from portal.domain.audit.models import AuditEntry
from portal.domain.bookings.enums import BookingSource
from portal.domain.bookings.models import Booking, DayPlaces
from portal.domain.bookings.services import change_draft, enrol_and_book
from portal.domain.enrolments.enums import EnrolmentState
from portal.domain.enrolments.services import EnrolmentRefused
from portal.domain.kernel.clock import PARIS
from portal.domain.kernel.refusals import Rule
from portal.domain.mails.models import OutgoingMail
from portal.domain.procedures.models import Procedure
from tests.domain.activities.factories import ClosureFactory, PlacePoolFactory
from tests.domain.bookings.conftest import AT, MONDAY
from tests.domain.bookings.factories import book, household, priced_unit
from tests.domain.tariffs.factories import TariffVersionFactory

NBSP = "\u00a0"

pytestmark = pytest.mark.django_db


@pytest.fixture
def pool(db):
    return PlacePoolFactory(capacity=40)


@pytest.fixture
def canteen(pool, calendar):
    return priced_unit(pools=[pool], activity__enrolment_mode=EnrolmentMode.PATTERN)


@pytest.fixture
def home(canteen):
    return household(canteen, enrolled=False)


def enrol(home, *, starts_on=date(2026, 9, 10), pattern=None, at=AT, unit=0):
    thing = home.units[unit]
    return enrol_and_book(
        family=home.family,
        child=home.child,
        activity=thing.activity,
        starts_on=starts_on,
        pattern={thing.pk: frozenset({1, 2, 4, 5})} if pattern is None else pattern,
        by=home.parent,
        at=at,
    )


@pytest.mark.exigence("I33", "I35", "I37", "P4")
def test_a_pattern_books_every_served_day_of_the_year(home, pool):
    outcome = enrol(home)
    assert outcome.enrolment.state == EnrolmentState.ACCEPTED
    assert (outcome.booked, outcome.cost) == (132, Decimal("567.60"))
    assert str(outcome.computation) == f"132{NBSP}×{NBSP}4,30{NBSP}€ = 567,60{NBSP}€"
    # Thursday 10 and Friday 11 closed on Thursday 3: the meals are ordered.
    assert [(left.day, left.refusal.rule) for left in outcome.left_out] == [
        (date(2026, 9, 10), Rule.DEADLINE_PASSED),
        (date(2026, 9, 11), Rule.DEADLINE_PASSED),
    ]
    days = set(Booking.objects.values_list("day", flat=True))
    assert min(days) == MONDAY
    assert max(days) == date(2027, 7, 2)
    assert not days & {date(2026, 10, 19), date(2027, 3, 29), date(2027, 5, 6)}
    booking = Booking.objects.first()
    assert (booking.source, booking.enrolment, booking.unit_price) == (
        BookingSource.PATTERN,
        outcome.enrolment,
        Decimal("4.30"),
    )
    assert {(row.taken, row.held) for row in DayPlaces.objects.filter(pool=pool)} == {(1, 0)}
    assert AuditEntry.objects.get(verb="book_enrolment").after["cost"] == "567.60"


@pytest.mark.exigence("I33")
def test_only_the_days_of_the_pattern_are_booked(home, canteen):
    outcome = enrol(home, pattern={canteen.pk: frozenset({1})})
    assert {day.isoweekday() for day in Booking.objects.values_list("day", flat=True)} == {1}
    assert outcome.booked == Booking.objects.count()


@pytest.mark.exigence("I36", "I49", "P36")
def test_one_mail_and_one_procedure(home, mailoutbox, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        outcome = enrol(home)
    procedure = Procedure.objects.get()
    assert (procedure.title, procedure.state, procedure.child) == (
        f"Inscription{NBSP}: Hugo, Restaurant scolaire 2026/2027",
        "accepted",
        home.child,
    )
    mail = OutgoingMail.objects.get()
    assert mail.subject == f"Inscription enregistrée{NBSP}: Hugo, Restaurant scolaire 2026/2027"
    assert mail.recipient == home.parent.email
    for text in (mail.text, mail.html):
        assert f"132{NBSP}×{NBSP}4,30{NBSP}€ = 567,60{NBSP}€" in text
        assert "lundi, mardi, jeudi et vendredi" in text
        assert f"jeudi 10{NBSP}septembre 2026" in text
        assert outcome.left_out[0].refusal.sentence in text
    assert "132 jours sont déjà réservés." in mail.text
    assert len(mailoutbox) == 1


def test_full_and_closed_days_are_left_out_and_listed(home, canteen, pool):
    pool.capacity = 1
    pool.save()
    book(household(canteen), [MONDAY])
    ClosureFactory(starts_on=date(2026, 9, 15), ends_on=date(2026, 9, 15))
    outcome = enrol(home, starts_on=MONDAY)
    assert [(left.day.day, left.refusal.rule) for left in outcome.left_out] == [
        (14, Rule.FULL),
        (15, Rule.CLOSED_DAY),
    ]
    assert outcome.booked == 130


def test_places_held_by_lapsed_drafts_are_taken(home, canteen, pool):
    pool.capacity = 1
    pool.save()
    other = household(canteen)
    change_draft(family=other.family, add=[other.code(MONDAY)], remove=[], by=other.parent, at=AT)
    outcome = enrol(home, starts_on=MONDAY, at=AT + timedelta(minutes=20))
    assert (outcome.left_out, outcome.booked) == ((), 132)


@pytest.mark.exigence("I34", "I38")
def test_an_open_activity_books_nothing(home, canteen):
    canteen.activity.enrolment_mode = EnrolmentMode.OPEN
    canteen.activity.save()
    outcome = enrol(home)
    assert (outcome.booked, outcome.cost, outcome.left_out) == (0, Decimal("0.00"), ())
    assert "Il reste à choisir les jours sur le planning." in OutgoingMail.objects.get().text


@pytest.mark.exigence("I40", "I57", "I41")
def test_a_whole_year_activity_books_all_it_serves_even_when_never_changed_on_line(home, canteen):
    activity = canteen.activity
    activity.enrolment_mode = EnrolmentMode.WHOLE_YEAR
    activity.booking_deadline = activity.cancellation_deadline = {"kind": "never"}
    activity.editable_by_families = False
    activity.save()
    outcome = enrol(home, starts_on=MONDAY, pattern={})
    assert (outcome.booked, outcome.left_out) == (132, ())


def test_nothing_is_booked_while_an_agent_has_to_decide(home, canteen):
    canteen.activity.validation_mode = ValidationMode.AGENT
    canteen.activity.save()
    outcome = enrol(home)
    assert (outcome.enrolment.state, outcome.booked) == (EnrolmentState.REQUESTED, 0)
    assert Procedure.objects.get().state == "received"
    mail = OutgoingMail.objects.get()
    assert mail.subject.startswith(f"Demande d’inscription reçue{NBSP}: Hugo")
    assert "le service examine la demande" in mail.text


def test_each_day_has_the_price_of_that_day(home, canteen):
    TariffVersionFactory(tariff=canteen.tariff_link.tariff, valid_from=date(2027, 1, 1), unit_price=Decimal("4.45"))
    outcome = enrol(home, starts_on=MONDAY)
    assert str(outcome.computation) == f"84{NBSP}×{NBSP}4,45{NBSP}€ + 48{NBSP}×{NBSP}4,30{NBSP}€ = 580,20{NBSP}€"


def test_a_refused_enrolment_writes_nothing(home):
    with pytest.raises(EnrolmentRefused):
        enrol(home, starts_on=date(2028, 1, 1))
    enrol(home)
    with pytest.raises(EnrolmentRefused) as again:
        enrol(home)
    assert again.value.refusal.rule is Rule.ALREADY_ENROLLED
    assert (Booking.objects.count(), OutgoingMail.objects.count(), Procedure.objects.count()) == (132, 1, 1)


@pytest.mark.exigence("I32")
def test_the_whole_year_costs_a_constant_number_of_queries(home, canteen, django_assert_max_num_queries):
    with django_assert_max_num_queries(65) as few:
        enrol(home, starts_on=date(2027, 6, 21), at=datetime(2027, 6, 1, tzinfo=PARIS))
    assert Booking.objects.count() < 10
    other = household(canteen, enrolled=False)
    with django_assert_max_num_queries(len(few)):
        enrol(other)
