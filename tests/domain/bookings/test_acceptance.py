"""The example of guide 003: September 2019 at Les Rousses, 21 meals at 4,30 €, one cancelled."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from portal.domain.audit.models import AuditEntry
from portal.domain.bookings.computation import Computation
from portal.domain.bookings.enums import BookingState, Wish
from portal.domain.bookings.models import Basket, Booking, Receipt
from portal.domain.bookings.planning import Shown, Was
from portal.domain.bookings.queries import load_draft, load_planning, month_effect
from portal.domain.bookings.services import change_draft, confirm_basket
from portal.domain.kernel.calendar import month_range
from portal.domain.kernel.clock import PARIS
from portal.domain.kernel.refusals import Rule
from portal.domain.mails.models import OutgoingMail
from portal.domain.procedures.models import Procedure
from tests.domain.activities.factories import PlacePoolFactory
from tests.domain.bookings.factories import book, household, priced_unit, weekdays

SEPTEMBER = month_range(2019, 9)
FRIDAY_20 = date(2019, 9, 20)
AT = datetime(2019, 9, 11, 21, 30, tzinfo=PARIS)

pytestmark = pytest.mark.django_db


@pytest.fixture
def home():
    canteen = priced_unit(
        activity__name="Restaurant scolaire 2019/2020",
        activity__starts_on=date(2019, 9, 2),
        activity__ends_on=date(2020, 7, 3),
        weekdays=[1, 2, 3, 4, 5],
        pools=[PlacePoolFactory()],
    )
    return household(canteen)


def planning(home, at=AT):
    return load_planning(family=home.family, user=home.parent, days=SEPTEMBER, at=at)


@pytest.mark.exigence("P35", "P36", "P43", "P44", "P58", "P71", "P25")
def test_twenty_one_meals_then_twenty(home, django_capture_on_commit_callbacks):
    book(home, weekdays(date(2019, 9, 2), date(2019, 9, 30)))
    shown = planning(home)
    assert (shown.rows[0].count, shown.cost) == (21, Decimal("90.30"))

    change = change_draft(family=home.family, add=[], remove=[home.code(FRIDAY_20)], by=home.parent, at=AT)
    assert (change.draft.additions, change.draft.removals, change.draft.amount) == (0, 1, Decimal("-4.30"))
    shown = planning(home)
    assert (shown.cost, shown.cost_after, shown.rows[0].count_after) == (Decimal("90.30"), Decimal("86.00"), 20)
    cell = shown.rows[0].cells[FRIDAY_20]
    assert (cell.was, cell.shown, cell.editable, cell.checked) == (Was.BOOKED, Shown.REMOVING, True, False)

    (effect,) = month_effect(family=home.family, user=home.parent, at=AT)
    assert str(effect.rows[0].before) == "21\u00a0×\u00a04,30\u00a0€ = 90,30\u00a0€"
    assert str(effect.rows[0].after) == "20\u00a0×\u00a04,30\u00a0€ = 86,00\u00a0€"
    assert (effect.month, effect.before, effect.after) == (date(2019, 9, 1), Decimal("90.30"), Decimal("86.00"))

    with django_capture_on_commit_callbacks(execute=True):
        receipt = confirm_basket(family=home.family, key=change.draft.key, by=home.parent, at=AT)
    assert (receipt.number, receipt.total) == ("2019-09-00001", Decimal("-4.30"))
    (line,) = receipt.lines.all()
    assert (line.wish, line.child_name, line.label, line.day, line.amount, line.rate_label) == (
        Wish.REMOVE,
        "Hugo",
        "Cantine",
        FRIDAY_20,
        Decimal("-4.30"),
        "à l’unité",
    )
    shown = planning(home)
    assert (shown.rows[0].count, shown.cost, shown.draft.is_empty) == (20, Decimal("86.00"), True)
    assert shown.rows[0].cells[FRIDAY_20].shown is Shown.CANCELLED
    assert Booking.objects.get(day=FRIDAY_20).state == BookingState.CANCELLED
    assert not Basket.objects.exists()


@pytest.mark.exigence("P49", "P60", "P62", "P63", "P53", "T8")
def test_the_recap_mail_the_procedure_and_the_journal_carry_the_number(
    home, mailoutbox, django_capture_on_commit_callbacks
):
    book(home, weekdays(date(2019, 9, 2), date(2019, 9, 30)))
    change = change_draft(family=home.family, add=[], remove=[home.code(FRIDAY_20)], by=home.parent, at=AT)
    with django_capture_on_commit_callbacks(execute=True):
        receipt = confirm_basket(family=home.family, key=change.draft.key, by=home.parent, at=AT)
    mail = OutgoingMail.objects.get(reference=receipt.number)
    assert mail.subject == "Vos réservations du 11\u00a0septembre 2019 à 21\u00a0h\u00a030, reçu n°\u00a02019-09-00001"
    assert mail.recipient == home.parent.email == receipt.sent_to
    for text in (mail.text, mail.html):
        for piece in (
            receipt.code,
            "vendredi 20\u00a0septembre 2019",
            "Hugo",
            "Cantine",
            "Annulation",
            "−4,30\u00a0€",
            "Repas enfant",
        ):
            assert piece in text
        assert "Vous pouvez encore changer le vendredi 20\u00a0septembre 2019" in text
        assert "jeudi 12\u00a0septembre 2019 à 23\u00a0h\u00a059" in text
    assert len(mailoutbox) == 1
    procedure = Procedure.objects.get()
    assert (procedure.title, procedure.reference) == ("Planning\u00a0: 1\u00a0annulation", receipt.number)
    entry = AuditEntry.objects.get(verb="confirm_basket")
    assert (entry.by, entry.after["number"], entry.after["cancelled"]) == (
        home.parent,
        receipt.number,
        [home.code(FRIDAY_20)],
    )


@pytest.mark.exigence("P37", "P67", "P68")
def test_before_the_opening_a_cell_says_from_when(home):
    first = planning(home).rows[0].cells
    assert date(2019, 9, 1) not in first  # a Sunday, which nothing serves
    august = load_planning(family=home.family, user=home.parent, days=month_range(2019, 8), at=AT)
    assert august.rows == ()  # P38: nothing manages August
    canteen = home.unit.activity
    canteen.starts_on = date(2019, 9, 4)
    canteen.save()
    cell = planning(home).rows[0].cells[date(2019, 9, 3)]
    assert (cell.shown, cell.editable) == (Shown.CLOSED, False)
    assert cell.refusal.rule is Rule.BEFORE_OPENING
    assert cell.refusal.sentence == "Cette activité est ouverte à partir du 4\u00a0septembre 2019."


@pytest.mark.exigence("P20", "P52")
def test_the_last_second_of_thursday_is_in_time_and_the_next_is_not(home):
    book(home, [FRIDAY_20])
    in_time = datetime(2019, 9, 12, 23, 59, 59, tzinfo=PARIS)
    late = datetime(2019, 9, 13, tzinfo=PARIS)
    change = change_draft(family=home.family, add=[], remove=[home.code(FRIDAY_20)], by=home.parent, at=in_time)
    assert change.left_out == ()
    draft = load_draft(family=home.family, at=late)
    assert (draft.removals, draft.lines[0].refusal.rule) == (0, Rule.DEADLINE_PASSED)
    refused = change_draft(family=home.family, add=[home.code(date(2019, 9, 19))], remove=[], by=home.parent, at=late)
    (left,) = refused.left_out
    assert left.refusal.sentence == (
        "Ce jour ne se modifie plus en ligne. Les jours se changent jusqu’au jeudi 23\u00a0h\u00a059 de la semaine"
        " précédente\u00a0: fermé depuis le jeudi 12\u00a0septembre 2019 à 23\u00a0h\u00a059."
        " Vous pouvez contacter le service Enfance au 01\u00a099\u00a000\u00a012\u00a034."
    )
    assert left.refusal.article == "règlement intérieur, article 5"
    assert left.refusal.since == datetime(2019, 9, 12, 23, 59, tzinfo=PARIS)


@pytest.mark.exigence("P35", "P54", "F10")
@pytest.mark.parametrize(
    ("quantity", "price", "cost"),
    [
        (21, "4.30", "90.30"),
        (20, "4.30", "86.00"),
        (138, "5.15", "710.70"),
        (28, "5.15", "144.20"),
        (138, "0.30", "41.40"),
        (28, "0.30", "8.40"),
        (4, "5.20", "20.80"),
        (6, "4.35", "26.10"),
        (10, "4.40", "44.00"),
        (10, "0.75", "7.50"),
    ],
)
def test_the_figures_of_the_guides(quantity, price, cost):
    computation = Computation.of([Decimal(price)] * quantity)
    assert (computation.count, computation.total) == (quantity, Decimal(cost))


def test_a_receipt_number_is_of_the_month_in_paris(home):
    at = datetime(2019, 10, 31, 23, 30, tzinfo=PARIS)
    for number, moment in enumerate([at, at.replace(minute=45), datetime(2019, 11, 1, 0, 5, tzinfo=PARIS)], start=1):
        change = change_draft(
            family=home.family, add=[home.code(date(2019, 11, 18 + number))], remove=[], by=home.parent, at=moment
        )
        confirm_basket(family=home.family, key=change.draft.key, by=home.parent, at=moment)
    numbers = list(Receipt.objects.order_by("pk").values_list("number", flat=True))
    assert numbers == ["2019-10-00001", "2019-10-00002", "2019-11-00001"]
