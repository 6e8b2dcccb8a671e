"""Booking late: after the deadline, until a second one, with a surcharge that the town sets (rule 15).

Never for cancelling, never for the days that an enrolment books by itself: nobody pays more without having been told.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from portal.domain import language
from portal.domain.activities.deadlines import Action, Calendar, Deadline, State, Window, sentences
from portal.domain.activities.enums import LateKind
from portal.domain.kernel import french
from portal.domain.kernel.clock import to_utc
from portal.domain.kernel.money import cents

HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class LatePath:
    """Until when a day may still be booked once its deadline has passed, and what it costs more.

    `value` is in euros or in percent of the price, by `kind`; it is never zero.
    """

    deadline: Deadline
    kind: str
    value: Decimal

    def window(self, day: date, calendar: Calendar, *, ordinary: Window) -> Window | None:
        """From the end of the `ordinary` window to the late deadline; None when nothing is left between them."""
        if ordinary.never or ordinary.closes is None:
            return None
        late = self.deadline.window(day, calendar)
        if late.never or late.closes is None or to_utc(late.closes) <= to_utc(ordinary.closes):
            return None
        return Window(opens=ordinary.closes, closes=late.closes)

    def surcharge(self, price: Decimal) -> Decimal:
        """What is added to that price, in euros, rounded once to the cent (half up)."""
        return cents(price * self.value / HUNDRED) if self.kind == LateKind.PERCENT else cents(self.value)

    def explanation(self, surcharge: Decimal) -> str:
        """One step of an explanation that is kept with the booking: French, whoever reads."""
        more = french.amount(surcharge)
        if self.kind == LateKind.PERCENT:
            more = f"{more}, soit {_number(self.value)}{french.NBSP}% du prix"
        return f"Réservation en retard, après le délai{french.NBSP}: supplément de {more}."

    @property
    def said(self) -> str:
        """“2,00 €” or “20 % du prix”, in the language being spoken."""
        if self.kind == LateKind.PERCENT:
            return _("%(percent)s\u00a0%% du prix") % {"percent": _number(self.value)}
        return language.words().amount(self.value)

    def sentence(self) -> str:
        """The rule for families: “Après ce délai, avec un supplément de 2,00 € : les jours se réservent …”"""
        rule = sentences.rule(self.deadline, Action.BOOK, language=language.spoken())
        return _("Après ce délai, avec un supplément de %(more)s\u00a0: %(rule)s") % {
            "more": self.said,
            "rule": language.words().lower_first(rule),
        }


def _number(value: Decimal) -> str:
    """“20”, “12,5”."""
    return f"{value.normalize():f}".replace(".", ",")


def is_late(window: Window | None, at: datetime) -> bool:
    """Whether `at` falls in a late window."""
    return window is not None and window.state(at) is State.OPEN
