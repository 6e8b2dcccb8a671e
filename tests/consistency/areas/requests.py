"""Addresses of a part of the portal: démarches and notifications."""

from typing import Any

from portal.domain.notices.models import Notice
from portal.domain.procedures.models import Procedure
from tests.consistency.address import FORM, POST, Address
from tests.web.two_families import Town


def _procedure(town: Town) -> tuple[Any, ...]:
    """The request that waits for the service: it has a number."""
    return (Procedure.objects.exclude(number="").get(family=town.family).pk,)


def _notice(town: Town) -> tuple[Any, ...]:
    return (Notice.objects.filter(user=town.owner).order_by("pk").values_list("pk", flat=True)[0],)


ADDRESSES: dict[str, Address] = {
    "procedures:detail": Address(arguments=_procedure, theirs=True),
    "procedures:acknowledgement": Address(arguments=_procedure, theirs=True, html=False),
    "home:first_look": Address(POST, form=lambda _town: {"vu": ["coordinates"]}),
    "yearly:index": Address(FORM, sent=frozenset({200})),
    "yearly:branch": Address(POST, form=lambda _town: {"situation": "renewal"}),
    "yearly:certify": Address(FORM, form=lambda _town: {"certifie": "oui"}),
    "notifications:index": Address(),
    "notifications:open": Address(FORM, arguments=_notice, theirs=True),
    "notifications:read_all": Address(POST),
    "notifications:preferences": Address(FORM, form=lambda _town: {"by_mail": ["procedure"]}),
}
