"""What an agent does of a line: a place proposed out of order, with a reason that stays in the journal."""

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction

from portal.domain.accounts.models import User
from portal.domain.audit.services import record
from portal.domain.bookings.places import lock_places, needed, save_places
from portal.domain.bookings.rows import read_units
from portal.domain.language import in_french
from portal.domain.waiting.enums import EntryState
from portal.domain.waiting.judging import Limits, Verdict, judge_entries, pools_needed
from portal.domain.waiting.models import MOST_WORDS, Offer, WaitingEntry
from portal.domain.waiting.outcomes import OfferRefused, WaitingRefused
from portal.domain.waiting.rules import PUT_FIRST, Party, expiry, in_order
from portal.domain.waiting.serving import make_offer
from portal.domain.waiting.terms import Terms, terms_of

PERMISSION = "waiting.offer_place"


@transaction.atomic
@in_french()
def offer_by_hand(*, entry: int, reason: str, by: User, at: datetime) -> Offer | None:
    """Propose a place to this child before those who stand ahead; without a place left, put the child first in line.

    The family answers as for any offer; the rules are asked as for any offer; no day goes beyond its capacity. The
    reason is kept. Gives the offer, or None when the child waits, first, for the next place.
    Raises PermissionDenied, WaitingEntry.DoesNotExist, OfferRefused when the rules say no, WaitingRefused.
    """
    if not by.has_perm(PERMISSION):
        raise PermissionDenied
    words = " ".join(reason.split())[:MOST_WORDS]
    if not words:
        raise WaitingRefused("Écrivez pourquoi cet enfant passe avant : le motif reste au journal.", "reason")
    seen = WaitingEntry.objects.select_related("child").get(pk=entry)
    units, relations = read_units(activities=[], units=[seen.unit_id])
    terms = terms_of([units[seen.unit_id]]).get(seen.unit_id)
    if terms is None:
        raise WaitingRefused("Cette liste d’attente est fermée : ouvrez-la d’abord.")
    verdict, limits = judge_entries([seen], {seen.unit_id: terms}, at=at)[seen.pk]
    if verdict.refusal is not None:
        raise OfferRefused(verdict.refusal)
    pools = {*seen.pools, *pools_needed(units, relations, seen.unit_id)}
    room = lock_places(needed([(pools, seen.day)]))
    rows = WaitingEntry.objects.select_related("family", "child", "unit__activity")
    found = rows.get(pk=entry)
    if found.state != EntryState.WAITING:
        raise WaitingRefused(f"Cette demande n’attend plus : {found.get_state_display()}.")
    before = _before(found)
    mark = room.mark()
    if all(room.hold(units[unit].pools, found.day) is not None for unit in verdict.units):
        offer = _offer(found, verdict, limits, terms, before, words, by=by, at=at)
        save_places(room)
        return offer
    room.back_to(mark)
    found.put_first_at, found.precedence = at, PUT_FIRST
    found.save(update_fields=["put_first_at", "precedence"])
    record(
        verb="put_first",
        target=found,
        by=by,
        at=at,
        family_key=found.family_id,
        after={
            "day": found.day.isoformat(),
            "unit": str(found.unit),
            "child": found.child.first_name,
            "reason": words,
            "before": len(before),
        },
    )
    return None


def _before(entry: WaitingEntry) -> list[Party]:
    """Those whom it passes."""
    same = WaitingEntry.objects.waiting().filter(day=entry.day, pools__overlap=entry.pools)
    return [party for party in in_order(same) if party.place_in_line < entry.place_in_line]


def _offer(
    entry: WaitingEntry,
    verdict: Verdict,
    limits: Limits,
    terms: Terms,
    before: list[Party],
    reason: str,
    *,
    by: User,
    at: datetime,
) -> Offer:
    until = expiry(at=at, hours=terms.offer_hours, limit=limits.booking)
    if until is None:
        raise WaitingRefused("L’heure limite de réservation de ce jour est trop proche : il n’y a plus le temps.")
    entry.group = None
    entry.save(update_fields=["group"])
    return make_offer(
        [entry],
        until=until,
        cells=[(entry, unit) for unit in verdict.units],
        gift=None,
        before=before,
        by=by,
        at=at,
        reason=reason,
    )
