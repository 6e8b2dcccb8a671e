"""In these tests ~ stands for the non-breaking space and ^ for the narrow one: they cannot be told apart."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.kernel import french


def seen(text: str) -> str:
    assert "~" not in text
    assert "^" not in text
    return text.replace("\u00a0", "~").replace("\u202f", "^")


@pytest.mark.exigence("P44")
@pytest.mark.parametrize(
    ("euros", "shown", "signed"),
    [
        ("4.3", "4,30~€", "+4,30~€"),
        ("1120", "1^120,00~€", "+1^120,00~€"),
        ("1234567.891", "1^234^567,89~€", "+1^234^567,89~€"),
        ("-4.30", "−4,30~€", "−4,30~€"),
        ("16.5", "16,50~€", "+16,50~€"),
        ("0", "0,00~€", "0,00~€"),
        ("-0.001", "0,00~€", "0,00~€"),
        ("0.005", "0,01~€", "+0,01~€"),
    ],
)
def test_writes_amounts(euros: str, shown: str, signed: str) -> None:
    assert seen(french.amount(Decimal(euros))) == shown
    assert seen(french.signed_amount(Decimal(euros))) == signed


@pytest.mark.parametrize("euros", [4.3, "4.30", True])
def test_refuses_amounts_that_are_not_decimal(euros: object) -> None:
    with pytest.raises(TypeError):
        french.amount(euros)  # type: ignore[arg-type]  # the point of the test


def test_writes_numbers() -> None:
    assert seen(french.integer(1380)) == "1^380"
    assert french.integer(-12) == "−12"
    assert [french.ordinal(number) for number in (1, 2, 3)] == ["1er", "2e", "3e"]
    assert french.ordinal(1, feminine=True) == "1re"


def test_the_plural_begins_at_two() -> None:
    assert [seen(french.plural(number, "ajout")) for number in (0, 1, 2)] == ["0~ajout", "1~ajout", "2~ajouts"]
    assert seen(french.plural(3, "jour servi", "jours servis")) == "3~jours servis"


def test_writes_dates() -> None:
    monday = date(2026, 9, 7)
    assert seen(french.long_date(monday)) == "lundi 7~septembre 2026"
    assert seen(french.short_date(monday)) == "lundi 7~sept."
    assert seen(french.day_month(monday)) == "7~septembre"
    assert seen(french.full_date(monday)) == "7~septembre 2026"
    assert seen(french.weekday_day_month(monday)) == "lundi 7~septembre"
    assert french.month_year(monday) == "septembre 2026"
    assert seen(french.long_date(date(2026, 10, 1))) == "jeudi 1er~octobre 2026"
    assert seen(french.short_date(date(2026, 5, 1))) == "vendredi 1er~mai"


@pytest.mark.parametrize(
    ("first", "last", "shown", "with_year"),
    [
        (date(2026, 9, 14), date(2026, 9, 18), "du 14 au 18~septembre", "du 14 au 18~septembre 2026"),
        (
            date(2026, 9, 28),
            date(2026, 10, 2),
            "du 28~septembre au 2~octobre",
            "du 28~septembre au 2~octobre 2026",
        ),
        (
            date(2026, 12, 21),
            date(2027, 1, 3),
            "du 21~décembre 2026 au 3~janvier 2027",
            "du 21~décembre 2026 au 3~janvier 2027",
        ),
        (date(2026, 10, 1), date(2026, 10, 2), "du 1er au 2~octobre", "du 1er au 2~octobre 2026"),
        (date(2026, 10, 1), date(2026, 10, 1), "le 1er~octobre", "le 1er~octobre 2026"),
    ],
)
def test_writes_ranges_without_what_goes_without_saying(first: date, last: date, shown: str, with_year: str) -> None:
    assert seen(french.date_range(first, last)) == shown
    assert seen(french.date_range_year(first, last)) == with_year


def test_refuses_a_reversed_range() -> None:
    with pytest.raises(ValueError, match="on or after"):
        french.date_range(date(2026, 9, 2), date(2026, 9, 1))


@pytest.mark.parametrize(
    ("at", "shown"),
    [(time(23, 59), "23~h~59"), (time(8), "8~h"), (time(8, 5), "8~h~05"), (time(0), "0~h")],
)
def test_writes_hours(at: time, shown: str) -> None:
    assert seen(french.hour(at)) == shown


def test_writes_instants_on_the_clocks_of_paris() -> None:
    moment = datetime(2026, 9, 10, 21, 59, tzinfo=UTC)
    assert seen(french.instant(moment)) == "jeudi 10~septembre 2026 à 23~h~59"
    assert seen(french.short_instant(moment)) == "jeudi 10~sept., 23~h~59"
    assert seen(french.short_instant(datetime(2026, 9, 10, 22, tzinfo=UTC))) == "vendredi 11~sept., 0~h"
    with pytest.raises(ValueError, match="aware"):
        french.instant(datetime(2026, 9, 10))  # noqa: DTZ001  # refused


@pytest.mark.parametrize(
    ("delay", "shown"),
    [
        (timedelta(minutes=18, seconds=59), "18~min"),
        (timedelta(minutes=59, seconds=59), "59~min"),
        (timedelta(hours=1), "1~h"),
        (timedelta(hours=1, minutes=25), "1~h~25"),
        (timedelta(hours=25, minutes=40), "25~h"),
        (timedelta(hours=47, minutes=59), "47~h"),
        (timedelta(hours=48), "2~jours"),
        (timedelta(days=6, hours=23), "6~jours"),
        (timedelta(seconds=59), "moins d’une minute"),
        (timedelta(microseconds=1), "moins d’une minute"),
        (timedelta(0), "0~min"),
        (timedelta(seconds=-1), "0~min"),
    ],
)
def test_never_promises_more_time_than_is_left(delay: timedelta, shown: str) -> None:
    assert seen(french.remaining(delay)) == shown


def test_joins_words() -> None:
    assert french.join_words([]) == ""
    assert french.join_words(["lundi"]) == "lundi"
    assert french.join_words(["lundi", "mardi", "jeudi"]) == "lundi, mardi et jeudi"
    assert french.join_words(["A", "B"], last="ou") == "A ou B"
    assert french.weekday_names([5, 1, 2, 1]) == "lundi, mardi et vendredi"


def test_refuses_weekdays_and_months_out_of_range() -> None:
    for number in (0, 8):
        with pytest.raises(ValueError, match="weekday"):
            french.weekday_name(number)
    for number in (0, 13):
        with pytest.raises(ValueError, match="month"):
            french.month_name(number)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("l'enfant qu'on attend", "l’enfant qu’on attend"),
        ("Une question ?", "Une question^?"),
        ("Une question?", "Une question^?"),
        ("Vraiment ?!", "Vraiment^?!"),
        ("fermé : réunion d'équipe", "fermé~: réunion d’équipe"),
        ("fermé: réunion", "fermé~: réunion"),
        ("oui ; non", "oui^; non"),
        ("« oui »", "«~oui~»"),
        ("«oui» ou «non ?»", "«~oui~» ou «~non^?~»"),
        ("de 8 h 30 à 17h", "de 8~h~30 à 17~h"),
        ("23h59", "23~h~59"),
        ("4,30 € ou 4,30€", "4,30~€ ou 4,30~€"),
        ("1 120,00 € et 12 500 €", "1^120,00~€ et 12^500~€"),
        ("solde : -4,30 €", "solde~: −4,30~€"),
        ("le 7 septembre 2026, 1er octobre, 3 sept.", "le 7~septembre 2026, 1er~octobre, 3~sept."),
        ("dossier n° 4127", "dossier n°~4127"),
        ("dans 6 jours, 50 %", "dans 6~jours, 50~%"),
        ("À suivre...", "À suivre…"),
        # Left alone
        ("https://exemple.example/?a=1;b=2", "https://exemple.example/?a=1;b=2"),
        ("à 12:30", "à 12:30"),
        ("01 99 00 12 34", "01 99 00 12 34"),
        ("2026-09-07", "2026-09-07"),
        ("du 3-4 €", "du 3-4~€"),
        ("? seul", "? seul"),
        ("Fromage &amp; dessert", "Fromage &amp; dessert"),
        ("", ""),
    ],
)
def test_sets_free_text_in_french(typed: str, shown: str) -> None:
    assert seen(french.typography(typed)) == shown


TYPED = st.text(alphabet=" \u00a0\u202f'’«»;:!?.,-−€%°nh0123456789abmarsei1er&#()\n", max_size=60)


@given(TYPED)
def test_setting_twice_changes_nothing(typed: str) -> None:
    once = french.typography(typed)
    assert french.typography(once) == once


@given(TYPED)
def test_setting_never_loses_a_letter_or_a_digit(typed: str) -> None:
    def kept(text: str) -> list[str]:
        return [character for character in text if character.isalnum()]

    assert kept(french.typography(typed)) == kept(typed)


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_what_the_portal_writes_is_already_well_set(day: date) -> None:
    for text in (french.long_date(day), french.short_date(day), french.date_range(day, day + timedelta(days=9))):
        assert french.typography(text) == text
