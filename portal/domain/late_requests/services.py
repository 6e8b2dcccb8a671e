"""The verbs of families. Each locks the family, then the child, then the request; no place is held by a request.

`deciding` holds the verbs of agents, `ending` what happens by itself.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from portal.domain.accounts.models import User
from portal.domain.activities.models import Activity
from portal.domain.audit.services import record
from portal.domain.bookings.codes import CellKey
from portal.domain.bookings.context import BookingContext
from portal.domain.bookings.enums import Wish
from portal.domain.bookings.loading import Scope, load_context, load_room
from portal.domain.families.access import NotAllowed, Right, children_with, lock_in_use, require
from portal.domain.families.locks import lock_children
from portal.domain.families.models import Child, Family
from portal.domain.kernel.clock import paris_date
from portal.domain.kernel.refusals import Refusal
from portal.domain.late_requests import notifications
from portal.domain.late_requests.asking import MOST_LINES, Askable, judge_cells, open_cells
from portal.domain.late_requests.enums import DayState, RequestState
from portal.domain.late_requests.models import MOST_REASON, MOST_WORDS, LateDay, LateRequest, LateWord
from portal.domain.late_requests.terms import NOTHING, terms_of
from portal.domain.procedures.enums import ProcedureKind, ProcedureState
from portal.domain.procedures.services import find_procedure, move_procedure, open_procedure

PERMISSION = "late_requests.decide_laterequest"
EXCEED = "late_requests.exceed_places"
#: One press asks for a month of a few units at most; more is not a person.
MOST_CELLS = 2 * MOST_LINES


class RequestRefused(Exception):
    """Nothing was written; `reason` is a sentence ready to show, `field` what it is about: "days", "reason"…"""

    def __init__(self, reason: str, field: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.field = field


class RequestDecided(Exception):
    """Somebody answered meanwhile, or the family changed it: nothing was written."""

    def __init__(self, request: LateRequest) -> None:
        super().__init__(request.state)
        self.request = request


@transaction.atomic
def send_request(*, family: Family, codes: Collection[str], reason: str, by: User, at: datetime) -> LateRequest:
    """Ask the service to book, or to cancel, those cells of one child and one activity; nothing is held.

    Whether each day is booked, what it would cost and why the family cannot do it by itself are read again. When one
    of the days cannot be asked for any more, nothing is written. Raises NotAllowed, UnknownCell, RequestRefused.
    """
    require(user=by, family=family, right=Right.BOOK)
    words = _words(reason, MOST_REASON, _("Écrivez pourquoi vous faites cette demande."), "reason")
    keys = sorted({CellKey.parse(code) for code in codes}, key=lambda key: (key.day, key.unit_id))
    if not keys:
        raise RequestRefused(_("Cochez au moins un jour."), "days")
    if len(keys) > MOST_CELLS:
        raise RequestRefused(_("Choisissez moins de jours à la fois."), "days")
    lock_in_use(family)
    lock_children(key.child_id for key in keys)
    scope = Scope.of_cells(keys, otherwise=paris_date(at))
    context = load_context(family=family, user=by, scope=scope, today=paris_date(at), at=at)
    context.check({*keys})
    if not all(context.child(key).may_book for key in keys):
        raise NotAllowed(Right.BOOK.value)
    wish = _same(context, keys)
    if open_cells(keys, wish):
        raise RequestRefused(_("Une demande attend déjà une réponse pour un de ces jours."), "days")
    activity_id = context.unit(keys[0]).activity_id
    terms = terms_of([activity_id]).get(activity_id, NOTHING)
    room = load_room(context, scope, at=at, exact=True)
    judged = judge_cells(context, room, keys, wish, terms, at=at)
    for key, verdict in judged.items():
        if isinstance(verdict, Refusal):
            raise RequestRefused(notifications.day_refused(key.day, verdict.sentence), "days")
    request = LateRequest.objects.create(
        family=family,
        child=Child.objects.get(pk=keys[0].child_id),
        activity=Activity.objects.select_related("service").get(pk=activity_id),
        wish=wish,
        reason=words,
        asked_at=at,
        asked_by=by,
        sent_at=at,
    )
    LateDay.objects.bulk_create(_day(request, each) for each in judged.values() if isinstance(each, Askable))
    open_procedure(
        family=family,
        child=request.child,
        kind=ProcedureKind.LATE_REQUEST,
        title=notifications.title_of(request),
        state=ProcedureState.RECEIVED,
        by=by,
        at=at,
        about=request,
        answer_days=terms.answer_days,
    )
    write_down("send_late_request", request, by=by, at=at, days=[key.code for key in keys])
    return request


@transaction.atomic
def reply_to_service(*, request: UUID, family: Family, text: str, by: User, at: datetime) -> LateRequest:
    """Answer what the service asked: the request goes back to it.

    Raises LateRequest.DoesNotExist for another family's, NotAllowed, RequestRefused when nothing is asked any more.
    """
    words = _words(text, MOST_WORDS, _("Écrivez votre réponse."), "text")
    found = _lock_own(request, family, by=by)
    if found.state != RequestState.ASKED:
        raise RequestRefused(_("Le service n’attend pas de réponse\u00a0: relisez la demande."), "text")
    LateWord.objects.create(request=found, at=at, by=by, text=words)
    found.state, found.sent_at = RequestState.SENT, at
    found.version += 1
    found.save(update_fields=["state", "sent_at", "version"])
    move(found, ProcedureState.RECEIVED, by=by, at=at, note="La famille a répondu.")
    write_down("reply_late_request", found, by=by, at=at)
    return found


@transaction.atomic
def withdraw_request(*, request: UUID, family: Family, by: User, at: datetime) -> LateRequest:
    """Give up a request that nobody decided. Withdrawn twice, it is withdrawn once.

    Raises LateRequest.DoesNotExist for another family's, NotAllowed, RequestRefused once it is decided.
    """
    found = _lock_own(request, family, by=by)
    if found.state == RequestState.WITHDRAWN:
        return found
    if not found.is_open:
        raise RequestRefused(_("Le service a déjà répondu\u00a0: cette demande ne se retire plus."))
    withdraw(found, by=by, at=at, note="Retirée par la famille.")
    return found


# -- shared with deciding, ending and merging -------------------------------------------------


def lock_request(key: int) -> LateRequest:
    """The request as it is now, its row locked; the caller holds its family and its child."""
    locked = LateRequest.objects.select_for_update(of=("self",), no_key=True)
    return locked.select_related("family", "child", "activity__service", "asked_by", "decided_by").get(pk=key)


def withdraw(request: LateRequest, *, by: User, at: datetime, note: str) -> None:
    """Close a locked request that nobody decided."""
    request.state = RequestState.WITHDRAWN
    request.version += 1
    request.save(update_fields=["state", "version"])
    LateDay.objects.filter(request=request, state=DayState.OPEN).update(state=DayState.WITHDRAWN)
    move(request, ProcedureState.CANCELLED, by=by, at=at, note=note)
    write_down("withdraw_late_request", request, by=by, at=at)


def close(request: LateRequest, state: RequestState, answer: str = "", *, by: User, at: datetime) -> None:
    """Write a decision on the request."""
    request.state, request.answer = state, answer
    request.decided_at, request.decided_by = at, by
    request.version += 1
    request.save(update_fields=["state", "answer", "decided_at", "decided_by", "version", "receipt"])


def days_of(request: LateRequest) -> Sequence[LateDay]:
    """Its days in order, with their units."""
    rows = LateDay.objects.filter(request=request).select_related("unit__activity")
    return list(rows.order_by("day", "unit__order", "pk"))


def move(request: LateRequest, state: ProcedureState, *, by: User, at: datetime, note: str = "") -> None:
    """The démarche of this request takes a step."""
    procedure = find_procedure(about=request)
    if procedure is not None:
        move_procedure(procedure=procedure, state=state, by=by, at=at, note=note[:250])


def write_down(verb: str, request: LateRequest, *, by: User, at: datetime, **facts: Any) -> None:
    """A line of the journal: days and decisions, never what the family wrote."""
    record(
        verb=verb,
        target=request,
        by=by,
        at=at,
        family_key=request.family_id,
        after={"child": request.child.first_name, "activity": request.activity.short_name, **facts},
    )


def clean_words(text: str) -> str:
    """On one line, without what no form sends."""
    return " ".join(text.replace("\x00", "").split())


def _words(text: str, most: int, missing: str, field: str) -> str:
    words = clean_words(text)
    if not words:
        raise RequestRefused(missing, field)
    if len(words) > most:
        raise RequestRefused(_("Écrivez %(most)s\u00a0caractères au plus.") % {"most": most}, field)
    return words


def _same(context: BookingContext, keys: Sequence[CellKey]) -> Wish:
    """The one wish of all. Raises RequestRefused for days of several children, activities or wishes."""
    children = {key.child_id for key in keys}
    activities = {context.unit(key).activity_id for key in keys}
    booked = {key in context.booked for key in keys}
    if len(children) > 1 or len(activities) > 1:
        raise RequestRefused(_("Une demande porte sur un enfant et une activité\u00a0: faites-en plusieurs."), "days")
    if len(booked) > 1:
        raise RequestRefused(
            _("Certains de ces jours sont réservés, d’autres non\u00a0: relisez le planning avant de demander."),
            "days",
        )
    return Wish.REMOVE if booked == {True} else Wish.ADD


def _day(request: LateRequest, each: Askable) -> LateDay:
    return LateDay(
        request=request,
        child_id=each.key.child_id,
        unit_id=each.key.unit_id,
        day=each.day,
        wish=request.wish,
        ground=each.ground,
        is_late=each.is_late,
        passed_at=each.since,
        price=each.amount,
        closes_at=each.closes_at,
    )


def _lock_own(key: UUID, family: Family, *, by: User) -> LateRequest:
    """The request of this family for a person who may book for its child. Raises DoesNotExist, NotAllowed."""
    seen = LateRequest.objects.get(key=key, family=family)
    require(user=by, family=family, right=Right.BOOK)
    lock_in_use(family)
    lock_children([seen.child_id])
    if not children_with(user=by, family=family, right=Right.BOOK).filter(pk=seen.child_id).exists():
        raise NotAllowed(Right.BOOK.value)
    return lock_request(seen.pk)
