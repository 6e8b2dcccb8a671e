"""Contacts of a family."""

from datetime import UTC, datetime

import factory

from portal.domain.contacts.models import Contact, ContactLink, Kinship
from tests.domain.families.factories import AdultFactory, ChildFactory, FamilyFactory


class ContactFactory(factory.django.DjangoModelFactory[Contact]):
    class Meta:
        model = Contact

    family = factory.SubFactory(FamilyFactory)
    first_name = "Jeanne"
    last_name = "Morand"
    phone = "06 39 98 12 34"
    created_at = datetime(2026, 9, 1, 8, tzinfo=UTC)


class ContactLinkFactory(factory.django.DjangoModelFactory[ContactLink]):
    """A contact who may collect, always."""

    class Meta:
        model = ContactLink

    contact = factory.SubFactory(ContactFactory)
    child = factory.SubFactory(ChildFactory)
    relation = "grand-mère"
    may_collect = True


class KinshipFactory(factory.django.DjangoModelFactory[Kinship]):
    """A mother who holds parental authority. `restricted=True`: a judgement keeps her away."""

    class Meta:
        model = Kinship

    class Params:
        restricted = factory.Trait(may_not_collect=True, judgement="TJ 26/00123")

    adult = factory.SubFactory(AdultFactory)
    child = factory.SubFactory(ChildFactory)
    relation = "mother"
    is_guardian = True
