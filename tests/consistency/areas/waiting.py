"""Addresses of a part of the portal: waiting lists and exchanged places."""

from tests.consistency.address import FORM, GONE_ON, POST, Address
from tests.web.two_families import CLOSED_DAY, Town
from tests.web.waiting.scene import given, offered, rules, waiting


def _entry(town: Town) -> tuple[object, ...]:
    return (waiting(town).key,)


def _offer(town: Town) -> tuple[object, ...]:
    return (offered(town, held=False).key,)


def _gift(town: Town) -> tuple[object, ...]:
    return (given(town).key,)


def _booked(town: Town) -> tuple[object, ...]:
    rules(town, exchange=True)
    return (town.code(CLOSED_DAY, unit=town.evening),)


ADDRESSES: dict[str, Address] = {
    "waiting:index": Address(),
    "waiting:join": Address(FORM, owner=GONE_ON),
    "waiting:entry": Address(FORM, _entry, theirs=True),
    "waiting:offer": Address(FORM, _offer, theirs=True, form=lambda _town: {"suite": "refuser"}),
    "waiting:give": Address(FORM, _booked, theirs=True, sent=frozenset({302, 422})),
    "waiting:gift": Address(POST, _gift, theirs=True),
}
