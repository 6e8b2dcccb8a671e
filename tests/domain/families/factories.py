"""Families of Les Rousses: dossiers, their adults and children."""

from datetime import UTC, date, datetime

import factory

from portal.domain.families.enums import AdultRole, SchoolLevel
from portal.domain.families.models import Adult, Child, ChildLink, Family, FamilyMember, School, Schooling


class FamilyFactory(factory.django.DjangoModelFactory[Family]):
    """A dossier without anybody in it; see `MemberFactory` and `ChildLinkFactory`."""

    class Meta:
        model = Family

    number = factory.Sequence(lambda number: str(4127 + number))
    name = "Vuillet"
    contact_email = factory.LazyAttribute(lambda family: f"dossier{family.number}@famille.example")
    street = "3 chemin des Essais"
    postcode = "39220"
    town = "Les Rousses"
    created_at = datetime(2025, 6, 2, 8, tzinfo=UTC)


class AdultFactory(factory.django.DjangoModelFactory[Adult]):
    class Meta:
        model = Adult

    first_name = "Claire"
    last_name = "Vuillet"


class MemberFactory(factory.django.DjangoModelFactory[FamilyMember]):
    """An adult in a dossier. `relative=True`: somebody close who may only look."""

    class Meta:
        model = FamilyMember

    class Params:
        parent = factory.Trait(role=AdultRole.PARENT)
        relative = factory.Trait(role=AdultRole.RELATIVE, can_edit=False, can_book=False, can_pay=False)

    family = factory.SubFactory(FamilyFactory)
    adult = factory.SubFactory(AdultFactory)
    role = AdultRole.HOLDER


class ChildFactory(factory.django.DjangoModelFactory[Child]):
    class Meta:
        model = Child

    first_name = "Hugo"
    last_name = "Vuillet"
    birth_date = date(2018, 3, 12)


class ChildLinkFactory(factory.django.DjangoModelFactory[ChildLink]):
    class Meta:
        model = ChildLink

    family = factory.SubFactory(FamilyFactory)
    child = factory.SubFactory(ChildFactory)


class SchoolFactory(factory.django.DjangoModelFactory[School]):
    class Meta:
        model = School
        django_get_or_create = ("code",)

    code = "centre"
    name = "École du Centre"


class SchoolingFactory(factory.django.DjangoModelFactory[Schooling]):
    class Meta:
        model = Schooling

    child = factory.SubFactory(ChildFactory)
    school_year = 2026
    school = factory.SubFactory(SchoolFactory)
    level = SchoolLevel.CE2
