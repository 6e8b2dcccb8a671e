"""An agent accepts a request: the days that it asked for are booked at that instant, as an enrolment does."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from portal.domain.accounts.models import User
from portal.domain.activities.enums import EnrolmentMode
from portal.domain.bookings.calendar_lock import share_calendar
from portal.domain.bookings.codes import UnknownCell
from portal.domain.bookings.enrol import book_week, confirm_by_mail, rehearse_week, week_of
from portal.domain.bookings.expiry import release_drafts_in_the_way
from portal.domain.bookings.outcomes import EnrolmentOutcome, LeftOut
from portal.domain.enrolments.deciding import lock_waiting, move_enrolment, named, tell, write_down
from portal.domain.enrolments.enums import EnrolmentState
from portal.domain.enrolments.models import Enrolment
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.clock import paris_date
from portal.domain.kernel.french import NBSP, plural
from portal.domain.language import in_french
from portal.domain.procedures.enums import ProcedureState


class ChildLeft(Exception):
    """The child is not in that household any more: nothing was written, the request can only be refused."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What accepting would book now, and the days that it would leave out. Nothing is locked, nothing is decided."""

    days: int
    left_out: tuple[LeftOut, ...]


def books_days(enrolment: Enrolment, *, today: date) -> bool:
    """Whether accepting books days: the activity does, and some are still to come."""
    return enrolment.activity.enrolment_mode != EnrolmentMode.OPEN and (
        max(enrolment.starts_on, today) <= enrolment.ends_on
    )


def make_way(enrolment: Enrolment, *, at: datetime) -> None:
    """Release the lapsed drafts that hold places on its days, in a transaction of its own."""
    days = DateRange(max(enrolment.starts_on, paris_date(at)), enrolment.ends_on)
    release_drafts_in_the_way(family=enrolment.family, days=[*days], at=at)


def accept_enrolment(*, enrolment: int, by: User, at: datetime) -> EnrolmentOutcome:
    """Accept a request that awaits the service, and book its days under lock when the activity books by itself.

    Days past their deadline at `at`, full or closed are left out and listed, in the mail too; the enrolment stands
    without them. Booked under the rights of the household: who asked may have left since.

    Raises PermissionDenied, `EnrolmentDecided` (of `enrolments.deciding`) when it waits no more, ChildLeft.
    """
    seen = Enrolment.objects.select_related("activity", "family").get(pk=enrolment)
    books = books_days(seen, today=paris_date(at))
    if books:
        make_way(seen, at=at)
    with transaction.atomic():
        share_calendar()
        found = lock_waiting(enrolment, by=by)
        found.state, found.reason = EnrolmentState.ACCEPTED, ""
        found.decided_at, found.decided_by = at, by
        found.save(update_fields=["state", "reason", "decided_at", "decided_by"])
        write_down("accept_enrolment", found, by=by, at=at)
        return conclude(found, books=books, by=by, at=at)


@in_french()
def conclude(enrolment: Enrolment, *, books: bool, by: User, at: datetime) -> EnrolmentOutcome:
    """Book an enrolment that was just accepted, its child locked; its démarche, its mail and its notice."""
    week = week_of(enrolment)
    outcome = EnrolmentOutcome(enrolment)
    if books:
        try:
            outcome = book_week(enrolment, week, by=by, at=at, of_household=True)
        except UnknownCell as error:
            raise ChildLeft from error
    words = _booked_words(outcome, books)
    move_enrolment(enrolment, ProcedureState.ACCEPTED, note=words, by=by, at=at)
    confirm_by_mail(outcome, week, at=at)
    tell(enrolment, f"Inscription acceptée{NBSP}: {named(enrolment)}", words, at=at, mail=False)
    return outcome


def rehearse(enrolment: Enrolment, *, at: datetime) -> Rehearsal | None:
    """What accepting at `at` would do; None when it books nothing by itself or the child has left."""
    if not books_days(enrolment, today=paris_date(at)):
        return None
    try:
        days, left_out = rehearse_week(enrolment, week_of(enrolment), at=at)
    except UnknownCell:
        return None
    return Rehearsal(days, tuple(left_out))


def _booked_words(outcome: EnrolmentOutcome, books: bool) -> str:
    """“132 jours réservés, 2 laissés de côté.”"""
    if not books:
        return "Les jours se réservent maintenant sur le planning."
    booked = plural(outcome.booked, "jour réservé", "jours réservés")
    left = len(outcome.left_out)
    aside = f", {left}{NBSP}laissé{'s' if left > 1 else ''} de côté" if left else ""
    return f"{booked}{aside}."
