"""Faults written beside every verb: each is found, by its check and by no other."""

from collections.abc import Callable

import pytest
from django.db import connection

from portal.domain.accounts.models import User
from portal.domain.activities.models import Closure, PublicHoliday
from portal.domain.bookings.enums import BookingSource
from portal.domain.bookings.models import Receipt, ReceiptLine
from portal.domain.reconciliation.enums import Trigger
from portal.domain.reconciliation.models import Finding
from portal.domain.reconciliation.registry import checks
from portal.domain.reconciliation.running import run_checks
from portal.domain.waiting.models import PlaceGift
from tests.domain.reconciliation.scene import AT, MONDAY, NEXT_MONDAY, THURSDAY, TUESDAY, Scene, build

pytestmark = [pytest.mark.django_db, pytest.mark.exigence("C20", "B35")]


def found() -> set[str]:
    """The checks that find something."""
    run = run_checks(trigger=Trigger.NIGHT, by=User.objects.system(), at=AT)
    assert run is not None
    assert [code for code, result in run.results.items() if result.get("failed")] == []
    return set(Finding.objects.live().values_list("check_code", flat=True))


def sql(statement: str) -> Callable[[Scene], None]:
    """One statement; `{pool}`, `{child}`… stand for the keys of the scene."""

    def write(scene: Scene) -> None:
        keys = {
            "pool": scene.pool,
            "child": scene.home.child.pk,
            "family": scene.home.family.pk,
            "monday": MONDAY,
            "next": NEXT_MONDAY,
            "short": scene.short.pk,
            "weekly": scene.weekly.pk,
            "canteen": scene.canteen.pk,
        }
        with connection.cursor() as cursor:
            # What was written before is checked now: the tables may then be changed.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(statement.format(**keys))

    return write


def of(unit: str) -> str:
    return f"unit_id = {{{unit}}} AND child_id = {{child}}"


_ENROLMENT = (
    "enrolment_id IN (SELECT id FROM enrolments_enrolment WHERE child_id = {child} AND activity_id ="
    " (SELECT activity_id FROM activities_unit WHERE id = {weekly}))"
)

