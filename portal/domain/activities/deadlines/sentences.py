"""What a deadline says, in the language of who reads: French from the deadline itself, English from `english`."""

from dataclasses import replace
from datetime import date, datetime

from portal.domain.activities.deadlines import english
from portal.domain.activities.deadlines.base import Action, Deadline
from portal.domain.activities.deadlines.days import Calendar
from portal.domain.kernel.refusals import Refusal
from portal.domain.kernel.wording import is_english


def rule(deadline: Deadline, action: Action, *, language: str) -> str:
    """The rule, complete: “Les jours se changent jusqu’au jeudi 23 h 59 de la semaine précédente.”"""
    return english.sentence(deadline, action) if is_english(language) else deadline.sentence(action)


def explain(deadline: Deadline, day: date, calendar: Calendar, at: datetime, *, language: str) -> str:
    """Where `day` stands at `at`: “ouvert jusqu’au …”, without capital and full stop."""
    if is_english(language):
        return english.explanation(deadline, day, calendar, at)
    return deadline.explain(day, calendar, at)


def refusal(
    deadline: Deadline,
    day: date,
    at: datetime,
    calendar: Calendar,
    *,
    action: Action,
    article: str,
    language: str,
) -> Refusal | None:
    """None when the action is allowed; else why not, as `Deadline.refusal`."""
    refused = deadline.refusal(day, at, calendar, action=action, article=article)
    if refused is None or not is_english(language):
        return refused
    return replace(refused, sentence=english.refused(deadline, action, day, calendar, at))
