"""Addresses of a part of the portal: the quotient, FranceConnect."""

from tests.consistency.address import FORM, GONE_ON, POST, Address
from tests.web.quotient.scene import proof_key

_OFF = "la commune n’a pas de FranceConnect : la page n’existe pas"
_NONE = frozenset({404})

ADDRESSES: dict[str, Address] = {
    "quotient:index": Address(),
    "quotient:declare": Address(methods=FORM, owner=_NONE, sent=_NONE),
    "quotient:estimate": Address(),
    "quotient:fetch": Address(methods=FORM, owner=_NONE, sent=_NONE),
    "quotient:franceconnect": Address(methods=POST, sent=_NONE),
    "quotient:fetched": Address(owner=GONE_ON),
    "quotient:proof": Address(arguments=lambda town: (proof_key(town.family, town.owner),), theirs=True, html=False),
    "franceconnect:index": Address(methods=FORM, owner=_NONE, sent=_NONE, without_family=_NONE),
    "franceconnect:start": Address(methods=POST, public=_OFF, sent=_NONE, without_family=_NONE),
    "franceconnect:callback": Address(public=_OFF, owner=_NONE, without_family=_NONE),
    "franceconnect:first": Address(public=_OFF, owner=_NONE, without_family=_NONE),
    "franceconnect:confirm": Address(methods=FORM, owner=_NONE, sent=_NONE, without_family=_NONE),
    "franceconnect:signed_out": Address(public=_OFF, owner=_NONE, without_family=_NONE),
}
