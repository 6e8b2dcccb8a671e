"""An enrolment that the family takes away, with the days to come that may still be cancelled (guide 004).

The day that the activity's `removal_deadline` is counted to is the first day of the enrolment. A request that nobody
has answered yet can always be taken back.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from uuid import uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from portal.domain import language
from portal.domain.accounts.models import User
from portal.domain.activities.deadlines import Action, deadline_from_data, sentences
from portal.domain.activities.queries import load_calendar
from portal.domain.bookings.codes import CellKey
from portal.domain.bookings.context import BookingContext, ServiceContact
from portal.domain.bookings.enums import BookingState, Wish
from portal.domain.bookings.expiry import erase_draft
from portal.domain.bookings.loading import Scope, load_context
from portal.domain.bookings.models import Basket, BasketLine, Booking, Receipt, ReceiptLine
from portal.domain.bookings.notifications import RemovalMail, compose_removal, queue_removal
from portal.domain.bookings.outcomes import LeftOut
from portal.domain.bookings.places import lock_places, needed, save_places
from portal.domain.bookings.policy import contact_service, why_not
from portal.domain.bookings.receipts import issue_receipt, prepare_receipt
from portal.domain.bookings.room import Room
from portal.domain.enrolments.deciding import move_enrolment, named, tell, write_down
from portal.domain.enrolments.enums import LIVE_ENROLMENT_STATES, EnrolmentState
from portal.domain.enrolments.models import Enrolment
from portal.domain.enrolments.services import EnrolmentRefused
from portal.domain.families.access import Right, children_with
from portal.domain.families.models import ChildLink
from portal.domain.kernel import french
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.clock import paris_date
from portal.domain.kernel.money import total
from portal.domain.kernel.refusals import Refusal, Rule
from portal.domain.language import in_french
from portal.domain.merging.locks import lock
from portal.domain.merging.registry import Concerned
from portal.domain.procedures.enums import ProcedureKind, ProcedureState
from portal.domain.procedures.services import open_procedure


@dataclass(frozen=True, slots=True)
class Going:
    """A booking that goes with the enrolment, at the price it was booked for."""

    label: str
    line: BasketLine

    @property
    def amount(self) -> Decimal:
        return self.line.unit_price


@dataclass(frozen=True, slots=True)
class Removal:
    """What taking an enrolment away does: the days that go, those that stay and why. `refusal`: it is not possible."""

    enrolment: Enrolment
    refusal: Refusal | None = None
    going: tuple[Going, ...] = ()
    staying: tuple[LeftOut, ...] = ()
    receipt: Receipt | None = None

    @property
    def given_back(self) -> Decimal:
        """The sum of the days that go, in euros."""
        return total(each.amount for each in self.going)


def plan_removal(*, enrolment: Enrolment, by: User, at: datetime) -> Removal:
    """What `cancel_enrolment` would do at `at`, for the page that asks. Nothing is locked.

    Every cancellation is asked of `policy.why_not`, deadline of each day included. Days of an activity that is never
    changed on line go too: the delay of the enrolment is their rule. Raises EnrolmentRefused when it is live no more.
    """
    return _plan(enrolment, by=by, at=at)[0]


def cancel_enrolment(*, enrolment: Enrolment, by: User, at: datetime) -> Removal:
    """Take the enrolment away: its days to come that may still be cancelled go, the others stay booked and are listed.

    Wishes of drafts that it carried go, with the places that they held. Days that went are on a numbered receipt. One
    mail, one notice, one line of the démarches for what had been accepted. Taken away twice, it is once.

    Raises EnrolmentRefused, and writes nothing, when the delay is over, when the person may not book for the child,
    when another household booked days on it, or when the service has refused it meanwhile.
    """
    with transaction.atomic():
        return _cancel(enrolment, by=by, at=at)


def _cancel(seen: Enrolment, *, by: User, at: datetime) -> Removal:
    _lock(seen)
    rows = Enrolment.objects.select_for_update(of=("self",), no_key=True)
    found = rows.select_related("child", "activity__service", "family", "requested_by").get(pk=seen.pk)
    if found.state == EnrolmentState.CANCELLED and _may(found, by):
        return Removal(found)
    refusal = _why_not_remove(found, _days_to_come(found, at=at), by=by, at=at)
    if refusal is not None:
        raise EnrolmentRefused(refusal)
    return _take_away(found, by=by, at=at)


@in_french()
def _take_away(found: Enrolment, *, by: User, at: datetime) -> Removal:
    """The removal of a locked enrolment that may be removed: what is kept of it is in French."""
    plan, context = _plan(found, by=by, at=at)
    accepted = found.state == EnrolmentState.ACCEPTED
    drafted = _drop_wishes(found)
    _give_back(context, [each.line for each in plan.going], drafted)
    Booking.objects.filter(pk__in=[each.line.booking_id for each in plan.going]).update(
        state=BookingState.CANCELLED, cancelled_at=at, cancelled_by=by
    )
    found.state, found.decided_at, found.decided_by = EnrolmentState.CANCELLED, at, by
    found.held_since = found.asked_at = None
    found.save(update_fields=["state", "decided_at", "decided_by", "held_since", "asked_at"])
    write_down(
        "cancel_enrolment",
        found,
        by=by,
        at=at,
        cancelled=[_key(each.line).code for each in plan.going],
        given_back=str(plan.given_back),
        kept=[each.code for each in plan.staying],
    )
    return _tell(plan, found, context, accepted=accepted, by=by, at=at)


def _lock(enrolment: Enrolment) -> None:
    """Drafts, households of the child, then the child: in the order of docs/locking.md."""
    households = ChildLink.objects.filter(child=enrolment.child_id).values_list("family", flat=True)
    families = sorted({enrolment.family_id, *households})
    lock(Concerned(families=tuple(families), children=(enrolment.child_id,)))


def _may(enrolment: Enrolment, by: User) -> bool:
    return children_with(user=by, family=enrolment.family, right=Right.BOOK).filter(pk=enrolment.child_id).exists()


def _plan(enrolment: Enrolment, *, by: User, at: datetime) -> tuple[Removal, BookingContext]:
    booked = _days_to_come(enrolment, at=at)
    cells = [CellKey(each.child_id, each.unit_id, each.day) for each in booked]
    scope = replace(Scope.of_cells(cells, otherwise=paris_date(at)), activities=[enrolment.activity_id])
    context = load_context(family=enrolment.family, user=by, scope=scope, today=paris_date(at))
    refusal = _why_not_remove(enrolment, booked, by=by, at=at)
    going: list[Going] = []
    staying: list[LeftOut] = []
    for booking, key in zip(booked, cells, strict=True):
        if refusal is not None:
            break
        kept = why_not(
            context,
            wish=Wish.REMOVE,
            child_id=key.child_id,
            unit_id=key.unit_id,
            day=key.day,
            at=at,
            enrolling=True,
        )
        label = context.units[key.unit_id].label
        if kept is None:
            going.append(Going(label, _line(booking)))
        else:
            staying.append(LeftOut(key.code, enrolment.child.first_name, label, key.day, Wish.REMOVE, kept))
    return Removal(enrolment, refusal, tuple(going), tuple(staying)), context


def _days_to_come(enrolment: Enrolment, *, at: datetime) -> list[Booking]:
    found = Booking.objects.booked().filter(enrolment=enrolment, day__gte=paris_date(at))
    return list(found.order_by("day", "unit__order", "unit"))


def _why_not_remove(enrolment: Enrolment, booked: Sequence[Booking], *, by: User, at: datetime) -> Refusal | None:
    service = enrolment.activity.service
    way_out = contact_service(ServiceContact(service.name, service.phone, service.email, service.opening_hours))
    if enrolment.state not in LIVE_ENROLMENT_STATES:
        return Refusal(
            rule=Rule.CHANGED_MEANWHILE,
            sentence=_("Cette inscription n’est plus en cours\u00a0: il n’y a rien à supprimer."),
            way_out=way_out,
        )
    if not _may(enrolment, by):
        return Refusal(
            rule=Rule.NO_RIGHT,
            sentence=_("Vous n’avez pas le droit de supprimer cette inscription\u00a0: ce droit dépend du dossier."),
            way_out=way_out,
        )
    if any(each.family_id != enrolment.family_id for each in booked):
        return Refusal(
            rule=Rule.NO_RIGHT,
            sentence=_("Un autre foyer y a réservé des jours\u00a0: seul le service supprime cette inscription."),
            way_out=way_out,
        )
    if enrolment.state == EnrolmentState.REQUESTED:
        return None
    return removal_refusal(enrolment, at=at)


def removal_refusal(enrolment: Enrolment, *, at: datetime) -> Refusal | None:
    """What the delay of the règlement says at `at`: the rule, the instant and the way out; None when it is open."""
    activity = enrolment.activity
    day = enrolment.starts_on
    found = sentences.refusal(
        deadline_from_data(activity.removal_deadline),
        day,
        at,
        load_calendar(DateRange(day, day), {activity.structure_id}),
        action=Action.CANCEL_ENROLMENT,
        article=activity.rules_article,
        language=language.spoken(),
    )
    if found is None:
        return None
    service = ServiceContact(
        activity.service.name, activity.service.phone, activity.service.email, activity.service.opening_hours
    )
    counted = _("Le délai est compté jusqu’au premier jour de l’inscription, le %(day)s.") % {
        "day": language.words().full_date(day)
    }
    contact = _("Vous pouvez contacter %(service)s.") % {"service": service.address}
    return Refusal(
        rule=found.rule,
        sentence=f"{found.sentence} {counted} {contact}",
        since=found.since,
        article=found.article,
        way_out=contact_service(service),
    )


def _line(booking: Booking) -> BasketLine:
    """The cancellation as a draft would hold it: receipts are made of such lines."""
    return BasketLine(
        wish=Wish.REMOVE,
        child_id=booking.child_id,
        unit_id=booking.unit_id,
        day=booking.day,
        booking_id=booking.pk,
        enrolment_id=booking.enrolment_id,
        tariff_version_id=booking.tariff_version_id,
        unit_price=booking.unit_price,
    )


def _key(line: BasketLine) -> CellKey:
    return CellKey(line.child_id, line.unit_id, line.day)


def _drop_wishes(enrolment: Enrolment) -> list[BasketLine]:
    """Take what this enrolment carried out of every draft, locked; gives the lines that held places.

    A recap on somebody's screen is not the draft any more: its version moves. An empty draft goes.
    """
    lines = list(BasketLine.objects.filter(enrolment=enrolment).select_related("basket").order_by("pk"))
    if not lines:
        return []
    BasketLine.objects.filter(pk__in=[line.pk for line in lines]).delete()
    for basket in Basket.objects.filter(pk__in={line.basket_id for line in lines}).order_by("pk"):
        if basket.lines.exists():
            basket.version += 1
            basket.save(update_fields=["version"])
        else:
            erase_draft(basket)
    return [line for line in lines if line.holding]


def _give_back(context: BookingContext, going: Sequence[BasketLine], held: Sequence[BasketLine]) -> None:
    """The places of the bookings and those that drafts held, by one lock."""
    pools = _pools(context, [*going, *held])
    room: Room = lock_places(needed((pools[line.unit_id], line.day) for line in (*going, *held)))
    for line in going:
        room.cancel(pools[line.unit_id], line.day)
    for line in held:
        room.release(pools[line.unit_id], line.day)
    save_places(room)


def _pools(context: BookingContext, lines: Sequence[BasketLine]) -> dict[int, tuple[int, ...]]:
    return {line.unit_id: tuple(context.units[line.unit_id].pools) for line in lines}


def _tell(
    plan: Removal, enrolment: Enrolment, context: BookingContext, *, accepted: bool, by: User, at: datetime
) -> Removal:
    """The receipt of the days that went, the démarches, the mail and the notice."""
    words = removal_words(plan)
    receipt: Receipt | None = None
    lines: list[ReceiptLine] = []
    if plan.going:
        receipt, lines = prepare_receipt(
            context=context,
            family=enrolment.family,
            basket_key=uuid4(),
            standing=[each.line for each in plan.going],
            fallen=plan.staying,
            by=by,
            at=at,
        )
    mail = compose_removal(
        RemovalMail(enrolment, by, accepted=accepted, receipt=receipt, lines=lines, staying=plan.staying), at=at
    )
    note = words if accepted else "Demande retirée par la famille."
    move_enrolment(enrolment, ProcedureState.CANCELLED, note=note, by=by, at=at)
    tell(
        enrolment,
        f"{'Inscription supprimée' if accepted else 'Demande retirée'}{french.NBSP}: {named(enrolment)}",
        words if accepted else "",
        at=at,
        mail=False,
    )
    if accepted:
        open_procedure(
            family=enrolment.family,
            child=enrolment.child,
            kind=ProcedureKind.ENROLMENT,
            title=f"Suppression d’inscription{french.NBSP}: {named(enrolment)}"[:250],
            reference=str(enrolment.pk),
            state=ProcedureState.RECORDED,
            note=words,
            by=by,
            at=at,
        )
    if receipt is not None:
        # Every validation of the town waits for the counter from here to the end.
        issue_receipt(receipt, lines)
    queue_removal(mail, enrolment=enrolment, by=by, receipt=receipt, at=at)
    return Removal(enrolment, None, plan.going, plan.staying, receipt)


def removal_words(plan: Removal) -> str:
    """“12 jours annulés (51,60 €), 2 jours restent réservés.”; “Aucun jour à venir n’était réservé.”"""
    parts = []
    if plan.going:
        went = french.plural(len(plan.going), "réservation annulée", "réservations annulées")
        parts.append(f"{went} ({french.amount(plan.given_back)})")
    if plan.staying:
        stays = "restent" if len(plan.staying) > 1 else "reste"
        parts.append(f"{french.plural(len(plan.staying), 'réservation')} {stays}, délai passé")
    return f"{', '.join(parts)}." if parts else "Aucun jour à venir n’était réservé."
