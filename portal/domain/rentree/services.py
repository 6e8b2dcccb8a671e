"""The verbs of the rentrée. Each locks the family first; `validate_rentree` then the children, and the places last."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction

from portal.domain.accounts.models import User
from portal.domain.activities.models import Activity
from portal.domain.audit.services import record
from portal.domain.bookings.calendar_lock import share_calendar
from portal.domain.bookings.household import HouseholdWish, WishAnswer, enrol_household, make_way_for
from portal.domain.bookings.outcomes import EnrolmentOutcome
from portal.domain.enrolments.enums import EnrolmentState
from portal.domain.families.access import Right, children_with, lock_in_use, require
from portal.domain.families.models import Child, Family
from portal.domain.kernel import french
from portal.domain.kernel.school_year import SchoolYear
from portal.domain.language import in_french, speaking, spoken
from portal.domain.procedures.enums import ProcedureKind, ProcedureState
from portal.domain.procedures.services import open_procedure
from portal.domain.rentree.enums import LineState
from portal.domain.rentree.models import RentreeAnswer, RentreeDraft, RentreeLine, RentreeRecap
from portal.domain.rentree.notifications import compose_recap, queue_recap
from portal.domain.rentree.numbers import next_number

#: The longest reason that a line keeps.
REASON = 500


@dataclass(frozen=True, slots=True)
class Answer:
    """What a family answered for one child and one activity: ISO weekdays by key of unit; without `starts_on`, from
    `earliest`, the first day possible.
    """

    child: Child
    activity: Activity
    wanted: bool
    earliest: date
    starts_on: date | None = None
    pattern: Mapping[int, frozenset[int]] = field(default_factory=dict)

    def as_wish(self) -> HouseholdWish:
        return HouseholdWish(self.child, self.activity, self.starts_on or self.earliest, self.pattern)


class NothingToSend(Exception):
    """Nothing was asked for, or nothing of it can be enrolled today: nothing was written, no number was given.

    `answers` gives the reason of each wish, in order; none when nothing was wanted.
    """

    def __init__(self, answers: Sequence[WishAnswer] = ()) -> None:
        super().__init__(f"{len(answers)} wishes refused")
        self.answers = tuple(answers)


class RentreeChanged(Exception):
    """Somebody of the household changed the preparation since it was shown: nothing was written."""

    def __init__(self, draft: RentreeDraft) -> None:
        super().__init__(str(draft.key))
        self.draft = draft


@transaction.atomic
def save_rentree(
    *, family: Family, year: SchoolYear, answers: Sequence[Answer], by: User, at: datetime
) -> RentreeDraft:
    """Keep the answers for later, wanted or not; those for other children or activities stay as they were.

    One preparation for the household: the last answer of either parent counts. Nothing is asked of the service, no
    place is held. Answers for a child for whom this person may not book are ignored. Raises NotAllowed.
    """
    require(user=by, family=family, right=Right.BOOK)
    lock_in_use(family)
    draft = _draft(family, year, by=by, at=at)
    kept = _keep(draft, answers, _bookable(family, by))
    _grow(draft, by=by, at=at)
    _write_down("save_rentree", draft, by=by, at=at, answers=kept)
    return draft


@transaction.atomic
def forget_rentree(*, family: Family, year: SchoolYear, by: User, at: datetime) -> bool:
    """Throw the preparation away: the page shows what carries over from last year again. Whether there was one.

    What was sent stays. Raises NotAllowed.
    """
    require(user=by, family=family, right=Right.BOOK)
    lock_in_use(family)
    draft = RentreeDraft.objects.filter(family=family, school_year=year.start).first()
    if draft is None:
        return False
    _write_down("forget_rentree", draft, by=by, at=at)
    draft.delete()
    return True


def validate_rentree(
    *,
    family: Family,
    year: SchoolYear,
    key: uuid.UUID,
    answers: Sequence[Answer],
    by: User,
    at: datetime,
    version: int | None = None,
) -> RentreeRecap:
    """Enrol the household by one validation, named by `key`; gives its recap, numbered, mailed and recorded.

    Each wanted answer is decided by the verbs of enrolments at `at`, in the order given, in one transaction: what is
    refused falls out with its reason, kept on the recap and in the preparation, and the others stand. Sent twice, or
    by both parents at once, the same key gives the same recap.

    Raises NothingToSend when nothing is wanted or possible, RentreeChanged when the preparation is not the one that
    was shown (another key, or another `version`), NotAllowed. Nothing is written then.
    """
    # Drafts of others that have lapsed give their places back first: this transaction locks places once.
    make_way_for(family=family, wishes=[each.as_wish() for each in answers if each.wanted], at=at)
    return _validate(
        family=family, year=year, key=key, answers=answers, by=by, at=at, version=version, asked_in=spoken()
    )


@transaction.atomic
@in_french()
def _validate(
    *,
    family: Family,
    year: SchoolYear,
    key: uuid.UUID,
    answers: Sequence[Answer],
    by: User,
    at: datetime,
    version: int | None,
    asked_in: str,
) -> RentreeRecap:
    """`asked_in`: the language of the screen, in which a validation without result says why; nothing of it is kept."""
    share_calendar()
    require(user=by, family=family, right=Right.BOOK)
    lock_in_use(family)
    known = RentreeRecap.objects.filter(family=family, key=key).first()
    if known is not None:
        return known
    draft = RentreeDraft.objects.filter(family=family, school_year=year.start).select_related("changed_by").first()
    if draft is not None and (draft.key != key or version not in (None, draft.version)):
        raise RentreeChanged(draft)
    bookable = _bookable(family, by)
    wanted = [each for each in answers if each.wanted and each.child.pk in bookable]
    wishes = [each.as_wish() for each in wanted]
    outcomes = enrol_household(family=family, wishes=wishes, by=by, at=at)
    if not any(each.outcome is not None for each in outcomes):
        # The same questions under the same locks: the same refusals, in the words of the screen.
        with speaking(asked_in):
            outcomes = enrol_household(family=family, wishes=wishes, by=by, at=at)
        raise NothingToSend(outcomes)
    recap = RentreeRecap(
        key=key, family=family, school_year=year.start, at=at, by=by, sent_to=by.email or family.contact_email
    )
    lines = [_line(rank, each) for rank, each in enumerate(outcomes)]
    draft = draft or _draft(family, year, by=by, at=at)
    _settle(draft, answers, outcomes, bookable)
    # This validation has its name; the next one has another.
    draft.key = uuid.uuid4()
    _grow(draft, by=by, at=at)
    mail = compose_recap(recap=recap, lines=lines)
    recap.number = next_number(at=at)
    recap.save(force_insert=True)
    for line in lines:
        line.recap = recap
    RentreeLine.objects.bulk_create(lines)
    _tell(recap, lines, by=by, at=at)
    queue_recap(recap, mail, at=at)
    return recap


def _bookable(family: Family, by: User) -> set[int]:
    return set(children_with(user=by, family=family, right=Right.BOOK).values_list("pk", flat=True))


def _draft(family: Family, year: SchoolYear, *, by: User, at: datetime) -> RentreeDraft:
    """The preparation of the household, its row locked by that of the family."""
    draft, _created = RentreeDraft.objects.get_or_create(
        family=family, school_year=year.start, defaults={"changed_at": at, "changed_by": by, "version": 0}
    )
    return draft


def _grow(draft: RentreeDraft, *, by: User, at: datetime) -> None:
    draft.version += 1
    draft.changed_at, draft.changed_by = at, by
    draft.save(update_fields=["key", "version", "changed_at", "changed_by"])


def _keep(draft: RentreeDraft, answers: Sequence[Answer], bookable: set[int]) -> int:
    rows = [
        RentreeAnswer(
            draft=draft,
            child=each.child,
            activity=each.activity,
            wanted=each.wanted,
            starts_on=each.starts_on,
            pattern={str(unit): sorted(weekdays) for unit, weekdays in each.pattern.items() if weekdays},
        )
        for each in answers
        if each.child.pk in bookable
    ]
    RentreeAnswer.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["draft", "child", "activity"],
        update_fields=["wanted", "starts_on", "pattern"],
    )
    return len(rows)


def _settle(
    draft: RentreeDraft, answers: Sequence[Answer], outcomes: Sequence[WishAnswer], bookable: set[int]
) -> None:
    """What was granted leaves the preparation; what was refused, and what was not wanted, stays in it."""
    done = {(each.wish.child.pk, each.wish.activity.pk) for each in outcomes if each.outcome is not None}
    _keep(draft, [each for each in answers if (each.child.pk, each.activity.pk) not in done], bookable)
    for child, activity in done:
        RentreeAnswer.objects.filter(draft=draft, child=child, activity=activity).delete()


def _line(rank: int, answer: WishAnswer) -> RentreeLine:
    wish, outcome = answer.wish, answer.outcome
    line = RentreeLine(
        rank=rank,
        child=wish.child,
        child_name=wish.child.first_name,
        activity=wish.activity,
        label=wish.activity.full_name,
        starts_on=wish.starts_on,
    )
    if outcome is None:
        sentence = answer.refusal.sentence if answer.refusal is not None else ""
        line.state, line.reason = LineState.REFUSED, sentence[:REASON]
        return line
    line.enrolment = outcome.enrolment
    line.state = _state(outcome)
    line.week = _week(outcome)
    line.booked, line.cost = outcome.booked, outcome.cost
    line.computation = str(outcome.computation) if outcome.booked else ""
    line.left_out = [each.to_data() for each in outcome.left_out]
    return line


def _state(outcome: EnrolmentOutcome) -> LineState:
    if outcome.enrolment.state == EnrolmentState.ACCEPTED:
        return LineState.ACCEPTED
    return LineState.HELD if outcome.enrolment.held_since is not None else LineState.REQUESTED


def _week(outcome: EnrolmentOutcome) -> list[list[object]]:
    """[["Repas", [1, 2]]], units in order."""
    days = outcome.enrolment.pattern_days.select_related("unit").order_by("unit__order", "unit", "weekday")
    week: dict[str, list[int]] = {}
    for day in days:
        week.setdefault(day.unit.name, []).append(day.weekday)
    return [[unit, weekdays] for unit, weekdays in week.items()]


def _tell(recap: RentreeRecap, lines: Sequence[RentreeLine], *, by: User, at: datetime) -> None:
    """The démarche and the journal."""
    names = french.join_words(dict.fromkeys(line.child_name for line in lines))
    label = SchoolYear(recap.school_year).label
    open_procedure(
        family=recap.family,
        kind=ProcedureKind.ENROLMENT,
        title=f"Rentrée {label}{french.NBSP}: {names}"[:200],
        reference=recap.number,
        about=recap,
        state=ProcedureState.RECORDED,
        by=by,
        at=at,
    )
    _write_down(
        "validate_rentree",
        recap,
        by=by,
        at=at,
        number=recap.number,
        enrolments=[line.enrolment_id for line in lines if line.enrolment_id],
        refused=[f"{line.child_id}.{line.activity.code}" for line in lines if line.state == LineState.REFUSED],
    )


def _write_down(verb: str, target: RentreeDraft | RentreeRecap, *, by: User, at: datetime, **facts: object) -> None:
    after = {"school_year": target.school_year, **facts}
    record(verb=verb, target=target, by=by, at=at, family_key=target.family_id, after=after)
