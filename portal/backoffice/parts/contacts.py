"""Contacts: the town's rule on who collects, who may check identities, the contacts of the sample town."""

# `key()` declares a field, as `dataclasses.field()` does: nothing is shared between instances.

from dataclasses import dataclass
from datetime import date

from portal.backoffice.profiles import kinds
from portal.backoffice.profiles.loading import Loading
from portal.backoffice.profiles.schema import Place, Table, key, valid
from portal.backoffice.profiles.sections import Section, register_section
from portal.backoffice.profiles.source import Profile
from portal.backoffice.roles import Role, grant
from portal.backoffice.sample.fillers import Filler, Filling, register_filler
from portal.backoffice.sample.names import FATHERS
from portal.domain.contacts.enums import Relation
from portal.domain.contacts.models import LEAST_AGE, CollectingRules, Contact, ContactLink, Kinship
from portal.domain.families.enums import AdultRole
from portal.domain.families.models import ChildLink, FamilyMember
from portal.domain.kernel.clock import paris_date

BATCH = 2_000
_NEIGHBOURS = ("Paul Girod", "Nadia Ferrand", "Hervé Colin", "Inès Baud", "Marc Tissot", "Lucie Jobez")
_GRANDPARENTS = ("Jeanne Morand", "André Pasteur", "Odile Roux", "Yvette Grand", "Michel Cart", "Simone Benoit")


@dataclass(frozen=True, kw_only=True)
class CollectingTable(Table):
    least_age: int = key(
        kinds.integer(6, 18),
        "L’âge à partir duquel une personne mineure, un grand frère par exemple, peut venir chercher un enfant.",
        example="16",
        default=LEAST_AGE,
    )


def _check(_profile: Profile, _table: CollectingTable, _place: Place) -> None:
    """The kind says it all."""


def _load(_loading: Loading, table: CollectingTable) -> None:
    if valid(table.least_age):
        rules = CollectingRules.objects.order_by("pk").first() or CollectingRules()
        rules.least_age = table.least_age
        rules.save()


def _fill(town: Filling) -> None:
    """Each adult is related to each child; most children have a grandparent, some a neighbour until a date."""
    children: dict[int, list[int]] = {}
    for family, child in ChildLink.objects.order_by("family", "order").values_list("family", "child"):
        children.setdefault(family, []).append(child)
    kinships = []
    for member in FamilyMember.objects.select_related("adult").order_by("family", "pk").iterator():
        if member.role != AdultRole.RELATIVE:
            relation = Relation.FATHER if member.adult.first_name in FATHERS else Relation.MOTHER
            kinships += [
                Kinship(adult=member.adult, child_id=child, relation=relation, is_guardian=True)
                for child in children.get(member.family_id, ())
            ]
    Kinship.objects.bulk_create(kinships, batch_size=BATCH, ignore_conflicts=True)
    contacts = [contact for number, family in enumerate(sorted(children)) for contact in _people(town, family, number)]
    Contact.objects.bulk_create(contacts, batch_size=BATCH)
    links = [
        link for contact in contacts for child in children[contact.family_id] for link in [_link(town, contact, child)]
    ]
    ContactLink.objects.bulk_create(links, batch_size=BATCH)


def _people(town: Filling, family: int, number: int) -> list[Contact]:
    """The first families have the grandmother and the neighbour of the drawings."""
    found = []
    if number < 2 or town.draw.random() < 0.85:
        found.append(_contact(town, family, _GRANDPARENTS[number % len(_GRANDPARENTS)], 1000 + number))
    if number < 2 or town.draw.random() < 0.35:
        found.append(_contact(town, family, _NEIGHBOURS[number % len(_NEIGHBOURS)], 5000 + number))
    return found


def _contact(town: Filling, family: int, name: str, number: int) -> Contact:
    first, last = name.split(" ")
    digits = f"{number % 10_000:04d}"
    phone = f"06 39 98 {digits[:2]} {digits[2:]}"
    return Contact(family_id=family, first_name=first, last_name=last, phone=phone, created_at=town.at)


def _link(town: Filling, contact: Contact, child: int) -> ContactLink:
    name = f"{contact.first_name} {contact.last_name}"
    if name in _GRANDPARENTS:
        relation = "grand-père" if contact.first_name in {"André", "Michel"} else "grand-mère"
        return ContactLink(contact=contact, child_id=child, relation=relation, may_collect=True, call_order=1)
    relation = "voisin" if contact.first_name in {"Paul", "Hervé", "Marc"} else "voisine"
    today = paris_date(town.at)
    end = date(today.year + (today.month >= 12), 12, 18)
    return ContactLink(contact=contact, child_id=child, relation=relation, may_collect=True, valid_until=end)


def connect() -> None:
    """Register the section and the filler of this part."""
    register_section(
        Section(
            name="collecting",
            kind=kinds.table(CollectingTable),
            help="Qui peut venir chercher un enfant : la règle de la commune.",
            example="[collecting]",
            order=120,
            check=_check,
            load=_load,
        )
    )
    register_filler(Filler("contacts", 20, _fill))
    grant(Role.MANAGEMENT, "contacts.view_contact", "contacts.check_identity", "contacts.restrict_adult")
    grant(Role.ACTIVITIES, "contacts.view_contact", "contacts.check_identity")
