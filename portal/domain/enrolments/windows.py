"""When a child may be enrolled: windows of dates, for everybody or for some, with a delay before the day of entry.

Pure. A window is the dates of the activity itself, or one beside it (`activities.EnrolmentWindow`): earlier for those
who live in the town, or each month until the 20th for the next one (guide 002). Enrolling is allowed when one of those
that concern the child is open; the instant that a refusal names is the one from which the answer changes.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from portal.domain import language
from portal.domain.activities.deadlines import Calendar, Deadline, State, Window
from portal.domain.activities.enums import Audience
from portal.domain.kernel.clock import to_utc
from portal.domain.kernel.refusals import Refusal, Rule


class NoCalendar:
    """A calendar without holidays nor closures, for windows that ask nothing of it."""

    def is_public_holiday(self, day: date) -> bool:
        return False

    def is_school_holiday(self, day: date) -> bool:
        return False

    def is_closed(self, day: date) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class EntryWindow:
    """From `opens_at` (included) to `closes_at` (excluded), None for no bound, for one audience.

    `entry` is a delay before the wished day of entry, None for none. `label` is what families read of the audience.
    """

    key: int = 0
    audience: str = Audience.EVERYONE
    label: str = ""
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    entry: Deadline | None = None

    def on(self, day: date, calendar: Calendar) -> Window:
        """When one may enrol through it to enter on that day."""
        dates = Window(opens=self.opens_at, closes=self.closes_at)
        return dates if self.entry is None else dates.intersect(self.entry.window(day, calendar))

    def concerns(self, theirs: Collection[int]) -> bool:
        """Whether it is open to a child for whom the windows `theirs` are."""
        return self.audience == Audience.EVERYONE or self.key in theirs


def why_not_now(
    name: str,
    windows: Iterable[EntryWindow],
    theirs: Collection[int],
    *,
    day: date,
    at: datetime,
    calendar: Calendar,
) -> Refusal | None:
    """None when one may enrol at `at` to enter on `day`; else when it opens for this child, or when it closed.

    `since` is the first instant of the other answer: the opening to come, or the first instant refused.
    """
    everything = list(windows)
    mine = [(each, each.on(day, calendar)) for each in everything if each.concerns(theirs)]
    if any(window.allows(at) for _each, window in mine):
        return None
    coming = [(window.opens, each) for each, window in mine if window.opens and window.state(at) is State.NOT_YET]
    if coming:
        opens, through = min(coming, key=lambda pair: to_utc(pair[0]))
        return Refusal(rule=Rule.NOT_YET_OPEN, sentence=_not_yet(name, opens, through, everything, at), since=opens)
    closed = [window.closes for _each, window in mine if window.closes and window.state(at) is State.CLOSED]
    last = max(closed, key=to_utc, default=None)
    return Refusal(rule=Rule.ENROLMENT_CLOSED, sentence=_closed(name, last, mine, day), since=last)


def openings(windows: Iterable[EntryWindow]) -> list[str]:
    """What a page says of the windows, one sentence each; nothing when there is no condition of date."""
    return [sentence for each in windows if (sentence := _opening(each))]


def _opening(window: EntryWindow) -> str:
    words = language.words()
    who = _("Pour %(audience)s") % {"audience": window.label or str(Audience(window.audience).label)}
    bounds = []
    if window.opens_at is not None:
        bounds.append(_("à partir du %(instant)s") % {"instant": words.instant(window.opens_at)})
    if window.closes_at is not None:
        last = Window(closes=window.closes_at).last_shown
        bounds.append(_("jusqu’au %(instant)s") % {"instant": words.instant(last or window.closes_at)})
    if window.entry is not None:
        # Written by the town's rule, in French whatever the page.
        bounds.append(_("pour chaque entrée, %(limit)s") % {"limit": window.entry.limit()})
    return f"{who}\u00a0: {', '.join(bounds)}." if bounds else ""


def _not_yet(name: str, opens: datetime, through: EntryWindow, everything: Iterable[EntryWindow], at: datetime) -> str:
    words = language.words()
    sentence = _("Les inscriptions à «\u00a0%(name)s\u00a0» ouvrent le %(instant)s.")
    if through.audience != Audience.EVERYONE:
        sentence = _("Les inscriptions à «\u00a0%(name)s\u00a0» ouvrent pour vous le %(instant)s.")
    said = sentence % {"name": name, "instant": words.instant(opens)}
    earlier = [each for each in everything if each.audience != Audience.EVERYONE and each.key != through.key]
    open_now = [each for each in earlier if Window(opens=each.opens_at, closes=each.closes_at).allows(at)]
    if open_now:
        others = words.join_words(each.label or str(Audience(each.audience).label) for each in open_now)
        said = f"{said} {_('Elles sont déjà ouvertes pour %(audience)s.') % {'audience': others}}"
    return said


def _closed(name: str, last: datetime | None, mine: Collection[tuple[EntryWindow, Window]], day: date) -> str:
    words = language.words()
    notes = [window.note for _each, window in mine if window.never and window.note]
    for_day = any(each.entry is not None for each, _window in mine)
    if last is None and for_day:
        return _("Pour entrer le %(day)s, aucune période d’inscription n’est annoncée.") % {
            "day": words.long_date(day)
        }
    if last is None:
        return " ".join(
            [_("Les inscriptions à «\u00a0%(name)s\u00a0» ne sont pas ouvertes.") % {"name": name}, *notes]
        )
    if for_day:
        shown = Window(closes=last).last_shown or last
        return _("Pour entrer le %(day)s dans «\u00a0%(name)s\u00a0», on pouvait s’inscrire jusqu’au %(instant)s.") % {
            "day": words.long_date(day),
            "name": name,
            "instant": words.instant(shown),
        }
    return _("Les inscriptions à «\u00a0%(name)s\u00a0» sont fermées depuis le %(instant)s.") % {
        "name": name,
        "instant": words.instant(last),
    }
