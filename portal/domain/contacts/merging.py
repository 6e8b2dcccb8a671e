"""Who may collect a child: where the two records differ, the more careful answer stands; a judgement is never lost."""

from collections.abc import Callable
from datetime import datetime

from portal.domain.accounts.models import User
from portal.domain.contacts.models import Contact, ContactLink, Kinship
from portal.domain.merging.registry import Fate, Following, Line, Subject, register_following

_CAREFUL = "déjà là ; la réponse la plus prudente des deux est gardée"


# Contacts of a household


def _plan_contacts(kept: int, duplicate: int, _at: datetime) -> list[Line]:
    there = _by_name(kept)
    return [
        Line(f"contact : {contact}", Fate.THERE, _CAREFUL)
        if _name(contact) in there
        else Line(f"contact : {contact}", Fate.MOVES)
        for contact in Contact.objects.filter(family=duplicate).order_by("pk")
    ]


def _by_name(family: int) -> dict[tuple[str, str], Contact]:
    return {_name(contact): contact for contact in Contact.objects.filter(family=family).order_by("pk")}


def _name(contact: Contact) -> tuple[str, str]:
    """As the constraint of the table compares it."""
    return contact.first_name.lower(), contact.last_name.lower()


def _move_contacts(kept: int, duplicate: int, _by: User, _at: datetime) -> None:
    there = _by_name(kept)
    for contact in Contact.objects.filter(family=duplicate).order_by("pk"):
        mine = there.get(_name(contact))
        if mine is None:
            contact.family_id = kept
            contact.save(update_fields=["family"])
            continue
        if contact.phone != mine.phone and not mine.other_phone:
            mine.other_phone = contact.phone
            mine.save(update_fields=["other_phone"])
        known = {link.child_id: link for link in ContactLink.objects.filter(contact=mine)}
        for link in ContactLink.objects.filter(contact=contact).order_by("pk"):
            if link.child_id in known:
                _be_careful(known[link.child_id], link)
            else:
                link.contact = mine
                link.save(update_fields=["contact"])
        contact.delete()


# Contacts of a child


def _plan_links(kept: int, duplicate: int, _at: datetime) -> list[Line]:
    there = set(ContactLink.objects.filter(child=kept).values_list("contact", flat=True))
    return [
        Line(f"contact : {link.contact}, {link.relation}", Fate.THERE, _CAREFUL)
        if link.contact_id in there
        else Line(f"contact : {link.contact}, {link.relation}", Fate.MOVES)
        for link in ContactLink.objects.filter(child=duplicate).select_related("contact").order_by("pk")
    ]


def _move_links(kept: int, duplicate: int, _by: User, _at: datetime) -> None:
    there = {link.contact_id: link for link in ContactLink.objects.filter(child=kept)}
    for link in ContactLink.objects.filter(child=duplicate).order_by("pk"):
        if link.contact_id in there:
            _be_careful(there[link.contact_id], link)
        else:
            link.child_id = kept
            link.save(update_fields=["child"])


def _be_careful(mine: ContactLink, other: ContactLink) -> None:
    """Whoever may not collect by one of the two may not by the other; the narrowest days stand."""
    mine.may_collect = mine.may_collect and other.may_collect
    mine.ended_on = min(filter(None, (mine.ended_on, other.ended_on)), default=None)
    first = max(filter(None, (mine.valid_from, other.valid_from)), default=None)
    last = min(filter(None, (mine.valid_until, other.valid_until)), default=None)
    if first is not None and last is not None and last < first:
        mine.may_collect = False
    else:
        mine.valid_from, mine.valid_until = first, last
    mine.save(update_fields=["may_collect", "ended_on", "valid_from", "valid_until"])
    other.delete()


# Kinship: between an adult and a child, whichever of the two was recorded twice


def _plan_kinships(column: str, other: str) -> Callable[[int, int, datetime], list[Line]]:
    def plan(kept: int, duplicate: int, _at: datetime) -> list[Line]:
        rows = Kinship.objects.select_related("adult", "child")
        there = {getattr(row, f"{other}_id"): row for row in rows.filter(**{column: kept})}
        lines = []
        for row in rows.filter(**{column: duplicate}).order_by("pk"):
            words = f"lien de {row.adult} avec {row.child.first_name}"
            mine = there.get(getattr(row, f"{other}_id"))
            if mine is None:
                lines.append(Line(words, Fate.MOVES))
            elif row.may_not_collect and not mine.may_not_collect:
                lines.append(Line(f"restriction de {row.adult} par un jugement", Fate.MOVES, "elle l’emporte"))
            else:
                lines.append(Line(words, Fate.THERE))
        return lines

    return plan


def _move_kinships(column: str, other: str) -> Callable[[int, int, User, datetime], None]:
    def follow(kept: int, duplicate: int, _by: User, _at: datetime) -> None:
        there = {getattr(row, f"{other}_id"): row for row in Kinship.objects.filter(**{column: kept})}
        for row in Kinship.objects.filter(**{column: duplicate}).order_by("pk"):
            mine = there.get(getattr(row, f"{other}_id"))
            if mine is None:
                setattr(row, f"{column}_id", kept)
                row.save(update_fields=[column])
                continue
            if row.may_not_collect and not mine.may_not_collect:
                mine.may_not_collect, mine.judgement = True, row.judgement
            mine.relation = mine.relation or row.relation
            mine.is_guardian = mine.is_guardian or row.is_guardian
            mine.save(update_fields=["may_not_collect", "judgement", "relation", "is_guardian"])
            row.delete()

    return follow


def connect() -> None:
    """Register."""
    register_following(
        Following(
            "contacts.contacts", Subject.FAMILY, ("contacts.Contact.family",), _plan_contacts, _move_contacts, order=20
        )
    )
    register_following(
        Following("contacts.links", Subject.CHILD, ("contacts.ContactLink.child",), _plan_links, _move_links, order=20)
    )
    for column, other, subject in (("child", "adult", Subject.CHILD), ("adult", "child", Subject.ADULT)):
        register_following(
            Following(
                f"contacts.kinships_{column}",
                subject,
                (f"contacts.Kinship.{column}",),
                _plan_kinships(column, other),
                _move_kinships(column, other),
                order=21,
            )
        )
