"""Addresses of a part of the portal: contacts, authorisations, my data."""

from typing import Any

from portal.domain.consents.models import ConsentText
from portal.domain.contacts.models import Contact, ContactLink
from portal.domain.privacy.models import DataExport
from tests.consistency.address import FORM, OK, Address
from tests.domain.accounts.factories import PASSWORD
from tests.domain.consents.factories import ConsentTextFactory
from tests.domain.contacts.factories import ContactFactory, ContactLinkFactory
from tests.web.planning.scene import NOW
from tests.web.two_families import Town

WRONG = frozenset({422})


def contact_of(town: Town) -> Contact:
    """A contact of the first family, beside its first child."""
    found = Contact.objects.filter(family=town.family).first()
    if found is None:
        found = ContactFactory(family=town.family, last_name=town.family.name)
        ContactLinkFactory(contact=found, child=town.enrolled)
    return found


def link_of(town: Town) -> ContactLink:
    """The link of that contact."""
    return contact_of(town).links.get()


def export_of(town: Town) -> Any:
    """A copy that the owner asked for, not ready yet."""
    found, _created = DataExport.objects.get_or_create(
        user=town.owner,
        family_key=town.family.pk,
        state="asked",
        defaults={"asked_at": NOW, "expires_at": NOW.replace(month=10)},
    )
    return found.key


def consent_form(_town: Town) -> dict[str, Any]:
    """A yes to one text."""
    text = ConsentText.objects.order_by("pk").first() or ConsentTextFactory()
    return {f"texte_{text.pk}": "oui"}


def contact_form(town: Town) -> dict[str, Any]:
    """A person for one child."""
    return {
        "first_name": "Paul",
        "last_name": "Girod",
        "phone": "06 39 98 12 34",
        "relation": "voisin",
        "children": [str(town.enrolled.pk)],
        "when": "always",
    }


def kinship_form(town: Town) -> dict[str, Any]:
    """Every adult of the dossier is a relative."""
    return {f"adulte{member.adult_id}-relation": "other" for member in town.family.members.all()}


ADDRESSES: dict[str, Address] = {
    "contacts:index": Address(),
    "contacts:add": Address(FORM, form=contact_form),
    "contacts:edit": Address(FORM, lambda town: (contact_of(town).pk,), theirs=True, form=contact_form),
    "contacts:end": Address(FORM, lambda town: (link_of(town).pk,), theirs=True),
    "contacts:kinship": Address(FORM, lambda town: (town.enrolled.pk,), theirs=True, form=kinship_form),
    "consents:index": Address(),
    "consents:child": Address(FORM, lambda town: (town.enrolled.pk,), theirs=True, form=consent_form),
    "privacy:index": Address(),
    "privacy:history": Address(),
    "privacy:export": Address(FORM, form=lambda _town: {"password": PASSWORD}),
    "privacy:download": Address(
        FORM, lambda town: (export_of(town),), theirs=True, form=lambda _town: {"password": "faux"}, sent=WRONG
    ),
    "privacy:erasure": Address(FORM, form=lambda _town: {"password": PASSWORD, "understood": "on"}),
    "privacy:close": Address(FORM, form=lambda _town: {"password": "faux", "understood": "on"}, sent=WRONG, owner=OK),
}
