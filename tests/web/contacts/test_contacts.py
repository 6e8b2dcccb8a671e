"""The families' screens of contacts, through HTTP."""

from datetime import date, datetime

import pytest
import time_machine
from django.test import RequestFactory
from django.urls import reverse

from portal.domain.contacts.models import Contact, ContactLink, Kinship
from portal.domain.kernel.clock import PARIS
from portal.web.dossier.sections import child_rubrics, family_rubrics
from tests.domain.accounts.factories import UserFactory
from tests.domain.contacts.factories import ContactFactory, ContactLinkFactory
from tests.domain.families.factories import ChildLinkFactory, FamilyFactory, MemberFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]

FORM = {"first_name": "Paul", "last_name": "Girod", "phone": "0639981234", "relation": "voisin", "when": "always"}


@pytest.fixture
def frozen():
    with time_machine.travel(datetime(2026, 9, 9, 10, 0, tzinfo=PARIS), tick=False):
        yield


@pytest.fixture
def parent():
    return UserFactory()


@pytest.fixture
def family(parent):
    return MemberFactory(adult__user=parent).family


@pytest.fixture
def children(family):
    return [
        ChildLinkFactory(family=family, child__first_name=name, order=order).child
        for order, name in enumerate(("Hugo", "Léna"))
    ]


@pytest.fixture
def signed_in(client, parent, children):
    client.force_login(parent)
    return client


def add(client, among, **changes):
    data = FORM | {"children": [str(child.pk) for child in among]} | changes
    return client.post(reverse("contacts:add"), data)


@pytest.mark.exigence("D12")
def test_a_person_is_added_for_both_children_and_shown_with_its_days(signed_in, children):
    assert add(signed_in, children, when="period", valid_until="2026-12-18").status_code == 302
    page = signed_in.get(reverse("contacts:index")).content.decode()
    assert page.count("peut venir jusqu’au 18\u00a0décembre 2026") == 2
    assert "06 39 98 12 34" in page


def test_sent_twice_adds_one_person(signed_in, children):
    add(signed_in, children)
    add(signed_in, children)
    assert Contact.objects.count() == 1


def test_a_single_day_is_kept_as_such(signed_in, children):
    add(signed_in, children[:1], when="day", valid_from="2026-09-11")
    link = ContactLink.objects.get()
    assert (link.valid_from, link.valid_until) == (date(2026, 9, 11), date(2026, 9, 11))
    page = signed_in.get(reverse("contacts:edit", args=[link.contact_id]))
    assert page.context["form"].initial["when"] == "day"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"when": "day"}, "indiquez le jour"),
        ({"when": "period"}, "indiquez la fin de la période"),
        ({"phone": "12"}, "Indiquez un numéro complet"),
        ({"children": []}, "Cochez au moins un enfant"),
        ({"birth_date": "2015-01-01"}, "au moins 16 ans"),
        ({"when": "period", "valid_from": "2026-10-02", "valid_until": "2026-10-01"}, "ne vient pas avant"),
    ],
)
def test_a_mistake_is_named_and_what_was_typed_stays(signed_in, children, changes, message):
    answer = add(signed_in, children, **changes)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert message in page
    assert 'value="Girod"' in page
    assert "<title>Erreur" in page
    assert not Contact.objects.exists()


def test_a_foreign_child_in_the_form_is_refused(signed_in, children):
    foreign = ChildLinkFactory().child
    assert add(signed_in, [*children, foreign]).status_code == 422
    assert not Contact.objects.exists()


def test_one_child_has_its_own_terms(signed_in, children):
    add(signed_in, children)
    contact = Contact.objects.get()
    url = f"{reverse('contacts:edit', args=[contact.pk])}?enfant={children[0].pk}"
    signed_in.post(url, FORM | {"children": [str(children[0].pk)], "when": "never"})
    assert dict(contact.links.values_list("child", "may_collect")) == {children[0].pk: False, children[1].pk: True}


def test_taking_away_asks_first(signed_in, children):
    add(signed_in, children)
    link = ContactLink.objects.filter(child=children[0]).get()
    url = reverse("contacts:end", args=[link.pk])
    assert "ne confie plus Hugo à Paul Girod" in signed_in.get(url).content.decode()
    assert signed_in.post(url).status_code == signed_in.post(url).status_code == 302
    link.refresh_from_db()
    assert link.ended_on == date(2026, 9, 9)


@pytest.mark.exigence("D12")
def test_kinship_is_said_for_one_child_or_for_all(signed_in, family, children):
    adult = family.members.get().adult
    data = {f"adulte{adult.pk}-relation": "mother", f"adulte{adult.pk}-is_guardian": "on"}
    url = reverse("contacts:kinship", args=[children[0].pk])
    assert signed_in.post(url, {}).status_code == 422
    signed_in.post(url, data)
    assert Kinship.objects.count() == 1
    signed_in.post(url, data | {"tous": "1"})
    assert Kinship.objects.filter(relation="mother", is_guardian=True).count() == 2


@pytest.mark.parametrize("name", ["edit", "end", "kinship"])
def test_another_familys_objects_do_not_exist(signed_in, name):
    link = ContactLinkFactory(contact__family=FamilyFactory())
    key = {"edit": link.contact_id, "end": link.pk, "kinship": link.child_id}[name]
    url = reverse(f"contacts:{name}", args=[key])
    assert signed_in.get(url).status_code == signed_in.post(url, FORM).status_code == 404


def test_a_relative_reads_and_changes_nothing(client, family, children):
    relative = UserFactory(username="tante")
    MemberFactory(family=family, adult__user=relative, relative=True)
    client.force_login(relative)
    assert "Ajouter une personne" not in client.get(reverse("contacts:index")).content.decode()
    assert client.post(reverse("contacts:add"), FORM).status_code == 403


def test_the_page_costs_the_same_for_many_contacts(signed_in, family, children, django_assert_max_num_queries):
    def queries():
        with django_assert_max_num_queries(60) as counted:
            signed_in.get(reverse("contacts:index"))
        return len(counted)

    queries()  # what is read once per process
    before = queries()
    for number in range(8):
        contact = ContactFactory(family=family, first_name=f"Paul{number}")
        for child in children:
            ContactLinkFactory(contact=contact, child=child)
    assert queries() == before


def test_the_dossier_shows_who_may_collect_and_who_is_what(family, children, parent):
    contact = ContactFactory(family=family)
    for child in children:
        ContactLinkFactory(contact=contact, child=child)
    request = RequestFactory().get("/")
    request.user, request.family = parent, family
    [rubric] = [each for each in family_rubrics(request) if each.title == "Personnes autorisées"]
    assert [str(link.contact) for link in rubric.context["links"]] == ["Jeanne Morand"]
    [aside] = [each for each in child_rubrics(request, children[0]) if each.title == "Liens avec les contacts"]
    assert aside.aside
    assert aside.badge == "lien à compléter"
