"""Closing days and opening them again. Each verb asks the permission and the agent's places again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from django.core.exceptions import PermissionDenied
from django.db import transaction

from portal.domain.accounts.models import User
from portal.domain.activities.models import Activity, Closure
from portal.domain.audit.services import Line, record, record_all
from portal.domain.bookings.calendar_lock import close_calendar
from portal.domain.bookings.codes import CellKey
from portal.domain.bookings.enums import BookingState, CancelledBecause, Wish
from portal.domain.bookings.expiry import take_out
from portal.domain.bookings.models import Booking, Receipt, ReceiptLine
from portal.domain.bookings.places import lock_places, needed, save_places
from portal.domain.bookings.receipts import NUMBER_TO_COME, issue_receipts, verification_code
from portal.domain.closures import notifications
from portal.domain.closures.models import ClosedBooking, DeclaredClosure
from portal.domain.closures.planning import Cancelled, Dropped, Plan, Wanted, closures_over, read_plan
from portal.domain.families.models import ChildLink, Family
from portal.domain.families.scope import is_limited
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.clock import paris_date
from portal.domain.kernel.money import total
from portal.domain.language import in_french
from portal.domain.merging.locks import lock
from portal.domain.merging.registry import Concerned
from portal.domain.notices.services import Reach, reach_families
from portal.domain.scope.queries import structures_of

DECLARE = "activities.add_closure"
LIFT = "activities.delete_closure"
WORD = "activities.change_closure"
#: How far back: snow on Friday is declared on Monday. Further, money has been asked for: billing corrects it.
PAST_DAYS = 31
#: A mistyped year would cancel several.
LONGEST = 366


class ClosureRefused(Exception):
    """Nothing was written. The message says what to do, in French; `field` names what it is about."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class PlanChanged(Exception):
    """What the closure would do is not what was shown any more: nothing was written. `plan` is to be shown again."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(
            "Quelque chose a changé pendant que vous lisiez : voici ce que ferait la fermeture maintenant. "
            "Rien n’est enregistré. Relisez, puis confirmez de nouveau."
        )
        self.plan = plan


def plan_closure(*, wanted: Wanted, by: User, at: datetime) -> Plan:
    """What `declare_closure` would do at `at`, without writing nor locking anything.

    Raises PermissionDenied, ClosureRefused.
    """
    _check(wanted, by=by, at=at)
    return read_plan(wanted)


@transaction.atomic
@in_french()
def declare_closure(*, wanted: Wanted, expected: str, by: User, at: datetime) -> DeclaredClosure:
    """Close the days, all or nothing, exactly as the plan whose digest is `expected` said.

    Bookings are cancelled and owed no more (`ClosedBooking.credit`), their places given back, wishes of drafts taken
    out; each family has one receipt, one notice and one mail. What is tied to a closed unit goes with it. Bookings
    under way are waited for, the next ones see the closed days (docs/locking.md).

    Raises PermissionDenied, ClosureRefused, PlanChanged.
    """
    _check(wanted, by=by, at=at)
    close_calendar()
    concerned = _concerned(read_plan(wanted))
    lock(concerned)
    plan = read_plan(wanted)
    # What is not locked may still move: somebody was added meanwhile.
    if plan.digest != expected or _concerned(plan) != concerned:
        raise PlanChanged(plan)
    closure = Closure.objects.create(
        reason=wanted.reason,
        starts_on=wanted.days.first,
        ends_on=wanted.days.last,
        structure_id=wanted.structure,
        activity_id=wanted.activity,
    )
    declaration = _write_down(plan, closure, by=by, at=at)
    _give_back(plan)
    take_out([each.line.pk for each in plan.dropped])
    Booking.objects.filter(pk__in=[each.booking.pk for each in plan.cancelled]).update(
        state=BookingState.CANCELLED,
        cancelled_at=at,
        cancelled_by=by,
        cancelled_because=CancelledBecause.CLOSURE,
    )
    ClosedBooking.objects.bulk_create(
        ClosedBooking(declaration=declaration, booking=each.booking, credit=each.credit, is_tied=each.is_tied)
        for each in plan.cancelled
    )
    _tell(plan, declaration, by=by, at=at)
    return declaration


@dataclass(frozen=True, slots=True)
class Lifting:
    """What opening days again does: the days to come that open, the families told, and why a day stays closed."""

    closure: Closure
    days: DateRange | None
    families: tuple[Family, ...]
    reach: dict[int, Reach]
    still_closed: tuple[Closure, ...]

    @property
    def told(self) -> int:
        """How many families a notice or a mail reaches."""
        return sum(bool(reach.users or reach.addresses) for reach in self.reach.values())


def plan_lifting(*, closure: Closure, by: User, at: datetime) -> Lifting:
    """What `lift_closure` would do. Raises PermissionDenied."""
    _require(by, LIFT, closure.structure_id, closure.activity_id)
    today = paris_date(at)
    coming = DateRange(max(today, closure.starts_on), closure.ends_on) if closure.ends_on >= today else None
    families: tuple[Family, ...] = ()
    if coming is not None:
        rows = ClosedBooking.objects.filter(declaration__closure=closure, booking__day__gte=today)
        families = tuple(
            Family.objects.filter(pk__in=rows.values("booking__family"), archived_at=None).order_by("name", "pk")
        )
    wanted = Wanted(
        DateRange(closure.starts_on, closure.ends_on),
        closure.reason,
        structure=closure.structure_id,
        activity=closure.activity_id,
    )
    return Lifting(
        closure,
        coming,
        families,
        reach_families([family.pk for family in families]),
        tuple(each for each in closures_over(wanted) if each.pk != closure.pk),
    )


@transaction.atomic
@in_french()
def lift_closure(*, closure: int, by: User, at: datetime) -> Lifting:
    """Open the days again. Bookings are not made again: the families that had some are told that they may book.

    Lifted twice, it is once. Raises PermissionDenied, Closure.DoesNotExist.
    """
    close_calendar()
    found = Closure.objects.select_for_update(of=("self",)).get(pk=closure)
    lifting = plan_lifting(closure=found, by=by, at=at)
    declaration = DeclaredClosure.objects.filter(closure=found).first()
    record(
        verb="lift_closure",
        target=found,
        by=by,
        at=at,
        before={
            "reason": found.reason,
            "from": found.starts_on.isoformat(),
            "to": found.ends_on.isoformat(),
            "structure": found.structure_id,
            "activity": found.activity_id,
        },
        after={"families": lifting.told},
    )
    if declaration is not None:
        declaration.closure, declaration.lifted_at, declaration.lifted_by = None, at, by
        declaration.save(update_fields=["closure", "lifted_at", "lifted_by"])
    if lifting.families and lifting.days is not None and declaration is not None:
        days = ClosedBooking.objects.filter(declaration=declaration, booking__day__gte=lifting.days.first)
        rows = days.select_related("booking__child", "booking__unit__activity").order_by("booking__day", "pk")
        notifications.tell_lifted(declaration, lifting.reach, list(rows), at=at)
    found.delete()
    return lifting


@transaction.atomic
def word_closure(*, closure: int, reason: str, by: User, at: datetime) -> Closure:
    """Correct the words that families read on their planning; nobody is written to again.

    Raises PermissionDenied, ClosureRefused, Closure.DoesNotExist.
    """
    found = Closure.objects.select_for_update(of=("self",), no_key=True).get(pk=closure)
    _require(by, WORD, found.structure_id, found.activity_id)
    before, found.reason = found.reason, _words(reason)
    if before != found.reason:
        found.save(update_fields=["reason"])
        DeclaredClosure.objects.filter(closure=found).update(reason=found.reason)
        record(
            verb="word_closure", target=found, by=by, at=at, before={"reason": before}, after={"reason": found.reason}
        )
    return found


# Who may close what


def _check(wanted: Wanted, *, by: User, at: datetime) -> None:
    """Raises PermissionDenied for what is not this agent's to close, ClosureRefused for what makes no sense."""
    if wanted.structure is not None and wanted.activity is not None:
        raise ClosureRefused("Choisissez une structure ou une activité, pas les deux.", "activity")
    _require(by, DECLARE, wanted.structure, wanted.activity)
    if wanted.reason != _words(wanted.reason):
        raise ClosureRefused("Le motif tient sur une ligne de 150 caractères.", "reason")
    if len(wanted.message) > 500:
        raise ClosureRefused("Le message aux familles tient en 500 caractères.", "message")
    if wanted.days.first < paris_date(at) - timedelta(days=PAST_DAYS):
        raise ClosureRefused(
            f"Une fermeture se déclare au plus tard {PAST_DAYS} jours après : au-delà, la facture se corrige.",
            "starts_on",
        )
    if len(wanted.days) > LONGEST:
        raise ClosureRefused("Une fermeture dure un an au plus : vérifiez les deux dates.", "ends_on")


