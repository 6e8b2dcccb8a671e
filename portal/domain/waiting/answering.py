"""Answering an offer. Accepted, it is a booking like any other: price of the day, every rule again, a receipt."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import F

from portal.domain.accounts.models import User
from portal.domain.bookings.calendar_lock import share_calendar
from portal.domain.bookings.codes import CellKey
from portal.domain.bookings.context import BookingContext
from portal.domain.bookings.enums import BookingSource, BookingState, Wish
from portal.domain.bookings.expiry import erase_draft
from portal.domain.bookings.models import Basket, BasketLine, Booking, Receipt, ReceiptLine
from portal.domain.bookings.notifications import compose_receipt, queue_receipt
from portal.domain.bookings.places import lock_places, needed, save_places
from portal.domain.bookings.policy import full
from portal.domain.bookings.receipts import issue_receipt, prepare_receipt
from portal.domain.bookings.room import Room
from portal.domain.families.access import Right, lock_in_use, require
from portal.domain.families.models import Child, Family
from portal.domain.kernel.french import NBSP, join_words, weekday_day_month
from portal.domain.kernel.refusals import Refusal
from portal.domain.language import in_french, speaking, spoken
from portal.domain.mails.rendering import MailTexts
from portal.domain.merging.locks import lock
from portal.domain.merging.registry import Concerned
from portal.domain.procedures.enums import ProcedureKind, ProcedureState
from portal.domain.procedures.services import open_procedure
from portal.domain.waiting import notifications, offers
from portal.domain.waiting.enums import GiftState, OfferState
from portal.domain.waiting.judging import cell, context_of, judge, limits_of
from portal.domain.waiting.keeping import serve_soon
from portal.domain.waiting.models import Offer, PlaceGift, WaitingEntry
from portal.domain.waiting.outcomes import OfferOver, OfferRefused
from portal.domain.waiting.terms import terms_of


@dataclass(frozen=True, slots=True)
class _Proof:
    """A receipt with its lines and mail, ready to be numbered."""

    receipt: Receipt
    lines: list[ReceiptLine]
    mail: MailTexts | None


def accept_offer(*, offer: UUID, family: Family, by: User, at: datetime) -> Receipt:
    """Book what the offer holds, at the prices of `at`: receipt, mail, démarche and journal, in one transaction.

    Every rule is asked again. An offer that hands over a booked place cancels that booking in the same transaction:
    its family is told and not charged. Wishes of the family's draft for these days go: they are granted. Accepted
    twice, or by both parents at once, it gives the same receipt.

    Raises Offer.DoesNotExist for another family's, NotAllowed, OfferOver once it is over, OfferRefused when a rule now
    says no, in the language of the screen (the offer stays). Nothing is then written.
    """
    return _accept(offer, family, by, at, asked_in=spoken())


@transaction.atomic
@in_french()
def _accept(offer: UUID, family: Family, by: User, at: datetime, *, asked_in: str) -> Receipt:
    share_calendar()
    seen = Offer.objects.select_related("gift__booking").prefetch_related("entries").get(key=offer, family=family)
    require(user=by, family=family, right=Right.BOOK)
    if seen.state == OfferState.ACCEPTED and seen.receipt is not None:
        return seen.receipt
    _lock_people(seen)
    lock_in_use(family)
    return _Acceptance(seen, family, by, at, asked_in).run()


@transaction.atomic
@in_french()
def decline_offer(*, offer: UUID, family: Family, by: User, at: datetime) -> Offer:
    """Say no: the place goes to the next one by itself, the entries leave the line. Declined twice, it is once.

    Raises Offer.DoesNotExist for another family's, NotAllowed, OfferOver when it ended otherwise.
    """
    require(user=by, family=family, right=Right.BOOK)
    seen = Offer.objects.select_related("gift").get(key=offer, family=family)
    lock_in_use(family)
    context = _context(seen, family, user=by, at=at)
    room = lock_places(offers.keys_of(seen, context.units))
    found = Offer.objects.select_related("unit__activity").get(pk=seen.pk)
    if found.state == OfferState.DECLINED:
        return found
    if not found.is_open(at=at):
        raise OfferOver(found)
    offers.release(room, found, context.units)
    offers.close(found, OfferState.DECLINED, by=by, at=at, verb="decline_offer", entries=found.entries.all())
    save_places(room)
    serve_soon({found.day})
    return found


def _lock_people(offer: Offer) -> None:
    """Drafts, families and children of both sides, by key: in the order of docs/locking.md."""
    families = {offer.family_id}
    children = {entry.child_id for entry in offer.entries.all()}
    if offer.gift is not None:
        families.add(offer.gift.family_id)
        children.add(offer.gift.booking.child_id)
    lock(Concerned(families=tuple(sorted(families)), children=tuple(sorted(children))))


def _context(offer: Offer, family: Family, *, user: User, at: datetime) -> BookingContext:
    cells = {cell(entry) for entry in offer.entries.all()}
    cells |= {CellKey(place.child_id, place.unit_id, offer.day) for place in offer.places.all()}
    return context_of(family, cells, user=user, at=at)


class _Acceptance:
    """People are locked; places are next, once, then everything is written."""

    def __init__(self, seen: Offer, family: Family, by: User, at: datetime, asked_in: str) -> None:
        self.seen = seen
        self.family = family
        self.by = by
        self.at = at
        self.asked_in = asked_in
        self.day = seen.day
        self.refused: Refusal | None = None

    def run(self) -> Receipt:
        self.context = _context(self.seen, self.family, user=self.by, at=self.at)
        entries = list(self.seen.entries.select_related("child", "unit__activity").order_by("pk"))
        cells = self._cells(entries)
        wishes = self._own_wishes(cells)
        gift_pools = self._gift_pools()
        keys = offers.keys_of(self.seen, self.context.units)
        keys |= needed((self.context.units[key.unit_id].pools, key.day) for key in cells)
        keys |= needed([(gift_pools, self.day)])
        room = lock_places(keys)
        offer = Offer.objects.select_related("gift__booking", "unit__activity", "receipt").get(pk=self.seen.pk)
        if offer.state == OfferState.ACCEPTED and offer.receipt is not None:
            return offer.receipt
        if not offer.is_open(at=self.at):
            raise OfferOver(offer)
        if self.refused is not None:
            raise OfferRefused(self.refused)
        self._move_places(room, offer, cells, wishes, gift_pools)
        save_places(room)
        self._forget(wishes)
        self.context.together(cells)
        lines = [self._line(key) for key in cells]
        self._book(lines)
        proofs = [self._proof(self.context, self.family, lines, self.by, uuid=offer.key)]
        if offer.gift is not None:
            proofs.append(self._take(offer.gift))
        # Every validation of the town waits for the counter from here to the end.
        for proof in proofs:
            issue_receipt(proof.receipt, proof.lines)
            queue_receipt(proof.receipt, proof.mail, at=self.at)
        offer.receipt = proofs[0].receipt
        self._tell(offer, entries)
        offers.close(
            offer,
            OfferState.ACCEPTED,
            by=self.by,
            at=self.at,
            verb="accept_offer",
            entries=entries,
        )
        return proofs[0].receipt

    # Deciding

    def _cells(self, entries: Sequence[WaitingEntry]) -> list[CellKey]:
        """What is booked: the cells waited for, with those that the town books with them. Empty when refused."""
        cells: list[CellKey] = []
        terms = terms_of(self.context.units.values())
        for entry in entries:
            unit = self.context.units[entry.unit_id]
            limits = limits_of(self.context, unit, self.day, terms.get(entry.unit_id))
            with speaking(self.asked_in):
                verdict = judge(
                    self.context, cell(entry), at=self.at, limits=limits, first_name=entry.child.first_name
                )
            self.refused = self.refused or verdict.refusal
            cells += [CellKey(entry.child_id, each, self.day) for each in verdict.units]
        return cells

    def _own_wishes(self, cells: Collection[CellKey]) -> list[BasketLine]:
        """The lines of the family's draft that ask for what is being booked."""
        wanted = {*cells}
        rows = BasketLine.objects.filter(basket__family=self.family, wish=Wish.ADD, day=self.day)
        return [line for line in rows if CellKey(line.child_id, line.unit_id, line.day) in wanted]

    def _gift_pools(self) -> list[int]:
        gift = self.seen.gift
        return [] if gift is None else list(gift.booking.unit.pools.order_by("pk").values_list("pk", flat=True))

    # Places

    def _move_places(
        self,
        room: Room,
        offer: Offer,
        cells: Sequence[CellKey],
        wishes: Sequence[BasketLine],
        gift_pools: Sequence[int],
    ) -> None:
        """What was held for the answer becomes taken; with a gift, the place changes hands."""
        offers.release(room, offer, self.context.units)
        for line in wishes:
            if line.holding:
                room.release(self.context.units[line.unit_id].pools, self.day)
        if offer.gift is not None:
            booking = Booking.objects.get(pk=offer.gift.booking_id)
            given = offer.gift.state == GiftState.OPEN and booking.state == BookingState.BOOKED
            if not given or booking.place_given_back_at is not None:
                raise OfferOver(offer)
            room.cancel(gift_pools, self.day)
        for key in cells:
            unit = self.context.units[key.unit_id]
            if not room.book(unit.pools, key.day):
                pool = next(pool for pool in unit.pools if not room.has_one(pool, key.day))
                with speaking(self.asked_in):
                    raise OfferRefused(full(unit, pool=pool))

    # Writing

    def _line(self, key: CellKey) -> BasketLine:
        """The booking as a draft would hold it: receipts are made of such lines."""
        price = self.context.price(key)
        assert price is not None  # noqa: S101  # the rules were asked again: no day without price
        return BasketLine(
            wish=Wish.ADD,
            child_id=key.child_id,
            unit_id=key.unit_id,
            day=key.day,
            enrolment_id=self.context.live_enrolment(key).pk,
            tariff_version_id=price.version_key,
            unit_price=price.amount,
            explanation=list(price.explanation),
        )

    def _book(self, lines: Sequence[BasketLine]) -> None:
        Booking.objects.bulk_create(
            Booking(
                child_id=line.child_id,
                unit_id=line.unit_id,
                day=line.day,
                enrolment_id=line.enrolment_id,
                family=self.family,
                source=BookingSource.WAITING,
                tariff_version_id=line.tariff_version_id,
                unit_price=line.unit_price,
                explanation=line.explanation,
                booked_at=self.at,
                booked_by=self.by,
            )
            for line in lines
        )

    def _forget(self, wishes: Sequence[BasketLine]) -> None:
        """A wish that is granted is no wish; a recap on somebody's screen is not the draft any more."""
        if not wishes:
            return
        BasketLine.objects.filter(pk__in=[line.pk for line in wishes]).delete()
        basket = Basket.objects.get(pk=wishes[0].basket_id)
        if basket.lines.exists():
            Basket.objects.filter(pk=basket.pk).update(version=F("version") + 1)
        else:
            erase_draft(basket)

    def _take(self, gift: PlaceGift) -> _Proof:
        """The giver's booking is cancelled and not charged, with a receipt of their own that names nobody else."""
        booking = Booking.objects.select_related("child", "unit__activity", "family").get(pk=gift.booking_id)
        Booking.objects.filter(pk=booking.pk).update(
            state=BookingState.CANCELLED, cancelled_at=self.at, cancelled_by=gift.given_by
        )
        gift.state, gift.closed_at = GiftState.TAKEN, self.at
        gift.save(update_fields=["state", "closed_at"])
        gift.booking = booking
        key = CellKey(booking.child_id, booking.unit_id, booking.day)
        context = context_of(booking.family, [key], user=None, at=self.at)
        line = BasketLine(
            wish=Wish.REMOVE,
            child=Child(pk=booking.child_id, first_name=booking.child.first_name),
            unit_id=booking.unit_id,
            day=booking.day,
            booking_id=booking.pk,
            enrolment_id=booking.enrolment_id,
            tariff_version=booking.tariff_version,
            unit_price=booking.unit_price,
        )
        notifications.tell_taken(gift, at=self.at)
        return self._proof(context, booking.family, [line], gift.given_by, uuid=uuid4())

    def _proof(
        self, context: BookingContext, family: Family, lines: Sequence[BasketLine], by: User, *, uuid: UUID
    ) -> _Proof:
        receipt, receipt_lines = prepare_receipt(
            context=context, family=family, basket_key=uuid, standing=lines, fallen=(), by=by, at=self.at
        )
        mail = compose_receipt(context=context, receipt=receipt, lines=receipt_lines, at=self.at)
        return _Proof(receipt, receipt_lines, mail)

    def _tell(self, offer: Offer, entries: Sequence[WaitingEntry]) -> None:
        """The démarche; the journal is written with the end of the offer."""
        names = join_words(entry.child.first_name for entry in entries)
        what = f"{notifications.label(offer.unit)}, {weekday_day_month(offer.day)}"
        open_procedure(
            family=self.family,
            child=entries[0].child if len(entries) == 1 else None,
            kind=ProcedureKind.BOOKING,
            title=f"Place acceptée{NBSP}: {names}, {what}"[:250],
            reference=offer.receipt.number if offer.receipt else "",
            state=ProcedureState.RECORDED,
            by=self.by,
            at=self.at,
        )
