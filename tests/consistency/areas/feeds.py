"""Addresses of a part of the portal: the agenda."""

from typing import Any

from tests.consistency.address import FORM, POST, READ, Address
from tests.web.two_families import Town


def form(_town: Town) -> dict[str, Any]:
    return {"names": "initial", "holds": ["with_closures"]}


ADDRESSES: dict[str, Address] = {
    "feeds:index": Address(FORM, form=form),
    "feeds:contents": Address(POST, form=form),
    "feeds:renew": Address(POST),
    "feeds:revoke": Address(POST),
    # A known secret opens one family's agenda to whoever has it: `tests/web/feeds` proves it. Here, one never given.
    "feeds:ics": Address(
        READ, lambda _town: ("x" * 43,), public="le secret de l’adresse fait foi", owner=frozenset({404}), html=False
    ),
}
