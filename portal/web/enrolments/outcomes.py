"""What was just recorded, kept in the session for the page that follows."""

from collections.abc import Sequence
from typing import Any

from portal.domain.activities.models import Activity
from portal.domain.bookings.services import ChildAnswer, EnrolmentOutcome
from portal.domain.enrolments.enums import EnrolmentState
from portal.web.family import FamilyRequest

OUTCOME_KEY = "enrolment_outcome"
ANSWERS_KEY = "enrolment_answers"


def outcome_data(outcome: EnrolmentOutcome) -> dict[str, Any]:
    """What was booked and what was left aside, as plain data."""
    return {
        "enrolment": outcome.enrolment.pk,
        "accepted": outcome.enrolment.state == EnrolmentState.ACCEPTED,
        "held": outcome.enrolment.held_since is not None,
        "booked": outcome.booked,
        "cost": str(outcome.cost),
        "left_out": [
            {"day": left.day.isoformat(), "label": left.label, "reason": left.refusal.sentence}
            for left in outcome.left_out
        ],
    }


def _is_accepted(answer: ChildAnswer) -> bool:
    return answer.outcome is not None and answer.outcome.enrolment.state == EnrolmentState.ACCEPTED


def keep_answers(
    request: FamilyRequest, activity: Activity, answers: Sequence[ChildAnswer], sent: Sequence[str]
) -> None:
    """Keep what became of each child of one validation, and the papers that went with it."""
    request.session[ANSWERS_KEY] = {
        "family": request.family.pk,
        "activity": activity.full_name,
        "code": activity.code,
        "plan": activity.shown_on_planning and any(_is_accepted(answer) for answer in answers),
        "sent": list(sent),
        "answers": [
            {
                "child": answer.child.first_name,
                "key": answer.child.pk,
                "outcome": outcome_data(answer.outcome) if answer.outcome is not None else None,
                "refusal": answer.refusal.sentence if answer.refusal is not None else "",
            }
            for answer in answers
        ],
    }


def kept_answers(request: FamilyRequest) -> dict[str, Any] | None:
    """The last validation of this family in this session; None when there is none."""
    kept: dict[str, Any] | None = request.session.get(ANSWERS_KEY)
    return kept if kept is not None and kept["family"] == request.family.pk else None
