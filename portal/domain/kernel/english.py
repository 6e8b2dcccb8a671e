"""British wording of numbers, dates and delays: the same functions as `french`, for screens read in English.

“£1,120.00” is how a British reader expects money: the sign first, a point before the pence; so here “€1,120.00”.
Hours are on 24 (“23:59”), as on the timetables, and never “12 pm”. Numbers stay beside their unit by `NBSP`.
"""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from portal.domain.kernel import french
from portal.domain.kernel.clock import to_paris, to_utc
from portal.domain.kernel.french import MINUS, NBSP
from portal.domain.kernel.money import cents

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
SHORT_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "June", "July", "Aug", "Sept", "Oct", "Nov", "Dec")


# Numbers


def integer(number: int) -> str:
    """“1,380”, with a true minus sign."""
    return f"{number:,}".replace("-", MINUS)


def amount(euros: Decimal | int) -> str:
    """“€4.30”, “€1,120.00”, “−€4.30”: always two decimals, ROUND_HALF_UP. Raises TypeError on a float."""
    if isinstance(euros, bool):
        raise TypeError("an amount is a Decimal, not bool")
    value = cents(Decimal(euros) if isinstance(euros, int) else euros)
    return f"{MINUS if value < 0 else ''}€{abs(value):,.2f}"


def signed_amount(euros: Decimal | int) -> str:
    """A net change: “+€16.50”, “−€4.30”, and “€0.00” without a sign."""
    text = amount(euros)
    return text if text.startswith(MINUS) or text == amount(0) else f"+{text}"


def ordinal(number: int, *, feminine: bool = False) -> str:
    """“1st”, “2nd”, “3rd”, “11th”, “22nd”. The gender is the other language's affair."""
    ending = "th" if 10 < abs(number) % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(abs(number) % 10, "th")
    return f"{integer(number)}{ending}"


def plural(number: int, singular: str, plural_form: str = "") -> str:
    """“0 days”, “1 day”, “3 days”: only one is singular; by default the plural adds an s."""
    word = singular if abs(number) == 1 else plural_form or f"{singular}s"
    return f"{integer(number)}{NBSP}{word}"


# Words


def join_words(words: Iterable[str], *, last: str = "and") -> str:
    """“Monday, Tuesday and Thursday”; nothing for no word."""
    return french.join_words(words, last=last)


def labelled(label: str, text: str) -> str:
    """“Hugo: this day is full.”: what is said, after whom or what it is about."""
    return f"{label}: {text}"


def lower_first(text: str) -> str:
    """A sentence that goes on after a colon; days and months keep their capital, as acronyms do."""
    if text.startswith((*WEEKDAYS, *MONTHS)):
        return text
    return french.lower_first(text)


def weekday_name(iso_weekday: int) -> str:
    """“Monday” for 1 … “Sunday” for 7. Raises ValueError outside 1 to 7."""
    if not 1 <= iso_weekday <= 7:
        raise ValueError(f"an ISO weekday is 1 to 7, not {iso_weekday}")
    return WEEKDAYS[iso_weekday - 1]


def weekday_names(iso_weekdays: Iterable[int]) -> str:
    """“Monday, Tuesday and Thursday”, in the order of the week, each once."""
    return join_words(weekday_name(number) for number in sorted(set(iso_weekdays)))


def short_weekday(iso_weekday: int) -> str:
    """“Mon”. Raises ValueError outside 1 to 7."""
    return weekday_name(iso_weekday)[:3]


def tiny_weekday(iso_weekday: int) -> str:
    """“Mo”, for the head of a narrow column. Raises ValueError outside 1 to 7."""
    return weekday_name(iso_weekday)[:2]


def month_name(month: int) -> str:
    """“January” for 1 … “December” for 12. Raises ValueError outside 1 to 12."""
    if not 1 <= month <= 12:
        raise ValueError(f"a month is 1 to 12, not {month}")
    return MONTHS[month - 1]


