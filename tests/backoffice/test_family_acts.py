"""What the service does on a family's file: offered to who may, refused with the text kept, journalled."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.backoffice.roles import Role
from portal.domain.audit.models import AuditEntry
from portal.domain.families.models import Adult, Child, ChildLink, Family, FamilyMember
from portal.domain.joining.models import Invitation
from portal.domain.merging.archiving import archive_family
from portal.domain.papers.models import Paper
from portal.domain.pricing.models import Membership
from portal.domain.quotients.models import Quotient
from tests.backoffice.desk import is_refused, said, sign_in, words
from tests.domain.accounts.factories import UserFactory
from tests.domain.enrolments.factories import EnrolmentFactory
from tests.domain.families.factories import ChildFactory, ChildLinkFactory, FamilyFactory, MemberFactory
from tests.domain.families.parents import vuillet
from tests.domain.papers.factories import PaperTypeFactory
from tests.domain.pricing.factories import AidGrantFactory, HouseholdFiguresFactory, MembershipKindFactory
from tests.domain.quotients.factories import DefinitionFactory, PolicyFactory

pytestmark = [pytest.mark.django_db, pytest.mark.exigence("B54", "B55", "B56")]

FILE = "/gestion/familles/4127/"


@pytest.fixture
def family() -> Family:
    return vuillet()


@pytest.fixture
def agent(client: Client, family: Family):
    return sign_in(client, Role.MANAGEMENT)


def act(client: Client, code: str, **data):
    return client.post(f"{FILE}actes/{code}/", data)


def journal() -> set[str]:
    return set(AuditEntry.objects.values_list("verb", flat=True))


def test_the_file_offers_what_the_role_may_do(client: Client, agent) -> None:
    page = words(client.get(FILE))
    for label in (
        "Enregistrer un quotient",
        "Enregistrer une pièce reçue",
        "Inviter Claire Vuillet",
        "Inviter un second parent",
        "Ajouter un adulte",
        "Détacher Hugo Vuillet",
        "Corriger l’identité de Hugo Vuillet",
        "Réunir un doublon",
        "Archiver le dossier",
    ):
        assert label in page, label
    assert "Rouvrir" not in page


@pytest.mark.parametrize("role", [Role.ACCOUNTING, Role.ACTIVITIES, Role.COMMUNICATION])
def test_other_roles_are_refused_each_act(client: Client, family: Family, role: Role) -> None:
    sign_in(client, role)
    hugo = Child.objects.get().pk
    for path in (
        "actes/archiver/",
        "actes/ajouter-adulte/",
        f"actes/detacher-enfant/{hugo}/",
        "actes/inviter-parent/",
        "reunir/",
    ):
        for answer in (client.get(FILE + path), client.post(FILE + path, {"sure": "on", "reason": "x"})):
            assert is_refused(answer), (path, answer.status_code)
    assert journal() == set()


def test_a_second_agent_who_lost_the_right_meanwhile_is_refused(client: Client, agent, family: Family) -> None:
    assert client.get(f"{FILE}actes/archiver/").status_code == 200
    agent.groups.clear()
    agent.user_permissions.set(Permission.objects.filter(codename__in=["access_admin", "view_family"]))
    assert is_refused(act(client, "archiver", reason="Départ", sure="on"))
    assert Family.objects.get(pk=family.pk).archived_at is None


def test_people_of_another_file_do_not_exist_here(client: Client, agent) -> None:
    stranger = ChildLinkFactory().child
    assert client.get(f"{FILE}actes/corriger-enfant/{stranger.pk}/").status_code == 404
    assert client.get(f"{FILE}actes/corriger-enfant/").status_code == 404
    assert client.get(f"{FILE}actes/inconnu/").status_code == 404
    assert client.get("/gestion/familles/9999/actes/archiver/").status_code == 404


def test_invites_an_adult_and_says_what_is_wrong(client: Client, agent, family: Family) -> None:
    marc = Adult.objects.get(first_name="Marc")
    wrong = act(client, f"inviter/{marc.pk}", email="pas une adresse")
    assert wrong.status_code == 422
    assert "pas une adresse" in wrong.content.decode()
    answer = act(client, f"inviter/{marc.pk}", email="marc@famille.example")
    assert "marc@famille.example" in said(answer)
    assert Invitation.objects.get().adult == marc


def test_invites_a_second_parent_once(client: Client, agent, family: Family) -> None:
    new = {"first_name": "Inès", "last_name": "Roy", "email": "ines@famille.example"}
    act(client, "inviter-parent", **new)
    act(client, "inviter-parent", **new)
    assert FamilyMember.objects.get(adult__first_name="Inès").can_edit is True
    assert Invitation.objects.open().get().email == "ines@famille.example"
    assert {"add_adult", "invite"} <= journal()


def test_changes_the_household(client: Client, agent, family: Family) -> None:
    act(client, "ajouter-adulte", first_name="Odette", last_name="Vuillet", role="relative")
    assert FamilyMember.objects.get(adult__first_name="Odette").can_edit is False
    again = act(client, "ajouter-adulte", first_name="odette", last_name="Vuillet", role="relative")
    assert again.status_code == 422
    assert "déjà dans le dossier" in words(again)

    act(client, "ajouter-enfant", first_name="Léna", last_name="Vuillet", birth_date="2020-05-02")
    assert Child.objects.filter(first_name="Léna").exists()
    assert act(client, "ajouter-enfant", first_name="Léna", last_name="V", birth_date="1980-01-01").status_code == 422
    assert {"add_adult", "link_child"} <= journal()


def test_shares_a_child_between_two_dossiers_then_takes_it_out(client: Client, agent, family: Family) -> None:
    link = ChildLinkFactory(child__first_name="Élie", child__birth_date="2019-01-03")
    asked = {"number": link.family.number, "first_name": "elie", "birth_date": "2019-01-03"}
    assert act(client, "rattacher-enfant", **asked | {"birth_date": "2019-01-04"}).status_code == 422
    act(client, "rattacher-enfant", **asked)
    assert ChildLink.objects.filter(family=family, child=link.child).exists()
    assert act(client, f"detacher-enfant/{link.child_id}").status_code == 422
    act(client, f"detacher-enfant/{link.child_id}", sure="on")
    assert not ChildLink.objects.filter(family=family, child=link.child).exists()


def test_the_only_household_keeps_its_child(client: Client, agent, family: Family) -> None:
    answer = act(client, f"detacher-enfant/{Child.objects.get().pk}", sure="on")
    assert answer.status_code == 422
    assert "pas d’autre foyer" in words(answer)


def test_sets_the_rights_of_an_adult_and_of_the_household(client: Client, agent, family: Family) -> None:
    marc, hugo = Adult.objects.get(first_name="Marc"), Child.objects.get()
    assert act(client, f"droits-adulte/{marc.pk}", can_book="on").status_code == 422
    act(client, f"droits-adulte/{marc.pk}", can_see="on")
    act(client, f"droits-foyer/{hugo.pk}", can_see="on", can_edit="on")
    assert FamilyMember.objects.get(adult=marc).can_edit is False
    assert ChildLink.objects.get(child=hugo).can_book is False
    assert {"set_member_rights", "set_household_rights"} <= journal()


def test_corrects_an_identity(client: Client, agent, family: Family) -> None:
    hugo = Child.objects.get()
    page = client.get(f"{FILE}actes/corriger-enfant/{hugo.pk}/").content.decode()
    assert 'value="2018-03-12"' in page
    wrong = act(client, f"corriger-enfant/{hugo.pk}", first_name="", last_name="Vuillet", birth_date="2018-03-13")
    assert wrong.status_code == 422
    assert 'value="2018-03-13"' in wrong.content.decode()
    act(client, f"corriger-enfant/{hugo.pk}", first_name="Hugo", last_name="Vuillet", birth_date="2018-03-13")
    hugo.refresh_from_db()
    assert hugo.birth_date.day == 13
    assert "change_dossier" in journal()


def test_a_value_that_the_domain_refuses_is_told_on_its_field(client: Client, agent, family: Family) -> None:
    answer = act(client, "corriger-adresse", street="1 rue X", postcode="ABC", town="Les Rousses")
    assert answer.status_code == 422
    assert "postcode" in answer.context["form"].errors


def test_records_a_quotient_once(client: Client, agent, family: Family) -> None:
    PolicyFactory()
    kind = DefinitionFactory()
    page = client.get(f"{FILE}actes/enregistrer-quotient/")
    sent = {"definition": kind.pk, "month": "2026-08-01", "key": str(page.context["form"]["key"].value())}
    sent["month"] = timezone.localdate().replace(day=1).isoformat()
    wrong = act(client, "enregistrer-quotient", **sent, value="beaucoup")
    assert wrong.status_code == 422
    assert "beaucoup" in wrong.content.decode()
    for _ in range(2):
        act(client, "enregistrer-quotient", **sent, value="842,50")
    assert str(Quotient.objects.get().value) == "842.50"
    assert "record_quotient" in journal()


def test_records_a_paper_that_came_by_post(client: Client, agent, family: Family) -> None:
    kind = PaperTypeFactory()
    insurance = PaperTypeFactory(insurance=True)
    wrong = act(client, "enregistrer-piece", type=insurance.pk, channel="post")
    assert wrong.status_code == 422
    act(client, "enregistrer-piece", type=kind.pk, channel="post")
    assert (Paper.objects.get().state, Paper.objects.get().channel) == ("accepted", "post")
    assert "record_paper" in journal()


# Archiving


def test_archives_then_finds_and_restores(client: Client, agent, family: Family) -> None:
    assert act(client, "archiver", reason="Déménagement").status_code == 422
    act(client, "archiver", reason="Déménagement", sure="on")
    assert "archivé" in words(client.get(FILE))
    assert "Rouvrir le dossier" in words(client.get(FILE))
    assert "Dossier archivé" in words(client.get("/gestion/familles/chercher/", {"q": "4127"}))
    assert "4127" not in words(client.get("/gestion/familles/dossiers/"))
    assert "(archivé)" in words(client.get("/gestion/familles/dossiers/", {"q": "4127"}))
    assert "plus possible" in said(
        act(client, "ajouter-enfant", first_name="X", last_name="Y", birth_date="2020-01-01")
    )

    act(client, "rouvrir", sure="on")
    assert Family.objects.get(pk=family.pk).archived_at is None
    assert {"archive_family", "restore_family"} <= journal()


def test_says_what_hinders_an_archiving_before_the_button(client: Client, agent, family: Family) -> None:
    day = timezone.localdate()
    EnrolmentFactory(child=Child.objects.get(), family=family, starts_on=day, ends_on=day + timedelta(days=30))
    assert "encore une inscription" in words(client.get(f"{FILE}actes/archiver/"))
    answer = act(client, "archiver", reason="Déménagement", sure="on")
    assert answer.status_code == 422
    assert "Déménagement" in answer.content.decode()
    assert Family.objects.get(pk=family.pk).archived_at is None


@pytest.mark.parametrize("path", ["/famille/", "/famille/planning/", "/famille/dossier/", "/famille/panier/"])
def test_an_archived_family_reads_why_its_space_is_closed(client: Client, family: Family, path: str) -> None:
    parent = UserFactory()
    Adult.objects.filter(first_name="Claire").update(user=parent)
    boss = UserFactory(agent=True, is_superuser=True)
    archive_family(family=family, reason="Départ", by=boss, at=timezone.now())
    client.force_login(parent)
    answer = client.get(path)
    assert answer.status_code == 403
    assert "Votre dossier famille est archivé" in words(answer)
    assert "4127" in words(answer)


# Merging


@pytest.fixture
def twice() -> Family:
    family = FamilyFactory(number="5123", name="Vuillet", contact_email="claire.pro@famille.example")
    MemberFactory(family=family, adult__first_name="Claire", adult__last_name="Vuillet")
    ChildLinkFactory(family=family, child=ChildFactory(first_name="Hugo"))
    return family


def confirmed(client: Client, **asked):
    page = client.get(f"{FILE}reunir/", asked)
    assert page.status_code == 200
    return {**asked, "plan": page.context["plan"].digest, "relu": "on"}


def test_merges_two_dossiers_then_their_two_records_of_a_child(
    client: Client, agent, family: Family, twice: Family
) -> None:
    choose = client.get(f"{FILE}reunir/", {"autre": "5123"})
    assert "Réunir les deux dossiers" in words(choose)
    form = confirmed(client, nature="dossier", garder=family.pk, doublon=twice.pk, autre="5123")
    assert client.post(f"{FILE}reunir/", {**form, "relu": ""}).status_code == 422
    assert client.post(f"{FILE}reunir/", form)["Location"] == FILE
    assert "5123" in words(client.get(FILE))
    assert "réuni au dossier n° 4127" in words(client.get("/gestion/familles/5123/"))
    assert "5123" in words(client.get("/gestion/familles/chercher/", {"q": "5123"}))

    assert "Réunir les deux fiches de Hugo Vuillet" in words(client.get(f"{FILE}reunir/"))
    one, other = family.child_links.order_by("order").values_list("child", flat=True)
    client.post(f"{FILE}reunir/", confirmed(client, nature="enfant", garder=one, doublon=other))
    assert family.child_links.get().child_id == one
    assert "dossier réuni avec un doublon" in words(client.get(FILE))


def test_a_plan_that_changed_is_shown_again(client: Client, agent, family: Family, twice: Family) -> None:
    form = confirmed(client, nature="dossier", garder=family.pk, doublon=twice.pk, autre="5123")
    ChildLinkFactory(family=twice, child__first_name="Zélie")
    answer = client.post(f"{FILE}reunir/", form)
    assert answer.status_code == 422
    assert "Zélie" in words(answer)
    assert "Quelque chose a changé" in words(answer)
    assert Family.objects.get(pk=twice.pk).archived_at is None
    again = {**form, "plan": answer.context["plan"].digest}
    assert client.post(f"{FILE}reunir/", again).status_code == 302


def test_a_button_pressed_twice_merges_once(client: Client, agent, family: Family, twice: Family) -> None:
    form = confirmed(client, nature="dossier", garder=family.pk, doublon=twice.pk, autre="5123")
    client.post(f"{FILE}reunir/", form)
    answer = client.post(f"{FILE}reunir/", form)
    assert answer.status_code == 422
    assert "déjà réuni" in words(answer)
    assert AuditEntry.objects.filter(verb="absorb_family").count() == 2


def test_only_people_of_the_two_files_are_merged(client: Client, agent, family: Family) -> None:
    stranger = ChildLinkFactory().child
    hugo = family.child_links.get().child_id
    for asked in (
        {"nature": "enfant", "garder": hugo, "doublon": stranger.pk},
        {"nature": "invention", "garder": hugo, "doublon": hugo},
        {"nature": "enfant", "garder": "x", "doublon": ""},
    ):
        assert client.get(f"{FILE}reunir/", asked).status_code == 404
    wrong = client.get(f"{FILE}reunir/", {"autre": "9999"})
    assert wrong.status_code == 422
    assert 'value="9999"' in wrong.content.decode()


def test_the_file_costs_the_same_whatever_its_people(client: Client, agent, family: Family) -> None:
    client.get(FILE)
    with CaptureQueriesContext(connection) as few:
        client.get(FILE)
    for name in ("Ana", "Bo", "Cy"):
        ChildLinkFactory(family=family, child__first_name=name)
        MemberFactory(family=family, adult__first_name=name, relative=True)
    with CaptureQueriesContext(connection) as many:
        client.get(FILE)
    assert len(many) <= len(few) + 2


# What prices depend on


@pytest.mark.exigence("B27")
def test_records_a_membership_a_ruling_and_an_aid_then_ends_one(client: Client, agent, family: Family) -> None:
    kind = MembershipKindFactory()
    hugo = Child.objects.get(first_name="Hugo")
    wrong = act(client, "adhesion", kind=kind.pk, valid_from="2026-09-01")
    assert wrong.status_code == 422
    assert "child" in wrong.context["form"].errors
    act(client, "adhesion", kind=kind.pk, child=hugo.pk, valid_from=timezone.localdate().isoformat())
    twice = act(client, "adhesion", kind=kind.pk, child=hugo.pk, valid_from=timezone.localdate().isoformat())
    assert "déjà adhérent" in twice.content.decode()
    wrong = act(
        client,
        "residence",
        residence="town",
        reason="Travaille ici",
        valid_from="2026-09-02",
        valid_until="2026-09-01",
    )
    assert "avant le premier" in wrong.content.decode()
    assert "Travaille ici" in wrong.content.decode()
    act(client, "residence", residence="town", reason="Travaille ici", valid_from="2026-09-02")
    sent = {"label": "Aide cantine", "payer": "CCAS", "kind": "leaves", "valid_from": "2026-09-01"}
    assert act(client, "aide", **sent, number="un euro").status_code == 422
    act(client, "aide", **sent, number="1,00", uses_cap="40")
    act(client, "ressources", income="2 400,50", disabled="1", valid_from="2026-09-01")
    page = words(client.get(FILE))
    assert "Espace jeunes, Hugo" in page
    assert "habite la commune (Travaille ici)" in page
    assert "Aide cantine (CCAS), toute la famille, tout sauf 1,00" in page
    assert "2 400,50" in page.replace("\u202f", " ")
    row = Membership.objects.get()
    act(client, "fin-prix", what=f"membership-{row.pk}", last=timezone.localdate().isoformat(), reason="Déménagement")
    row.refresh_from_db()
    assert row.valid_until == timezone.localdate()
    assert {"record_membership", "record_residence", "record_aid", "record_figures", "end_price_fact"} <= journal()


def test_who_does_not_record_aids_does_not_read_them(client: Client, family: Family) -> None:
    AidGrantFactory(family=family)
    HouseholdFiguresFactory(family=family)
    sign_in(client, Role.ACTIVITIES)
    page = words(client.get(FILE))
    assert "Aide cantine" not in page
    assert "Ressources" not in page
    assert is_refused(client.get(f"{FILE}actes/aide/"))
