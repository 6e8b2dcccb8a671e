"""How often a thing may be tried: by visitor, by dossier, by mail address.

Counted in the cache, so shared by every web process. The visitor's address is the one allauth is told to
trust (`ALLAUTH_TRUSTED_PROXY_COUNT`): behind proxies that are not declared, everybody would be one visitor.
"""

import ipaddress
from dataclasses import dataclass

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

HOUR = 3600
DAY = 24 * HOUR


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `amount` tries in `seconds`, counted from the first."""

    name: str
    amount: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Try:
    """One thing that is tried, under one limit: a visitor's address, a dossier number, a mail address."""

    limit: Limit
    key: str

    @property
    def cache_key(self) -> str:
        """No number or address in the open in the cache."""
        hashed = salted_hmac("portal.throttle", f"{self.limit.name}:{self.key}", algorithm="sha256").hexdigest()
        return f"throttle:{self.limit.name}:{hashed}"


def spend(*tries: Try) -> bool:
    """Count each of them and say whether all are still allowed. Counting first, two tries at once are two."""
    # A list, so that every one is counted even when the first is already too many.
    counts = [(_count(each), each.limit.amount) for each in tries]
    return all(count <= amount for count, amount in counts)


def give_back(*tries: Try) -> None:
    """Uncount what turned out to be right: only failures wear a limit out."""
    for each in tries:
        try:
            cache.decr(each.cache_key)
        except ValueError:
            continue


def visitor(request: HttpRequest) -> str:
    """The address of the visitor; for IPv6 its /64, which is one home."""
    address = get_adapter(request).get_client_ip(request)
    parsed = ipaddress.ip_address(address)
    if parsed.version == 6:
        return str(ipaddress.ip_network(f"{address}/64", strict=False).network_address)
    return address


def _count(each: Try) -> int:
    cache.add(each.cache_key, 0, timeout=each.limit.seconds)
    try:
        return cache.incr(each.cache_key)
    except ValueError:
        # It lapsed between the two calls.
        cache.set(each.cache_key, 1, timeout=each.limit.seconds)
        return 1
