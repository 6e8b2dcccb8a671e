"""The dossier's pages: what is shown, to whom, and what the pencils do."""

from collections.abc import Iterator
from io import BytesIO

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image

from portal.domain.accounts.models import User
from portal.domain.changes.enums import ChangeState
from portal.domain.changes.models import ChangeRequest, DossierSettings
from portal.domain.changes.services import accept_change, ask_change_again
from portal.domain.families.models import ChildLink, Family, FamilyMember
from tests.domain.accounts.factories import PASSWORD
from tests.domain.changes.factories import ADDRESS, AT, Household, agent, separate
from tests.domain.families.factories import ChildFactory, ChildLinkFactory, FamilyFactory, MemberFactory

pytestmark = pytest.mark.django_db

INDEX = "/famille/dossier/"
ADDRESS_PAGE = f"{INDEX}adresse/"
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def home() -> Household:
    return Household()


def signed_in(user: User) -> Client:
    client = Client(headers={"accept-language": "fr"})
    client.force_login(user)
    return client


def text(answer) -> str:
    return answer.content.decode().replace("&#x27;", "'")


@pytest.mark.exigence("D27", "D28")
def test_the_dossier_shows_its_people_what_is_missing_and_its_rubrics(home: Household) -> None:
    said = text(signed_in(home.claire).get(INDEX))
    for words in ("Claire Vuillet", "Samir Vuillet", "Hugo", "06 39 98 45 10", "12, rue de l’Exemple"):
        assert words in said
    assert "Il reste" in said
    assert f'href="{INDEX}contacts/' in said, "the link of each adult with the child is asked"
    assert f'href="{INDEX}adulte/{home.father.pk}/coordonnees/"' in said


def test_its_queries_do_not_grow_with_the_children_nor_with_the_town(home: Household) -> None:
    client = signed_in(home.claire)
    client.get(INDEX)
    with CaptureQueriesContext(connection) as few:
        client.get(INDEX)
    for _ in range(4):
        ChildLinkFactory(family=home.family, child=ChildFactory())
        Household(family=FamilyFactory())
    with CaptureQueriesContext(connection) as many:
        client.get(INDEX)
    assert len(many) == len(few)
    # Every area of the dossier says its card and what it asks.
    assert len(many) < 60


@pytest.mark.exigence("D9", "D19")
def test_a_pencil_without_script_is_a_page_and_comes_back_with_the_news(home: Household) -> None:
    client, page = signed_in(home.claire), f"{INDEX}adulte/{home.mother.pk}/coordonnees/"
    shown = text(client.get(page))
    assert 'value="06 39 98 45 10"' in shown
    answer = client.post(page, {"phone": "0639984599"}, follow=True)
    assert answer.redirect_chain == [(f"{INDEX}adulte/{home.mother.pk}/", 302)]
    assert "C’est enregistré" in text(answer)
    assert "06 39 98 45 99" in text(answer)


def test_what_was_typed_stays_with_its_error(home: Household) -> None:
    page = f"{INDEX}adulte/{home.mother.pk}/coordonnees/"
    answer = signed_in(home.claire).post(page, {"phone": "12", "other_phone": "0639984598"})
    assert answer.status_code == 422
    assert "<title>Erreur" in text(answer)
    assert 'value="12"' in text(answer)
    assert 'value="0639984598"' in text(answer)
    assert "dix chiffres" in text(answer)


def test_with_htmx_the_card_becomes_its_form_and_the_pencil_gets_the_focus_back(home: Household) -> None:
    client, page = signed_in(home.claire), f"{INDEX}adulte/{home.mother.pk}/profession/"
    form = text(client.get(page, headers=HTMX))
    assert f'id="rubrique-profession-{home.mother.pk}"' in form
    assert "autofocus" in form
    assert "<html" not in form
    card = text(client.post(page, {"profession": "infirmière"}, headers=HTMX))
    assert "infirmière" in card
    assert "autofocus" in card
    wrong = client.post(f"{INDEX}adulte/{home.mother.pk}/coordonnees/", {"phone": "12"}, headers=HTMX)
    assert wrong.status_code == 200, "htmx leaves the page as it is otherwise"
    assert "dix chiffres" in text(wrong)


@pytest.mark.exigence("D1", "D20")
def test_an_address_asks_for_the_password_and_waits(home: Household) -> None:
    client = signed_in(home.claire)
    for password in ("", "faux"):
        answer = client.post(ADDRESS_PAGE, ADDRESS | {"password": password})
        assert answer.status_code == 422
        assert "mot de passe" in text(answer)
    assert not ChangeRequest.objects.exists()
    said = text(client.post(ADDRESS_PAGE, ADDRESS | {"password": PASSWORD}, follow=True))
    assert "changement en cours de validation" in said
    assert "demandé le 8\u00a0septembre" in said
    assert "3, chemin des Essais" in said
    assert "changement en cours" in text(signed_in(home.samir).get(INDEX)), "the other parent reads it"
    client.post(ADDRESS_PAGE, ADDRESS | {"password": PASSWORD})
    assert ChangeRequest.objects.count() == 1


