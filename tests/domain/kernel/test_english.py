"""The British wording of numbers, dates and delays: the same functions as in French, the same values said."""

import inspect
import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.kernel import english, french
from portal.domain.kernel.clock import PARIS
from portal.domain.kernel.wording import Wording, wording

pytestmark = pytest.mark.exigence("C18")

DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))
AMOUNTS = st.decimals(min_value=-100_000, max_value=100_000, places=2)
SHARED = sorted(name for name in vars(Wording) if not name.startswith("_"))


@pytest.mark.parametrize("name", SHARED)
def test_both_languages_say_the_same_things_with_the_same_functions(name: str) -> None:
    parameters = [list(inspect.signature(getattr(module, name)).parameters)[:2] for module in (french, english)]
    assert parameters[0] == parameters[1]


def test_a_code_chooses_its_wording_and_any_other_is_french() -> None:
    assert wording("en") is wording("en-gb") is english
    assert wording("fr") is wording("de") is wording("") is french


@pytest.mark.parametrize(
    ("euros", "words"),
    [("4.3", "€4.30"), ("1120", "€1,120.00"), ("-4.305", "−€4.31"), ("0", "€0.00"), ("-0.001", "€0.00")],
)
def test_an_amount_has_its_sign_first_and_always_two_decimals(euros: str, words: str) -> None:
    assert english.amount(Decimal(euros)) == words


def test_a_net_change_says_its_direction() -> None:
    said = [english.signed_amount(Decimal(euros)) for euros in ("16.5", "-4.3", "0", "0.001")]
    assert said == ["+€16.50", "−€4.30", "€0.00", "€0.00"]


@pytest.mark.parametrize("number", [1.5, True])
def test_an_amount_that_went_through_binary_is_refused(number: object) -> None:
    with pytest.raises(TypeError):
        english.amount(number)  # type: ignore[arg-type]  # the point of the test


@given(AMOUNTS)
def test_both_languages_give_the_same_amount(euros: Decimal) -> None:
    digits = re.compile(r"\d")
    assert digits.findall(english.amount(euros)) == digits.findall(french.amount(euros))
    assert ("−" in english.signed_amount(euros)) == ("−" in french.signed_amount(euros))


def test_dates_are_british() -> None:
    day = date(2026, 9, 7)
    assert english.long_date(day) == "Monday 7\u00a0September 2026"
    assert english.weekday_day_month(day) == "Monday 7\u00a0September"
    assert english.short_date(day) == "Monday 7\u00a0Sept"
    assert english.month_year(day) == "September 2026"
    assert english.full_date(date(2026, 10, 1)) == "1\u00a0October 2026"
    assert (english.short_weekday(1), english.tiny_weekday(1)) == ("Mon", "Mo")


@given(DAYS)
def test_a_long_date_can_be_read_back(day: date) -> None:
    written = english.long_date(day).replace("\u00a0", " ")
    name, number, month, year = written.split(" ")
    assert english.WEEKDAYS.index(name) == day.weekday()
    assert date(int(year), english.MONTHS.index(month) + 1, int(number)) == day


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (date(2026, 9, 14), date(2026, 9, 14), "on 14\u00a0September"),
        (date(2026, 9, 14), date(2026, 9, 18), "from 14 to 18\u00a0September"),
        (date(2026, 9, 28), date(2026, 10, 2), "from 28\u00a0September to 2\u00a0October"),
        (date(2026, 12, 21), date(2027, 1, 3), "from 21\u00a0December 2026 to 3\u00a0January 2027"),
    ],
)
def test_a_range_leaves_out_what_goes_without_saying(first: date, last: date, words: str) -> None:
    assert english.date_range(first, last) == words
    assert english.date_range_year(first, last).count(str(last.year)) == 1


def test_a_range_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match="ends on or after"):
        english.date_range(date(2026, 9, 2), date(2026, 9, 1))


def test_hours_are_on_24_and_instants_on_the_clocks_of_paris() -> None:
    assert [english.hour(time(8)), english.hour(time(8, 5)), english.hour(time(23, 59))] == ["8:00", "8:05", "23:59"]
    closes = datetime(2026, 9, 10, 21, 59, tzinfo=UTC)
    assert english.instant(closes) == "Thursday 10\u00a0September 2026 at 23:59"
    assert english.short_instant(closes) == "Thursday 10\u00a0Sept, 23:59"
    assert english.instant(datetime(2026, 9, 10, 23, 59, tzinfo=PARIS)) == english.instant(closes)


@pytest.mark.parametrize(
    ("delay", "words"),
    [
        (timedelta(0), "0\u00a0min"),
        (timedelta(seconds=30), "less than a minute"),
        (timedelta(minutes=18, seconds=59), "18\u00a0min"),
        (timedelta(hours=1, minutes=25), "1\u00a0h\u00a025"),
        (timedelta(hours=25), "25\u00a0h"),
        (timedelta(days=6, hours=23), "6\u00a0days"),
    ],
)
def test_what_is_left_never_promises_too_much(delay: timedelta, words: str) -> None:
    assert english.remaining(delay) == words


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=400)))
def test_both_languages_leave_the_same_time(delay: timedelta) -> None:
    assert re.findall(r"\d+", english.remaining(delay)) == re.findall(r"\d+", french.remaining(delay))


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1, "1st"),
        (2, "2nd"),
        (3, "3rd"),
        (4, "4th"),
        (11, "11th"),
        (12, "12th"),
        (13, "13th"),
        (21, "21st"),
        (112, "112th"),
    ],
)
def test_ranks(number: int, words: str) -> None:
    assert english.ordinal(number) == words


def test_only_one_is_singular() -> None:
    assert [english.plural(number, "day") for number in (0, 1, 2)] == ["0\u00a0days", "1\u00a0day", "2\u00a0days"]
    assert english.plural(2, "child", "children") == "2\u00a0children"


def test_a_sentence_after_a_colon_keeps_its_days_and_its_acronyms() -> None:
    said = [english.lower_first(text) for text in ("This day is full.", "Monday is full.", "ALAE is full.")]
    assert said == ["this day is full.", "Monday is full.", "ALAE is full."]
    assert english.labelled("Hugo", "full") == "Hugo: full"


@pytest.mark.parametrize("number", [0, 8])
def test_a_day_that_does_not_exist_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match="1 to 7"):
        english.weekday_name(number)
