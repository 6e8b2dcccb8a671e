"""Validating the draft: every rule again, places for good, one numbered receipt, one mail."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from portal.domain.accounts.models import User
from portal.domain.audit.services import record
from portal.domain.bookings.calendar_lock import share_calendar
from portal.domain.bookings.draft import lock_draft
from portal.domain.bookings.enums import BookingSource, BookingState, Wish
from portal.domain.bookings.expiry import erase_draft, release_drafts_in_the_way
from portal.domain.bookings.loading import Scope, key_of, load_context, read_lines
from portal.domain.bookings.models import Basket, BasketLine, Booking, Receipt
from portal.domain.bookings.notes import notes_of
from portal.domain.bookings.notifications import compose_receipt, queue_receipt
from portal.domain.bookings.outcomes import DraftChanged, MinimumMissing, NothingToConfirm
from portal.domain.bookings.places import lock_places, needed, save_places
from portal.domain.bookings.receipts import issue_receipt, prepare_receipt
from portal.domain.bookings.settlement import Settlement, left_out, reprice, settle
from portal.domain.bookings.weekly import apply_weeks
from portal.domain.families.locks import lock_children
from portal.domain.families.models import Family
from portal.domain.kernel import french
from portal.domain.kernel.clock import paris_date
from portal.domain.language import in_french
from portal.domain.procedures.enums import ProcedureKind, ProcedureState
from portal.domain.procedures.services import open_procedure


def confirm_basket(*, family: Family, key: str, by: User, at: datetime, version: int | None = None) -> Receipt:
    """Validate the draft named by `key`: bookings and cancellations are written, numbered, mailed and recorded.

    Every rule is asked again at `at`, cancellations before additions. A line that has become impossible falls out with
    its reason, kept on the receipt (`left_out`) and in the mail; the others stand. A draft that has lapsed takes its
    places again by itself, at the prices of now.

    Sent twice, or by both parents at once, the same key gives the same receipt: nothing is booked twice.

    Raises `NothingToConfirm` when there is no draft or when no line is possible any more: nothing is written, no
    number is given, the draft stays with the reason of each line. Raises `MinimumMissing` when what stands does not
    meet a minimum of the activity: nothing is written either. Raises `DraftChanged` when the draft is another one than
    `key`, or when `version` is given and the draft has changed since: the recap must be shown again.
    """
    waiting = BasketLine.objects.filter(basket__family=family, wish=Wish.ADD, holding=False)
    release_drafts_in_the_way(family=family, days=waiting.values("day"), at=at)
    return _confirm(family=family, key=key, by=by, at=at, version=version)


@transaction.atomic
@in_french()
def _confirm(*, family: Family, key: str, by: User, at: datetime, version: int | None) -> Receipt:
    share_calendar()
    basket = lock_draft(family)
    if basket is None or str(basket.key) != key:
        return _already_given(family, key, basket)
    if version is not None and version != basket.version:
        raise DraftChanged
    lines = read_lines(family)
    for line in lines:
        line.basket = basket
    lock_children(line.child_id for line in lines)
    keys = [key_of(line) for line in lines]
    scope = Scope.of_cells(keys, otherwise=paris_date(at))
    context = load_context(family=family, user=by, scope=scope, today=paris_date(at), at=at)
    reprice(context, lines, at=at)
    room = lock_places(needed((context.units[line.unit_id].pools, line.day) for line in lines))
    settlement = settle(context, lines, room, at=at)
    fallen = [left_out(context, line, refusal) for line, refusal in settlement.fallen]
    if not settlement.standing:
        raise NothingToConfirm(fallen)
    if settlement.missing:
        raise MinimumMissing(settlement.missing)
    save_places(room)
    _write_bookings(settlement, family=family, by=by, at=at)
    apply_weeks(basket, by=by, at=at)
    erase_draft(basket)
    notes = notes_of({key_of(line): line.enrolment_id for line in settlement.additions})
    receipt, receipt_lines = prepare_receipt(
        context=context,
        family=family,
        basket_key=basket.key,
        standing=settlement.standing,
        fallen=fallen,
        by=by,
        at=at,
        notes=notes,
    )
    mail = compose_receipt(context=context, receipt=receipt, lines=receipt_lines, at=at)
    # Every validation of the town waits for the counter from here to the end.
    issue_receipt(receipt, receipt_lines)
    _tell(receipt, settlement, by=by, at=at)
    queue_receipt(receipt, mail, at=at)
    return receipt


def _already_given(family: Family, key: str, basket: Basket | None) -> Receipt:
    """The receipt of a validation sent twice. Raises when that key never was validated."""
    try:
        return Receipt.objects.get(family=family, basket_key=UUID(key))
    except (Receipt.DoesNotExist, ValueError):
        pass
    if basket is not None:
        raise DraftChanged
    raise NothingToConfirm


def _write_bookings(settlement: Settlement, *, family: Family, by: User, at: datetime) -> None:
    if settlement.removals:
        Booking.objects.filter(pk__in=[line.booking_id for line in settlement.removals]).update(
            state=BookingState.CANCELLED, cancelled_at=at, cancelled_by=by
        )
    Booking.objects.bulk_create(
        Booking(
            child_id=line.child_id,
            unit_id=line.unit_id,
            day=line.day,
            enrolment_id=line.enrolment_id,
            family=family,
            source=BookingSource.BASKET,
            tariff_version_id=line.tariff_version_id,
            unit_price=line.unit_price,
            surcharge=line.surcharge,
            explanation=line.explanation,
            booked_at=at,
            booked_by=by,
        )
        for line in settlement.additions
    )


def _tell(receipt: Receipt, settlement: Settlement, *, by: User, at: datetime) -> None:
    """The démarche and the journal."""
    counts = [
        french.plural(len(settlement.additions), "réservation") if settlement.additions else "",
        french.plural(len(settlement.removals), "annulation") if settlement.removals else "",
    ]
    open_procedure(
        family=receipt.family,
        kind=ProcedureKind.BOOKING,
        title=f"Planning{french.NBSP}: {french.join_words(filter(None, counts))}",
        reference=receipt.number,
        state=ProcedureState.RECORDED,
        by=by,
        at=at,
    )
    record(
        verb="confirm_basket",
        target=receipt,
        by=by,
        at=at,
        family_key=receipt.family_id,
        after={
            "number": receipt.number,
            "total": str(receipt.total),
            "booked": [key_of(line).code for line in settlement.additions],
            "cancelled": [key_of(line).code for line in settlement.removals],
            "left_out": [key_of(line).code for line, _ in settlement.fallen],
        },
    )