FAULTS: dict[str, Callable[[Scene], object]] = {
    "places_taken": sql("UPDATE bookings_dayplaces SET taken = taken - 1 WHERE pool_id = {pool} AND day = '{monday}'"),
    "places_taken-missing": sql("DELETE FROM bookings_dayplaces WHERE pool_id = {pool} AND day = '{monday}'"),
    "places_held": sql("UPDATE bookings_dayplaces SET held = held + 1 WHERE pool_id = {pool} AND day = '{monday}'"),
    "over_capacity": sql(
        "ALTER TABLE bookings_dayplaces DROP CONSTRAINT day_places_never_overbooked;"
        "UPDATE bookings_dayplaces SET capacity = 1 WHERE pool_id = {pool} AND day = '{monday}'"
    ),
    "lapsed_holds": sql("UPDATE bookings_basket SET expires_at = expires_at - INTERVAL '2 hours'"),
    "lapsed_holds-marked": sql("UPDATE bookings_basket SET lapsed_at = expires_at"),
    "not_enrolled": sql(
        "UPDATE enrolments_enrolment SET state = 'refused' WHERE child_id = {child} AND activity_id ="
        " (SELECT activity_id FROM activities_unit WHERE id = {short})"
    ),
    "not_enrolled-period": sql(
        "UPDATE enrolments_enrolment SET starts_on = '2026-10-01' WHERE child_id = {child} AND activity_id ="
        " (SELECT activity_id FROM activities_unit WHERE id = {short})"
    ),
    "not_served": lambda _scene: PublicHoliday.objects.create(day=MONDAY, name="Fête du village"),
    "closed_day": lambda _scene: Closure.objects.create(starts_on=TUESDAY, ends_on=TUESDAY, reason="Grève"),
    "left_household": sql("DELETE FROM families_childlink WHERE child_id = {child}"),
    "week_missing": sql(f"DELETE FROM bookings_booking WHERE {of('weekly')} AND day = '{{monday}}'"),
    "tie_solidary": lambda scene: scene.add(scene.lunch, NEXT_MONDAY),
    "tie_exclusive": lambda scene: (
        sql("ALTER TABLE bookings_booking DISABLE TRIGGER USER")(scene),
        scene.add(scene.long, MONDAY),
    ),
    "tie_need": lambda scene: scene.add(scene.bus, TUESDAY),
    "tie_overlap": lambda scene: scene.add(scene.workshop, MONDAY),
    "receipt_missing": lambda scene: scene.add(scene.short, THURSDAY, source=BookingSource.BASKET),
    "receipt_missing-cancelled": sql(
        f"UPDATE bookings_booking SET state = 'cancelled', cancelled_at = '2026-09-09 10:00+02'"
        f" WHERE {of('weekly')} AND day = '2026-09-28'"
    ),
    "receipt_orphan": lambda scene: _line_of_nothing(scene),
    "receipt_amount": sql("UPDATE bookings_receipt SET total = total + 1"),
    "receipt_amount-line": sql(
        "UPDATE bookings_receiptline SET amount = amount + 1 WHERE unit_id = {short};"
        "UPDATE bookings_receipt AS receipt SET total = (SELECT SUM(amount) FROM bookings_receiptline AS line"
        " WHERE line.receipt_id = receipt.id)"
    ),
    "receipt_numbers": sql("UPDATE bookings_receiptcounter SET last = last + 1"),
    "receipt_numbers-given": sql("UPDATE bookings_receipt SET number = LEFT(number, 7) || '-00017' WHERE total > 0"),
    "price_version": sql(
        "UPDATE tariffs_tariffversion SET valid_from = '2027-01-01' WHERE tariff_id ="
        " (SELECT tariff_id FROM tariffs_unittariff WHERE unit_id = {weekly})"
    ),
    "price_amount": sql(
        f"UPDATE bookings_booking SET unit_price = unit_price + 0.01 WHERE {of('weekly')} AND day = '{{monday}}'"
    ),
    "offer_expired": sql(
        "UPDATE waiting_offer SET made_at = made_at - INTERVAL '2 days', expires_at = expires_at - INTERVAL '2 days'"
    ),
    "entry_over": sql("UPDATE waiting_waitingentry SET closes_at = '2026-09-01' WHERE state = 'waiting'"),
    "kept_over": sql(
        "INSERT INTO waiting_keptplaces (pool_id, day, places) VALUES ({pool}, '2026-09-07', 1);"
        "INSERT INTO bookings_dayplaces (pool_id, day, taken, held) VALUES ({pool}, '2026-09-07', 0, 1)"
    ),
    "gift_taken": lambda scene: PlaceGift.objects.create(
        booking=scene.booking(scene.canteen, MONDAY),
        family=scene.home.family,
        state="taken",
        given_at=AT,
        given_by=scene.home.parent,
        closes_at=AT,
        closed_at=AT,
    ),
    "offer_unbooked": sql("UPDATE waiting_waitingentry SET state = 'booked' WHERE state = 'offered'"),
    "absence_place": sql("UPDATE bookings_booking SET place_given_back_at = NULL WHERE day = '{next}'"),
    "absence_place-twice": sql(
        f"UPDATE bookings_booking SET place_given_back_at = booked_at WHERE {of('weekly')} AND day = '{{monday}}'"
    ),
    "absence_effect": sql("UPDATE absences_absenceday SET amount = 99"),
    "absence_effect-none": sql(
        "UPDATE absences_absenceday SET outcome = '', cause = '', amount = NULL, decided_at = NULL"
    ),
    "closure_credit": sql("UPDATE closures_closedbooking SET credit = 99"),
    "bus_stop_missing": sql("DELETE FROM transport_stopchoice"),
    "enrolment_period": sql(
        "UPDATE enrolments_enrolment SET ends_on = ends_on + 30 WHERE child_id = {child} AND activity_id ="
        " (SELECT activity_id FROM activities_unit WHERE id = {short})"
    ),
}


def _line_of_nothing(scene: Scene) -> None:
    receipt = Receipt.objects.filter(total__gt=0).get()
    ReceiptLine.objects.create(
        receipt=receipt,
        wish="add",
        child=scene.home.child,
        child_name="Hugo",
        unit=scene.short,
        label="Soir",
        day=THURSDAY,
        amount=0,
    )


@pytest.fixture
def scene() -> Scene:
    return build()


def test_a_town_where_everything_is_right_has_nothing_to_say(scene: Scene) -> None:
    assert found() == set()


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found_by_its_check_and_by_no_other(scene: Scene, fault: str) -> None:
    FAULTS[fault](scene)

    assert found() == {fault.partition("-")[0]}


def test_every_check_has_a_fault() -> None:
    """A check that was never seen to find anything proves nothing."""
    assert {check.code for check in checks()} == {fault.partition("-")[0] for fault in FAULTS}
