"""The verbs of families: the usual stops of a child, one day elsewhere, back to the usual.

Each locks the family, then the child, whose lock is that of whoever books or enrols for them; no place moves here. An
agent who passes over the deadline says why: the reason is in the journal.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from portal.domain import language
from portal.domain.accounts.models import User
from portal.domain.activities.deadlines import Action, sentences
from portal.domain.activities.opening import Offer, ServiceCalendar
from portal.domain.activities.queries import load_calendar
from portal.domain.audit.services import record
from portal.domain.consents.queries import may_leave_alone
from portal.domain.enrolments.enums import LIVE_ENROLMENT_STATES
from portal.domain.enrolments.models import Enrolment
from portal.domain.families.access import NotAllowed, Right, children_with, lock_in_use
from portal.domain.families.locks import lock_children
from portal.domain.families.models import Child, Family
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.clock import paris_date
from portal.domain.transport.enums import Release, Way
from portal.domain.transport.models import Boarding, StopChoice, StopException
from portal.domain.transport.queries import lines_of, offers_of, read_choices, wanted_of
from portal.domain.transport.rules import Line, Wanted, first_open_day, in_force, is_open_day

PERMISSION = "transport.pass_stop_deadline"


class StopRefused(Exception):
    """Nothing was written; `reason` is a sentence ready to show, `field` what it is about: "outward", "release"…"""

    def __init__(self, reason: "str | Promise", field: str = "") -> None:
        super().__init__(reason)
        self.reason = str(reason)
        self.field = field


@transaction.atomic
def choose_stops(
    *, family: Family, enrolment: Enrolment, line: int, wanted: Wanted, by: User, at: datetime, reason: str = ""
) -> StopChoice:
    """Say where the child usually gets on and off this line; the choice counts from its `since`.

    A first choice counts from the first day of the enrolment. A change counts from the first day whose booking
    deadline has not passed (rule 10: the bus has its own): the days before keep their stop. Exceptions stay as they
    are. `reason` lets an agent who may do so change from today on. The same choice again changes nothing.

    Raises NotAllowed, PermissionDenied, StopRefused.
    """
    _lock(family, enrolment, by=by)
    found = find_own_line(enrolment, line)
    _require_reason(reason, by)
    earlier = read_choices([enrolment.pk]).get((enrolment.pk, found.pk), [])
    since = change_counts_from(enrolment, found, first=not earlier, at=at, passing=bool(reason))
    wanted = check_wanted(found, wanted, child=enrolment.child, from_day=since, at=at)
    if in_force(earlier, since) == wanted and not any(day > since for day, _wanted in earlier):
        return _last(enrolment, found)
    before = in_force(earlier, since)
    # What was to begin later gives way: the last word is the one that counts.
    StopChoice.objects.filter(enrolment=enrolment, line=found.pk, since__gte=since).delete()
    choice = StopChoice.objects.create(since=since, **_columns(enrolment, found, wanted, by=by, at=at))
    _write_down("choose_stops", choice, found, before, by=by, at=at, since=since.isoformat(), reason=reason)
    return choice


@transaction.atomic
def choose_day(
    *,
    family: Family,
    enrolment: Enrolment,
    line: int,
    day: date,
    wanted: Wanted,
    by: User,
    at: datetime,
    reason: str = "",
) -> StopException:
    """Another stop for one day, or one way without the bus; said again, the last one counts.

    Until the booking deadline of that day. `reason` lets an agent who may do so pass over it.
    Raises NotAllowed, PermissionDenied, StopRefused.
    """
    _lock(family, enrolment, by=by)
    found = find_own_line(enrolment, line)
    _require_reason(reason, by)
    _require_open(enrolment, found, day, at=at, passing=bool(reason))
    wanted = check_wanted(found, wanted, child=enrolment.child, from_day=day, at=at, only_day=True)
    before = StopException.objects.filter(enrolment=enrolment, line=found.pk, day=day).first()
    columns = _columns(enrolment, found, wanted, by=by, at=at)
    row, _created = StopException.objects.update_or_create(
        enrolment=enrolment, line_id=found.pk, day=day, defaults=columns
    )
    earlier = wanted_of(before) if before is not None else None
    _write_down("choose_stop_of_day", row, found, earlier, by=by, at=at, day=day.isoformat(), reason=reason)
    return row


@transaction.atomic
def forget_day(
    *, family: Family, enrolment: Enrolment, line: int, day: date, by: User, at: datetime, reason: str = ""
) -> bool:
    """That day is as usual again; False when it already was. The same deadline as `choose_day`.

    Raises NotAllowed, PermissionDenied, StopRefused.
    """
    _lock(family, enrolment, by=by)
    found = find_own_line(enrolment, line)
    _require_reason(reason, by)
    row = StopException.objects.filter(enrolment=enrolment, line=found.pk, day=day).first()
    if row is None:
        return False
    _require_open(enrolment, found, day, at=at, passing=bool(reason))
    _write_down("forget_stop_of_day", row, found, wanted_of(row), by=by, at=at, day=day.isoformat(), reason=reason)
    row.delete()
    return True


# What these verbs and `enrolling` share


def find_own_line(enrolment: Enrolment, line: int) -> Line:
    """The line, among those that serve the activity of the enrolment. Raises NotAllowed for another one."""
    found = next((each for each in lines_of(enrolment.activity_id) if each.pk == line), None)
    if found is None:
        raise NotAllowed("line")
    return found


def change_counts_from(enrolment: Enrolment, line: Line, *, first: bool, at: datetime, passing: bool = False) -> date:
    """The day from which a choice made at `at` counts. Raises StopRefused when no day is left to change."""
    if first:
        return enrolment.starts_on
    today = max(paris_date(at), enrolment.starts_on)
    if today > enrolment.ends_on:
        raise StopRefused(_("Cette inscription est terminée\u00a0: l’arrêt ne change plus."))
    if passing:
        return today
    days = DateRange(today, enrolment.ends_on)
    offers = offers_of(line, enrolment.activity_id)
    calendar = load_calendar(days, {offer.structure_id for offer in offers})
    found = first_open_day(offers, calendar, days, at=at)
    if found is None:
        raise StopRefused(_too_late(offers, calendar, enrolment.ends_on, at))
    return found


def check_wanted(
    line: Line, wanted: Wanted, *, child: Child, from_day: date, at: datetime, only_day: bool = False
) -> Wanted:
    """The choice, cleaned, once the stops are of this line, served that way, and the child may leave as said.

    Raises StopRefused, with the field.
    """
    for way in Way:
        key = wanted.at(way)
        if key is None:
            continue
        offered = line.offered(way, from_day=from_day)
        if only_day:
            offered = [stop for stop in offered if stop.time_on(from_day, way) is not None]
        if key not in {stop.pk for stop in offered}:
            raise StopRefused(_("Choisissez un arrêt parmi ceux qui sont proposés."), way.value)
    if wanted.outward is None and wanted.homeward is None:
        raise StopRefused(_("Choisissez un arrêt à l’aller, au retour, ou les deux."), Way.OUTWARD.value)
    if wanted.homeward is None:
        return replace(wanted, release=Release.COLLECTED)
    if wanted.release == Release.ALONE and not may_leave_alone(children=[child], at=at)[child.pk]:
        raise StopRefused(
            _(
                "Pour que %(child)s rentre seul depuis l’arrêt, donnez d’abord l’autorisation de rentrer seul "
                "dans son dossier, si son âge le permet."
            )
            % {"child": child.first_name},
            "release",
        )
    return wanted


def create_first(enrolment: Enrolment, line: Line, wanted: Wanted, *, by: User, at: datetime) -> StopChoice:
    """The first choice of an enrolment, in the caller's transaction, once it is checked."""
    choice = StopChoice.objects.create(since=enrolment.starts_on, **_columns(enrolment, line, wanted, by=by, at=at))
    _write_down("choose_stops", choice, line, None, by=by, at=at, since=choice.since.isoformat())
    return choice


