"""Who a visitor is, and what is kept of them."""

from typing import Any

import pytest
from django.core.cache import cache
from django.test import RequestFactory

from portal.web.accounts.throttle import Limit, Try, give_back, spend, visitor

LIMIT = Limit("test", amount=2, seconds=60)


def test_a_limit_is_worn_out_and_given_back() -> None:
    attempt = Try(LIMIT, "4127")
    assert [spend(attempt) for _turn in range(3)] == [True, True, False]
    give_back(attempt, attempt)
    assert spend(attempt)
    assert spend(Try(LIMIT, "4128"))


def test_giving_back_what_lapsed_is_no_error() -> None:
    give_back(Try(LIMIT, "jamais"))


def test_every_limit_is_counted_even_when_one_is_worn_out() -> None:
    one, other = Try(LIMIT, "a"), Try(Limit("other", amount=1, seconds=60), "b")
    spend(one), spend(one)
    assert not spend(one, other)
    assert not spend(other)


def test_the_cache_holds_no_number_in_the_open() -> None:
    assert "4127" not in Try(LIMIT, "4127").cache_key
    spend(Try(LIMIT, "claire@famille.example"))
    assert "claire" not in str(cache._cache.keys())  # type: ignore[attr-defined]  # the memory cache of the tests


def test_a_home_is_one_visitor(rf: RequestFactory) -> None:
    assert visitor(rf.get("/", REMOTE_ADDR="192.0.2.7")) == "192.0.2.7"
    same = {visitor(rf.get("/", REMOTE_ADDR=address)) for address in ("2001:db8:1:2::7", "2001:db8:1:2:aaaa::9")}
    assert same == {"2001:db8:1:2::"}


@pytest.mark.parametrize(("proxies", "expected"), [(0, "10.0.0.1"), (1, "203.0.113.9"), (2, "192.0.2.7")])
def test_the_address_is_read_behind_the_proxies_that_are_declared_only(
    rf: RequestFactory, settings: Any, proxies: int, expected: str
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    headers = {"x-forwarded-for": "198.51.100.1, 192.0.2.7, 203.0.113.9"}
    assert visitor(rf.get("/", REMOTE_ADDR="10.0.0.1", headers=headers)) == expected
