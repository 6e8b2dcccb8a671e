"""Addresses of a part of the portal: absences."""

from tests.consistency.address import FORM, Address
from tests.web.absences.scene import declared, page_of
from tests.web.two_families import Town


def _key(town: Town) -> tuple[object, ...]:
    return (declared(town).key,)


ADDRESSES: dict[str, Address] = {
    "absences:index": Address(),
    "absences:declare": Address(FORM, sent=frozenset({200, 422})),
    "absences:detail": Address(FORM, _key, theirs=True, form=lambda _town: {"suite": "retirer"}),
    "absences:file": Address(arguments=lambda town: (declared(town).key, page_of(town).pk), theirs=True, html=False),
}
