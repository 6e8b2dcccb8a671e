"""French wording of numbers, dates and delays, with the right spaces.

Spaces: `NBSP` (U+00A0) before €, : and %, inside « », between a number and its unit, a day and its month;
`NNBSP` (U+202F) before ; ! ? and between thousands. The minus sign is `MINUS` (U+2212). Source: Lexique des
règles typographiques en usage à l’Imprimerie nationale, with the portal's own choices of microcopy.

These sentences are French by construction: another language brings its own module with the same functions
(`english`), not a catalogue. `wording` says what they share and gives the one of a language.
"""

import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal

from portal.domain.kernel.clock import to_paris, to_utc

NBSP = "\u00a0"
NNBSP = "\u202f"
MINUS = "\u2212"
APOSTROPHE = "\u2019"

WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)
SHORT_MONTHS = (
    "janv.",
    "févr.",
    "mars",
    "avr.",
    "mai",
    "juin",
    "juil.",
    "août",
    "sept.",
    "oct.",
    "nov.",
    "déc.",
)


# Numbers


def integer(number: int) -> str:
    """“1 380”: thousands apart, minus sign."""
    return f"{number:,}".replace(",", NNBSP).replace("-", MINUS)


def amount(euros: Decimal | int) -> str:
    """“4,30 €”, “1 120,00 €”, “−4,30 €”: always two decimals, ROUND_HALF_UP.

    Raises TypeError on a float: an amount that went through binary is no longer an amount.
    """
    cents = _cents(euros)
    whole, _, decimals = f"{abs(cents):,.2f}".partition(".")
    sign = MINUS if cents < 0 else ""
    return f"{sign}{whole.replace(',', NNBSP)},{decimals}{NBSP}€"


def signed_amount(euros: Decimal | int) -> str:
    """A net change: “+16,50 €”, “−4,30 €”, and “0,00 €” without a sign."""
    return ("+" if _cents(euros) > 0 else "") + amount(euros)


def _cents(euros: Decimal | int) -> Decimal:
    if isinstance(euros, bool) or not isinstance(euros, Decimal | int):
        raise TypeError(f"an amount is a Decimal, not {type(euros).__name__}")
    return Decimal(euros).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def ordinal(number: int, *, feminine: bool = False) -> str:
    """“1er”, “1re”, “2e”."""
    if number == 1:
        return "1re" if feminine else "1er"
    return f"{integer(number)}e"


def plural(number: int, singular: str, plural_form: str = "") -> str:
    """“0 ajout”, “1 ajout”, “3 ajouts”: the plural begins at two; by default it adds an s to one word."""
    word = (plural_form or f"{singular}s") if abs(number) >= 2 else singular
    return f"{integer(number)}{NBSP}{word}"


# Words


def join_words(words: Iterable[str], *, last: str = "et") -> str:
    """“lundi, mardi et jeudi”; nothing for no word."""
    listed = list(words)
    if len(listed) < 2:
        return "".join(listed)
    return f"{', '.join(listed[:-1])} {last} {listed[-1]}"


def lower_first(text: str) -> str:
    """A name in the middle of a sentence; an acronym (ALAE, CLSH) keeps its capitals."""
    return text if text[1:2].isupper() else f"{text[:1].lower()}{text[1:]}"


def labelled(label: str, text: str) -> str:
    """“Hugo\u00a0: ce jour est complet.”: what is said, after whom or what it is about."""
    return f"{label}{NBSP}: {text}"


def weekday_name(iso_weekday: int) -> str:
    """“lundi” for 1 … “dimanche” for 7. Raises ValueError outside 1 to 7."""
    if not 1 <= iso_weekday <= 7:
        raise ValueError(f"an ISO weekday is 1 to 7, not {iso_weekday}")
    return WEEKDAYS[iso_weekday - 1]


def weekday_names(iso_weekdays: Iterable[int]) -> str:
    """“lundi, mardi et jeudi”, in the order of the week, each once."""
    return join_words(weekday_name(number) for number in sorted(set(iso_weekdays)))


def short_weekday(iso_weekday: int) -> str:
    """“lun.”. Raises ValueError outside 1 to 7."""
    return f"{weekday_name(iso_weekday)[:3]}."


def tiny_weekday(iso_weekday: int) -> str:
    """“lu”, for the head of a narrow column. Raises ValueError outside 1 to 7."""
    return weekday_name(iso_weekday)[:2]


