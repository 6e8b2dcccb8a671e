"""The persons around the children are personal data of the family, and their own."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.db.models import QuerySet

from portal.domain.accounts.models import User
from portal.domain.contacts.models import Contact, ContactLink, Kinship
from portal.domain.families.privacy import own_children, visible_children, visible_family
from portal.domain.privacy.declaring import TO_CONFIRM, Held, delete_rows, erasure_of, reached
from portal.domain.privacy.registry import PersonalData, Retention, register

ENDED_DAYS = 365


def _collect(key: int, user: User) -> Iterator[Mapping[str, Any]]:
    """The adults and contacts of this dossier only: the other household's are not ours to tell. No judgement."""
    family = visible_family(key, user)
    if family is None:
        return
    children = visible_children(key, user)
    kinships = Kinship.objects.filter(child__in=children, adult__memberships__family=family)
    for kinship in kinships.select_related("adult", "child").order_by("child", "pk"):
        yield {
            "adulte": str(kinship.adult),
            "enfant": kinship.child.first_name,
            "lien": str(kinship.get_relation_display()),
            "autorité parentale": "oui" if kinship.is_guardian else "non",
        }
    links = ContactLink.objects.filter(child__in=children, contact__family=family).select_related("contact", "child")
    for link in links.order_by("contact", "child"):
        yield {
            "contact": str(link.contact),
            "téléphone": link.contact.phone,
            "autre téléphone": link.contact.other_phone,
            "enfant": link.child.first_name,
            "lien": link.relation,
            "peut venir chercher": "oui" if link.may_collect else "non",
            "à partir du": link.valid_from.isoformat() if link.valid_from else "",
            "jusqu’au": link.valid_until.isoformat() if link.valid_until else "",
            "retirée le": link.ended_on.isoformat() if link.ended_on else "",
            "précision": link.note,
        }


def _contacts(family: int) -> QuerySet[Contact]:
    return Contact.objects.filter(family=family)


def _kinships(family: int) -> QuerySet[Kinship]:
    """A judgement about a child that another household keeps stays: it protects the child."""
    return Kinship.objects.filter(child__in=own_children(family))


def _erase_ended(keys: list[int], _by: User, _at: datetime) -> int:
    erased = delete_rows(ContactLink, keys)
    # Nobody is known to the town for nothing.
    Contact.objects.filter(links=None).delete()
    return erased


def connect() -> None:
    """Register."""
    register(
        PersonalData("contacts", "Les personnes autour de vos enfants", _collect, order=30),
        erasure_of(
            "contacts",
            Held("contacts et personnes autorisées", _contacts),
            Held("liens de parenté", _kinships),
            order=30,
        ),
        Retention(
            "contacts",
            "Contacts et personnes autorisées, après leur retrait",
            f"à partir du retrait par la famille ; {TO_CONFIRM}",
            ENDED_DAYS,
            reached(
                ContactLink.objects.select_related("contact__family"),
                "ended_on",
                label=lambda _row: "autorisation retirée",
                family=attrgetter("contact.family.number"),
            ),
            _erase_ended,
        ),
    )
