"""Addresses of a part of the portal: the rentrée."""

from tests.consistency.address import FORM, POST, READ, Address
from tests.web.rentree.scene import sent
from tests.web.two_families import Town


def _number(town: Town) -> tuple[object, ...]:
    return (sent(town).number,)


ADDRESSES: dict[str, Address] = {
    "rentree:index": Address(FORM, sent=frozenset({200, 302, 422}), form=lambda _town: {"suite": "valider"}),
    "rentree:estimation": Address(POST, sent=frozenset({200})),
    "rentree:restart": Address(POST),
    "rentree:recap": Address(READ, _number, theirs=True),
    "rentree:document": Address(READ, _number, theirs=True, html=False),
}
