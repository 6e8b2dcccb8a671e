"""Each kind of deadline against the rules of the guides, day by day. ~ and ^ are the non-breaking spaces."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from portal.domain.activities.deadlines import (
    Action,
    Always,
    DayKind,
    DayOfMonth,
    DaysBefore,
    Deadline,
    FixedInstant,
    InvalidDeadline,
    MostRestrictive,
    Never,
    PeriodWindow,
    PeriodWindows,
    PerWeekday,
    RollingOpening,
    Span,
    State,
    WeekdayBefore,
    Window,
    closings,
    next_closings,
)
from portal.domain.kernel import french
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.clock import PARIS, at_paris, shift, to_utc
from portal.domain.kernel.refusals import Rule, WayOut, WayOutKind

WORKING = frozenset({DayKind.WEEKEND, DayKind.PUBLIC_HOLIDAY})
SCHOOL = WORKING | {DayKind.SCHOOL_HOLIDAY}

# Guide 003: days change until Thursday 23:59 of the week before.
LES_ROUSSES = WeekdayBefore(weekday=4)
# Guide 002: book before the 20th for the next month; elsewhere in it, until the 20th.
BEFORE_THE_20TH = DayOfMonth(20, inclusive=False, hour=time(0))
UNTIL_THE_20TH = DayOfMonth(20)
# Guide 002: the holidays of 2025/2026, each with its window.
HOLIDAYS = PeriodWindows(
    (
        PeriodWindow("Automne 2025", date(2025, 10, 18), date(2025, 11, 2), closes=date(2025, 10, 1)),
        PeriodWindow(
            "Noël 2025",
            date(2025, 12, 20),
            date(2026, 1, 4),
            opens=date(2025, 11, 3),
            closes=date(2025, 12, 3),
        ),
        PeriodWindow(
            "Hiver 2026", date(2026, 2, 7), date(2026, 2, 22), opens=date(2026, 1, 5), closes=date(2026, 2, 4)
        ),
    )
)


class Town:
    """Zone A around 2026, with a closed week."""

    public = frozenset(
        {
            date(2026, 1, 1),
            date(2026, 4, 6),
            date(2026, 5, 1),
            date(2026, 5, 8),
            date(2026, 5, 14),
            date(2026, 5, 25),
            date(2026, 11, 11),
            date(2026, 12, 25),
            date(2027, 1, 1),
        }
    )
    holidays = (
        DateRange(date(2026, 10, 17), date(2026, 11, 1)),
        DateRange(date(2026, 12, 19), date(2027, 1, 3)),
    )
    closed = frozenset({date(2026, 9, 25)})

    def is_public_holiday(self, day: date) -> bool:
        return day in self.public

    def is_school_holiday(self, day: date) -> bool:
        return any(day in period for period in self.holidays)

    def is_closed(self, day: date) -> bool:
        return day in self.closed


TOWN = Town()


def seen(text: str) -> str:
    return text.replace("\u00a0", "~").replace("\u202f", "^")


def paris(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=PARIS)


def last_shown(rule: Deadline, day: date) -> str:
    """The last instant allowed as it is printed, checked against what is enforced."""
    window = rule.window(day, TOWN)
    shown = window.last_shown
    assert shown is not None
    assert rule.allows(day, shift(shown, timedelta(seconds=59)), TOWN)
    assert not rule.allows(day, shift(shown, timedelta(seconds=60)), TOWN)
    return shown.strftime("%Y-%m-%d %H:%M")


# Guide 003


@pytest.mark.exigence("P16", "P20")
@pytest.mark.parametrize("day", [date(2026, 9, 7) + timedelta(days=offset) for offset in range(7)])
def test_thursday_of_the_week_before_governs_all_seven_days(day: date) -> None:
    assert last_shown(LES_ROUSSES, day) == "2026-09-03 23:59"


@pytest.mark.exigence("P20")
def test_thursday_23_59_lasts_until_23_59_59() -> None:
    friday = date(2026, 9, 11)
    assert LES_ROUSSES.allows(friday, paris(2026, 9, 3, 23, 59, 59), TOWN)
    assert not LES_ROUSSES.allows(friday, paris(2026, 9, 4), TOWN)


@pytest.mark.parametrize(
    ("day", "shown"),
    [
        (date(2027, 1, 1), "2026-12-24 23:59"),  # Friday of week 53 of 2026
        (date(2027, 1, 3), "2026-12-24 23:59"),
        (date(2027, 1, 4), "2026-12-31 23:59"),
        (date(2026, 1, 1), "2025-12-25 23:59"),  # Thursday of week 1 of 2026
        (date(2028, 2, 29), "2028-02-24 23:59"),
    ],
)
def test_weeks_cross_the_end_of_the_year(day: date, shown: str) -> None:
    assert last_shown(LES_ROUSSES, day) == shown


@pytest.mark.parametrize("weekday", range(1, 8))
@pytest.mark.parametrize("served", range(1, 8))
def test_any_weekday_may_close_any_weekday(weekday: int, served: int) -> None:
    day = date.fromisocalendar(2026, 38, served)
    expected = date.fromisocalendar(2026, 37, weekday)
    assert last_shown(WeekdayBefore(weekday, time(12)), day) == f"{expected} 12:00"


def test_two_weeks_before() -> None:
    assert last_shown(WeekdayBefore(1, time(9), weeks=2), date(2026, 9, 27)) == "2026-09-07 09:00"


def test_a_limit_in_the_same_week_never_outlives_the_service_day() -> None:
    rule = WeekdayBefore(3, time(12), weeks=0)
    assert last_shown(rule, date(2026, 9, 17)) == "2026-09-16 12:00"
    assert last_shown(rule, date(2026, 9, 16)) == "2026-09-16 12:00"
    assert last_shown(rule, date(2026, 9, 15)) == "2026-09-15 23:59"


def test_a_limit_on_a_public_holiday_stays_or_steps_back_as_declared() -> None:
    after_ascension = date(2026, 5, 18)
    assert last_shown(LES_ROUSSES, after_ascension) == "2026-05-14 23:59"
    moved = WeekdayBefore(4, step_back=WORKING)
    assert last_shown(moved, after_ascension) == "2026-05-13 23:59"
    assert last_shown(WeekdayBefore(7, step_back=WORKING), date(2026, 5, 4)) == "2026-04-30 23:59"


# Guide 002


@pytest.mark.exigence("P17")
@pytest.mark.parametrize(
    ("day", "before", "until"),
    [
        (date(2026, 10, 1), "2026-09-19 23:59", "2026-09-20 23:59"),
        (date(2026, 10, 31), "2026-09-19 23:59", "2026-09-20 23:59"),
        (date(2027, 1, 4), "2026-12-19 23:59", "2026-12-20 23:59"),
        (date(2026, 3, 31), "2026-02-19 23:59", "2026-02-20 23:59"),
    ],
)
def test_before_the_20th_and_until_the_20th_differ_by_a_day(day: date, before: str, until: str) -> None:
    assert last_shown(BEFORE_THE_20TH, day) == before
    assert last_shown(UNTIL_THE_20TH, day) == until


@pytest.mark.parametrize(
    ("day_of_month", "service_day", "shown"),
    [
        (31, date(2026, 3, 10), "2026-02-28 23:59"),
        (30, date(2026, 3, 10), "2026-02-28 23:59"),
        (29, date(2026, 3, 10), "2026-02-28 23:59"),
        (28, date(2026, 3, 10), "2026-02-28 23:59"),
        (31, date(2028, 3, 10), "2028-02-29 23:59"),
        (30, date(2028, 3, 10), "2028-02-29 23:59"),
        (31, date(2026, 5, 10), "2026-04-30 23:59"),
        (31, date(2026, 2, 10), "2026-01-31 23:59"),
    ],
)
def test_a_day_that_the_month_lacks_is_its_last_day(day_of_month: int, service_day: date, shown: str) -> None:
    assert last_shown(DayOfMonth(day_of_month), service_day) == shown


def test_a_day_several_months_before_at_an_hour() -> None:
    assert last_shown(DayOfMonth(15, months=2, hour=time(17, 30)), date(2027, 1, 31)) == "2026-11-15 17:30"


def test_the_20th_steps_back_from_a_weekend() -> None:
    assert last_shown(DayOfMonth(20, step_back=WORKING), date(2026, 10, 6)) == "2026-09-18 23:59"


@pytest.mark.exigence("P18")
@pytest.mark.parametrize(
    ("day", "at", "state"),
    [
        (date(2025, 10, 20), paris(2025, 3, 1), State.OPEN),
        (date(2025, 10, 20), paris(2025, 10, 1, 23, 59, 59), State.OPEN),
        (date(2025, 10, 20), paris(2025, 10, 2), State.CLOSED),
        (date(2025, 12, 22), paris(2025, 11, 2, 23, 59, 59), State.NOT_YET),
        (date(2025, 12, 22), paris(2025, 11, 3), State.OPEN),
        (date(2026, 1, 4), paris(2025, 12, 3, 23, 59), State.OPEN),
        (date(2026, 1, 4), paris(2025, 12, 4), State.CLOSED),
        (date(2026, 1, 5), paris(2025, 12, 1), State.NEVER),
    ],
)
def test_each_holiday_has_its_window(day: date, at: datetime, state: State) -> None:
    assert HOLIDAYS.window(day, TOWN).state(at) is state


def test_days_of_no_period_follow_the_other_rule() -> None:
    rule = PeriodWindows(HOLIDAYS.periods, otherwise=LES_ROUSSES)
    assert last_shown(rule, date(2026, 9, 11)) == "2026-09-03 23:59"
    assert last_shown(rule, date(2026, 2, 10)) == "2026-02-04 23:59"


# Days before


@pytest.mark.parametrize(
    ("rule", "day", "shown"),
    [
        (DaysBefore(0, time(9)), date(2026, 9, 14), "2026-09-14 09:00"),
        (DaysBefore(1, time(10)), date(2026, 9, 14), "2026-09-13 10:00"),
        (DaysBefore(2, time(10)), date(2026, 9, 14), "2026-09-12 10:00"),
        (DaysBefore(2, time(10), not_counted=WORKING), date(2026, 9, 14), "2026-09-10 10:00"),
        (DaysBefore(1, time(10), not_counted=WORKING), date(2026, 5, 15), "2026-05-13 10:00"),
        (DaysBefore(2, time(10), not_counted=WORKING), date(2026, 5, 18), "2026-05-13 10:00"),
        (DaysBefore(1, time(10), not_counted=SCHOOL), date(2026, 11, 2), "2026-10-16 10:00"),
        (DaysBefore(3, time(10), not_counted=SCHOOL), date(2027, 1, 4), "2026-12-16 10:00"),
        (DaysBefore(1, time(10), not_counted=frozenset({DayKind.SUNDAY})), date(2026, 9, 14), "2026-09-12 10:00"),
        (DaysBefore(1, time(10), not_counted=frozenset({DayKind.CLOSED})), date(2026, 9, 26), "2026-09-24 10:00"),
        (DaysBefore(1, time(10), not_counted=frozenset({DayKind.WEDNESDAY})), date(2026, 9, 17), "2026-09-15 10:00"),
        (DaysBefore(2, step_back=WORKING), date(2026, 9, 15), "2026-09-11 23:59"),
        (DaysBefore(2, time(0), inclusive=False), date(2026, 9, 15), "2026-09-12 23:59"),
        (DaysBefore(1, time(12), inclusive=False), date(2026, 9, 15), "2026-09-14 11:59"),
        (DaysBefore(0, time(0), inclusive=False), date(2026, 9, 15), "2026-09-14 23:59"),
        (DaysBefore(366), date(2026, 9, 15), "2025-09-14 23:59"),
    ],
)
def test_counts_days_before_over_the_days_that_count(rule: DaysBefore, day: date, shown: str) -> None:
    assert last_shown(rule, day) == shown


def test_a_calendar_where_no_day_counts_ends_the_walk() -> None:
    class Shut(Town):
        def is_closed(self, day: date) -> bool:
            return True

    window = DaysBefore(1, not_counted=frozenset({DayKind.CLOSED})).window(date(2026, 9, 15), Shut())
    assert window.closes is not None
    assert window.closes.date() < date(2025, 9, 16)


# Clock changes


@pytest.mark.parametrize(
    ("rule", "day", "closes"),
    [
        # Saturday 28 to Sunday 29 March 2026: 2 h becomes 3 h.
        (DaysBefore(1, time(23, 59)), date(2026, 3, 29), datetime(2026, 3, 28, 23, tzinfo=UTC)),
        (DaysBefore(1, time(1, 59)), date(2026, 3, 30), datetime(2026, 3, 29, 1, tzinfo=UTC)),
        (DaysBefore(1, time(2, 30), inclusive=False), date(2026, 3, 30), datetime(2026, 3, 29, 1, tzinfo=UTC)),
        (DaysBefore(1, time(23, 59)), date(2026, 3, 30), datetime(2026, 3, 29, 22, tzinfo=UTC)),
        # Saturday 24 to Sunday 25 October 2026: 3 h becomes 2 h.
        (DaysBefore(1, time(23, 59)), date(2026, 10, 25), datetime(2026, 10, 24, 22, tzinfo=UTC)),
        (DaysBefore(1, time(2, 30), inclusive=False), date(2026, 10, 26), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
        (DaysBefore(1, time(2, 59)), date(2026, 10, 26), datetime(2026, 10, 25, 2, tzinfo=UTC)),
        (DaysBefore(1, time(23, 59)), date(2026, 10, 26), datetime(2026, 10, 25, 23, tzinfo=UTC)),
    ],
)
def test_closes_at_the_real_instant_on_both_nights_of_the_clock_change(
    rule: Deadline, day: date, closes: datetime
) -> None:
    found = rule.window(day, TOWN).closes
    assert found is not None
    assert to_utc(found) == closes
    last_shown(rule, day)


def test_the_repeated_hour_is_allowed_until_its_second_pass() -> None:
    rule = DaysBefore(1, time(2, 30), inclusive=False)
    first_pass = datetime(2026, 10, 25, 2, 45, tzinfo=PARIS, fold=0)
    second_pass = datetime(2026, 10, 25, 2, 15, tzinfo=PARIS, fold=1)
    assert rule.allows(date(2026, 10, 26), first_pass, TOWN)
    assert rule.allows(date(2026, 10, 26), second_pass, TOWN)
    assert not rule.allows(date(2026, 10, 26), second_pass.replace(minute=30), TOWN)


# The other kinds


def test_a_table_gives_each_weekday_its_rule() -> None:
    eve = DaysBefore(1, time(10))
    rule = PerWeekday(((2, eve), (4, eve), (1, WeekdayBefore(5, time(10)))))
    assert last_shown(rule, date(2026, 9, 14)) == "2026-09-11 10:00"
    assert last_shown(rule, date(2026, 9, 15)) == "2026-09-14 10:00"
    assert last_shown(rule, date(2026, 9, 17)) == "2026-09-16 10:00"
    assert rule.window(date(2026, 9, 16), TOWN).never
    assert PerWeekday(rule.table, otherwise=Always()).window(date(2026, 9, 16), TOWN) == Window()


def test_a_fixed_instant_is_the_same_for_every_day() -> None:
    rule = FixedInstant(date(2025, 8, 20), time(17))
    for day in (date(2025, 7, 1), date(2025, 9, 1), date(2026, 7, 1)):
        assert last_shown(rule, day) == "2025-08-20 17:00"


@pytest.mark.parametrize(
    ("rule", "day", "opens"),
    [
        (RollingOpening(30), date(2026, 9, 30), paris(2026, 8, 31)),
        (RollingOpening(8, Span.WEEKS), date(2026, 9, 30), paris(2026, 8, 5)),
        (RollingOpening(8, Span.WEEKS, aligned=True), date(2026, 9, 30), paris(2026, 8, 3)),
        (RollingOpening(3, Span.MONTHS), date(2026, 5, 31), paris(2026, 2, 28)),
        (RollingOpening(2, Span.MONTHS, time(8), aligned=True), date(2026, 9, 30), paris(2026, 7, 1, 8)),
    ],
)
def test_a_rolling_horizon_opens_and_never_closes(rule: RollingOpening, day: date, opens: datetime) -> None:
    assert rule.window(day, TOWN) == Window(opens=opens)
    assert not rule.allows(day, shift(opens, timedelta(seconds=-1)), TOWN)
    assert rule.allows(day, opens, TOWN)
    assert rule.allows(day, paris(2030, 1, 1), TOWN)


def test_never_and_always() -> None:
    for at in (paris(2000, 1, 1), paris(2090, 1, 1)):
        assert not Never().allows(date(2026, 9, 11), at, TOWN)
        assert Always().allows(date(2026, 9, 11), at, TOWN)


def test_the_more_restrictive_of_two_rules_wins() -> None:
    rule = MostRestrictive((HOLIDAYS, LES_ROUSSES))
    # Noël closes on 3 December, Thursday of the week before is later: the window wins.
    assert last_shown(rule, date(2025, 12, 22)) == "2025-12-03 23:59"
    # Hiver closes on 4 February, Thursday 5 February is later for 9 February, earlier for 7 February.
    assert last_shown(rule, date(2026, 2, 9)) == "2026-02-04 23:59"
    assert last_shown(rule, date(2026, 2, 7)) == "2026-01-29 23:59"
    assert rule.window(date(2026, 2, 7), TOWN).opens == paris(2026, 1, 5)
    assert rule.window(date(2026, 3, 9), TOWN).never


def test_rules_that_never_meet_allow_nothing_and_say_so() -> None:
    rule = MostRestrictive((RollingOpening(3), LES_ROUSSES))
    friday = date(2026, 9, 11)
    assert rule.window(friday, TOWN).never
    assert rule.explain(friday, TOWN, paris(2026, 9, 1)) == "la limite est passée avant l’ouverture des réservations"


def test_windows_refuse_naive_instants() -> None:
    naive = datetime(2026, 9, 3)  # noqa: DTZ001 - refused
    with pytest.raises(ValueError, match="aware"):
        LES_ROUSSES.allows(date(2026, 9, 11), naive, TOWN)
    with pytest.raises(ValueError, match="aware"):
        Window(closes=naive)


# Words


@pytest.mark.exigence("P20")
@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        (LES_ROUSSES, "Les jours se changent jusqu’au jeudi 23~h~59 de la semaine précédente."),
        (WeekdayBefore(1, time(9), weeks=0), "Les jours se changent jusqu’au lundi 9~h de la même semaine."),
        (
            WeekdayBefore(4, time(12), weeks=2, inclusive=False),
            "Les jours se changent avant le jeudi 12~h, 2~semaines avant.",
        ),
        (
            WeekdayBefore(4, step_back=WORKING),
            "Les jours se changent jusqu’au jeudi 23~h~59 de la semaine précédente. Si la limite tombe pendant les "
            "week-ends ou jours fériés, elle est avancée au dernier jour qui les précède.",
        ),
        (BEFORE_THE_20TH, "Les jours se changent avant le 20 du mois précédent."),
        (UNTIL_THE_20TH, "Les jours se changent jusqu’au 20 du mois précédent à 23~h~59."),
        (DayOfMonth(1), "Les jours se changent jusqu’au 1er du mois précédent à 23~h~59."),
        (DayOfMonth(31, months=2), "Les jours se changent jusqu’au dernier jour du mois à 23~h~59, 2~mois avant."),
        (
            DayOfMonth(30, hour=time(12)),
            "Les jours se changent jusqu’au 30 (ou au dernier jour) du mois précédent à 12~h.",
        ),
        (DaysBefore(0, time(9)), "Les jours se changent jusqu’à 9~h le jour même."),
        (DaysBefore(1, time(10), inclusive=False), "Les jours se changent avant 10~h la veille."),
        (DaysBefore(0, time(0), inclusive=False), "Les jours se changent jusqu’à 23~h~59 la veille."),
        (DaysBefore(3, time(10)), "Les jours se changent jusqu’à 10~h, 3~jours avant."),
        (DaysBefore(2, time(10), not_counted=WORKING), "Les jours se changent jusqu’à 10~h, 2~jours ouvrés avant."),
        (DaysBefore(1, time(10), not_counted=WORKING), "Les jours se changent jusqu’à 10~h le jour ouvré précédent."),
        (DaysBefore(2, time(10), not_counted=SCHOOL), "Les jours se changent jusqu’à 10~h, 2~jours d’école avant."),
        (
            DaysBefore(3, time(0), inclusive=False, not_counted=frozenset({DayKind.CLOSED})),
            "Les jours se changent plus de 3~jours avant, sans compter les jours de fermeture.",
        ),
        (DaysBefore(1, time(0), inclusive=False), "Les jours se changent plus d’1~jour avant."),
        (FixedInstant(date(2025, 8, 20)), "Les jours se changent jusqu’au mercredi 20~août 2025 à 23~h~59."),
        (
            FixedInstant(date(2025, 10, 1), time(0), inclusive=False),
            "Les jours se changent avant le mercredi 1er~octobre 2025.",
        ),
        (RollingOpening(1), "Les jours se changent à partir de 1~jour avant."),
        (RollingOpening(8, Span.WEEKS, time(8)), "Les jours se changent à partir de 8~semaines avant à 8~h."),
        (
            RollingOpening(2, Span.MONTHS, time(8), aligned=True),
            "Les jours se changent à partir du 1er du mois à 8~h, 2~mois avant.",
        ),
        (
            RollingOpening(3, Span.WEEKS, aligned=True),
            "Les jours se changent à partir du lundi, 3~semaines avant.",
        ),
        (Never(), "Les jours ne se changent pas en ligne."),
        (Always(), "Les jours se changent à tout moment."),
        (
            PerWeekday(((1, WeekdayBefore(5, time(10))), (2, DaysBefore(1, time(10))), (4, DaysBefore(1, time(10))))),
            "Les jours se changent~: pour le lundi, jusqu’au vendredi 10~h de la semaine précédente^; "
            "pour le mardi et le jeudi, jusqu’à 10~h la veille.",
        ),
        (
            PerWeekday(tuple((weekday, DaysBefore(1)) for weekday in (1, 2, 4)), otherwise=Always()),
            "Les jours se changent~: pour les lundis, mardis et jeudis, jusqu’à 23~h~59 la veille^; "
            "pour les autres jours, à tout moment.",
        ),
        (
            PeriodWindows(HOLIDAYS.periods[:2]),
            "Les jours se changent aux dates de chaque période~: "
            "Automne 2025, jusqu’au mercredi 1er~octobre 2025 à 23~h~59^; "
            "Noël 2025, du lundi 3~novembre 2025 au mercredi 3~décembre 2025 à 23~h~59.",
        ),
        (
            MostRestrictive((RollingOpening(8, Span.WEEKS), LES_ROUSSES)),
            "Les jours se changent à partir de 8~semaines avant et jusqu’au jeudi 23~h~59 de la semaine précédente.",
        ),
        (
            MostRestrictive((RollingOpening(2, Span.MONTHS, aligned=True), DaysBefore(2, time(10)))),
            "Les jours se changent à partir du 1er du mois, 2~mois avant, et jusqu’à 10~h, 2~jours avant.",
        ),
        (MostRestrictive((Always(), Always())), "Les jours se changent à tout moment."),
        (
            MostRestrictive((Always(), LES_ROUSSES)),
            "Les jours se changent jusqu’au jeudi 23~h~59 de la semaine précédente.",
        ),
        (MostRestrictive((Never(), LES_ROUSSES)), "Les jours ne se changent pas en ligne."),
    ],
)
def test_the_sentence_of_the_rule(rule: Deadline, sentence: str) -> None:
    assert seen(rule.sentence()) == sentence
    assert french.typography(rule.sentence()) == rule.sentence()


def test_the_same_rule_speaks_of_each_action() -> None:
    end = "jusqu’au jeudi 23~h~59 de la semaine précédente."
    assert seen(LES_ROUSSES.sentence(Action.BOOK)) == f"Les jours se réservent {end}"
    assert seen(LES_ROUSSES.sentence(Action.CANCEL)) == f"Les jours s’annulent {end}"
    assert seen(LES_ROUSSES.sentence(Action.CANCEL_ENROLMENT)) == f"L’inscription s’annule {end}"
    assert seen(Never().sentence(Action.CANCEL_ENROLMENT)) == "L’inscription ne s’annule pas en ligne."


@pytest.mark.exigence("P20")
@pytest.mark.parametrize(
    ("rule", "at", "explained"),
    [
        (LES_ROUSSES, paris(2026, 9, 7), "fermé depuis le jeudi 3~septembre 2026 à 23~h~59"),
        (LES_ROUSSES, paris(2026, 9, 1), "ouvert jusqu’au jeudi 3~septembre 2026 à 23~h~59"),
        (RollingOpening(7, hour=time(8)), paris(2026, 9, 1), "ouvre le vendredi 4~septembre 2026 à 8~h"),
        (RollingOpening(7), paris(2026, 9, 5), "ouvert sans limite de date"),
        (Never(), paris(2026, 9, 5), "fermé en ligne"),
        (HOLIDAYS, paris(2026, 9, 5), "aucune période de réservation n’est annoncée pour ce jour"),
        (PerWeekday(((1, Always()),)), paris(2026, 9, 5), "pas de changement en ligne pour le vendredi"),
    ],
)
def test_explains_the_state_of_a_day(rule: Deadline, at: datetime, explained: str) -> None:
    assert seen(rule.explain(date(2026, 9, 11), TOWN, at)) == explained


@pytest.mark.exigence("P20")
def test_refuses_with_the_fact_the_rule_the_instant_and_the_way_out() -> None:
    way_out = WayOut(WayOutKind.DECLARE_ABSENCE, "Déclarer une absence")
    refusal = LES_ROUSSES.refusal(
        date(2026, 9, 11), paris(2026, 9, 7), TOWN, article="règlement intérieur, article 5", way_out=way_out
    )
    assert refusal is not None
    assert refusal.rule is Rule.DEADLINE_PASSED
    assert refusal.since == at_paris(date(2026, 9, 3), time(23, 59))
    assert refusal.article == "règlement intérieur, article 5"
    assert refusal.way_out is way_out
    assert seen(refusal.sentence) == (
        "Ce jour ne se modifie plus en ligne. Les jours se changent jusqu’au jeudi 23~h~59 de la semaine "
        "précédente~: fermé depuis le jeudi 3~septembre 2026 à 23~h~59."
    )


def test_refuses_what_is_not_open_yet_with_its_opening() -> None:
    refusal = RollingOpening(7, hour=time(8)).refusal(date(2026, 9, 11), paris(2026, 9, 1), TOWN, action=Action.BOOK)
    assert refusal is not None
    assert refusal.rule is Rule.NOT_YET_OPEN
    assert refusal.since == paris(2026, 9, 4, 8)
    assert seen(refusal.sentence) == (
        "Ce jour ne se réserve pas encore en ligne. Les jours se réservent à partir de 7~jours avant à 8~h~: "
        "ouvre le vendredi 4~septembre 2026 à 8~h."
    )


def test_refuses_for_ever_without_an_instant() -> None:
    refusal = Never().refusal(date(2026, 9, 11), paris(2026, 9, 1), TOWN, action=Action.CANCEL_ENROLMENT)
    assert refusal is not None
    assert (refusal.rule, refusal.since) == (Rule.NEVER_ONLINE, None)
    assert refusal.sentence == "Cette inscription ne s’annule pas en ligne."


def test_a_rule_that_is_a_list_keeps_its_colon_for_itself() -> None:
    refusal = PerWeekday(((5, DaysBefore(1, time(10))),)).refusal(date(2026, 9, 11), paris(2026, 9, 12), TOWN)
    assert refusal is not None
    assert seen(refusal.sentence) == (
        "Ce jour ne se modifie plus en ligne. Les jours se changent~: pour le vendredi, jusqu’à 10~h la veille. "
        "Fermé depuis le jeudi 10~septembre 2026 à 10~h."
    )


def test_does_not_refuse_what_is_allowed() -> None:
    assert LES_ROUSSES.refusal(date(2026, 9, 11), paris(2026, 9, 1), TOWN) is None


# Groups of days


@pytest.mark.exigence("V22")
def test_groups_the_days_of_a_month_by_closing_instant() -> None:
    september = [date(2026, 9, 1) + timedelta(days=offset) for offset in range(30)]
    groups = closings(LES_ROUSSES, reversed(september), TOWN)
    assert [str(group.last_shown)[:16] for group in groups] == [
        "2026-08-27 23:59",
        "2026-09-03 23:59",
        "2026-09-10 23:59",
        "2026-09-17 23:59",
        "2026-09-24 23:59",
    ]
    assert groups[1].days == tuple(september[6:13])
    assert sorted(day for group in groups for day in group.days) == september


@pytest.mark.exigence("V22")
def test_lists_only_the_closings_to_come() -> None:
    september = [date(2026, 9, 1) + timedelta(days=offset) for offset in range(30)]
    at = paris(2026, 9, 10, 23, 59, 59)
    coming = next_closings(LES_ROUSSES, september, at, TOWN)
    assert [str(group.last_shown)[:10] for group in coming] == ["2026-09-10", "2026-09-17", "2026-09-24"]
    assert [group.days[0] for group in next_closings(LES_ROUSSES, september, paris(2026, 9, 11), TOWN)][:1] == [
        date(2026, 9, 21)
    ]


def test_days_without_limit_come_last_and_are_not_closings() -> None:
    rule = PerWeekday(((1, Always()), (2, DaysBefore(1))))
    week = [date(2026, 9, 14) + timedelta(days=offset) for offset in range(3)]
    groups = closings(rule, week, TOWN)
    assert [group.days for group in groups] == [(week[1],), (week[0],), (week[2],)]
    assert [group.days for group in next_closings(rule, week, paris(2026, 9, 1), TOWN)] == [(week[1],)]


# Impossible values


@pytest.mark.parametrize(
    ("build", "path"),
    [
        (lambda: DaysBefore(-1), "days"),
        (lambda: DaysBefore(367), "days"),
        (lambda: DaysBefore(True), "days"),
        (lambda: DaysBefore(1, time(9, 0, 30)), "hour"),
        (lambda: DaysBefore(1, time(9, tzinfo=UTC)), "hour"),
        (lambda: WeekdayBefore(0), "weekday"),
        (lambda: WeekdayBefore(8), "weekday"),
        (lambda: WeekdayBefore(4, weeks=-1), "weeks"),
        (lambda: DayOfMonth(0), "day"),
        (lambda: DayOfMonth(32), "day"),
        (lambda: DayOfMonth(20, months=0), "months"),
        (lambda: FixedInstant(date(1999, 12, 31)), "day"),
        (lambda: RollingOpening(0), "amount"),
        (lambda: RollingOpening(1, Span.DAYS, aligned=True), "aligned"),
        (lambda: PerWeekday(()), "table"),
        (lambda: PerWeekday(((8, Always()),)), "table"),
        (lambda: PerWeekday(((1, Always()), (1, Never()))), "table"),
        (lambda: PeriodWindows(()), "periods"),
        (lambda: PeriodWindows((HOLIDAYS.periods[0], HOLIDAYS.periods[0])), "periods"),
        (lambda: PeriodWindow(" ", date(2026, 1, 2), date(2026, 1, 3), closes=date(2026, 1, 1)), "label"),
        (lambda: PeriodWindow("Été", date(2026, 1, 3), date(2026, 1, 2), closes=date(2026, 1, 1)), "last"),
        (
            lambda: PeriodWindow(
                "Été", date(2026, 1, 2), date(2026, 1, 3), opens=date(2026, 1, 2), closes=date(2026, 1, 1)
            ),
            "closes",
        ),
        (lambda: MostRestrictive((Always(),)), "rules"),
    ],
)
def test_impossible_rules_are_refused_where_they_are_wrong(build: type, path: str) -> None:
    with pytest.raises(InvalidDeadline) as refused:
        build()
    assert refused.value.path == path
    assert refused.value.reason.endswith(".")
