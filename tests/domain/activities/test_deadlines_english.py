"""The sentences of deadlines in English: every rule has its words, and they say the same values as the French ones."""

import re
from datetime import date, datetime, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.domain.activities.deadlines import (
    Action,
    Always,
    DayKind,
    DayOfMonth,
    DaysBefore,
    Deadline,
    FixedInstant,
    MostRestrictive,
    Never,
    PeriodWindow,
    PeriodWindows,
    PerWeekday,
    RollingOpening,
    Span,
    State,
    WeekdayBefore,
    sentences,
)
from portal.domain.kernel.clock import PARIS
from tests.domain.activities.test_deadlines_properties import DAYS, TOWN, any_rule, instants

pytestmark = pytest.mark.exigence("C18")

THURSDAY = WeekdayBefore(weekday=4)
WORKED = frozenset({DayKind.WEEKEND, DayKind.PUBLIC_HOLIDAY})
NOON = {"hour": time(12), "inclusive": False}


def rule(deadline: Deadline, action: Action = Action.CHANGE) -> str:
    return sentences.rule(deadline, action, language="en").replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("deadline", "words"),
    [
        (Always(), "Days can be changed at any time."),
        (Never(), "Days cannot be changed online."),
        (THURSDAY, "Days can be changed until 23:59 on Thursday of the previous week."),
        (WeekdayBefore(5, weeks=0, **NOON), "Days can be changed before 12:00 on Friday of the same week."),
        (WeekdayBefore(1, weeks=3), "Days can be changed until 23:59 on Monday, 3 weeks before."),
        (WeekdayBefore(1, time(0), inclusive=False), "Days can be changed before Monday of the previous week."),
        (DaysBefore(0, **NOON), "Days can be changed before 12:00 on the day itself."),
        (DaysBefore(1), "Days can be changed until 23:59 on the day before."),
        (DaysBefore(0, time(0), inclusive=False), "Days can be changed until 23:59 on the day before."),
        (DaysBefore(2, time(0), inclusive=False), "Days can be changed more than 2 days before."),
        (DaysBefore(1, time(10), not_counted=WORKED), "Days can be changed until 10:00 on the previous working day."),
        (DaysBefore(2, time(10), not_counted=WORKED), "Days can be changed until 10:00, 2 working days before."),
        (
            DaysBefore(3, not_counted=frozenset({DayKind.SUNDAY}), step_back=frozenset({DayKind.CLOSED})),
            "Days can be changed until 23:59, 3 days before, not counting Sundays. "
            "If the limit falls on closed days, it moves back to the last day before them.",
        ),
        (DayOfMonth(20), "Days can be changed until 23:59 on the 20th of the previous month."),
        (DayOfMonth(31, months=2), "Days can be changed until 23:59 on the last day of the month, 2 months before."),
        (DayOfMonth(30), "Days can be changed until 23:59 on the 30th (or the last day) of the previous month."),
        (FixedInstant(date(2026, 8, 20)), "Days can be changed until 23:59 on Thursday 20 August 2026."),
        (RollingOpening(30), "Days can be changed from 30 days before."),
        (
            MostRestrictive((RollingOpening(2, Span.WEEKS, time(8), aligned=True), THURSDAY)),
            "Days can be changed from Monday at 8:00, 2 weeks before, "
            "and until 23:59 on Thursday of the previous week.",
        ),
        (
            PerWeekday(((1, DaysBefore(3)), (2, DaysBefore(1)), (4, DaysBefore(1)))),
            "Days can be changed: for Monday, until 23:59, 3 days before; "
            "for Tuesday and Thursday, until 23:59 on the day before.",
        ),
        (
            PeriodWindows(
                (PeriodWindow("Noël", date(2026, 12, 21), date(2027, 1, 2), date(2026, 12, 3), date(2026, 11, 3)),)
            ),
            "Days can be changed on the dates of each period: "
            "Noël, from Tuesday 3 November 2026 to 23:59 on Thursday 3 December 2026.",
        ),
    ],
)
def test_a_rule_is_said_in_plain_words(deadline: Deadline, words: str) -> None:
    assert rule(deadline) == words


@pytest.mark.parametrize(
    ("action", "start"),
    [
        (Action.BOOK, "Days can be booked until"),
        (Action.CANCEL, "Days can be cancelled until"),
        (Action.CANCEL_ENROLMENT, "The enrolment can be cancelled until"),
    ],
)
def test_the_action_chooses_the_verb(action: Action, start: str) -> None:
    assert rule(THURSDAY, action).startswith(start)


def test_a_refusal_gives_the_fact_the_rule_and_the_instant_and_nothing_else_changes() -> None:
    asked = (THURSDAY, date(2026, 9, 7), datetime(2026, 9, 6, 9, tzinfo=PARIS), TOWN)
    said = {
        language: sentences.refusal(*asked, action=Action.CHANGE, article="article 5", language=language)
        for language in ("fr", "en")
    }
    assert said["en"] is not None
    assert said["fr"] is not None
    assert said["en"].sentence.replace("\u00a0", " ") == (
        "This day can no longer be changed online. Days can be changed until 23:59 on Thursday of the previous week: "
        "closed since Thursday 3 September 2026 at 23:59."
    )
    assert (said["en"].rule, said["en"].since, said["en"].article) == (
        said["fr"].rule,
        said["fr"].since,
        said["fr"].article,
    )
    assert said["fr"].sentence == THURSDAY.refusal(*asked[1:], action=Action.CHANGE).sentence


@pytest.mark.parametrize(
    ("deadline", "words"),
    [
        (Never(), "closed online"),
        (PerWeekday(((2, Always()),)), "no change online for Monday"),
        (
            PeriodWindows((PeriodWindow("Noël", date(2026, 12, 21), date(2027, 1, 2), date(2026, 12, 3)),)),
            "no booking period has been announced for this day",
        ),
        (
            MostRestrictive((FixedInstant(date(2026, 1, 1)), RollingOpening(1))),
            "the limit passes before bookings open",
        ),
    ],
)
def test_a_day_that_never_opens_says_why(deadline: Deadline, words: str) -> None:
    at = datetime(2026, 9, 1, tzinfo=PARIS)
    assert sentences.explain(deadline, date(2026, 9, 7), TOWN, at, language="en") == words


FRENCH = re.compile(r"\b(?:le|la|les|du|de|des|au|aux|et|ou|avant|jours?|jusqu|semaine|mois|pour|sans|pas)\b|[éèàû]")


@settings(max_examples=60)
@given(any_rule, st.sampled_from(DAYS), instants, st.sampled_from(Action))
def test_every_rule_has_english_words_that_agree_with_its_window(
    deadline: Deadline, day: date, at: datetime, action: Action
) -> None:
    """Names of periods are the town's own words; everything else is English, and says the window as it is."""
    refused = sentences.refusal(deadline, day, at, TOWN, action=action, article="", language="en")
    explained = sentences.explain(deadline, day, TOWN, at, language="en")
    state = deadline.window(day, TOWN).state(at)
    said = f"{rule(deadline, action)} {explained} {refused or ''}"

    assert (refused is None) == (state is State.OPEN)
    assert not FRENCH.findall(said.replace("Période", "")), said
    assert "None" not in said
    assert "  " not in said
    if state is State.CLOSED:
        assert explained.startswith("closed since ")
