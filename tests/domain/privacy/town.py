"""A family with planted facts everywhere, a second family, and the hidden household of a separated parent."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import Permission

from portal.domain.accounts.models import User
from portal.domain.audit.services import record
from portal.domain.consents.services import answer_consents
from portal.domain.families.models import Child, Family
from portal.domain.kernel.clock import PARIS
from portal.domain.mails.enums import MailKind, MailState
from portal.domain.mails.models import OutgoingMail
from portal.domain.mails.services import queue_mail
from portal.domain.procedures.enums import ProcedureKind, ProcedureState
from portal.domain.procedures.services import open_procedure
from tests.domain.accounts.factories import UserFactory
from tests.domain.consents.factories import ConsentTextFactory
from tests.domain.contacts.factories import ContactFactory, ContactLinkFactory, KinshipFactory
from tests.domain.families.factories import (
    AdultFactory,
    ChildFactory,
    ChildLinkFactory,
    FamilyFactory,
    MemberFactory,
    SchoolingFactory,
)

NOW = datetime(2026, 9, 9, 10, tzinfo=PARIS)

#: Words of the first family that its export must hold.
PLANTED = ("Quatremer", "904127", "7 sentier du Guet", "Sidonie", "Bernadette", "06 39 98 77 01", "dentellière")
#: Words that it must not hold: the hidden household of the shared child, and another family.
HIDDEN = (
    "12 impasse Cachée",
    "Mireille",
    "06 39 98 77 02",
    "Girardot",
    "Anatole",
    "TJ 26/00123",
    "marc@cache.example",
)


@dataclass
class Planted:
    family: Family
    other: Family
    stranger: Family
    user: User
    only: Child
    shared: Child


def plant() -> Planted:
    """Everything that the registries of these packages know of."""
    user = UserFactory(
        username="berengere", first_name="Bérangère", last_name="Quatremer", email="b@quatremer.example"
    )
    family = FamilyFactory(
        number="904127", name="Quatremer", street="7 sentier du Guet", contact_email="d@quatremer.example"
    )
    mother = AdultFactory(user=user, first_name="Bérangère", last_name="Quatremer", profession="dentellière")
    MemberFactory(family=family, adult=mother)
    only, shared = ChildFactory(first_name="Sidonie"), ChildFactory(first_name="Hugo")
    for order, child in enumerate((only, shared)):
        ChildLinkFactory(family=family, child=child, order=order)
        SchoolingFactory(child=child)
    other = FamilyFactory(number="333", name="Vuillet", street="12 impasse Cachée")
    father = AdultFactory(first_name="Marc", email="marc@cache.example", phone="06 39 98 77 02")
    MemberFactory(family=other, adult=father)
    ChildLinkFactory(family=other, child=shared)
    KinshipFactory(adult=father, child=shared, relation="father", restricted=True)
    KinshipFactory(adult=mother, child=only)
    bernadette = ContactFactory(family=family, first_name="Bernadette", phone="06 39 98 77 01")
    ContactLinkFactory(contact=bernadette, child=only)
    ContactLinkFactory(contact=ContactFactory(family=other, first_name="Mireille"), child=shared)
    stranger = FamilyFactory(number="555", name="Girardot")
    ChildLinkFactory(family=stranger, child__first_name="Anatole")
    text = ConsentTextFactory()
    answer_consents(family=family, children=[only, shared], answers={text.pk: True}, by=user, at=NOW)
    open_procedure(
        family=family, kind=ProcedureKind.CHANGE, title="Adresse", state=ProcedureState.RECEIVED, by=user, at=NOW
    )
    for recipient in ("b@quatremer.example", "marc@cache.example"):
        mail = queue_mail(
            kind=MailKind.NOTICE, recipient=recipient, subject=f"Pour {recipient}", text="mot", html="", at=NOW
        )
        OutgoingMail.objects.filter(pk=mail.pk).update(state=MailState.SENT, sent_at=NOW)
    record(verb="set_kinship", target=family, by=user, at=NOW, family_key=family.pk, after={"nom": "Quatremer"})
    return Planted(family, other, stranger, user, only, shared)


def agent(*codenames: str) -> User:
    """An agent with these permissions."""
    user = UserFactory(username="gestion", first_name="Ana", agent=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return User.objects.get(pk=user.pk)
