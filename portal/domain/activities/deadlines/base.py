"""What every deadline can do."""

from abc import ABC, abstractmethod
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar

from portal.domain.activities.deadlines.days import Calendar
from portal.domain.activities.deadlines.window import State, Window
from portal.domain.kernel import french
from portal.domain.kernel.refusals import Refusal, Rule, WayOut


class Action(StrEnum):
    """What the deadline is about. The types of deadlines are the same for all; only the words change."""

    CHANGE = "change"
    BOOK = "book"
    CANCEL = "cancel"
    CANCEL_ENROLMENT = "cancel_enrolment"

    @property
    def subject(self) -> str:
        """“les jours”."""
        return "l’inscription" if self is Action.CANCEL_ENROLMENT else "les jours"

    @property
    def verb(self) -> str:
        """“se changent”."""
        return {
            Action.CHANGE: "se changent",
            Action.BOOK: "se réservent",
            Action.CANCEL: "s’annulent",
            Action.CANCEL_ENROLMENT: "s’annule",
        }[self]

    @property
    def negated(self) -> tuple[str, str]:
        """(“les jours ne se changent”, “Ce jour ne se modifie”): `pas` or `plus` follows."""
        return {
            Action.CHANGE: ("les jours ne se changent", "Ce jour ne se modifie"),
            Action.BOOK: ("les jours ne se réservent", "Ce jour ne se réserve"),
            Action.CANCEL: ("les jours ne s’annulent", "Ce jour ne s’annule"),
            Action.CANCEL_ENROLMENT: ("l’inscription ne s’annule", "Cette inscription ne s’annule"),
        }[self]


class Deadline(ABC):
    """When an action on a service day is allowed. Subclasses are frozen dataclasses."""

    __slots__ = ()

    kind: ClassVar[str]

    @abstractmethod
    def window(self, day: date, calendar: Calendar) -> Window:
        """The instants at which the action is allowed for the service day `day`."""

    @abstractmethod
    def limit(self) -> str:
        """The rule as it follows a verb: “jusqu’au jeudi 23 h 59 de la semaine précédente”."""

    @abstractmethod
    def to_data(self) -> dict[str, Any]:
        """The JSON form, defaults left out; `deadline_from_data` gives the same value back."""

    def remark(self) -> str:
        """A complete sentence about the exceptions of the rule, or nothing."""
        return ""

    def clause(self, action: Action = Action.CHANGE) -> str:
        """“les jours se changent jusqu’au jeudi 23 h 59 …”, without capital and full stop."""
        return f"{action.subject} {action.verb} {self.limit()}"

    def sentence(self, action: Action = Action.CHANGE) -> str:
        """The rule as the règlement would print it: complete, generated from the value alone."""
        return " ".join(filter(None, (f"{capitalized(self.clause(action))}.", self.remark())))

    def allows(self, day: date, at: datetime, calendar: Calendar) -> bool:
        """Whether the action on `day` is allowed at `at`. Raises ValueError on a naive instant."""
        return self.window(day, calendar).allows(at)

    def explain(self, day: date, calendar: Calendar, at: datetime) -> str:
        """“fermé depuis le jeudi 3 septembre 2026 à 23 h 59”, “ouvert jusqu’au …”, “ouvre le …”.

        No capital, no full stop; the closing instant shown is the last minute allowed.
        """
        return _explained(self.window(day, calendar), at)

    def refusal(
        self,
        day: date,
        at: datetime,
        calendar: Calendar,
        *,
        action: Action = Action.CHANGE,
        article: str = "",
        way_out: WayOut | None = None,
    ) -> Refusal | None:
        """None when allowed; else the fact, the rule and the instant, as families read them.

        `since` is the last minute that was allowed, or the opening to come; None when it never is.
        Raises ValueError on a naive instant.
        """
        window = self.window(day, calendar)
        state = window.state(at)
        if state is State.OPEN:
            return None
        fact = action.negated[1]
        rule, words, since = {
            State.CLOSED: (Rule.DEADLINE_PASSED, "plus", window.last_shown),
            State.NOT_YET: (Rule.NOT_YET_OPEN, "pas encore", window.opens),
            State.NEVER: (Rule.NEVER_ONLINE, "pas", None),
        }[state]
        reason = self.reason(action, _explained(window, at))
        sentence = " ".join(filter(None, (f"{fact} {words} en ligne.", reason)))
        return Refusal(rule=rule, sentence=sentence, since=since, article=article, way_out=way_out)

    def reason(self, action: Action, explanation: str) -> str:
        """The rule and the instant, after the fact in a refusal; nothing when the fact says it all."""
        clause = capitalized(self.clause(action))
        if f"{french.NBSP}:" in clause:
            return f"{clause}. {capitalized(explanation)}."
        return f"{clause}{french.NBSP}: {explanation}."


def _explained(window: Window, at: datetime) -> str:
    match window.state(at):
        case State.NEVER:
            return window.note
        case State.CLOSED if window.last_shown is not None:
            return f"fermé depuis le {french.instant(window.last_shown)}"
        case State.NOT_YET if window.opens is not None:
            return f"ouvre le {french.instant(window.opens)}"
        case _:
            if window.last_shown is None:
                return "ouvert sans limite de date"
            return f"ouvert jusqu’au {french.instant(window.last_shown)}"


def capitalized(text: str) -> str:
    """First letter in capital, the rest untouched."""
    return text[:1].upper() + text[1:]