def test_ten_wrong_passwords_close_the_form(home: Household) -> None:
    client = signed_in(home.claire)
    for _ in range(10):
        client.post(ADDRESS_PAGE, ADDRESS | {"password": "faux"})
    answer = client.post(ADDRESS_PAGE, ADDRESS | {"password": PASSWORD})
    assert "Trop d’essais" in text(answer)


def test_the_postcode_proposes_the_communes_of_the_department(home: Household) -> None:
    DossierSettings.objects.create(pk=1, departments=["39"])
    client = signed_in(home.claire)
    page = text(client.get(ADDRESS_PAGE))
    assert '<option value="39220">' in page
    assert '<option value="Les Rousses">' in page
    assert '<option value="06670">' not in page
    assert "Prémanon" in text(client.get(f"{INDEX}communes/?postcode=39220"))


def test_somebody_who_changed_it_meanwhile_is_not_written_over(home: Household) -> None:
    client, page = signed_in(home.claire), f"{INDEX}adulte/{home.mother.pk}/coordonnees/"
    signed_in(home.samir).post(page, {"phone": "0639984511", "vu_phone": "06 39 98 45 10"})
    late = client.post(page, {"phone": "0639984522", "vu_phone": "06 39 98 45 10"})
    assert late.status_code == 422
    assert "06 39 98 45 11" in text(late)
    assert 'value="0639984522"' in text(late)


def test_a_request_is_read_then_withdrawn(home: Household) -> None:
    request, client = home.ask_address(), signed_in(home.samir)
    page = f"{INDEX}changements/{request.pk}/"
    assert "demandé par Claire" in text(client.get(page))
    said = text(client.post(f"{page}retirer/", follow=True))
    assert "rien ne change" in said
    request.refresh_from_db()
    assert request.state == ChangeState.WITHDRAWN


def test_withdrawn_too_late_it_says_so(home: Household) -> None:
    request = home.ask_address()
    accept_change(request=request, by=agent(), at=AT)
    said = text(signed_in(home.claire).post(f"{INDEX}changements/{request.pk}/retirer/", follow=True))
    assert "vient de répondre" in said


@pytest.mark.exigence("D13")
def test_a_child_is_proposed_to_the_service(home: Household) -> None:
    values = {"first_name": "Noé", "last_name": "Vuillet", "birth_date": "2023-03-13"}
    said = text(signed_in(home.claire).post(f"{INDEX}ajouter/enfant/", values, follow=True))
    assert "Noé, Vuillet, 13/03/2023" in said
    refused = signed_in(home.claire).post(f"{INDEX}ajouter/enfant/", values | {"birth_date": "2030-01-01"})
    assert refused.status_code == 422


@pytest.mark.exigence("D21")
def test_a_child_page_shows_its_school_and_its_enrolments(home: Household) -> None:
    said = text(signed_in(home.claire).get(f"{INDEX}enfant/{home.child.pk}/"))
    for words in ("École du Centre", "Ses inscriptions", "Identité"):
        assert words in said
    assert "autre foyer" not in said


def test_the_other_household_is_a_first_name_and_its_address_is_nowhere(home: Household) -> None:
    other = separate(home)
    Family.objects.filter(pk=other.family.pk).update(phone="06 11 22 33 44")
    other.ask_address("99, allée Secrète", by=other.claire)
    client = signed_in(home.claire)
    secrets = ("77, route Cachée", "Prémanon", "99, allée Secrète", "06 11 22 33 44", "5236", "Girod")
    child = f"{INDEX}enfant/{home.child.pk}/"
    pages = [
        INDEX,
        child,
        f"{child}identite/",
        f"{child}ecole/",
        "/famille/demarches/",
        "/famille/",
        "/famille/planning/",
    ]
    for page in pages:
        said = text(client.get(page))
        assert [word for word in secrets if word in said] == [], page
    assert "autre foyer" in text(client.get(child))
    signed_in(other.claire).post(f"{INDEX}partage/", {"partage": "1", "enfant": home.child.pk})
    assert "77, route Cachée" in text(client.get(child))
    signed_in(other.claire).post(f"{INDEX}partage/", {"partage": "0"})
    assert "77, route Cachée" not in text(client.get(child))