# Inside


def _lock(family: Family, enrolment: Enrolment, *, by: User) -> None:
    """The family and the child, whose right is asked under the lock. Raises NotAllowed."""
    lock_in_use(family)
    lock_children([enrolment.child_id])
    allowed = children_with(user=by, family=family, right=Right.BOOK).filter(pk=enrolment.child_id)
    if not allowed.exists() or enrolment.state not in LIVE_ENROLMENT_STATES:
        raise NotAllowed(Right.BOOK.value)


def _require_reason(reason: str, by: User) -> None:
    if reason and not by.has_perm(PERMISSION):
        raise PermissionDenied


def _require_open(enrolment: Enrolment, line: Line, day: date, *, at: datetime, passing: bool) -> None:
    days = DateRange(day, day)
    offers = offers_of(line, enrolment.activity_id)
    calendar = load_calendar(days, {offer.structure_id for offer in offers})
    served = enrolment.starts_on <= day <= enrolment.ends_on and line.runs_on(day)
    if not served or not any(calendar.serves(offer, day) for offer in offers):
        raise StopRefused(_("Le bus ne circule pas ce jour-là."), "day")
    if day < paris_date(at):
        raise StopRefused(_("Ce jour est passé."), "day")
    if not passing and not is_open_day(offers, calendar, day, at=at):
        raise StopRefused(_too_late(offers, calendar, day, at), "day")


def _too_late(offers: Sequence[Offer], calendar: ServiceCalendar, day: date, at: datetime) -> str:
    """Why the stop of that day does not change any more: the sentence of the deadline, then what to do."""
    way_out = _("Pour changer d’arrêt, contactez le service.")
    for offer in offers:
        refusal = sentences.refusal(
            offer.booking,
            day,
            at,
            calendar,
            action=Action.CHANGE,
            article=offer.article,
            language=language.spoken(),
        )
        if refusal is not None:
            return f"{refusal.sentence} {way_out}"
    return way_out


def _columns(enrolment: Enrolment, line: Line, wanted: Wanted, *, by: User, at: datetime) -> dict[str, Any]:
    return {
        "enrolment": enrolment,
        "line_id": line.pk,
        "outward_id": wanted.outward,
        "homeward_id": wanted.homeward,
        "release": wanted.release,
        "by": by,
        "at": at,
    }


def _last(enrolment: Enrolment, line: Line) -> StopChoice:
    return StopChoice.objects.filter(enrolment=enrolment, line=line.pk).latest("since")


def _write_down(
    verb: str, row: Boarding, line: Line, before: Wanted | None, *, by: User, at: datetime, **facts: str
) -> None:
    """One line of the journal, stops by name."""
    record(
        verb=verb,
        target=row,
        by=by,
        at=at,
        family_key=row.enrolment.family_id,
        before=_named(line, before) if before is not None else {},
        after={
            "line": line.name,
            **({} if verb == "forget_stop_of_day" else _named(line, wanted_of(row))),
            **{name: fact for name, fact in facts.items() if fact},
        },
    )


def _named(line: Line, wanted: Wanted) -> dict[str, str]:
    outward, homeward = line.stop(wanted.outward), line.stop(wanted.homeward)
    return {
        "outward": outward.name if outward else "",
        "homeward": homeward.name if homeward else "",
        "release": wanted.release.value,
    }
