"""The requests of the sample town: the first family has one under way and one answered, others wait for an agent."""

from collections.abc import Sequence
from datetime import timedelta

from portal.backoffice.sample.fillers import Filling
from portal.domain.activities.models import Unit
from portal.domain.bookings.codes import CellKey
from portal.domain.bookings.enums import Wish
from portal.domain.bookings.loading import Scope, load_context, load_room
from portal.domain.enrolments.enums import EnrolmentState
from portal.domain.enrolments.models import Enrolment
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.clock import paris_date
from portal.domain.late_requests.asking import Askable, judge_cells
from portal.domain.late_requests.enums import DayState, RequestState
from portal.domain.late_requests.models import LateDay, LateRequest
from portal.domain.late_requests.notifications import title_of
from portal.domain.late_requests.terms import NOTHING, terms_of
from portal.domain.procedures.enums import ProcedureKind, ProcedureState
from portal.domain.procedures.models import Procedure, ProcedureEvent

_PARENT = "4127"
#: Other families whose request waits, how many are looked at, how far a refused day is looked for.
_OTHERS, _LOOKED_AT, _AHEAD = 4, 40, 45
_REASONS = (
    "Réunion de travail déplacée, je ne peux pas venir le chercher à midi.",
    "Les grands-parents ne peuvent plus la garder ce jour-là.",
    "Changement d’horaires annoncé hier par mon employeur.",
    "Rendez-vous reporté, nous serons finalement à la maison.",
)


def fill(filling: Filling) -> None:
    """Requests on days that no longer change; nothing in a town that takes none."""
    rows = Enrolment.objects.filter(state=EnrolmentState.ACCEPTED, family__archived_at=None)
    rows = rows.filter(ends_on__gte=paris_date(filling.at)).select_related("family", "child", "activity")
    terms = terms_of(set(rows.values_list("activity", flat=True)))
    taking = [activity for activity, each in terms.items() if each.takes_any]
    rows = rows.filter(activity__in=taking)
    made: set[int] = set()
    for row in rows.filter(family__number=_PARENT).order_by("activity__order", "pk"):
        found = _refused_days(filling, row)
        if found and row.child_id not in made:
            made.add(row.child_id)
            state = RequestState.SENT if len(made) == 1 else RequestState.REFUSED
            _request(filling, row, found[:2] if state == RequestState.SENT else found[:1], state, rank=len(made))
    others: set[int] = set()
    for row in rows.exclude(family__number=_PARENT).order_by("activity__order", "pk")[:_LOOKED_AT]:
        if len(others) == _OTHERS:
            return
        if row.family_id in others:
            continue
        found = _refused_days(filling, row)
        if found:
            others.add(row.family_id)
            _request(filling, row, found[: 1 + len(others) % 2], RequestState.SENT, rank=len(others))


def _refused_days(filling: Filling, enrolment: Enrolment) -> Sequence[Askable]:
    """The next days of the first unit that may be asked for, all booked or all free."""
    today = paris_date(filling.at)
    unit = Unit.objects.filter(activity=enrolment.activity).order_by("order", "pk").first()
    if unit is None:
        return ()
    first = max(today + timedelta(days=1), enrolment.starts_on)
    days = DateRange(first, max(first, min(today + timedelta(days=_AHEAD), enrolment.ends_on)))
    scope = Scope(days, cells=[CellKey(enrolment.child_id, unit.pk, first)])
    context = load_context(family=enrolment.family, user=None, scope=scope, today=today, at=filling.at)
    if enrolment.child_id not in context.children or unit.pk not in context.units:
        return ()
    terms = terms_of([enrolment.activity_id]).get(enrolment.activity_id, NOTHING)
    room = load_room(context, scope, at=filling.at, exact=True)
    keys = [CellKey(enrolment.child_id, unit.pk, day) for day in days]
    booked = [key for key in keys if key in context.booked]
    free = [key for key in keys if key not in context.booked]
    for wish, cells in ((Wish.ADD, free), (Wish.REMOVE, booked)):
        judged = judge_cells(context, room, cells, wish, terms, at=filling.at)
        if found := [each for each in judged.values() if isinstance(each, Askable)]:
            return found
    return ()


def _request(
    filling: Filling, enrolment: Enrolment, days: Sequence[Askable], state: RequestState, *, rank: int
) -> None:
    asked_at = filling.at - timedelta(hours=3 * rank)
    booked = _is_booked(enrolment, days[0])
    refused = state == RequestState.REFUSED
    request = LateRequest.objects.create(
        family=enrolment.family,
        child=enrolment.child,
        activity=enrolment.activity,
        wish=Wish.REMOVE if booked else Wish.ADD,
        reason=_REASONS[rank % len(_REASONS)],
        state=state,
        asked_at=asked_at,
        asked_by=enrolment.requested_by,
        sent_at=asked_at,
        answer="Les repas sont déjà commandés." if refused else "",
        decided_at=filling.at if refused else None,
        decided_by=filling.by if refused else None,
    )
    LateDay.objects.bulk_create(
        LateDay(
            request=request,
            child=enrolment.child,
            unit_id=each.key.unit_id,
            day=each.day,
            wish=request.wish,
            state=DayState.REFUSED if refused else DayState.OPEN,
            ground=each.ground,
            is_late=each.is_late,
            passed_at=each.since,
            price=each.amount,
            closes_at=each.closes_at,
        )
        for each in days
    )
    step = ProcedureState.REFUSED if refused else ProcedureState.RECEIVED
    procedure = Procedure.objects.create(
        family=enrolment.family,
        child=enrolment.child,
        kind=ProcedureKind.LATE_REQUEST,
        title=title_of(request),
        state=step,
        opened_at=asked_at,
        subject=request._meta.label_lower,
        subject_key=str(request.pk),
    )
    ProcedureEvent.objects.create(procedure=procedure, at=asked_at, by=request.asked_by, state=ProcedureState.RECEIVED)
    if refused:
        ProcedureEvent.objects.create(
            procedure=procedure, at=filling.at, by=filling.by, state=step, note=request.answer
        )


def _is_booked(enrolment: Enrolment, each: Askable) -> bool:
    bookings = enrolment.child.bookings.filter(unit=each.key.unit_id, day=each.day, state="booked")
    return bool(bookings.exists())