def test_nothing_of_another_family_exists(home: Household) -> None:
    request = home.ask_address()
    stranger = signed_in(Household(family=FamilyFactory(number="9001")).claire)
    for path in (
        f"adulte/{home.mother.pk}/",
        f"adulte/{home.mother.pk}/droits/",
        f"adulte/{home.mother.pk}/photo/",
        f"adulte/{home.mother.pk}/photo/image/",
        f"adulte/{home.mother.pk}/coordonnees/",
        f"enfant/{home.child.pk}/",
        f"enfant/{home.child.pk}/photo/",
        f"enfant/{home.child.pk}/photo/image/",
        f"enfant/{home.child.pk}/ecole/",
        f"changements/{request.pk}/",
    ):
        assert stranger.get(INDEX + path).status_code == 404, path
    assert stranger.post(f"{INDEX}changements/{request.pk}/retirer/").status_code == 404
    assert stranger.post(f"{INDEX}choisir/", {"famille": home.family.number}).status_code == 404
    for path in (f"adulte/{home.mother.pk}/autre/", f"enfant/{home.child.pk}/autre/"):
        assert signed_in(home.claire).get(INDEX + path).status_code == 404


def test_who_may_only_look_has_no_pencil_and_sends_nothing(home: Household) -> None:
    FamilyMember.objects.filter(adult=home.father).update(can_edit=False)
    client = signed_in(home.samir)
    assert "adresse/" not in text(client.get(INDEX))
    for path in (
        "adresse/",
        "ajouter/enfant/",
        f"adulte/{home.father.pk}/profession/",
        f"enfant/{home.child.pk}/photo/",
    ):
        assert client.get(INDEX + path).status_code == 403, path
    assert client.post(f"{INDEX}partage/", {"partage": "1"}).status_code == 403
    ChildLink.objects.filter(child=home.child).update(can_edit=False)
    assert signed_in(home.claire).get(f"{INDEX}enfant/{home.child.pk}/ecole/").status_code == 403


@pytest.mark.exigence("D8")
def test_the_holder_changes_what_the_other_parent_may_do(home: Household) -> None:
    page = f"{INDEX}adulte/{home.father.pk}/droits/"
    said = text(signed_in(home.claire).post(page, {"can_see": "on", "can_pay": "on"}, follow=True))
    assert "ne modifie pas le dossier" in said
    assert signed_in(home.samir).get(f"{INDEX}adulte/{home.mother.pk}/droits/").status_code == 403
    assert signed_in(home.claire).get(f"{INDEX}adulte/{home.mother.pk}/droits/").status_code == 403


def picture(name: str = "noe.png") -> SimpleUploadedFile:
    content = BytesIO()
    Image.new("RGB", (40, 40), "red").save(content, "PNG")
    return SimpleUploadedFile(name, content.getvalue(), content_type="image/png")


@pytest.mark.exigence("D27")
def test_a_photo_is_seen_by_the_household_alone_and_taken_away(home: Household) -> None:
    client, page = signed_in(home.claire), f"{INDEX}enfant/{home.child.pk}/photo/"
    client.post(page, {"photo": picture()})
    shown = client.get(f"{page}image/")
    assert shown.status_code == 200
    assert shown["Content-Type"].startswith("image/")
    assert "no-store" in shown["Cache-Control"]
    assert shown["X-Content-Type-Options"] == "nosniff"
    stranger = signed_in(Household(family=FamilyFactory(number="9001")).claire)
    assert stranger.get(f"{page}image/").status_code == 404
    client.post(page, {"photo": picture("autre.png")})
    client.post(page, {"retirer": "1"})
    assert client.get(f"{page}image/").status_code == 404
    wrong = client.post(page, {"photo": SimpleUploadedFile("noe.png", b"<html>")})
    assert wrong.status_code == 422


def test_somebody_of_two_families_chooses_and_stays_there(home: Household) -> None:
    second = FamilyFactory(number="7777", name="Morand")
    MemberFactory(family=second, adult=home.mother)
    client = signed_in(home.claire)
    assert "Changer de famille" in text(client.get(INDEX))
    assert "Famille Morand" in text(client.get(f"{INDEX}choisir/"))
    client.post(f"{INDEX}choisir/", {"famille": "7777"})
    assert "Morand" in text(client.get(INDEX))
    assert client.get(f"{INDEX}enfant/{home.child.pk}/").status_code == 404, "one family at a time"


def test_a_change_that_the_service_asks_again_is_said_on_its_card(home: Household) -> None:
    ask_change_again(request=home.ask_address(), message="Le numéro de la rue ?", by=agent(), at=AT)
    said = text(signed_in(home.claire).get(INDEX))
    assert "changement à compléter" in said
    assert "Le numéro de la rue" in said
