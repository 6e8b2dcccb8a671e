"""Addresses of a part of the portal: requests to the service."""

from tests.consistency.address import FORM, Address
from tests.web.late_requests.scene import asked, rules
from tests.web.two_families import CLOSED_DAY, Town


def _cell(town: Town) -> tuple[object, ...]:
    rules(town)
    return (town.code(CLOSED_DAY, unit=town.evening),)


def _key(town: Town) -> tuple[object, ...]:
    return (asked(town).key,)


ADDRESSES: dict[str, Address] = {
    "late_requests:ask": Address(FORM, _cell, theirs=True, sent=frozenset({422})),
    "late_requests:detail": Address(FORM, _key, theirs=True, form=lambda _town: {"suite": "retirer"}),
}