def _require(by: User, permission: str, structure: int | None, activity: int | None) -> None:
    if not by.has_perm(permission):
        raise PermissionDenied
    if not is_limited(by):
        return
    place = (
        Activity.objects.values_list("structure", flat=True).get(pk=activity) if activity is not None else structure
    )
    if place not in structures_of(by):
        raise PermissionDenied


def _words(reason: str) -> str:
    words = " ".join(reason.split())[:150]
    if not words:
        raise ClosureRefused("Écrivez le motif : les familles le lisent sur leur planning.", "reason")
    return words


# What is written


def _concerned(plan: Plan) -> Concerned:
    """Whom the closure locks: the households that booked or drafted, those of the children, and the children."""
    children = {each.booking.child_id for each in plan.cancelled} | {each.line.child_id for each in plan.dropped}
    families = {each.booking.family_id for each in plan.cancelled} | {
        each.line.basket.family_id for each in plan.dropped
    }
    families |= set(ChildLink.objects.filter(child__in=children).values_list("family", flat=True))
    return Concerned(families=tuple(sorted(families)), children=tuple(sorted(children)))


def _write_down(plan: Plan, closure: Closure, *, by: User, at: datetime) -> DeclaredClosure:
    wanted = plan.wanted
    declaration = DeclaredClosure.objects.create(
        closure=closure,
        reason=wanted.reason,
        message=wanted.message,
        place=wanted.place()[:200],
        starts_on=wanted.days.first,
        ends_on=wanted.days.last,
        declared_at=at,
        declared_by=by,
        bookings=len(plan.cancelled),
        wishes=len(plan.wishes),
        families=len(plan.told),
        credits=plan.credits,
    )
    record(
        verb="declare_closure",
        target=closure,
        by=by,
        at=at,
        after={
            "reason": wanted.reason,
            "place": declaration.place,
            "from": wanted.days.first.isoformat(),
            "to": wanted.days.last.isoformat(),
            "bookings": len(plan.cancelled),
            "wishes": len(plan.wishes),
            "families": len(plan.told),
            "credits": str(plan.credits),
            "plan": plan.digest[:12],
        },
    )
    lines = []
    for family in plan.families:
        cancelled, dropped = plan.of(family.pk)
        after = {
            "reason": wanted.reason,
            "cancelled": [
                CellKey(each.booking.child_id, each.booking.unit_id, each.booking.day).code for each in cancelled
            ],
            "dropped": [CellKey(each.line.child_id, each.line.unit_id, each.line.day).code for each in dropped],
            "credits": str(total(each.credit for each in cancelled)),
        }
        lines.append(Line(closure, family.pk, after=after))
    record_all(verb="close_days", lines=lines, by=by, at=at)
    return declaration


