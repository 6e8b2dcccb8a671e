"""Joining the line of a full day, and leaving it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from portal.domain.accounts.models import User
from portal.domain.audit.services import record
from portal.domain.bookings.codes import CellKey
from portal.domain.bookings.context import BookingContext
from portal.domain.bookings.enums import Wish
from portal.domain.bookings.outcomes import LeftOut
from portal.domain.bookings.places import lock_places, needed
from portal.domain.bookings.policy import contact_service
from portal.domain.bookings.room import Room
from portal.domain.families.access import Right, lock_in_use, require
from portal.domain.families.locks import lock_children
from portal.domain.families.models import Family
from portal.domain.kernel.clock import to_utc
from portal.domain.kernel.refusals import Refusal, Rule, WayOut, WayOutKind
from portal.domain.waiting.enums import EntryState
from portal.domain.waiting.judging import Limits, context_of, judge, limits_of, pools_needed
from portal.domain.waiting.keeping import serve_soon
from portal.domain.waiting.models import WaitingEntry
from portal.domain.waiting.outcomes import Joined, WaitingRefused
from portal.domain.waiting.ranking import rank_again
from portal.domain.waiting.terms import Terms, terms_of

#: A form asks for a month of two children at most; more is not a person.
MOST_CELLS = 60


@dataclass(frozen=True, slots=True)
class _Wish:
    """A cell that the rules allow, with what it would book and until when."""

    key: CellKey
    units: tuple[int, ...]
    limits: Limits


@transaction.atomic
def join_list(*, family: Family, codes: Collection[str], by: User, at: datetime, together: bool = False) -> Joined:
    """Put children in the line of full days (`codes` of cells), one entry each; nothing is booked.

    Everything but the places is asked as for a booking. A cell with places left is left out: it can be booked. Once
    the booking deadline is over, the line is open only where places are exchanged, until the exchange ends. With
    `together`, the children of one press who wait for the same unit and day come together or not at all, where the
    town allows it. A child already in that line stays at its rank.

    Raises NotAllowed, UnknownCell, WaitingRefused when too much is asked; nothing is then written.
    """
    require(user=by, family=family, right=Right.BOOK)
    keys = sorted({CellKey.parse(code) for code in codes}, key=lambda key: (key.day, key.unit_id, key.child_id))
    if len(keys) > MOST_CELLS:
        raise WaitingRefused(_("Choisissez moins de jours à la fois."), "cells")
    lock_in_use(family)
    lock_children(key.child_id for key in keys)
    context = context_of(family, keys, user=by, at=at)
    context.check({*keys})
    terms = terms_of(context.units.values())
    left_out: list[LeftOut] = []
    wishes: list[_Wish] = []
    for key in keys:
        wish = _wish(context, key, terms.get(key.unit_id), at=at)
        if isinstance(wish, Refusal):
            left_out.append(_left_out(context, key, wish))
        else:
            wishes.append(wish)
    pools = {wish.key: pools_needed(context.units, context.relations, wish.key.unit_id) for wish in wishes}
    room = lock_places(needed((pools[wish.key], wish.key.day) for wish in wishes))
    waiting = _waiting(wishes)
    entries: list[WaitingEntry] = []
    for cells in _by_cell(wishes).values():
        full = _full(context, room, cells, at=at, together=together)
        joining = [wish for wish in cells if wish.key in full and wish.key not in waiting]
        left_out += [_left_out(context, wish.key, _free()) for wish in cells if wish.key not in full]
        left_out += [_left_out(context, wish.key, _already()) for wish in cells if wish.key in waiting]
        grouped = together and len(joining) > 1 and terms[joining[0].key.unit_id].siblings_together
        group = uuid4() if grouped else None
        entries += [_entry(family, wish, pools[wish.key], group, by=by, at=at) for wish in joining]
    WaitingEntry.objects.bulk_create(entries)
    rank_again(entries, terms)
    for entry in entries:
        _write_down("join_list", entry, by=by, at=at, together=entry.group is not None)
    past = {wish.key.day for wish in wishes if to_utc(wish.limits.booking) <= to_utc(at)}
    if entries and past:
        serve_soon(past)  # a place may be waiting for somebody already
    return Joined(entries=entries, left_out=left_out)


@transaction.atomic
def leave_list(*, family: Family, entries: Collection[UUID], by: User, at: datetime) -> int:
    """Take entries of the family out of their lines; how many left. One that is no longer waiting is left as it is.

    Raises NotAllowed; WaitingRefused when a place is being proposed: it is accepted or refused.
    """
    require(user=by, family=family, right=Right.BOOK)
    lock_in_use(family)
    wanted = WaitingEntry.objects.live().filter(family=family, key__in=entries)
    lock_places(needed(wanted.values_list("pools", "day")))
    found = list(wanted.select_related("child", "unit__activity").order_by("pk"))
    if any(entry.state == EntryState.OFFERED for entry in found):
        raise WaitingRefused(_("Une place vous est proposée\u00a0: acceptez-la ou refusez-la."), "offer")
    for entry in found:
        entry.state, entry.changed_at = EntryState.LEFT, at
        _write_down("leave_list", entry, by=by, at=at)
    WaitingEntry.objects.bulk_update(found, ["state", "changed_at"])
    return len(found)


def _wish(context: BookingContext, key: CellKey, terms: Terms | None, *, at: datetime) -> _Wish | Refusal:
    unit = context.units[key.unit_id]
    if terms is None or not (unit.shown and unit.editable):
        return Refusal(
            rule=Rule.NOT_OFFERED,
            sentence=_("Il n’y a pas de liste d’attente pour cette activité."),
            way_out=contact_service(unit.service),
        )
    limits = limits_of(context, unit, key.day, terms)
    verdict = judge(context, key, at=at, limits=limits)
    return verdict.refusal or _Wish(key, verdict.units, limits)


def _by_cell(wishes: Collection[_Wish]) -> dict[tuple[date, int], list[_Wish]]:
    found: dict[tuple[date, int], list[_Wish]] = {}
    for wish in wishes:
        found.setdefault((wish.key.day, wish.key.unit_id), []).append(wish)
    return found


def _waiting(wishes: Collection[_Wish]) -> set[CellKey]:
    """Those of these cells for which somebody of any household is in the line."""
    rows = WaitingEntry.objects.live().filter(
        child__in={wish.key.child_id for wish in wishes}, day__in={wish.key.day for wish in wishes}
    )
    return {CellKey(*row) for row in rows.values_list("child", "unit", "day")}


def _full(context: BookingContext, room: Room, cells: list[_Wish], *, at: datetime, together: bool) -> set[CellKey]:
    """Those of the cells of one unit and day that cannot simply be booked now, by the locked counts.

    Children who come together wait together, unless there is a place for all.
    """
    alone: set[CellKey] = set()
    rehearsal = room.copy()
    for wish in cells:
        mark = rehearsal.mark()
        booked = to_utc(at) < to_utc(wish.limits.booking) and all(
            rehearsal.book(context.units[unit].pools, wish.key.day) for unit in wish.units
        )
        if not booked:
            rehearsal.back_to(mark)
            alone.add(wish.key)
    return {wish.key for wish in cells} if together and alone else alone


def _entry(
    family: Family, wish: _Wish, pools: list[int], group: UUID | None, *, by: User, at: datetime
) -> WaitingEntry:
    return WaitingEntry(
        family=family,
        child_id=wish.key.child_id,
        unit_id=wish.key.unit_id,
        day=wish.key.day,
        pools=pools,
        group=group,
        joined_at=at,
        joined_by=by,
        changed_at=at,
        closes_at=wish.limits.last,
    )


def _free() -> Refusal:
    return Refusal(
        rule=Rule.CHANGED_MEANWHILE,
        sentence=_("Une place est libre ce jour-là\u00a0: vous pouvez la réserver sur le planning."),
        way_out=WayOut(WayOutKind.START_AGAIN, _("Revenir au planning")),
    )


def _already() -> Refusal:
    return Refusal(
        rule=Rule.CHANGED_MEANWHILE,
        sentence=_("Une demande attend déjà une place pour cet enfant ce jour-là."),
        way_out=WayOut(WayOutKind.START_AGAIN, _("Voir mes listes d’attente"), url_name="waiting:index"),
    )


def _left_out(context: BookingContext, key: CellKey, refusal: Refusal) -> LeftOut:
    return LeftOut(
        code=key.code,
        child_name=context.child(key).first_name,
        label=context.unit(key).label,
        day=key.day,
        wish=Wish.ADD,
        refusal=refusal,
    )


def _write_down(verb: str, entry: WaitingEntry, *, by: User, at: datetime, **facts: object) -> None:
    record(
        verb=verb,
        target=entry,
        by=by,
        at=at,
        family_key=entry.family_id,
        after={"day": entry.day.isoformat(), "unit": str(entry.unit), "child": entry.child.first_name, **facts},
    )
