"""What agents do with requests. Each verb asks the permission again, and answers once what the agent has seen.

An acceptance takes its locks in the order of docs/locking.md: the calendar shared, the drafts and the household, the
child, the request, then the places and the counter (`bookings.granting`).
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction

from portal.domain.accounts.models import User
from portal.domain.bookings.calendar_lock import share_calendar
from portal.domain.bookings.codes import CellKey
from portal.domain.bookings.enums import Wish
from portal.domain.bookings.expiry import release_drafts_in_the_way
from portal.domain.bookings.granting import Grant, Granted, GrantRefused, grant_days
from portal.domain.bookings.outcomes import LeftOut
from portal.domain.families.models import FamilyMember
from portal.domain.kernel.clock import to_utc
from portal.domain.kernel.refusals import Refusal, Rule
from portal.domain.language import in_french
from portal.domain.late_requests import notifications
from portal.domain.late_requests.enums import DayState, RequestState
from portal.domain.late_requests.models import MOST_ANSWER, LateDay, LateRequest, LateWord
from portal.domain.late_requests.services import (
    EXCEED,
    PERMISSION,
    RequestDecided,
    RequestRefused,
    clean_words,
    close,
    days_of,
    lock_request,
    move,
    write_down,
)
from portal.domain.merging.locks import lock
from portal.domain.merging.registry import Concerned
from portal.domain.procedures.enums import ProcedureState

#: Offered to agents.
REASONS: Sequence[str] = (
    "Le jour est complet.",
    "Les repas sont déjà commandés.",
    "Les équipes sont déjà organisées pour ce jour.",
    "Le règlement ne prévoit pas ce changement.",
)


class DaysRefused(Exception):
    """Nothing was written: some of the days cannot be accepted. `reasons` says why, by code of cell."""

    def __init__(self, reasons: Mapping[str, Refusal]) -> None:
        super().__init__(", ".join(sorted(reasons)))
        self.reasons = dict(reasons)


def accept_request(
    *,
    request: int,
    version: int,
    days: Collection[int],
    by: User,
    at: datetime,
    others: str = "",
    beyond: str = "",
) -> LateRequest:
    """Accept those days (keys of `LateDay`): each is booked, or cancelled, at the price of `at`, with one receipt.

    What a family may not do by itself any more is passed over; nothing else is. The other days still open are refused,
    with `others` as their reason. `beyond` is why a day is booked beyond its places: it needs a permission of its own
    and stays in the journal.

    Raises PermissionDenied, RequestDecided, RequestRefused for a reason that lacks, DaysRefused when a day cannot be
    done: nothing is then written.
    """
    _require(by)
    exceeds = clean_words(beyond)[:MOST_ANSWER]
    if exceeds and not by.has_perm(EXCEED):
        raise PermissionDenied
    seen = LateRequest.objects.select_related("family").get(pk=request)
    if seen.wish == Wish.ADD:
        asked = LateDay.objects.filter(request=seen)
        release_drafts_in_the_way(family=seen.family, days=asked.values("day"), at=at)
    return _accept(request, version, frozenset(days), clean_words(others)[:MOST_ANSWER], exceeds, by=by, at=at)


@transaction.atomic
@in_french()
def _accept(
    key: int, version: int, wanted: frozenset[int], others: str, exceeds: str, *, by: User, at: datetime
) -> LateRequest:
    share_calendar()
    found = _lock_waiting(key, version, by=by)
    rows = [row for row in days_of(found) if row.state == DayState.OPEN]
    taken = [row for row in rows if row.pk in wanted]
    left = [row for row in rows if row.pk not in wanted]
    if not taken:
        raise RequestRefused("Cochez au moins un jour, ou refusez la demande.", "days")
    if left and not others:
        raise RequestRefused("Écrivez pourquoi les autres jours sont refusés : la famille le lira.", "others")
    begun = {_cell(row).code: _begun() for row in taken if to_utc(row.closes_at) <= to_utc(at)}
    if begun:
        raise DaysRefused(begun)
    try:
        granted = _grant(found, taken, left, others, exceeds, by=by, at=at)
    except GrantRefused as refused:
        raise DaysRefused(refused.reasons) from refused
    _close_days(taken, DayState.ACCEPTED, beyond=_beyond(granted, taken))
    _close_days(left, DayState.REFUSED)
    found.receipt = granted.receipt
    close(found, RequestState.PARTLY if left else RequestState.ACCEPTED, others if left else "", by=by, at=at)
    note = f"Reçu n° {granted.receipt.number}."
    move(found, ProcedureState.ACCEPTED, by=by, at=at, note=f"{note} {others}".strip() if left else note)
    write_down(
        "accept_late_request",
        found,
        by=by,
        at=at,
        receipt=granted.receipt.number,
        days=[_cell(row).code for row in taken],
        refused=[_cell(row).code for row in left],
        passed={_cell(row).code: row.passed_at.isoformat() for row in taken if row.passed_at is not None},
    )
    if granted.extra:
        write_down(
            "exceed_places",
            found,
            by=by,
            at=at,
            reason=exceeds,
            places=[f"{pool}, {day.isoformat()}" for pool, day in granted.extra],
        )
    notifications.tell_accepted(found, taken, left, granted.receipt, at=at)
    return found


@transaction.atomic
@in_french()
def refuse_request(*, request: int, version: int, reason: str, by: User, at: datetime) -> LateRequest:
    """Say no, with a reason that the family reads; nothing changes on the planning.

    Raises PermissionDenied, RequestDecided, RequestRefused.
    """
    found = _lock_waiting(request, version, by=by)
    words = _words(reason)
    _close_days([row for row in days_of(found) if row.state == DayState.OPEN], DayState.REFUSED)
    close(found, RequestState.REFUSED, words, by=by, at=at)
    move(found, ProcedureState.REFUSED, by=by, at=at, note=words)
    write_down("refuse_late_request", found, by=by, at=at)
    notifications.tell_refused(found, at=at)
    return found


@transaction.atomic
@in_french()
def ask_request_again(*, request: int, version: int, message: str, by: User, at: datetime) -> LateRequest:
    """Ask the family for something more; the request waits for it. Raises PermissionDenied, RequestDecided,
    RequestRefused.
    """
    found = _lock_waiting(request, version, by=by)
    words = _words(message)
    LateWord.objects.create(request=found, at=at, by=by, of_service=True, text=words)
    found.state = RequestState.ASKED
    found.version += 1
    found.save(update_fields=["state", "version"])
    move(found, ProcedureState.YOUR_TURN, by=by, at=at, note=words)
    write_down("ask_late_request_again", found, by=by, at=at)
    notifications.tell_asked(found, words, at=at)
    return found


def _grant(
    found: LateRequest,
    taken: Sequence[LateDay],
    left: Sequence[LateDay],
    others: str,
    exceeds: str,
    *,
    by: User,
    at: datetime,
) -> Granted:
    member = FamilyMember.objects.filter(family=found.family, adult__user=found.asked_by).exists()
    return grant_days(
        family=found.family,
        grants=[Grant(_cell(row), Wish(row.wish), late=row.is_late, beyond=bool(exceeds)) for row in taken],
        left_out=[_left_out(found, row, others) for row in left],
        key=found.key,
        asked_by=found.asked_by,
        asked_at=found.asked_at,
        sent_to=(found.asked_by.email if member else "") or found.family.contact_email,
        by=by,
        at=at,
    )


def _lock_waiting(key: int, version: int, *, by: User) -> LateRequest:
    """The request as the agent saw it, still waiting, with its household's drafts, its household and its child locked.

    Raises PermissionDenied, LateRequest.DoesNotExist, RequestDecided.
    """
    _require(by)
    seen = LateRequest.objects.get(pk=key)
    lock(Concerned(families=(seen.family_id,), children=(seen.child_id,)))
    found = lock_request(key)
    if found.state != RequestState.SENT or found.version != version:
        raise RequestDecided(found)
    return found


def _require(by: User) -> None:
    if not by.has_perm(PERMISSION):
        raise PermissionDenied


def _words(text: str) -> str:
    words = clean_words(text)[:MOST_ANSWER]
    if not words:
        raise RequestRefused("Écrivez le motif : la famille le lira.", "reason")
    return words


def _close_days(rows: Sequence[LateDay], state: DayState, *, beyond: Collection[int] = ()) -> None:
    for row in rows:
        row.state, row.is_beyond = state, row.pk in beyond
    LateDay.objects.bulk_update(rows, ["state", "is_beyond"])


def _beyond(granted: Granted, taken: Sequence[LateDay]) -> set[int]:
    """The days that got a place more."""
    days = {day for _pool, day in granted.extra}
    return {row.pk for row in taken if row.day in days}


def _cell(row: LateDay) -> CellKey:
    return CellKey(row.child_id, row.unit_id, row.day)


def _left_out(found: LateRequest, row: LateDay, reason: str) -> LeftOut:
    label = f"{row.unit}"
    refusal = Refusal(rule=Rule.UNKNOWN, sentence=reason)
    return LeftOut(_cell(row).code, found.child.first_name, label, row.day, row.wish, refusal)


def _begun() -> Refusal:
    return Refusal(rule=Rule.DAY_PAST, sentence="Ce jour a commencé : il ne se décide plus ici.")