def _give_back(plan: Plan) -> None:
    """The places of the bookings and those that drafts held, by one lock."""
    leaving = [each.booking for each in plan.cancelled if each.holds_place]
    held = [each.line for each in plan.dropped if each.line.holding]
    pools = {key: tuple(unit.pools) for key, unit in plan.units.items()}
    cells = [(pools[each.unit_id], each.day) for each in leaving]
    cells += [(pools[line.unit_id], line.day) for line in held]
    room = lock_places(needed(cells))
    for booking in leaving:
        room.cancel(pools[booking.unit_id], booking.day)
    for line in held:
        room.release(pools[line.unit_id], line.day)
    save_places(room)


# What is told


def _tell(plan: Plan, declaration: DeclaredClosure, *, by: User, at: datetime) -> None:
    """One receipt, one notice and one mail per family; the receipts are numbered last."""
    prepared: dict[int, tuple[Receipt, list[ReceiptLine]]] = {}
    losses: dict[int, tuple[list[Cancelled], list[Dropped]]] = {}
    for family in plan.families:
        cancelled, dropped = losses[family.pk] = plan.of(family.pk)
        if cancelled:
            prepared[family.pk] = _receipt(plan, family, cancelled, dropped, by=by, at=at)
    composed = {
        family.pk: notifications.compose(
            declaration,
            cancelled=losses[family.pk][0],
            wishes=[each for each in losses[family.pk][1] if each.is_wish],
            receipt=prepared[family.pk][0] if family.pk in prepared else None,
            service=_service(plan, losses[family.pk]),
        )
        for family in plan.told
    }
    issue_receipts([*prepared.values()], at=at)
    notifications.tell_closed(
        declaration,
        plan.reach,
        composed,
        losses,
        {key: receipt for key, (receipt, _lines) in prepared.items()},
        at=at,
    )


def _receipt(
    plan: Plan,
    family: Family,
    cancelled: Sequence[Cancelled],
    dropped: Sequence[Dropped],
    *,
    by: User,
    at: datetime,
) -> tuple[Receipt, list[ReceiptLine]]:
    addresses = plan.reach[family.pk].addresses
    receipt = Receipt(
        number=NUMBER_TO_COME,
        code=verification_code(),
        family=family,
        basket_key=uuid4(),
        at=at,
        by=by,
        sent_to=addresses[0] if addresses else "",
        total=-total(each.credit for each in cancelled),
        left_out=[notifications.left_out(plan, each).to_data() for each in dropped if each.is_wish],
    )
    lines = [
        ReceiptLine(
            receipt=receipt,
            wish=Wish.REMOVE,
            child=each.booking.child,
            child_name=each.booking.child.first_name,
            unit_id=each.booking.unit_id,
            label=each.label,
            day=each.day,
            tariff_name=each.booking.tariff_version.tariff.name,
            rate_label=each.booking.tariff_version.tariff.rate_label,
            amount=-each.credit,
        )
        for each in cancelled
    ]
    return receipt, lines


def _service(plan: Plan, losses: tuple[Sequence[Cancelled], Sequence[Dropped]]) -> notifications.ServiceContact:
    """Who answers: the service of the first day lost."""
    cancelled, dropped = losses
    unit = cancelled[0].booking.unit_id if cancelled else dropped[0].line.unit_id
    return plan.units[unit].service