def short_month(month: int) -> str:
    """“Sept” for 9. Raises ValueError outside 1 to 12."""
    month_name(month)
    return SHORT_MONTHS[month - 1]


def month_year(day: date) -> str:
    """“September 2026”."""
    return f"{month_name(day.month)} {day.year}"


# Dates


def day_number(day: int) -> str:
    """“1” … “31”."""
    return str(day)


def day_month(day: date) -> str:
    """“7 September”."""
    return f"{day.day}{NBSP}{month_name(day.month)}"


def full_date(day: date) -> str:
    """“7 September 2026”, without its weekday."""
    return f"{day_month(day)} {day.year}"


def long_date(day: date) -> str:
    """“Monday 7 September 2026”."""
    return f"{weekday_name(day.isoweekday())} {full_date(day)}"


def weekday_day_month(day: date) -> str:
    """“Monday 7 September”: the year goes without saying."""
    return f"{weekday_name(day.isoweekday())} {day_month(day)}"


def short_date(day: date) -> str:
    """“Monday 7 Sept”, for lists of the current year."""
    return f"{weekday_name(day.isoweekday())} {short_day_month(day)}"


def short_day_month(day: date) -> str:
    """“7 Sept”."""
    return f"{day.day}{NBSP}{short_month(day.month)}"


def date_range(first: date, last: date) -> str:
    """“from 14 to 18 September”, without what goes without saying, as `french.date_range`; one day: “on 14 September”.

    Raises ValueError when `last` comes before `first`.
    """
    if last < first:
        raise ValueError("a range ends on or after its first day")
    if first == last:
        return f"on {day_month(first)}"
    if first.year != last.year:
        return f"from {full_date(first)} to {full_date(last)}"
    if first.month != last.month:
        return f"from {day_month(first)} to {day_month(last)}"
    return f"from {first.day} to {day_month(last)}"


def date_range_year(first: date, last: date) -> str:
    """The same with the year always: “from 14 to 18 September 2026”."""
    text = date_range(first, last)
    return text if first.year != last.year else f"{text} {last.year}"


# Hours and instants


def hour(at: time) -> str:
    """“8:00”, “8:05”, “23:59”."""
    return f"{at.hour}:{at.minute:02d}"


def instant(moment: datetime) -> str:
    """“Thursday 10 September 2026 at 23:59”, on the clocks of Paris. Raises ValueError on a naive instant."""
    local = to_paris(moment)
    return f"{long_date(local.date())} at {hour(local.time())}"


def short_instant(moment: datetime) -> str:
    """“Thursday 10 Sept, 23:59”, on the clocks of Paris. Raises ValueError on a naive instant."""
    local = to_paris(moment)
    return f"{short_date(local.date())}, {hour(local.time())}"


def near_instant(moment: datetime) -> str:
    """“Thursday 10 September at 23:59”, on the clocks of Paris. Raises ValueError on a naive instant."""
    local = to_paris(moment)
    return f"{weekday_day_month(local.date())} at {hour(local.time())}"


def ahead(moment: datetime, *, now: datetime) -> str:
    """“in 2 days”, “tomorrow”, “in 5 h”, “in 12 min”, “over”: as `french.ahead`."""
    left = to_utc(moment) - to_utc(now)
    if left <= -timedelta(minutes=1):
        return "over"
    days = (to_paris(moment).date() - to_paris(now).date()).days
    if days == 1:
        return "tomorrow"
    return f"in {remaining(max(left, timedelta(seconds=1))) if days < 1 else plural(days, 'day')}"


def remaining(delay: timedelta) -> str:
    """What is left, rounded down so that it never promises too much: “18 min”, “1 h 25”, “25 h”, “6 days”.

    The same thresholds as `french.remaining`.
    """
    seconds = int(delay.total_seconds())
    days = seconds // 86_400
    if delay > timedelta(0) and seconds < 60:
        return "less than a minute"
    return plural(days, "day") if days >= 2 else french.remaining(delay)


# Typography of free text


def typography(text: str) -> str:
    """`text` as it is: what agents write is French, and is set by `french.typography`."""
    return text
