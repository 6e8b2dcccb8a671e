"""The deadline of a week in the few words that its head can hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from portal.domain import language
from portal.domain.bookings.planning import UpcomingDeadline, WeekDeadline
from portal.web.planning.words import days_words, ends_words, lower_first, upper_first

#: Under this delay the head also says what is left.
SOON = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Limit:
    """The words of `components/week_limit.html`."""

    until: str = ""
    left: str = ""
    text: str = ""
    about: str = ""
    over: bool = False


def week_limit(deadlines: Sequence[WeekDeadline], *, at: datetime, open_: bool) -> Limit:
    """What a week says of its deadlines: the next one to come, else the last one gone.

    `open_` tells whether a cell of the week may still change: then it is never said closed.
    """
    dated = [(each, each.closes_at) for each in deadlines if each.closes_at is not None]
    coming = sorted(((each, closes) for each, closes in dated if not each.passed), key=lambda pair: pair[1])
    gone = sorted(closes for each, closes in dated if each.passed)
    if coming:
        deadline, closes = coming[0]
        left = closes - at
        words = language.words().short_instant(closes)
        if len(dated) > 1:
            about = language.words().join_words(lower_first(label) for label in deadline.labels)
            return Limit(text=_("Prochaine limite\u00a0: %(instant)s") % {"instant": words}, about=about)
        return Limit(
            until=words,
            left=_("encore %(left)s") % {"left": language.words().remaining(left)} if left < SOON else "",
        )
    if gone and not open_:
        return Limit(until=language.words().short_instant(gone[-1]), over=True)
    return Limit()


@dataclass(frozen=True, slots=True)
class Upcoming:
    """The words of `planning/_upcoming.html`."""

    closes_at: datetime
    ends: str
    about: str
    children: str


def next_deadline(deadline: UpcomingDeadline) -> Upcoming:
    """What ends, when, for which days of which activities and which children."""
    names = language.words().join_words(lower_first(label) for label in deadline.labels)
    return Upcoming(
        closes_at=deadline.closes_at,
        ends=ends_words(deadline),
        about=_("%(activities)s, pour %(days)s")
        % {"activities": upper_first(names), "days": days_words(deadline.range)},
        children=language.words().join_words(deadline.children),
    )
