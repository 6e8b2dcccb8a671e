"""Writing who is around a child, and reading it."""

from dataclasses import replace
from datetime import date, datetime

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError

from portal.domain.accounts.models import User
from portal.domain.audit.models import AuditEntry
from portal.domain.contacts.enums import Relation
from portal.domain.contacts.models import Contact, ContactLink, Kinship
from portal.domain.contacts.queries import collectors_of, load_around, who_may_collect
from portal.domain.contacts.services import (
    ContactRefused,
    Person,
    Terms,
    check_identity,
    end_authorisation,
    lift_restriction,
    restrict_adult,
    save_contact,
    set_kinship,
)
from portal.domain.families.access import NotAllowed
from portal.domain.families.requirements import Asked, Standing, requirements_of
from portal.domain.kernel.clock import PARIS
from tests.domain.accounts.factories import UserFactory
from tests.domain.contacts.factories import ContactFactory, ContactLinkFactory, KinshipFactory
from tests.domain.families.factories import AdultFactory, ChildFactory, ChildLinkFactory, FamilyFactory, MemberFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 9, 9, 10, tzinfo=PARIS)
TODAY = date(2026, 9, 9)
JEANNE = Person("Jeanne", "Morand", "06 39 98 12 34")
ALWAYS = Terms("grand-mère", may_collect=True, call_order=1)


@pytest.fixture
def parent():
    return UserFactory()


@pytest.fixture
def family(parent):
    return MemberFactory(adult__user=parent).family


@pytest.fixture
def children(family):
    return [ChildLinkFactory(family=family, child__first_name=name).child for name in ("Hugo", "Léna")]


@pytest.fixture
def agent():
    user = UserFactory(agent=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["check_identity", "restrict_adult"]))
    return User.objects.get(pk=user.pk)


def save(family, parent, children, *, contact=None, person=JEANNE, terms=ALWAYS, among=()):
    return save_contact(
        family=family,
        contact=contact,
        person=person,
        children=children,
        among=among,
        terms=terms,
        by=parent,
        at=NOW,
    )


@pytest.mark.exigence("D12")
def test_a_contact_is_added_for_several_children_at_once(family, parent, children):
    save(family, parent, children)
    assert [who_may_collect(child=child, day=TODAY)[0].name for child in children] == ["Jeanne Morand"] * 2


def test_sent_twice_adds_nobody_and_journals_nothing_more(family, parent, children):
    save(family, parent, children)
    written = AuditEntry.objects.count()
    save(family, parent, children)
    assert Contact.objects.count() == 1
    assert ContactLink.objects.count() == 2
    assert AuditEntry.objects.count() == written


def test_a_child_left_out_of_the_form_loses_the_contact_and_another_keeps_it(family, parent, children):
    contact = save(family, parent, children)
    save(family, parent, children[:1], contact=contact, among=children)
    assert who_may_collect(child=children[0], day=TODAY)
    assert not who_may_collect(child=children[1], day=TODAY)


def test_another_name_drops_the_identity_check(family, parent, children, agent):
    contact = save(family, parent, children)
    for link in contact.links.all():
        check_identity(link=link, by=agent, at=NOW)
    save(family, parent, children, contact=contact, terms=replace(ALWAYS, call_order=2))
    assert contact.links.exclude(identity_checked_on=None).count() == 2
    save(family, parent, children, contact=contact, person=replace(JEANNE, last_name="Morel"))
    assert not contact.links.exclude(identity_checked_on=None).exists()


@pytest.mark.parametrize(
    ("person", "terms", "field"),
    [
        (JEANNE, replace(ALWAYS, valid_from=date(2026, 10, 2), valid_until=date(2026, 10, 1)), "valid_until"),
        (replace(JEANNE, birth_date=date(2012, 1, 1)), ALWAYS, "birth_date"),
        (replace(JEANNE, birth_date=date(2027, 1, 1)), ALWAYS, "birth_date"),
    ],
)
def test_refuses_what_makes_no_sense(family, parent, children, person, terms, field):
    with pytest.raises(ContactRefused) as refused:
        save(family, parent, children, person=person, terms=terms)
    assert refused.value.field == field
    assert not Contact.objects.exists()


def test_a_minor_may_be_called_without_collecting(family, parent, children):
    young = replace(JEANNE, birth_date=date(2012, 1, 1))
    save(family, parent, children, person=young, terms=replace(ALWAYS, may_collect=False))
    assert not who_may_collect(child=children[0], day=TODAY)


def test_a_contact_may_not_take_the_name_of_another(family, parent, children):
    save(family, parent, children)
    other = save(family, parent, children, person=replace(JEANNE, first_name="Odile"))
    with pytest.raises(ContactRefused):
        save(family, parent, children, contact=other)


