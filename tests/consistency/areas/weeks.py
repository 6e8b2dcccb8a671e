"""Addresses of a part of the portal: regular weeks."""

from tests.consistency.address import FORM, Address
from tests.web.planning.weekly_scene import regular

ADDRESSES: dict[str, Address] = {
    "planning:weeks": Address(),
    "planning:week": Address(
        FORM,
        lambda town: (regular(town).pk,),
        theirs=True,
        form=lambda _town: {"du": "2026-09-21"},
    ),
}