def month_name(month: int) -> str:
    """“janvier” for 1 … “décembre” for 12. Raises ValueError outside 1 to 12."""
    if not 1 <= month <= 12:
        raise ValueError(f"a month is 1 to 12, not {month}")
    return MONTHS[month - 1]


def short_month(month: int) -> str:
    """“sept.” for 9. Raises ValueError outside 1 to 12."""
    month_name(month)
    return SHORT_MONTHS[month - 1]


def month_year(day: date) -> str:
    """“septembre 2026”."""
    return f"{month_name(day.month)} {day.year}"


# Dates


def day_number(day: int) -> str:
    """“1er”, “2” … “31”."""
    return "1er" if day == 1 else str(day)


def day_month(day: date) -> str:
    """“7 septembre”, “1er octobre”."""
    return f"{day_number(day.day)}{NBSP}{month_name(day.month)}"


def full_date(day: date) -> str:
    """“7 septembre 2026”, without its weekday."""
    return f"{day_month(day)} {day.year}"


def long_date(day: date) -> str:
    """“lundi 7 septembre 2026”."""
    return f"{weekday_name(day.isoweekday())} {full_date(day)}"


def weekday_day_month(day: date) -> str:
    """“lundi 7 septembre”: the year goes without saying."""
    return f"{weekday_name(day.isoweekday())} {day_month(day)}"


def short_date(day: date) -> str:
    """“lundi 7 sept.”, for lists of the current year."""
    return f"{weekday_name(day.isoweekday())} {short_day_month(day)}"


def short_day_month(day: date) -> str:
    """“7 sept.”."""
    return f"{day_number(day.day)}{NBSP}{short_month(day.month)}"


def date_range(first: date, last: date) -> str:
    """“du 14 au 18 septembre 2026”, without what goes without saying.

    One month: “du 14 au 18 septembre”. Two months: “du 28 septembre au 2 octobre”. Two years: both years are
    written, “du 21 décembre 2026 au 3 janvier 2027”. One day: “le 14 septembre”.
    Raises ValueError when `last` comes before `first`.
    """
    if last < first:
        raise ValueError("a range ends on or after its first day")
    if first == last:
        return f"le {day_month(first)}"
    if first.year != last.year:
        return f"du {full_date(first)} au {full_date(last)}"
    if first.month != last.month:
        return f"du {day_month(first)} au {day_month(last)}"
    return f"du {day_number(first.day)} au {day_month(last)}"


def date_range_year(first: date, last: date) -> str:
    """The same with the year always: “du 14 au 18 septembre 2026”."""
    text = date_range(first, last)
    return text if first.year != last.year else f"{text} {last.year}"


# Hours and instants


def hour(at: time) -> str:
    """“8 h”, “8 h 05”, “23 h 59”."""
    minutes = f"{NBSP}{at.minute:02d}" if at.minute else ""
    return f"{at.hour}{NBSP}h{minutes}"


def instant(moment: datetime) -> str:
    """“jeudi 10 septembre 2026 à 23 h 59”, on the clocks of Paris. Raises ValueError on a naive instant."""
    local = to_paris(moment)
    return f"{long_date(local.date())} à {hour(local.time())}"


def short_instant(moment: datetime) -> str:
    """“jeudi 10 sept., 23 h 59”, on the clocks of Paris. Raises ValueError on a naive instant."""
    local = to_paris(moment)
    return f"{short_date(local.date())}, {hour(local.time())}"


def near_instant(moment: datetime) -> str:
    """“jeudi 10 septembre à 23 h 59”, on the clocks of Paris, for an instant of the coming months.

    Raises ValueError on a naive instant.
    """
    local = to_paris(moment)
    return f"{weekday_day_month(local.date())} à {hour(local.time())}"


def ahead(moment: datetime, *, now: datetime) -> str:
    """How far a last minute is, as one says it: “dans 2 jours”, “demain”, “dans 5 h”, “dans 12 min”, “passée”.

    Days are those of the calendar in Paris; within the day, `remaining`. The last minute itself still counts.
    `static/js/deadline.js` says the same. Raises ValueError on a naive instant.
    """
    left = to_utc(moment) - to_utc(now)
    if left <= -timedelta(minutes=1):
        return "passée"
    days = (to_paris(moment).date() - to_paris(now).date()).days
    if days == 1:
        return "demain"
    return f"dans {remaining(max(left, timedelta(seconds=1))) if days < 1 else plural(days, 'jour')}"


