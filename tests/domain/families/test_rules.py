"""Comparing names and numbers as people write them."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.families.rules import (
    DOSSIER_NUMBER,
    clean_dossier_number,
    compatible_first_names,
    fold,
    is_any_name,
    same_name,
)

LETTERS = st.characters(categories=["Lu", "Ll"], max_codepoint=0x24F)
WORDS = st.lists(st.text(LETTERS, min_size=1, max_size=12), min_size=1, max_size=4)
SEPARATORS = st.sampled_from([" ", "-", "’", "'", "  ", "\u00a0", "\u202f", " - "])


@pytest.mark.parametrize(
    ("given_name", "known"),
    [
        ("VUILLET", "Vuillet"),
        ("vuillet martin", "Vuillet-Martin"),
        ("D'ARTAGNAN", "d’Artagnan"),
        ("Lefevre", "Lefèvre"),
        ("Le Goff", "LEGOFF"),
        ("Boeuf", "Bœuf"),
        ("Nunez", "Núñez"),
        ("Strauss", "Strauß"),
        ("YILDIZ", "Yıldız"),
        ("Ibrahim", "İbrahim"),
        ("  Vuillet  ", "Vuillet"),
    ],
)
@pytest.mark.exigence("A10")
def test_the_same_name_written_otherwise(given_name: str, known: str) -> None:
    assert same_name(given_name, known)


@pytest.mark.parametrize(
    ("given_name", "known"),
    [("Vuillet", "Vuillot"), ("Vuillet", "Vuillet Martin"), ("", ""), ("-", ""), ("", "Vuillet"), ("V", "Vuillet")],
)
def test_another_name_is_another_name(given_name: str, known: str) -> None:
    assert not same_name(given_name, known)


@given(words=WORDS, first=SEPARATORS, second=SEPARATORS, form=st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]))
def test_case_accents_and_separators_never_matter(words: list[str], first: str, second: str, form: str) -> None:
    written = first.join(words)
    known = unicodedata.normalize(form, second.join(words).upper())  # type: ignore[arg-type]  # one of the four forms
    assert same_name(written, known)
    without_accents = "".join(
        letter for letter in unicodedata.normalize("NFD", written) if not unicodedata.combining(letter)
    )
    assert same_name(without_accents, known)


@given(text=st.text(max_size=60))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(text=st.text(max_size=60), more=st.text(LETTERS, min_size=1, max_size=5))
def test_a_name_with_more_letters_is_another(text: str, more: str) -> None:
    assert not same_name(text + more, text)


def test_a_name_is_looked_for_among_those_of_the_dossier() -> None:
    assert is_any_name("martin", ["Vuillet", "Martin"])
    assert not is_any_name("", ["", "Vuillet"])
    assert not is_any_name("martin", [])


@pytest.mark.parametrize(("one", "other"), [("Claire", "Marie-Claire"), ("JEAN MARC", "Jean"), ("Hélène", "helene")])
def test_first_names_that_may_be_one_persons(one: str, other: str) -> None:
    assert compatible_first_names(one, other)
    assert compatible_first_names(other, one)


@pytest.mark.parametrize(("one", "other"), [("Claire", "Marc"), ("", "Marc"), ("-", "Marc")])
def test_first_names_of_two_persons(one: str, other: str) -> None:
    assert not compatible_first_names(one, other)


@pytest.mark.parametrize("text", ["4127", " 4127 ", "n° 4127", "N°\u00a04127", "4 127", "4\u202f127", "4.127"])
@pytest.mark.exigence("A9")
def test_a_number_is_read_as_it_is_copied(text: str) -> None:
    assert clean_dossier_number(text) == "4127"


@pytest.mark.parametrize(
    ("text", "good"),
    [("412", True), ("412734", True), ("41", False), ("4127345", False), ("٤١٢٧", False), ("41a7", False)],
)
def test_a_number_has_three_to_six_digits(text: str, good: bool) -> None:
    assert bool(DOSSIER_NUMBER.fullmatch(clean_dossier_number(text))) is good
