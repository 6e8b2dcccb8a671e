"""A sheet, year after year."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.health.rules import (
    SECTIONS,
    SheetContent,
    SheetState,
    changed_sections,
    is_answered,
    sheet_state,
    unanswered,
)

FULL = SheetContent(
    doctor_name="Dr Bouvet",
    doctor_phone="01 99 00 31 20",
    has_allergies=False,
    diet="all",
    has_needs=False,
    has_treatment=False,
)


@pytest.mark.exigence("D10")
@pytest.mark.parametrize(
    ("certified", "draft", "state"),
    [
        ([], False, SheetState.TO_FILL),
        ([], True, SheetState.STARTED),
        ([2025], False, SheetState.TO_CONFIRM),
        ([2024], False, SheetState.TO_FILL),
        ([2025, 2026], False, SheetState.COMPLETE),
        ([2026], True, SheetState.COMPLETE),
    ],
)
def test_a_sheet_is_confirmed_each_school_year(certified: list[int], draft: bool, state: SheetState) -> None:
    assert sheet_state(year=2026, certified=certified, has_draft=draft) is state


def test_silence_is_no_answer() -> None:
    assert unanswered(SheetContent(), SECTIONS) == SECTIONS
    assert unanswered(FULL, SECTIONS) == ()
    assert unanswered(SheetContent(), ["diet"]) == ("diet",)


def test_an_allergy_says_to_what_and_what_to_do() -> None:
    said = FULL.with_section("allergies", {"has_allergies": True, "allergy_food": "arachide"})
    assert not is_answered(said, "allergies")
    assert is_answered(said.with_section("allergies", {"allergy_conduct": "Appeler le 15"}), "allergies")


def test_a_no_empties_what_it_makes_pointless() -> None:
    said = FULL.with_section("allergies", {"has_allergies": True, "allergy_food": "x", "allergy_conduct": "y"})
    assert said.with_section("allergies", {"has_allergies": False}) == FULL


def test_says_what_changed_since_last_year() -> None:
    assert changed_sections(FULL, FULL.with_section("diet", {"diet": "no_pork"})) == ("diet",)


@given(st.builds(SheetContent, doctor_name=st.text(), needs=st.lists(st.text()).map(tuple), has_needs=st.booleans()))
def test_what_is_kept_is_what_was_said(content: SheetContent) -> None:
    assert SheetContent.from_data(content.as_data() | {"of another age": 1}) == content
