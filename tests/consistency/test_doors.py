"""Closed by default: what a stranger may open is written here, one by one."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from config.middleware import PUBLIC_WAGTAIL_VIEWS, dotted_name

OURS = ("portal.", "cms_pages", "news", "documents", "tariffs_simulator", "config", "django.views")

#: Addresses of ours that ask for no account. A new one is a decision: add it here with its reason.
PUBLIC = frozenset[str]()


def every_view(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every address of the site, with its view."""
    for entry in (resolver or get_resolver()).url_patterns:
        address = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield address, entry.callback
        else:
            yield from every_view(entry, address)


def is_public(view: Any) -> bool:
    return not getattr(view, "login_required", True) or dotted_name(view) in PUBLIC_WAGTAIL_VIEWS


def our_views() -> list[tuple[str, Any]]:
    return [(address, view) for address, view in every_view() if dotted_name(view).startswith(OURS)]


def test_the_public_addresses_are_those_decided() -> None:
    assert {address for address, view in our_views() if is_public(view)} == PUBLIC


@pytest.mark.django_db
def test_a_stranger_is_sent_to_sign_in_everywhere_else(client: Client) -> None:
    closed = [address for address, view in our_views() if not is_public(view) and "<" not in address]
    assert closed

    for address in closed:
        response = client.get(f"/{address}")
        assert response.status_code == 302, address
        assert response.headers["Location"].startswith("/compte/connexion/?next="), address


@pytest.mark.django_db
def test_the_agents_door_is_closed_too(client: Client) -> None:
    response = client.get("/gestion/")

    assert response.status_code == 302
    assert "/compte/connexion/" in response.headers["Location"]
