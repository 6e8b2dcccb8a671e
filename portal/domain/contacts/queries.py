"""Reading who is around children, in a constant number of queries."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from portal.domain.contacts.models import LEAST_AGE, CollectingRules, Contact, ContactLink, Kinship
from portal.domain.contacts.rules import Authorisation, Collector, Kin, collectors, is_valid_on
from portal.domain.families.models import Adult, Child, Family
from portal.domain.families.rules import same_name


def least_age() -> int:
    """The age from which a minor may collect a child, by the town's rules."""
    found = CollectingRules.objects.order_by("pk").first()
    return found.least_age if found else LEAST_AGE


def who_may_collect(*, child: Child, day: date) -> list[Collector]:
    """To whom the child may be given on `day`, from all of its households together."""
    return collectors_of(children=[child], day=day)[child.pk]


def collectors_of(*, children: Iterable[Child], day: date) -> dict[int, list[Collector]]:
    """The same for many children, by key, in three queries: for the list of those who leave tonight."""
    keys = [child.pk for child in children]
    kin: dict[int, list[Kin]] = defaultdict(list)
    for kinship in Kinship.objects.filter(child__in=keys).select_related("adult").order_by("pk"):
        kin[kinship.child_id].append(
            Kin(
                kinship.adult_id,
                str(kinship.adult),
                kinship.get_relation_display(),
                kinship.is_guardian,
                kinship.may_not_collect,
                kinship.adult.phone,
            )
        )
    outside: dict[int, list[Authorisation]] = defaultdict(list)
    for link in ContactLink.objects.filter(child__in=keys, ended_on=None).select_related("contact").order_by("pk"):
        outside[link.child_id].append(authorisation_of(link))
    age = least_age()
    return {key: collectors(kin[key], outside[key], day, least_age=age, same_person=same_name) for key in keys}


def authorisation_of(link: ContactLink) -> Authorisation:
    """A link as the rules read it. Its contact must be loaded."""
    return Authorisation(
        key=link.pk,
        name=str(link.contact),
        relation=link.relation,
        may_collect=link.may_collect,
        valid_from=link.valid_from,
        valid_until=link.valid_until,
        ended_on=link.ended_on,
        birth_date=link.contact.birth_date,
        phone=link.contact.phone,
        identity_checked_on=link.identity_checked_on,
        call_order=link.call_order,
    )


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A contact beside one child, as screens show it."""

    link: ContactLink
    may_collect_today: bool
    is_over: bool
    is_coming: bool

    @property
    def is_single_day(self) -> bool:
        return self.link.valid_from is not None and self.link.valid_from == self.link.valid_until


@dataclass(frozen=True, slots=True)
class Around:
    """Who is around one child: the adults of this dossier with what they are to it, the contacts of this dossier."""

    child: Child
    kinships: Sequence[tuple[Adult, Kinship | None]]
    links: Sequence[LinkRow]

    @property
    def is_complete(self) -> bool:
        """Each adult has said what they are to the child (guide 000: the link is compulsory)."""
        return all(kinship is not None and kinship.relation for _adult, kinship in self.kinships)


def load_around(
    *, family: Family, children: Sequence[Child], day: date, adults: Sequence[Adult] | None = None
) -> list[Around]:
    """Each child with the adults and contacts of this family only, in three queries, two when `adults` are given."""
    keys = [child.pk for child in children]
    if adults is None:
        adults = list(Adult.objects.filter(memberships__family=family).order_by("memberships__pk"))
    known = {
        (kinship.adult_id, kinship.child_id): kinship
        for kinship in Kinship.objects.filter(child__in=keys, adult__in=adults)
    }
    links: dict[int, list[LinkRow]] = defaultdict(list)
    loaded = ContactLink.objects.filter(child__in=keys, contact__family=family, ended_on=None)
    for link in loaded.select_related("contact").order_by(
        "call_order", "contact__last_name", "contact__first_name", "pk"
    ):
        links[link.child_id].append(
            LinkRow(
                link,
                is_valid_on(authorisation_of(link), day),
                is_over=link.valid_until is not None and link.valid_until < day,
                is_coming=link.valid_from is not None and link.valid_from > day,
            )
        )
    return [
        Around(child, [(adult, known.get((adult.pk, child.pk))) for adult in adults], links[child.pk])
        for child in children
    ]


def load_contacts(*, family: Family) -> list[Contact]:
    """The contacts of a dossier, by name."""
    return list(Contact.objects.filter(family=family).order_by("last_name", "first_name", "pk"))
