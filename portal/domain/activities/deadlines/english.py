"""The sentences of deadlines in British English: what `Deadline`'s own methods say in French, from the same values."""

from collections.abc import Set
from datetime import date, datetime, time

from portal.domain.activities.deadlines.base import Action, Deadline, capitalized
from portal.domain.activities.deadlines.composite import (
    NEVER,
    MostRestrictive,
    PeriodWindow,
    PeriodWindows,
    PerWeekday,
)
from portal.domain.activities.deadlines.days import Calendar, DayKind, adjective
from portal.domain.activities.deadlines.simple import (
    LAST_MINUTE,
    MIDNIGHT,
    Always,
    DayOfMonth,
    DaysBefore,
    FixedInstant,
    Never,
    RollingOpening,
    Span,
    WeekdayBefore,
)
from portal.domain.activities.deadlines.window import State
from portal.domain.kernel import english

_VERBS = {
    Action.CHANGE: "changed",
    Action.BOOK: "booked",
    Action.CANCEL: "cancelled",
    Action.CANCEL_ENROLMENT: "cancelled",
}
_KINDS = {
    DayKind.WEEKEND: "weekends",
    DayKind.SUNDAY: "Sundays",
    DayKind.WEDNESDAY: "Wednesdays",
    DayKind.PUBLIC_HOLIDAY: "public holidays",
    DayKind.SCHOOL_HOLIDAY: "school holidays",
    DayKind.CLOSED: "closed days",
}
#: What the French names of counted days become; a Saturday is “ouvrable” without being worked by everybody.
_NAMED = {"ouvré": "working day", "ouvrable": "working day, Saturday included", "d’école": "school day"}


def clause(deadline: Deadline, action: Action) -> str:
    """“days can be changed until 23:59 on Thursday of the previous week”, without capital and full stop."""
    never = isinstance(deadline, Never)
    if isinstance(deadline, MostRestrictive):
        never = any(isinstance(rule, Never) for rule in deadline.rules)
    if never:
        return f"{_subject(action)} cannot be {_VERBS[action]} online"
    start = f"{_subject(action)} can be {_VERBS[action]}"
    match deadline:
        case PerWeekday():
            return f"{start}: {_weekdays(deadline)}"
        case PeriodWindows():
            return f"{start} on the dates of each period: {_periods(deadline)}"
        case _:
            return f"{start} {limit(deadline)}"


def sentence(deadline: Deadline, action: Action) -> str:
    """The rule as a complete sentence, with its exceptions."""
    return " ".join(filter(None, (f"{capitalized(clause(deadline, action))}.", remark(deadline))))


def explanation(deadline: Deadline, day: date, calendar: Calendar, at: datetime) -> str:
    """“closed since Thursday 3 September 2026 at 23:59”, “open until …”, “opens on …”; no capital, no full stop."""
    window = deadline.window(day, calendar)
    match window.state(at):
        case State.NEVER:
            return _never(deadline, day, calendar)
        case State.CLOSED if window.last_shown is not None:
            return f"closed since {english.instant(window.last_shown)}"
        case State.NOT_YET if window.opens is not None:
            return f"opens on {english.instant(window.opens)}"
        case _:
            if window.last_shown is None:
                return "open without a closing date"
            return f"open until {english.instant(window.last_shown)}"


def refused(deadline: Deadline, action: Action, day: date, calendar: Calendar, at: datetime) -> str:
    """The fact, the rule and the instant of an action that is not allowed at `at`."""
    thing = "This enrolment" if action is Action.CANCEL_ENROLMENT else "This day"
    fact = {
        State.CLOSED: f"{thing} can no longer be {_VERBS[action]} online.",
        State.NOT_YET: f"{thing} cannot be {_VERBS[action]} online yet.",
    }.get(deadline.window(day, calendar).state(at), f"{thing} cannot be {_VERBS[action]} online.")
    if isinstance(deadline, Never):
        return fact
    rule, instant = capitalized(clause(deadline, action)), explanation(deadline, day, calendar, at)
    return f"{fact} {rule}. {capitalized(instant)}." if ": " in rule else f"{fact} {rule}: {instant}."


def limit(deadline: Deadline) -> str:
    """The rule as it follows a verb: “until 23:59 on Thursday of the previous week”."""
    match deadline:
        case Always():
            return "at any time"
        case Never():
            return "through the service, not online"
        case DaysBefore():
            return _days_before(deadline)
        case WeekdayBefore():
            return _weekday_before(deadline)
        case DayOfMonth():
            return _day_of_month(deadline)
        case FixedInstant():
            return _until(deadline.day, deadline.hour, inclusive=deadline.inclusive)
        case RollingOpening():
            return _opening(deadline)
        case PerWeekday():
            return f"depending on the day ({_weekdays(deadline)})"
        case PeriodWindows():
            return f"on the dates of each period ({_periods(deadline)})"
        case MostRestrictive():
            *first, last = [limit(rule) for rule in deadline.rules if not isinstance(rule, Always)] or [
                limit(Always())
            ]
            return f"{', '.join(first)}{',' if ',' in first[-1] else ''} and {last}" if first else last
        case _:
            raise TypeError(f"no English words for {type(deadline).__name__}")


def remark(deadline: Deadline) -> str:
    """A complete sentence about the exceptions of the rule, or nothing."""
    match deadline:
        case DaysBefore(step_back=kinds) | WeekdayBefore(step_back=kinds) | DayOfMonth(step_back=kinds) if kinds:
            return f"If the limit falls on {_listed(kinds, 'or')}, it moves back to the last day before them."
        case PerWeekday():
            rules = [rule for _, rule in deadline.table]
        case PeriodWindows():
            rules = [deadline.otherwise]
        case MostRestrictive():
            rules = list(deadline.rules)
        case _:
            return ""
    return " ".join(dict.fromkeys(filter(None, map(remark, rules))))


