"""Addresses of a part of the portal: supporting documents."""

from tests.consistency.address import FORM, Address
from tests.web.papers.scene import file_of, former, insurance

ADDRESSES: dict[str, Address] = {
    "papers:index": Address(),
    "papers:family_paper": Address(FORM, lambda town: (former(town).code,), theirs=True),
    "papers:child_paper": Address(
        FORM,
        lambda town: (insurance(town).code, town.enrolled.pk),
        theirs=True,
        form=lambda town: {"suite": "retirer"},
    ),
    "papers:file": Address(
        arguments=lambda town: (file_of(town).paper.key, file_of(town).pk), theirs=True, html=False
    ),
    "papers:preview": Address(
        arguments=lambda town: (file_of(town).paper.key, file_of(town).pk, 1), theirs=True, html=False
    ),
}