def remaining(delay: timedelta) -> str:
    """What is left, rounded down so that it never promises too much: “18 min”, “1 h 25”, “25 h”, “6 jours”.

    Minutes under an hour, hours and minutes under two, hours under two days, then days. Nothing left, or
    less: “0 min”; less than a minute: “moins d’une minute”.
    """
    seconds = int(delay.total_seconds())
    if delay <= timedelta(0):
        return f"0{NBSP}min"
    if seconds < 60:
        return f"moins d{APOSTROPHE}une minute"
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if hours < 1:
        return f"{minutes}{NBSP}min"
    if hours < 2:
        return hour(time(1, minutes - 60))
    if days < 2:
        return f"{hours}{NBSP}h"
    return plural(days, "jour")


# Typography of free text

_SPACE = "[ \u00a0\u202f]"
_MONTH_NAMES = "|".join(re.escape(name) for name in sorted({*MONTHS, *SHORT_MONTHS}, key=len, reverse=True))
_UNITS = "€|%|min|ans?|jours?|mois|Ko|Mo|km"

_APOSTROPHES = re.compile(r"(?<=\w)'(?=\w)")
_DOTS = re.compile(r"\.{3}")
_ENTITY_END = re.compile(r"&(?:#\d+|#x[0-9a-fA-F]+|[a-zA-Z]+)$")
_MARKS = re.compile(rf"{_SPACE}*([;!?:]+)(?=\s|$|[»)\]])")
_OPENING = re.compile(rf"«{_SPACE}*")
_CLOSING = re.compile(rf"{_SPACE}*»")
_HOUR = re.compile(rf"(?<![\w,.])(\d{{1,2}}){_SPACE}?h(?:{_SPACE}?([0-5]\d))?(?!\w)")
_UNIT = re.compile(rf"(?<=\d){_SPACE}?(?=(?:€|%))|(?<=\d){_SPACE}(?=(?:{_UNITS})(?!\w))")
_DAY_MONTH = re.compile(rf"(?<!\w)(\d{{1,2}}|1er){_SPACE}(?=(?:{_MONTH_NAMES})(?!\w))")
_THOUSANDS = re.compile(rf"(?<![\w,.])\d{{1,3}}(?:{_SPACE}\d{{3}})+(?=,\d|{_SPACE}?€)")
_NEGATIVE = re.compile(rf"(?<![\w\-])-(?=\d[\d{NNBSP}]*(?:,\d+)?{NBSP}€)")
_NUMBER_SIGN = re.compile(rf"\b([Nn])°{_SPACE}?(?=\w)")


def typography(text: str) -> str:
    """`text` (plain, not HTML) with French apostrophes, marks and spaces; applying it twice changes nothing.

    Addresses (`https://…?x=1`), hours written 12:30 and what is not followed by a space are left alone.
    """
    text = _APOSTROPHES.sub(APOSTROPHE, text)
    text = _DOTS.sub("…", text)
    text = _OPENING.sub(f"«{NBSP}", text)
    text = _CLOSING.sub(f"{NBSP}»", text)
    text = _MARKS.sub(_spaced_marks, text)
    text = _HOUR.sub(_spaced_hour, text)
    text = _THOUSANDS.sub(lambda found: re.sub(_SPACE, NNBSP, found.group()), text)
    text = _UNIT.sub(NBSP, text)
    text = _DAY_MONTH.sub(rf"\1{NBSP}", text)
    text = _NEGATIVE.sub(MINUS, text)
    return _NUMBER_SIGN.sub(rf"\1°{NBSP}", text)


def _spaced_marks(found: re.Match[str]) -> str:
    before, marks = found.string[: found.start()], found.group(1)
    if not before or before[-1].isspace() or before[-1] in "([":
        return found.group()
    if marks.startswith(";") and _ENTITY_END.search(before):
        return found.group()
    return f"{NBSP if marks[0] == ':' else NNBSP}{marks}"


def _spaced_hour(found: re.Match[str]) -> str:
    minutes = f"{NBSP}{found.group(2)}" if found.group(2) else ""
    return f"{found.group(1)}{NBSP}h{minutes}"