def _subject(action: Action) -> str:
    return "the enrolment" if action is Action.CANCEL_ENROLMENT else "days"


def _never(deadline: Deadline, day: date, calendar: Calendar) -> str:
    """Why no instant is allowed for that day."""
    match deadline:
        case PerWeekday() if deadline.rule_for(day) == NEVER:
            return f"no change online for {english.weekday_name(day.isoweekday())}"
        case PerWeekday():
            return _never(deadline.rule_for(day), day, calendar)
        case PeriodWindows() if deadline.otherwise == NEVER and not any(day in each.days for each in deadline.periods):
            return "no booking period has been announced for this day"
        case PeriodWindows():
            return _never(deadline.otherwise, day, calendar)
        case MostRestrictive():
            shut = [rule for rule in deadline.rules if rule.window(day, calendar).never]
            return _never(shut[0], day, calendar) if shut else "the limit passes before bookings open"
        case _:
            return "closed online"


def _days_before(deadline: DaysBefore) -> str:
    french_name, aside = adjective(deadline.not_counted)
    name = _NAMED.get(french_name, "day")
    tail = f", not counting {_listed(deadline.not_counted, 'and')}" if aside and deadline.days else ""
    one, _, detail = name.partition(", ")
    counted = english.plural(deadline.days, one) + (f" ({detail})" if detail else "")
    if not deadline.inclusive and deadline.hour == MIDNIGHT:
        if deadline.days == 0:
            return f"until {english.hour(LAST_MINUTE)} on the day before"
        return f"more than {counted} before{tail}"
    hour = _by_hour(deadline.hour, inclusive=deadline.inclusive)
    if deadline.days == 0:
        return f"{hour} on the day itself"
    if deadline.days == 1 and not deadline.not_counted:
        return f"{hour} on the day before"
    if deadline.days == 1 and french_name:
        return f"{hour} on the previous {one}" + (f" ({detail})" if detail else "")
    return f"{hour}, {counted} before{tail}"


def _weekday_before(deadline: WeekdayBefore) -> str:
    weeks = {0: " of the same week", 1: " of the previous week"}.get(
        deadline.weeks, f", {english.plural(deadline.weeks, 'week')} before"
    )
    name = english.weekday_name(deadline.weekday)
    if not deadline.inclusive and deadline.hour == MIDNIGHT:
        return f"before {name}{weeks}"
    return f"{_by_hour(deadline.hour, inclusive=deadline.inclusive)} on {name}{weeks}"


def _day_of_month(deadline: DayOfMonth) -> str:
    number = "last day" if deadline.day == 31 else english.ordinal(deadline.day)
    shorter = " (or the last day)" if 29 <= deadline.day < 31 else ""
    whole_day = not deadline.inclusive and deadline.hour == MIDNIGHT
    start = "before" if whole_day else f"{_by_hour(deadline.hour, inclusive=deadline.inclusive)} on"
    if deadline.months == 1:
        return f"{start} the {number}{shorter} of the previous month"
    return f"{start} the {number}{shorter} of the month, {english.plural(deadline.months, 'month')} before"


def _opening(deadline: RollingOpening) -> str:
    hour = "" if deadline.hour == MIDNIGHT else f" at {english.hour(deadline.hour)}"
    unit = {Span.DAYS: "day", Span.WEEKS: "week", Span.MONTHS: "month"}[deadline.unit]
    delay = f"{english.plural(deadline.amount, unit)} before"
    if not deadline.aligned:
        return f"from {delay}{hour}"
    start = "Monday" if deadline.unit is Span.WEEKS else "the 1st of the month"
    return f"from {start}{hour}, {delay}"


def _weekdays(deadline: PerWeekday) -> str:
    by_rule: dict[Deadline, list[int]] = {}
    for weekday, rule in deadline.table:
        by_rule.setdefault(rule, []).append(weekday)
    parts = [f"for {english.weekday_names(weekdays)}, {limit(rule)}" for rule, weekdays in by_rule.items()]
    if len(deadline.table) < 7 and deadline.otherwise != NEVER:
        parts.append(f"for the other days, {limit(deadline.otherwise)}")
    return "; ".join(parts)


def _periods(deadline: PeriodWindows) -> str:
    parts = [_period(period) for period in deadline.periods]
    if deadline.otherwise != NEVER:
        parts.append(f"for the other days, {limit(deadline.otherwise)}")
    return "; ".join(parts)


def _period(period: PeriodWindow) -> str:
    until = _until(period.closes, period.hour, inclusive=period.inclusive)
    if period.opens is None:
        return f"{period.label}, {until}"
    hour = "" if period.opens_hour == MIDNIGHT else f"{english.hour(period.opens_hour)} on "
    end = f"to {until.removeprefix('until ')}" if period.inclusive else f"and {until}"
    return f"{period.label}, from {hour}{english.long_date(period.opens)} {end}"


def _until(day: date, hour: time, *, inclusive: bool) -> str:
    if not inclusive and hour == MIDNIGHT:
        return f"before {english.long_date(day)}"
    return f"{_by_hour(hour, inclusive=inclusive)} on {english.long_date(day)}"


def _by_hour(hour: time, *, inclusive: bool) -> str:
    return f"{'until' if inclusive else 'before'} {english.hour(hour)}"


def _listed(kinds: Set[DayKind], last: str) -> str:
    return english.join_words((_KINDS[kind] for kind in DayKind if kind in kinds), last=last)
