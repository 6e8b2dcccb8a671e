"""Parents who fill the form: the dossier 4127, and the verbs of its registration with their usual answers."""

import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.hashers import make_password

from portal.domain.families.models import Family
from portal.domain.families.registration import Applicant, DossierClaim, Welcome, activate_parent, register_parent
from portal.domain.mails.models import OutgoingMail
from tests.domain.accounts.factories import PASSWORD
from tests.domain.families.factories import ChildLinkFactory, FamilyFactory, MemberFactory

NOON = datetime(2026, 9, 7, 10, tzinfo=UTC)
CONTACT = "claire@famille.example"
ELSEWHERE = "claire.pro@travail.example"
CLAIM = DossierClaim(number="4127", name="Vuillet", contact_email=CONTACT)


def vuillet() -> Family:
    """The dossier 4127 of Claire Vuillet and Marc Martin; the contact address is Claire's."""
    family = FamilyFactory.create(number="4127", name="Vuillet", contact_email=CONTACT)
    MemberFactory.create(family=family, adult__first_name="Claire", adult__last_name="Vuillet", adult__email=CONTACT)
    MemberFactory.create(
        family=family,
        adult__first_name="Marc",
        adult__last_name="Martin",
        adult__email="marc@famille.example",
        parent=True,
    )
    ChildLinkFactory.create(family=family)
    return family


def register(
    *,
    email: str = CONTACT,
    first_name: str = "Claire",
    last_name: str = "Vuillet",
    claim: DossierClaim = CLAIM,
    key: UUID | None = None,
    at: datetime = NOON,
    **changes: Any,
) -> None:
    register_parent(
        key=key or uuid4(),
        applicant=Applicant(
            first_name=first_name,
            last_name=last_name,
            email=email,
            password_hash=make_password(PASSWORD),
            username=changes.get("username", ""),
            phone=changes.get("phone", "06 39 98 12 34"),
        ),
        claim=claim,
        terms=changes.get("terms"),
        accepted_at=at,
        at=at,
    )


def last_token() -> str:
    """The token of the last link that left."""
    text = OutgoingMail.objects.latest("pk").text
    return re.findall(r"/compte/(?:activation|rattachement)/([^/\s]+)/", text)[0]


def activate(at: datetime = NOON) -> Welcome:
    return activate_parent(token=last_token(), password=PASSWORD, at=at)


def mailed() -> list[tuple[str, str]]:
    """To whom, and about what, in order."""
    return [(mail.recipient, mail.subject.partition(" – ")[0]) for mail in OutgoingMail.objects.order_by("pk")]