def test_another_familys_child_and_a_relative_without_right_are_refused(family, parent, children):
    with pytest.raises(NotAllowed):
        save(family, parent, [ChildFactory()])
    relative = MemberFactory(family=family, adult__user=UserFactory(username="tante"), relative=True).adult.user
    with pytest.raises(NotAllowed):
        save(family, relative, children)


def test_taking_away_holds_from_the_same_day(family, parent, children):
    link = save(family, parent, children[:1]).links.get()
    end_authorisation(family=family, link=link, by=parent, at=NOW)
    end_authorisation(family=family, link=link, by=parent, at=NOW)
    assert not who_may_collect(child=children[0], day=TODAY)
    assert AuditEntry.objects.filter(verb="end_authorisation").count() == 1


def test_the_database_has_the_last_word_on_dates_and_names(children):
    with pytest.raises(IntegrityError, match="contact_link_dates_in_order"):
        ContactLinkFactory(child=children[0], valid_from=date(2026, 10, 2), valid_until=date(2026, 10, 1))


def test_one_name_is_once_in_a_dossier_whatever_its_case(family):
    ContactFactory(family=family)
    with pytest.raises(IntegrityError, match="contact_once"):
        ContactFactory(family=family, first_name="JEANNE")


@pytest.mark.exigence("D12")
def test_the_link_of_each_adult_with_each_child_is_asked_until_it_is_said(family, parent, children):
    def asked():
        found = requirements_of(Asked(family=family, children=children, activities={}, at=NOW), effects={})
        return [each.standing for each in found if each.code.startswith("kinship")]

    assert asked() == [Standing.MISSING, Standing.MISSING]
    set_kinship(
        family=family,
        adult=family.members.get().adult,
        children=children,
        relation=Relation.MOTHER,
        is_guardian=True,
        by=parent,
        at=NOW,
    )
    assert asked() == [Standing.DONE, Standing.DONE]
    with pytest.raises(NotAllowed):
        set_kinship(
            family=family,
            adult=AdultFactory(),
            children=children,
            relation=Relation.MOTHER,
            is_guardian=True,
            by=parent,
            at=NOW,
        )


def test_a_judgement_needs_the_right_and_a_reference_and_never_enters_the_journal(family, children, parent, agent):
    adult = MemberFactory(family=family, adult__first_name="Marc", parent=True).adult
    KinshipFactory(adult=adult, child=children[0], relation="father")
    assert [each.name for each in who_may_collect(child=children[0], day=TODAY)] == ["Marc Vuillet"]
    with pytest.raises(PermissionDenied):
        restrict_adult(adult=adult, child=children[0], judgement="TJ 26/00123", by=parent, at=NOW)
    with pytest.raises(ContactRefused):
        restrict_adult(adult=adult, child=children[0], judgement=" ", by=agent, at=NOW)
    kinship = restrict_adult(adult=adult, child=children[0], judgement="TJ 26/00123", by=agent, at=NOW)
    assert who_may_collect(child=children[0], day=TODAY) == []
    assert "26/00123" not in str(list(AuditEntry.objects.values_list("before", "after")))
    set_kinship(
        family=family,
        adult=adult,
        children=children,
        relation=Relation.FATHER,
        is_guardian=True,
        by=parent,
        at=NOW,
    )
    assert who_may_collect(child=children[0], day=TODAY) == []
    lift_restriction(kinship=kinship, by=agent, at=NOW)
    assert who_may_collect(child=children[0], day=TODAY)


def test_a_restriction_without_reference_is_refused_by_the_database(children):
    with pytest.raises(IntegrityError, match="kinship_restriction_has_a_judgement"):
        Kinship.objects.create(adult=AdultFactory(), child=children[0], may_not_collect=True)


def test_the_other_households_contacts_are_for_agents_not_for_this_family(family, children):
    other = FamilyFactory()
    ChildLinkFactory(family=other, child=children[0])
    ContactLinkFactory(contact__family=other, contact__first_name="Odile", child=children[0])
    assert [each.name for each in who_may_collect(child=children[0], day=TODAY)] == ["Odile Morand"]
    [around] = load_around(family=family, children=children[:1], day=TODAY)
    assert not around.links


def test_the_list_of_tonight_costs_the_same_for_many_children(children, django_assert_num_queries):
    many = [*children, *(ChildFactory() for _ in range(10))]
    for child in many:
        ContactLinkFactory(child=child)
    with django_assert_num_queries(3):
        collectors_of(children=many, day=TODAY)
