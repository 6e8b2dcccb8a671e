"""Numbers and links, whatever comes."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.joining.rules import (
    AccountChoice,
    InvitationState,
    account_choice,
    invitation_state,
    next_number,
    shares_mail,
)

NOON = datetime(2026, 9, 7, 10, tzinfo=UTC)


@given(st.sets(st.integers(min_value=0, max_value=999_999), max_size=50))
def test_the_next_number_is_free_and_has_four_to_six_figures(taken: set[int]) -> None:
    number = next_number(taken)
    assert int(number) not in taken
    assert 4 <= len(number) <= 6


def test_once_the_last_number_is_given_the_least_free_one_comes() -> None:
    assert next_number({999_999, 1000}) == "1001"


def test_no_number_left_is_an_error() -> None:
    with pytest.raises(ValueError, match="taken"):
        next_number(set(range(1000, 1_000_000)))


@given(st.booleans(), st.booleans(), st.booleans(), st.booleans())
def test_only_the_account_of_the_address_joins(has: bool, is_open: bool, signed_in: bool, theirs: bool) -> None:
    choice = account_choice(has_account=has, is_open=is_open, signed_in=signed_in, is_theirs=theirs)
    assert (choice == AccountChoice.JOIN) == (has and is_open and signed_in and theirs)
    assert (choice == AccountChoice.NEW) == (not has and not signed_in)


@given(st.text(max_size=40))
def test_a_link_that_is_not_ours_opens_nothing(token: str) -> None:
    state = invitation_state(known=False, accepted=False, cancelled=False, expires_at=None, token=token, at=NOON)
    assert state in {InvitationState.UNKNOWN, InvitationState.EXPIRED}


def test_an_empty_address_is_nobodys() -> None:
    assert not shares_mail(["", ""], [""])
    assert shares_mail(["A@b.example"], [" a@B.example"])
