"""Asking for an enrolment."""

from collections.abc import Mapping
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from portal.domain.accounts.models import User
from portal.domain.activities.enums import EnrolmentMode, ValidationMode
from portal.domain.activities.models import Activity, Unit
from portal.domain.audit.services import record
from portal.domain.dossier.gate import missing_for, why_held
from portal.domain.enrolments.enums import EnrolmentState
from portal.domain.enrolments.models import Enrolment, PatternDay
from portal.domain.enrolments.queries import applicant, audiences_of, conditions_of
from portal.domain.enrolments.rules import why_not_enrol
from portal.domain.families.access import Right, children_with
from portal.domain.families.models import Child, Family
from portal.domain.families.queries import load_schoolings
from portal.domain.kernel.clock import paris_date
from portal.domain.kernel.refusals import Refusal, Rule
from portal.domain.kernel.school_year import SchoolYear


class EnrolmentRefused(Exception):
    """The enrolment cannot be made; `refusal` says why, ready to show. Nothing was written."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.sentence)
        self.refusal = refusal


@transaction.atomic
def request_enrolment(
    *,
    family: Family,
    child: Child,
    activity: Activity,
    starts_on: date,
    pattern: Mapping[int, frozenset[int]],
    by: User,
    at: datetime,
) -> Enrolment:
    """Enrol the child from `starts_on` to the end of the activity, with its regular week.

    `pattern` gives the ISO weekdays of each unit; only weekdays that the unit serves are kept for a pattern
    activity, every one of them is taken when the enrolment books the whole year, none otherwise. The state is
    accepted at once or left to an agent, as the activity says; it waits while the dossier holds requests back
    (`dossier.gate.why_held`), until `bookings.decide_held_enrolments`. Books nothing: `bookings.enrol_and_book` does.

    Raises EnrolmentRefused when the person may not book for this child, when a rule says no, or when the child
    already has a live enrolment (two parents at once included).
    """
    if not children_with(user=by, family=family, right=Right.BOOK).filter(pk=child.pk).exists():
        no_right = _("Vous n’avez pas le droit d’inscrire %(child)s.") % {"child": child.first_name}
        raise EnrolmentRefused(_refuse(Rule.NO_RIGHT, no_right))
    schooling = load_schoolings(children=[child.pk], school_year=SchoolYear.of(activity.starts_on).start).get(child.pk)
    windows = audiences_of(family=family, children=[child.pk], activities=[activity], at=at)
    refusal = why_not_enrol(
        conditions_of(activity),
        applicant(child, schooling, windows.get(child.pk, frozenset())),
        starts_on=starts_on,
        at=at,
        today=paris_date(at),
    )
    if refusal is not None:
        raise EnrolmentRefused(refusal)
    held = why_held(family=family, child=child, activity_id=activity.pk, at=at)
    accepted = held is None and is_automatic(family=family, child=child, activity=activity, at=at)
    try:
        with transaction.atomic():
            enrolment = Enrolment.objects.create(
                child=child,
                activity=activity,
                family=family,
                state=EnrolmentState.ACCEPTED if accepted else EnrolmentState.REQUESTED,
                starts_on=starts_on,
                ends_on=activity.ends_on,
                requested_at=at,
                requested_by=by,
                decided_at=at if accepted else None,
                held_since=at if held is not None else None,
            )
    except IntegrityError as error:
        if "enrolment_one_live_per_child" not in str(error):
            raise
        already = _("%(child)s a déjà une inscription à «\u00a0%(activity)s\u00a0».") % {
            "child": child.first_name,
            "activity": activity.name,
        }
        raise EnrolmentRefused(_refuse(Rule.ALREADY_ENROLLED, already)) from error
    days = _pattern_days(activity, pattern)
    PatternDay.objects.bulk_create(
        PatternDay(enrolment=enrolment, unit=unit, weekday=weekday) for unit, weekday in days
    )
    record(
        verb="request_enrolment",
        target=enrolment,
        by=by,
        at=at,
        family_key=family.pk,
        after={
            "activity": activity.code,
            "state": enrolment.state,
            "held": held is not None,
            "starts_on": starts_on.isoformat(),
            "pattern": _pattern_data(days),
        },
    )
    return enrolment


def is_automatic(*, family: Family, child: Child, activity: Activity, at: datetime) -> bool:
    """Whether the portal accepts by itself a request that nothing holds back: always, never, or when nothing at all is
    missing from the dossier, as the activity chooses (guide 002).
    """
    if activity.validation_mode == ValidationMode.COMPLETE:
        return not missing_for(family=family, child=child, activity_id=activity.pk, at=at)
    return activity.validation_mode == ValidationMode.AUTOMATIC


def _pattern_days(activity: Activity, pattern: Mapping[int, frozenset[int]]) -> list[tuple[Unit, int]]:
    if activity.enrolment_mode == EnrolmentMode.OPEN:
        return []
    whole_year = activity.enrolment_mode == EnrolmentMode.WHOLE_YEAR
    return [
        (unit, weekday)
        for unit in activity.units.order_by("order", "pk")
        for weekday in sorted(unit.weekdays)
        if whole_year or weekday in pattern.get(unit.pk, frozenset())
    ]


def _pattern_data(days: list[tuple[Unit, int]]) -> dict[str, list[int]]:
    data: dict[str, list[int]] = {}
    for unit, weekday in days:
        data.setdefault(unit.code, []).append(weekday)
    return data


def _refuse(rule: Rule, sentence: str) -> Refusal:
    return Refusal(rule=rule, sentence=sentence)
