"""The agents' door as a whole, and the one place where anybody signs in. Families' addresses: `test_every_url`."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver


def every_address(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every address of the site, with its view."""
    for entry in (resolver or get_resolver()).url_patterns:
        address = prefix + re.sub(r"^\^|\$$", "", str(entry.pattern))
        if isinstance(entry, URLPattern):
            yield address, entry.callback
        else:
            yield from every_address(entry, address)


@pytest.mark.django_db
def test_a_stranger_opens_nothing_of_the_agents_door(client: Client) -> None:
    """Addresses with arguments are behind the same wall; those without are all tried."""
    plain = [address for address, _ in every_address() if re.fullmatch(r"gestion/[\w/-]*", address)]
    assert len(plain) > 50

    opened = {address: client.get(f"/{address}").status_code for address in plain}

    # The script of translated words holds nothing of anybody's.
    opened.pop("gestion/jsi18n/", None)
    assert {address: status for address, status in opened.items() if status not in {301, 302, 403, 404}} == {}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address", ["/gestion/", "/gestion/pages/", "/gestion/login/", "/gestion/password_reset/", "/_util/login/"]
)
def test_agents_sign_in_where_families_do(client: Client, address: str) -> None:
    """One form, one throttle."""
    response = client.get(address)

    assert response.status_code == 302
    assert response.headers["Location"].startswith("/compte/connexion/")
