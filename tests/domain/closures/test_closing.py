"""The effect of a closure is what its dry run said, and all that follows from it."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.domain.absences.deciding import accept_absence
from portal.domain.accounts.models import User
from portal.domain.activities.models import Closure
from portal.domain.audit.models import AuditEntry
from portal.domain.bookings.enums import BookingState, CancelledBecause
from portal.domain.bookings.models import Basket, BasketLine, Booking, Receipt
from portal.domain.bookings.services import NothingToConfirm, change_draft, confirm_basket
from portal.domain.closures.models import ClosedBooking, DeclaredClosure
from portal.domain.closures.services import (
    ClosureRefused,
    PlanChanged,
    declare_closure,
    lift_closure,
    plan_closure,
    plan_lifting,
    word_closure,
)
from portal.domain.kernel.refusals import Rule
from portal.domain.mails.enums import MailKind
from portal.domain.mails.models import OutgoingMail
from portal.domain.notices.models import Notice
from tests.backoffice.halves import limit
from tests.domain.absences.factories import ReasonFactory, RuleFactory, decider
from tests.domain.absences.test_services import declare
from tests.domain.activities.factories import ActivityFactory, PlacePoolFactory, UnitRelationFactory
from tests.domain.bookings.conftest import FRIDAY, MONDAY, NEXT_MONDAY, THURSDAY, TUESDAY
from tests.domain.bookings.factories import book, household, join, priced_unit
from tests.domain.bookings.invariants import check_drafts, check_numbers, check_places, check_relations
from tests.domain.closures.conftest import AT, closer, wanted

pytestmark = [pytest.mark.django_db, pytest.mark.exigence("C5")]


def close(agent: User, asked: Any, at: Any = AT) -> DeclaredClosure:
    plan = plan_closure(wanted=asked, by=agent, at=at)
    return declare_closure(wanted=asked, expected=plan.digest, by=agent, at=at)


def test_the_numbers_of_the_dry_run_are_those_of_the_effect(homes: list[Any], agent: User) -> None:
    book(homes[0], [MONDAY, TUESDAY])
    book(homes[0], [MONDAY], child=1)
    book(homes[1], [MONDAY, NEXT_MONDAY])
    change_draft(family=homes[1].family, add=homes[1].codes([TUESDAY]), remove=[], by=homes[1].parent, at=AT)

    plan = plan_closure(wanted=wanted(MONDAY, TUESDAY), by=agent, at=AT)
    declaration = close(agent, wanted(MONDAY, TUESDAY))

    assert (len(plan.cancelled), len(plan.wishes), len(plan.told), plan.credits) == (4, 1, 2, Decimal("17.20"))
    assert (declaration.bookings, declaration.wishes, declaration.families, declaration.credits) == (
        4,
        1,
        2,
        Decimal("17.20"),
    )
    cancelled = Booking.objects.filter(state=BookingState.CANCELLED)
    assert cancelled.count() == len(plan.cancelled)
    assert {row.cancelled_because for row in cancelled} == {CancelledBecause.CLOSURE}
    assert sum(ClosedBooking.objects.values_list("credit", flat=True)) == plan.credits
    assert [(line.day, line.bookings, line.wishes, line.credits) for line in plan.days] == [
        (MONDAY, 3, 0, Decimal("12.90")),
        (TUESDAY, 1, 1, Decimal("4.30")),
    ]
    assert Booking.objects.booked().get().day == NEXT_MONDAY
    assert Closure.objects.get().declaration == declaration
    check_places()
    check_drafts()


def test_each_family_has_one_receipt_one_notice_and_one_mail(homes: list[Any], agent: User) -> None:
    book(homes[0], [MONDAY, TUESDAY])
    book(homes[0], [MONDAY], child=1)
    book(homes[1], [MONDAY])

    close(agent, wanted(MONDAY, TUESDAY, reason="grève", message="Prévoyez un pique-nique."))

    assert {receipt.family_id: receipt.total for receipt in Receipt.objects.all()} == {
        homes[0].family.pk: Decimal("-12.90"),
        homes[1].family.pk: Decimal("-4.30"),
    }
    check_numbers("2026-09")
    assert {notice.user_id for notice in Notice.objects.all()} == {homes[0].parent.pk, homes[1].parent.pk}
    assert Notice.objects.count() == 2
    mails = {mail.recipient: mail for mail in OutgoingMail.objects.filter(kind=MailKind.CLOSURE)}
    assert mails.keys() == {homes[0].parent.email, homes[1].parent.email}
    said = mails[homes[0].parent.email]
    receipt = Receipt.objects.get(family=homes[0].family)
    assert said.reference == receipt.number
    for words in (receipt.number, "12,90\u00a0€", "Prévoyez un pique-nique.", "lundi 14\u00a0septembre", "Léna"):
        assert words in said.text
        assert words in said.html
    notice = Notice.objects.get(user=homes[0].parent)
    assert notice.path.endswith(f"/{receipt.number}/")
    assert "3\u00a0réservations annulées, 12,90\u00a0€" in notice.text


def test_a_draft_loses_the_closed_days_and_keeps_the_others(homes: list[Any], agent: User) -> None:
    one, other = homes
    change_draft(family=one.family, add=one.codes([MONDAY, FRIDAY]), remove=[], by=one.parent, at=AT)
    change_draft(family=other.family, add=other.codes([MONDAY]), remove=[], by=other.parent, at=AT)
    before = Basket.objects.get(family=one.family).version

    plan = plan_closure(wanted=wanted(MONDAY), by=agent, at=AT)
    close(agent, wanted(MONDAY))

    assert (len(plan.cancelled), len(plan.wishes), len(plan.told)) == (0, 2, 2)
    assert [line.day for line in BasketLine.objects.all()] == [FRIDAY]
    assert Basket.objects.get().version == before + 1
    assert not Receipt.objects.exists()
    assert "brouillon" in Notice.objects.get(user=other.parent).text
    check_places()
    check_drafts()


def test_a_cancellation_under_way_leaves_the_draft_with_its_booking(homes: list[Any], agent: User) -> None:
    home = homes[0]
    book(home, [MONDAY])
    change_draft(family=home.family, add=[], remove=home.codes([MONDAY]), by=home.parent, at=AT)

    plan = plan_closure(wanted=wanted(MONDAY), by=agent, at=AT)
    close(agent, wanted(MONDAY))

    assert (len(plan.cancelled), len(plan.wishes), len(plan.dropped)) == (1, 0, 1)
    assert not Basket.objects.exists()
    check_places()


def test_a_recap_on_the_screen_meets_the_closed_day(homes: list[Any], agent: User) -> None:
    """A line that a closure overtakes after its dry run falls out at the validation, with the reason."""
    home = homes[0]
    draft = change_draft(family=home.family, add=home.codes([MONDAY]), remove=[], by=home.parent, at=AT).draft
    Closure.objects.create(reason="grève", starts_on=MONDAY, ends_on=MONDAY)

    with pytest.raises(NothingToConfirm) as nothing:
        confirm_basket(family=home.family, key=draft.key, by=home.parent, at=AT)
    assert [each.refusal.rule for each in nothing.value.left_out] == [Rule.CLOSED_DAY]


def test_nothing_is_done_when_the_plan_is_no_longer_the_one_shown(homes: list[Any], agent: User) -> None:
    book(homes[0], [MONDAY])
    shown = plan_closure(wanted=wanted(MONDAY), by=agent, at=AT)
    book(homes[1], [MONDAY])

    with pytest.raises(PlanChanged) as changed:
        declare_closure(wanted=wanted(MONDAY), expected=shown.digest, by=agent, at=AT)

    assert (len(shown.cancelled), len(changed.value.plan.cancelled)) == (1, 2)
    assert Booking.objects.booked().count() == 2
    assert not Closure.objects.exists()
    assert not OutgoingMail.objects.exists()


@pytest.mark.parametrize("change", ["price", "draft", "parent", "words"])
def test_all_that_is_shown_is_in_the_digest(homes: list[Any], agent: User, change: str) -> None:
    home = homes[0]
    book(home, [MONDAY])
    before = plan_closure(wanted=wanted(MONDAY), by=agent, at=AT).digest
    asked = wanted(MONDAY)
    if change == "price":
        Booking.objects.update(unit_price=Decimal("4.40"))
    elif change == "draft":
        change_draft(family=homes[1].family, add=homes[1].codes([MONDAY]), remove=[], by=homes[1].parent, at=AT)
    elif change == "parent":
        User.objects.filter(pk=home.parent.pk).update(email="autre@example.org")
    else:
        asked = wanted(MONDAY, message="À bientôt.")
    assert plan_closure(wanted=asked, by=agent, at=AT).digest != before


def test_a_structure_or_an_activity_closes_alone(canteen: Any, agent: User) -> None:
    other = priced_unit(pools=[PlacePoolFactory()], activity=ActivityFactory(structure=canteen.activity.structure))
    elsewhere = priced_unit(pools=[PlacePoolFactory()])
    home = household(canteen, other, elsewhere)
    for rank in range(3):
        book(home, [MONDAY], unit=rank)
    structure = canteen.activity.structure_id

    assert len(plan_closure(wanted=wanted(MONDAY), by=agent, at=AT).cancelled) == 3
    assert len(plan_closure(wanted=wanted(MONDAY, structure=structure), by=agent, at=AT).cancelled) == 2
    close(agent, wanted(MONDAY, activity=canteen.activity_id))

    assert Booking.objects.booked().count() == 2
    check_places()


def test_what_goes_with_a_closed_unit_goes_too(canteen: Any, agent: User) -> None:
    twin = priced_unit(pools=[PlacePoolFactory()], price="0.30")
    UnitRelationFactory(unit=twin, other=canteen)
    bus = priced_unit(pools=[PlacePoolFactory()], price="1.00")
    UnitRelationFactory(unit=bus, other=canteen, dependent=True)
    home = household(canteen, twin, bus)
    for rank in range(3):
        book(home, [MONDAY, TUESDAY], unit=rank)

    plan = plan_closure(wanted=wanted(MONDAY, activity=canteen.activity_id), by=agent, at=AT)
    close(agent, wanted(MONDAY, activity=canteen.activity_id))

    assert sorted((each.booking.unit_id, each.is_tied) for each in plan.cancelled) == sorted(
        [(canteen.pk, False), (twin.pk, True), (bus.pk, True)]
    )
    assert plan.credits == Decimal("5.60")
    assert {booking.day for booking in Booking.objects.booked()} == {TUESDAY}
    check_places()
    check_relations()


def test_a_day_already_excused_is_not_credited_twice(
    homes: list[Any], agent: User, tmp_path: Any, settings: Any
) -> None:
    settings.PRIVATE_ROOT = tmp_path
    home = homes[0]
    book(home, [THURSDAY, FRIDAY])
    RuleFactory(type=home.unit.activity.type, carence_days=0)
    at = AT + timedelta(days=5)
    absence = declare(home, ReasonFactory(school=True), [THURSDAY], at=at)
    accept_absence(absence=absence.pk, version=absence.version, by=decider(), at=at)

    plan = plan_closure(wanted=wanted(THURSDAY, FRIDAY), by=agent, at=at)
    close(agent, wanted(THURSDAY, FRIDAY), at)

    assert [each.credit for each in plan.cancelled] == [Decimal("0.00"), Decimal("4.30")]
    check_places()


def test_a_family_without_account_is_written_to_and_one_without_address_is_listed(canteen: Any, agent: User) -> None:
    written, silent = household(canteen, contact_email="famille@example.org"), household(canteen, contact_email="")
    for home in (written, silent):
        book(home, [MONDAY])
        User.objects.filter(pk=home.parent.pk).update(is_active=False)

    plan = plan_closure(wanted=wanted(MONDAY), by=agent, at=AT)
    declaration = close(agent, wanted(MONDAY))

    assert (plan.told, plan.unreached) == ((written.family,), (silent.family,))
    assert declaration.families == 1
    assert [mail.recipient for mail in OutgoingMail.objects.all()] == ["famille@example.org"]
    assert Receipt.objects.count() == 2


def test_the_other_household_is_not_cancelled_nor_told(homes: list[Any], agent: User) -> None:
    one, other = homes
    join(other.family, one.child)
    book(one, [MONDAY])

    plan = plan_closure(wanted=wanted(MONDAY), by=agent, at=AT)

    assert [family.pk for family in plan.families] == [one.family.pk]


def test_it_is_in_the_journal_of_the_town_and_of_each_family(homes: list[Any], agent: User) -> None:
    book(homes[0], [MONDAY])
    close(agent, wanted(MONDAY))

    town = AuditEntry.objects.get(verb="declare_closure")
    assert (town.after["bookings"], town.after["credits"], town.after["families"]) == (1, "4.30", 1)
    entry = AuditEntry.objects.get(verb="close_days")
    assert (entry.family_key, entry.after["cancelled"]) == (homes[0].family.pk, homes[0].codes([MONDAY]))


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        (date(2026, 8, 8), date(2026, 8, 8), "starts_on"),
        (MONDAY, date(2027, 9, 15), "ends_on"),
    ],
)
def test_absurd_days_are_refused(agent: User, first: date, last: date, field: str) -> None:
    with pytest.raises(ClosureRefused) as refused:
        plan_closure(wanted=wanted(first, last), by=agent, at=AT)
    assert refused.value.field == field


def test_an_agent_closes_only_what_is_theirs(canteen: Any, homes: list[Any], agent: User) -> None:
    elsewhere = priced_unit()
    limit(agent, [canteen.activity.structure])
    agent = User.objects.get(pk=agent.pk)
    for asked in (
        wanted(MONDAY),
        wanted(MONDAY, structure=elsewhere.activity.structure_id),
        wanted(MONDAY, activity=elsewhere.activity_id),
    ):
        with pytest.raises(PermissionDenied):
            plan_closure(wanted=asked, by=agent, at=AT)
        with pytest.raises(PermissionDenied):
            declare_closure(wanted=asked, expected="", by=agent, at=AT)
    close(agent, wanted(MONDAY, structure=canteen.activity.structure_id))
    everywhere = Closure.objects.create(reason="pont", starts_on=FRIDAY, ends_on=FRIDAY)
    for verb in (
        lambda: lift_closure(closure=everywhere.pk, by=agent, at=AT),
        lambda: word_closure(closure=everywhere.pk, reason="autre", by=agent, at=AT),
    ):
        with pytest.raises(PermissionDenied):
            verb()
    assert Closure.objects.filter(pk=everywhere.pk).exists()


def test_without_the_permission_nothing_closes(homes: list[Any]) -> None:
    with pytest.raises(PermissionDenied):
        plan_closure(wanted=wanted(MONDAY), by=homes[0].parent, at=AT)


def test_lifting_opens_the_days_books_nothing_and_tells(homes: list[Any], agent: User) -> None:
    book(homes[0], [MONDAY, TUESDAY])
    declaration = close(agent, wanted(MONDAY, TUESDAY))
    before = OutgoingMail.objects.count()
    later = AT + timedelta(days=5, hours=12)  # Tuesday: Monday is gone
    lifting = lift_closure(closure=declaration.closure_id or 0, by=agent, at=later)

    assert (lifting.told, Closure.objects.count(), Booking.objects.booked().count()) == (1, 0, 0)
    declaration.refresh_from_db()
    assert (declaration.closure, declaration.lifted_by) == (None, agent)
    mail = OutgoingMail.objects.order_by("-pk")[0]
    assert OutgoingMail.objects.count() == before + 1
    assert "mardi 15\u00a0septembre" in mail.text
    assert "lundi 14" not in mail.text
    assert "Rien n’est réservé de nouveau" in mail.text
    with pytest.raises(Closure.DoesNotExist):
        lift_closure(closure=lifting.closure.pk or 0, by=agent, at=later)


def test_days_stay_closed_by_another_closure(homes: list[Any], agent: User) -> None:
    declaration = close(agent, wanted(MONDAY, structure=homes[0].unit.activity.structure_id))
    everywhere = Closure.objects.create(reason="pont", starts_on=MONDAY, ends_on=MONDAY)

    lifting = plan_lifting(closure=Closure.objects.get(pk=declaration.closure_id), by=agent, at=AT)

    assert lifting.still_closed == (everywhere,)
    assert plan_closure(wanted=wanted(MONDAY), by=agent, at=AT).already == (everywhere,)


def test_the_words_are_corrected_without_writing_to_anybody(homes: list[Any], agent: User) -> None:
    book(homes[0], [MONDAY])
    declaration = close(agent, wanted(MONDAY))
    mails = OutgoingMail.objects.count()
    word_closure(closure=declaration.closure_id or 0, reason="  grève   nationale ", by=agent, at=AT)

    declaration.refresh_from_db()
    assert declaration.reason == Closure.objects.get().reason == "grève nationale"
    assert OutgoingMail.objects.count() == mails
    with pytest.raises(ClosureRefused):
        word_closure(closure=declaration.closure_id or 0, reason=" ", by=agent, at=AT)


def test_the_number_of_queries_does_not_depend_on_the_families(canteen: Any) -> None:
    def measured(homes: int) -> tuple[int, int, int]:
        made = [household(canteen, children=2) for _ in range(homes)]
        for home in made:
            for rank in range(2):
                book(home, [MONDAY], child=rank)
            change_draft(family=home.family, add=home.codes([TUESDAY]), remove=[], by=home.parent, at=AT)
        agent = closer(f"agent{homes}")
        asked = wanted(MONDAY, TUESDAY, activity=canteen.activity_id)
        plan = queries(lambda: plan_closure(wanted=asked, by=agent, at=AT))
        shown = plan_closure(wanted=asked, by=agent, at=AT)
        assert len(shown.cancelled) == 2 * homes
        done = queries(lambda: declare_closure(wanted=asked, expected=shown.digest, by=agent, at=AT))
        closure = Closure.objects.get()
        lifted = queries(lambda: lift_closure(closure=closure.pk, by=agent, at=AT))
        return plan, done, lifted

    canteen.pools.update(capacity=None)
    assert measured(1) == measured(150)


def queries(call: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as captured:
        call()
    return len(captured)
