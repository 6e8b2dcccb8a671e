"""Addresses of a part of the portal: an agent in a family's space."""

from tests.consistency.address import GONE_ON, POST, Address

ADDRESSES: dict[str, Address] = {
    "acting:stop": Address(methods=POST, sent=GONE_ON, without_family=GONE_ON),
}
