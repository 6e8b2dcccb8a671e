"""A place that is booked and of no use any more, offered to whoever waits once it can no longer be cancelled."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from portal.domain import language
from portal.domain.accounts.models import User
from portal.domain.audit.services import record
from portal.domain.bookings.codes import CellKey
from portal.domain.bookings.context import BookingContext
from portal.domain.bookings.enums import BookingState, Wish
from portal.domain.bookings.limiting import missing_days
from portal.domain.bookings.models import Booking
from portal.domain.bookings.places import lock_places, needed
from portal.domain.bookings.policy import contact_service, why_not
from portal.domain.families.access import Right, lock_in_use, require
from portal.domain.families.locks import lock_children
from portal.domain.families.models import Family
from portal.domain.kernel.clock import shift, to_utc
from portal.domain.kernel.refusals import Refusal, Rule, WayOut, WayOutKind
from portal.domain.waiting import notifications, offers
from portal.domain.waiting.enums import GiftState, OfferState
from portal.domain.waiting.judging import context_of, limits_of
from portal.domain.waiting.keeping import serve_soon
from portal.domain.waiting.models import Offer, PlaceGift
from portal.domain.waiting.outcomes import WaitingRefused
from portal.domain.waiting.rules import LEAST_TIME
from portal.domain.waiting.terms import terms_of


@dataclass(frozen=True, slots=True)
class Giving:
    """Whether the place of a booked cell may be offered, and until when it changes hands."""

    child_name: str
    label: str
    day: date
    booking: Booking | None
    closes_at: datetime | None
    refusal: Refusal | None = None

    @property
    def last_minute(self) -> datetime | None:
        """The last minute in which somebody may take it, as it is printed."""
        return None if self.closes_at is None else shift(self.closes_at, -timedelta(minutes=1))


def plan_gift(*, family: Family, code: str, by: User, at: datetime) -> Giving:
    """What `give_place` would do of this cell, for the page that asks. Nothing is locked. Raises UnknownCell."""
    key = CellKey.parse(code)
    context = context_of(family, [key], user=by, at=at)
    context.check({key})
    unit = context.units[key.unit_id]
    terms = terms_of([unit]).get(key.unit_id)
    closes_at = limits_of(context, unit, key.day, terms).exchange
    booking = Booking.objects.booked().filter(child=key.child_id, unit=key.unit_id, day=key.day).first()
    refusal = _why_not(context, key, booking, closes_at, at=at)
    return Giving(context.child(key).first_name, unit.label, key.day, booking, closes_at, refusal)


@transaction.atomic
def give_place(*, family: Family, code: str, by: User, at: datetime) -> PlaceGift:
    """Offer the place of a booked day to the line. The booking stays, and stays charged, until somebody takes it.

    Only where the activity exchanges places, once the day can no longer be cancelled, and until the exchange ends.
    Given twice, it is given once. Raises UnknownCell, NotAllowed, WaitingRefused.
    """
    require(user=by, family=family, right=Right.BOOK)
    key = CellKey.parse(code)
    lock_in_use(family)
    # As whoever books or cancels for the child: what the books say does not move meanwhile.
    lock_children([key.child_id])
    plan = plan_gift(family=family, code=code, by=by, at=at)
    if plan.booking is not None:
        already = PlaceGift.objects.filter(booking=plan.booking, state=GiftState.OPEN).first()
        if already is not None:
            return already
    if plan.refusal is not None or plan.booking is None or plan.closes_at is None:
        raise WaitingRefused(plan.refusal.sentence if plan.refusal else _("Cette place ne peut pas être proposée."))
    pools = plan.booking.unit.pools.values_list("pk", flat=True)
    lock_places(needed([(list(pools), key.day)]))
    gift = PlaceGift.objects.create(
        booking=plan.booking, family=family, given_at=at, given_by=by, closes_at=plan.closes_at
    )
    _write_down("give_place", gift, by=by, at=at)
    serve_soon({key.day})
    return gift


@transaction.atomic
def take_gift_back(*, gift: UUID, family: Family, by: User, at: datetime) -> PlaceGift:
    """Keep the place after all, until somebody has accepted it. Taken back twice, it is once.

    Whoever had it to answer is told, and is back in the line at their rank. Raises PlaceGift.DoesNotExist for another
    family's, NotAllowed, WaitingRefused when it is taken or over.
    """
    require(user=by, family=family, right=Right.BOOK)
    lock_in_use(family)
    seen = PlaceGift.objects.select_related("booking__unit").get(key=gift, family=family)
    pools = set(seen.booking.unit.pools.values_list("pk", flat=True))
    # The entries of one unit share its pools: whoever is being asked about this gift waits there.
    lock_places(needed([(pools, seen.booking.day)]))
    found = PlaceGift.objects.select_related("booking__unit", "booking__child").get(pk=seen.pk)
    if found.state == GiftState.WITHDRAWN:
        return found
    if found.state != GiftState.OPEN:
        raise WaitingRefused(_("Cette place n’est plus proposée\u00a0: elle a été prise, ou le délai est passé."))
    asked = Offer.objects.filter(gift=found, state=OfferState.OPEN).select_related("family", "unit__activity")
    for offer in asked:
        offers.withdraw(offer, by=User.objects.system(), at=at)
        notifications.tell_withdrawn(offer, at=at)
    found.state, found.closed_at = GiftState.WITHDRAWN, at
    found.save(update_fields=["state", "closed_at"])
    _write_down("take_gift_back", found, by=by, at=at)
    return found


def _why_not(
    context: BookingContext, key: CellKey, booking: Booking | None, closes_at: datetime | None, *, at: datetime
) -> Refusal | None:
    unit = context.units[key.unit_id]
    contact = contact_service(unit.service)
    planning = WayOut(WayOutKind.START_AGAIN, _("Revenir au planning"))
    cancelling = why_not(context, wish=Wish.REMOVE, child_id=key.child_id, unit_id=key.unit_id, day=key.day, at=at)
    if booking is None or booking.state != BookingState.BOOKED:
        return cancelling
    if cancelling is None:
        return Refusal(
            rule=Rule.CHANGED_MEANWHILE,
            sentence=_("Ce jour s’annule encore sur le planning\u00a0: annulez-le, il ne vous sera pas facturé."),
            way_out=planning,
        )
    if cancelling.rule not in (Rule.DEADLINE_PASSED, Rule.NEVER_ONLINE):
        return cancelling
    if closes_at is None:
        return Refusal(
            rule=Rule.NEVER_ONLINE,
            sentence=_("Pour cette activité, les places ne s’échangent pas entre familles."),
            way_out=contact,
        )
    if booking.place_given_back_at is not None:
        return Refusal(
            rule=Rule.CHANGED_MEANWHILE,
            sentence=_("La place de ce jour a déjà été rendue, avec l’absence déclarée."),
            way_out=planning,
        )
    if to_utc(shift(at, LEAST_TIME)) > to_utc(closes_at):
        return Refusal(
            rule=Rule.DEADLINE_PASSED,
            sentence=_("L’échange de places s’est arrêté le %(instant)s.")
            % {"instant": language.words().instant(shift(closes_at, -timedelta(minutes=1)))},
            since=closes_at,
            way_out=contact,
        )
    if _tied(context, key):
        return Refusal(
            rule=Rule.SOLIDARY,
            sentence=_("Ce jour est lié à d’autres réservations du même jour\u00a0: seul le service peut l’échanger."),
            way_out=contact,
        )
    short = missing_days(context, additions=(), removals=[key])
    if short:
        return Refusal(rule=Rule.MINIMUM, sentence=short[0].sentence, way_out=contact)
    return None


def _tied(context: BookingContext, key: CellKey) -> bool:
    """Whether something else booked that day goes with this unit, or needs it."""
    others = {
        booked.unit_id
        for booked in context.booked
        if booked.child_id == key.child_id and booked.day == key.day and booked.unit_id != key.unit_id
    }
    relations = context.relations
    return bool(others & (relations.group(key.unit_id) | relations.dependents_of(key.unit_id)))


def _write_down(verb: str, gift: PlaceGift, *, by: User, at: datetime) -> None:
    record(
        verb=verb,
        target=gift,
        by=by,
        at=at,
        family_key=gift.family_id,
        after={
            "day": gift.booking.day.isoformat(),
            "unit": str(gift.booking.unit),
            "child": gift.booking.child.first_name,
        },
    )
