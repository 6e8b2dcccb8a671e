"""What families type, and what becomes of it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.changes import rules
from portal.domain.changes.postcodes import postcodes_of, towns_of
from portal.domain.changes.rules import ValueRefused

TODAY = date(2026, 9, 8)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("0639984510", "06 39 98 45 10"),
        ("06.39.98.45.10", "06 39 98 45 10"),
        ("+33 6 39 98 45 10", "06 39 98 45 10"),
        ("+33 (0)6 39 98 45 10", "06 39 98 45 10"),
        ("0033639984510", "06 39 98 45 10"),
        ("+41 22 345 67 89", "+41223456789"),
    ],
)
def test_a_phone_is_kept_by_pairs(typed: str, kept: str) -> None:
    assert rules.clean_phone(typed) == kept


@pytest.mark.parametrize("typed", ["12", "06 39 98 45", "0039", "bonjour", "00 00 00 00 00", "+0612345678"])
def test_what_is_not_a_phone_is_refused_with_an_example(typed: str) -> None:
    with pytest.raises(ValueRefused, match="06 39 98 45 10"):
        rules.clean_phone(typed)


@pytest.mark.parametrize("typed", ["39220", "39 220", "97400", "01000", "20000"])
def test_a_postcode_has_five_digits(typed: str) -> None:
    assert len(rules.clean_postcode(typed)) == 5


@pytest.mark.parametrize("typed", ["3922", "00100", "99000", "3922O", "392200"])
def test_what_is_not_a_postcode_is_refused(typed: str) -> None:
    with pytest.raises(ValueRefused):
        rules.clean_postcode(typed)


@pytest.mark.parametrize("typed", ["Zoé", "Jean-Marc", "d'Artagnan", "N’Golo", "Léa Marie", "Œuvrard", "J. P."])
def test_a_name_is_written_as_people_write_it(typed: str) -> None:
    assert rules.clean_name(typed)


@pytest.mark.parametrize("typed", ["4x", "<b>", "-", "Léa_", "Léa;"])
def test_what_is_not_a_name_is_refused(typed: str) -> None:
    with pytest.raises(ValueRefused):
        rules.clean_name(typed)


@pytest.mark.parametrize("typed", ["2026-09-09", "1990-01-01", "2026-02-30", "hier"])
def test_a_birth_date_is_plausible(typed: str) -> None:
    with pytest.raises(ValueRefused):
        rules.clean_birth_date(typed, today=TODAY)


@given(st.text(max_size=40))
def test_reading_never_breaks_and_reading_again_changes_nothing(typed: str) -> None:
    for clean in (rules.clean_phone, rules.clean_postcode, rules.clean_name, rules.clean_benefit_number):
        try:
            kept = clean(typed)
        except ValueRefused:
            continue
        assert clean(kept) == kept


@given(st.dictionaries(st.sampled_from("abcd"), st.text(max_size=3)), st.sets(st.sampled_from("abcd")))
def test_every_change_counts_once_now_or_later(changed: dict[str, str], waiting: set[str]) -> None:
    parts = rules.split(changed, waits=waiting.__contains__)
    assert {**parts.immediate, **parts.approved} == changed
    assert not set(parts.immediate) & set(parts.approved)
    assert set(parts.approved) <= waiting


def test_the_communes_of_a_postcode_come_from_our_own_table() -> None:
    assert "Les Rousses" in towns_of("39220")
    assert towns_of("00000") == ()
    assert set(postcodes_of(("39",))) > {"39220"}
    assert all(code.startswith("39") for code in postcodes_of(("39",)))
    assert postcodes_of(()) == {}
    assert "20000" in postcodes_of(("2A",))
