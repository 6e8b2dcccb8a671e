"""Mail addresses, user names, link tokens."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.accounts.rules import (
    clean_email,
    digest,
    is_username,
    make_token,
    token_expiry,
    username_from_email,
)


def test_an_address_is_compared_without_case_nor_spaces() -> None:
    assert clean_email("  Claire.VUILLET@Famille.Example ") == "claire.vuillet@famille.example"


@pytest.mark.parametrize("name", ["claire", "claire.vuillet", "jean-marc_2", "a1b"])
def test_a_user_name_is_plain(name: str) -> None:
    assert is_username(name)


@pytest.mark.parametrize(
    "name", ["ab", "a" * 31, "claire@famille.example", "Claire", "claire vuillet", ".claire", "é" * 4]
)
def test_a_user_name_never_looks_like_an_address_nor_hides(name: str) -> None:
    assert not is_username(name)


@pytest.mark.parametrize(
    ("email", "name"),
    [
        ("Claire.Vuillet@famille.example", "claire.vuillet"),
        ("claire+portail@famille.example", "claire"),
        ("hélène@famille.example", "helene"),
        ("c@famille.example", "comptec"),
        ("+@famille.example", "compte"),
    ],
)
def test_a_user_name_comes_from_the_address(email: str, name: str) -> None:
    assert username_from_email(email) == name


@given(local=st.text(min_size=1, max_size=64).filter(lambda text: "@" not in text))
def test_the_name_of_any_address_is_acceptable_and_leaves_room_for_a_number(local: str) -> None:
    name = username_from_email(f"{local}@famille.example")
    assert is_username(name)
    assert is_username(f"{name}99")


def test_a_token_says_when_it_ends_and_is_kept_as_a_digest() -> None:
    until = datetime(2026, 9, 8, 10, tzinfo=UTC)
    token = make_token(secret="s3cr3t", expires_at=until)
    assert token_expiry(token) == until
    assert "s3cr3t" not in digest(token)
    assert digest(token) != digest(make_token(secret="s3cr3t", expires_at=until + timedelta(seconds=1)))


@given(text=st.text(max_size=80))
def test_anything_may_be_asked_as_a_token(text: str) -> None:
    assert token_expiry(text) is None or text.partition(".")[2]


@pytest.mark.parametrize("text", ["", ".", "6a9c1234", "6a9c1234.", "zz.abc", "٠٠٠٠٠٠٠٠.abc"])
def test_what_is_no_token_has_no_end(text: str) -> None:
    assert token_expiry(text) is None
