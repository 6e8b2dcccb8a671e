"""Invitations and first contacts, as the verbs make them."""

import re
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

from portal.domain.accounts.models import User
from portal.domain.families.models import Adult, Family
from portal.domain.joining.contacts import ChildWish, Household, confirm_first_contact, submit_first_contact
from portal.domain.joining.models import FirstContact
from portal.domain.mails.models import OutgoingMail
from tests.domain.accounts.factories import UserFactory
from tests.domain.families.factories import FamilyFactory, MemberFactory

NOON = datetime(2026, 9, 7, 10, tzinfo=UTC)
MARC = "marc@famille.example"


def dossier(**changes: Any) -> tuple[Family, Adult, User]:
    """A dossier of Claire, who has an account, and Marc, who has none."""
    family = FamilyFactory.create(**{"number": "4127", "contact_email": "claire@famille.example"} | changes)
    owner = UserFactory.create(username="claire", email="claire@famille.example")
    MemberFactory.create(
        family=family, adult__user=owner, adult__first_name="Claire", adult__email="claire@famille.example"
    )
    marc = MemberFactory.create(
        family=family,
        adult__first_name="Marc",
        adult__last_name="Martin",
        adult__email=MARC,
        parent=True,
        can_pay=False,
    ).adult
    return family, marc, owner


def last_link(kind: str = "invitation") -> str:
    """The token of the last link of that kind that left."""
    for mail in OutgoingMail.objects.order_by("-pk"):
        if found := re.findall(rf"/compte/{kind}/([^/\s]+)/", mail.text):
            return found[0]
    raise AssertionError(f"no link of kind {kind} left")


HOUSEHOLD = Household(
    first_name="Salomé",
    last_name="Quentrec",
    email="salome@famille.example",
    phone="06 39 98 45 12",
    street="4 chemin des Essais",
    postcode="39220",
    town="Les Rousses",
)
ROBIN = ChildWish("Robin", "Quentrec", date(2022, 4, 3), "PS")


def submitted(*, key: UUID | None = None, at: datetime = NOON, **changes: Any) -> FirstContact:
    """A first contact that waits for its mailbox."""
    number = key or uuid4()
    submit_first_contact(
        key=number,
        household=changes.get("household", HOUSEHOLD),
        children=changes.get("children", [ROBIN]),
        school=None,
        at=at,
    )
    return FirstContact.objects.get(key=number)


def confirmed(**changes: Any) -> FirstContact:
    """A first contact that waits for an agent."""
    submitted(**changes)
    return confirm_first_contact(token=last_link("premiere-demande/confirmer"), at=NOON)
