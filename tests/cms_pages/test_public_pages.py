"""Every kind of public page: what it shows, what it costs, how it is edited."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import ProtectedError
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.models import Page

from cms_pages.models import (
    ContactPage,
    FaqPage,
    HomePage,
    SectionPage,
    StructureIndexPage,
    StructurePage,
)
from cms_pages.site_facts import page_address
from portal.backoffice.profiles import ProfileRefused, load_profile, read_profile
from portal.domain.accounts.models import User
from portal.domain.activities.models import Service, Structure
from tests.cms_pages.conftest import NOW
from tests.cms_pages.rich import picture
from tests.cms_pages.test_home import page
from tests.communes.small import ProfileFolder
from tests.domain.accounts.factories import UserFactory

NBSP, NNBSP = "\u00a0", "\u202f"
EVERY_KIND = (HomePage, SectionPage, StructureIndexPage, StructurePage, FaqPage, ContactPage)


@pytest.mark.parametrize("model", EVERY_KIND, ids=lambda model: model.__name__)
def test_every_kind_of_page_is_read_edited_and_previewed(whole_editor: Client, model: type[Page]) -> None:
    found = model.objects.first()
    assert found is not None

    assert "<h1>" in page(whole_editor, found.url)
    html = page(whole_editor, reverse("wagtailadmin_pages:edit", args=[found.pk]))
    assert "Titre" in html
    assert "<h1>" in page(whole_editor, reverse("wagtailadmin_pages:view_draft", args=[found.pk]))


@pytest.mark.parametrize("model", EVERY_KIND[1:], ids=lambda model: model.__name__)
def test_a_kind_of_page_is_offered_where_it_belongs(whole_editor: Client, model: type[Page]) -> None:
    parent = model.objects.first().get_parent()
    if model is not ContactPage and model is not StructureIndexPage:
        address = reverse("wagtailadmin_pages:add", args=["cms_pages", model._meta.model_name, parent.pk])
        assert "Publier" in page(whole_editor, address)


@pytest.mark.exigence("V5")
def test_a_place_says_where_when_and_how_to_reach_it(whole_town: ProfileFolder, client: Client) -> None:
    html = page(client, "/infos-pratiques/structures/creche/")

    for piece in (
        "<h1>Crèche d’Essai</h1>",
        "2, rue de l’Exemple<br>39220 Essai",
        'href="tel:+33199001236"',
        'href="mailto:creche@essai.example"',
        "de 10 semaines à 3 ans",
        "Places agréées",
        "Du lundi au vendredi",
        f"7{NBSP}h{NBSP}30 à 18{NBSP}h{NBSP}30",
        "À côté de l’école, entrée par la cour.",
        "geo:46.484800,6.062800?q=",
        "https://www.openstreetmap.org/?mlat=46.484800",
        'alt="La cour de la crèche"',
    ):
        assert piece in html, piece


def test_a_place_shows_the_activities_of_the_portal(whole_town: ProfileFolder, client: Client) -> None:
    html = page(client, "/infos-pratiques/structures/cantine/")

    assert "Restaurant scolaire 2026/2027" in html
    assert "En période scolaire" in html
    assert "Pendant les vacances scolaires" in html
    assert "openstreetmap" not in html, "no address, no map"


def test_a_corrected_address_is_right_on_the_page(whole_town: ProfileFolder, client: Client) -> None:
    Structure.objects.filter(code="creche").update(phone="01 99 00 77 77")

    assert "01 99 00 77 77" in page(client, "/infos-pratiques/structures/creche/")


def test_a_structure_that_families_read_about_is_not_deleted(whole_town: ProfileFolder) -> None:
    with pytest.raises(ProtectedError):
        Structure.objects.get(code="creche").delete()


def test_a_structure_has_one_page(whole_town: ProfileFolder) -> None:
    index = StructureIndexPage.objects.get()
    double = StructurePage(title="Double", kind="nursery", structure=Structure.objects.get(code="creche"))

    with pytest.raises(ValidationError) as refused:
        index.add_child(instance=double)
    assert "structure" in refused.value.message_dict


def test_the_copy_of_a_place_waits_for_its_structure(whole_town: ProfileFolder) -> None:
    copy = StructurePage.objects.get(slug="creche").copy(update_attrs={"slug": "copie"}, keep_live=False)

    assert copy.structure is None


@pytest.mark.parametrize(
    ("values", "field", "message"),
    [
        ({"age_from": 6, "age_to": 3}, "__all__", "Le dernier âge n’est pas inférieur au premier."),
        ({"age_from": 40}, "age_from", None),
        ({"plan_description": ""}, "plan_description", "Dites en mots comment y aller"),
    ],
)
def test_a_place_that_makes_no_sense_is_refused(
    whole_town: ProfileFolder, values: dict[str, Any], field: str, message: str | None
) -> None:
    place = StructurePage.objects.get(slug="creche")
    for name, value in values.items():
        setattr(place, name, value)

    with pytest.raises(ValidationError) as refused:
        place.full_clean()
    assert field in refused.value.message_dict
    if message:
        assert message in refused.value.message_dict[field][0]


@pytest.mark.exigence("V5")
@pytest.mark.parametrize(
    ("query", "shown", "hidden"),
    [
        ("", ("Crèche d’Essai", "Restaurant scolaire"), ()),
        ("?age=1", ("Crèche d’Essai",), ("Restaurant scolaire</a>",)),
        ("?age=8", ("Restaurant scolaire",), ("Crèche d’Essai</a>",)),
        ("?age=17", ("Aucun lieu n’accueille cet âge",), ("Crèche d’Essai</a>",)),
        ("?age=-1", ("Crèche d’Essai",), ()),
        ("?age=²", ("Crèche d’Essai",), ()),
        ("?age=abc", ("Crèche d’Essai",), ()),
        ("?age=99", ("Crèche d’Essai",), ()),
    ],
)
def test_places_are_found_by_age(
    whole_town: ProfileFolder, client: Client, query: str, shown: tuple[str, ...], hidden: tuple[str, ...]
) -> None:
    html = page(client, f"/infos-pratiques/structures/{query}")

    assert all(piece in html for piece in shown)
    assert not any(piece in html for piece in hidden)


def test_many_places_cost_no_more_queries(whole_town: ProfileFolder, client: Client) -> None:
    index = StructureIndexPage.objects.get()
    page(client, index.url)
    with CaptureQueriesContext(connection) as few:
        client.get(index.url + "?age=")
    for rank in range(8):
        structure = Structure.objects.create(code=f"lieu-{rank}", name=f"Lieu {rank}")
        place = StructurePage(title=f"Lieu {rank}", slug=f"lieu-{rank}", kind="leisure", structure=structure)
        index.add_child(instance=place)
        index.refresh_from_db()
    page(client, index.url)
    with CaptureQueriesContext(connection) as many:
        html = client.get(index.url + "?age=").content.decode()
    assert "Lieu 7" in html
    assert len(many) <= len(few)


@pytest.mark.exigence("V14")
def test_a_section_gathers_places_activities_news_and_documents(whole_town: ProfileFolder, client: Client) -> None:
    html = page(client, "/petite-enfance/")

    for piece in ("Crèche d’Essai", "Restaurant scolaire 2026/2027", "/actualites/ouverture/", 'href="/reglement/"'):
        assert piece in html
    assert 'href="/petite-enfance/"' in page(client), "its tile is on the home page"


@pytest.mark.exigence("V20")
def test_questions_are_grouped_and_have_addresses(whole_town: ProfileFolder, client: Client) -> None:
    html = page(client, "/infos-pratiques/questions/")

    assert '<h2 id="mon-compte">Mon compte</h2>' in html
    assert 'id="comment-creer-un-compte"' in html
    assert '<a href="/reglement/">règlement</a>' in html
    assert '"@type": "FAQPage"' in html


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("creer", "Comment créer un compte"),
        ("SUIVANTE jeudi", "Jusqu’à quand réserver"),
        ("mail", "Et le mot de passe"),
    ],
)
def test_a_question_is_found_by_its_words(whole_town: ProfileFolder, client: Client, asked: str, shown: str) -> None:
    html = page(client, f"/infos-pratiques/questions/?q={asked}")

    assert html.count('<details class="more"') == 1
    assert shown in html
    assert "Aucune question ne contient ces mots" in page(client, "/infos-pratiques/questions/?q=zebre%00")


@pytest.mark.exigence("V16", "V17", "V18", "V21")
def test_contacts_are_sorted_by_subject_then_by_service(whole_town: ProfileFolder, client: Client) -> None:
    Service.objects.create(code="regie", name="Régie", phone="01 99 00 55 55")
    html = page(client, "/infos-pratiques/contacts/")
    main = html.split("<main", 1)[1].split("</main", 1)[0]

    assert main.index("Le portail</h3>") < main.index("Une facture</h3>"), "help, then billing"
    assert 'href="tel:+33199001299"' in main
    assert "enfance@essai.example" in main
    assert "Régie" in main
    assert "01 99 00 55 55" in main
    assert "Crèche d’Essai" in main
    assert "Mairie d’Essai" in main
    assert "coordination@essai.example" in main
    assert "maire@essai.example" in main
    assert "Si rien n’a aidé" in main
    assert 'href="/infos-pratiques/questions/"' in main


def test_a_service_that_is_gone_leaves_its_card_without_number(whole_town: ProfileFolder, client: Client) -> None:
    contact = ContactPage.objects.get()
    contact.subjects = [
        {
            "type": "subject",
            "value": {"kind": "help", "icon": "mail", "title": "Aide", "text": "", "service": "parti", "links": []},
        }
    ]
    contact.save_revision().publish()

    assert "Aide" in page(client, contact.url)


def test_ten_contacts_cost_no_more_queries_than_one(whole_town: ProfileFolder, client: Client) -> None:
    contact = ContactPage.objects.get()
    value = {"kind": "help", "icon": "mail", "title": "Aide", "text": "", "service": "enfance", "links": []}

    def queries(number: int) -> list[str]:
        contact.subjects = [{"type": "subject", "value": value} for _rank in range(number)]
        contact.save_revision().publish()
        page(client, contact.url)
        with CaptureQueriesContext(connection) as found:
            assert page(client, contact.url + "?x=1").count("enfance@essai.example") >= number
        return [query["sql"] for query in found]

    few, many = queries(1), queries(10)
    repeated = {sql for sql in many if many.count(sql) > 1}
    assert len(many) <= len(few), repeated


def test_the_footer_leads_to_the_contacts_and_the_questions(whole_town: ProfileFolder, client: Client) -> None:
    assert page_address("contact") == "/infos-pratiques/contacts/"
    assert page_address("structures") == "/infos-pratiques/structures/"
    # A page that has the role of help comes before the page of questions.
    assert page_address("help") == "/aide/"


@pytest.mark.exigence("V1")
def test_practical_information_leads_to_the_pages_below(whole_town: ProfileFolder, client: Client) -> None:
    html = page(client, "/infos-pratiques/")

    for address in ("structures", "questions", "contacts"):
        assert f'href="/infos-pratiques/{address}/"' in html
    assert 'href="mailto:enfance@essai.example"' not in html.split("<footer", 1)[0], "the contacts have their page"


@pytest.mark.exigence("V15")
def test_the_home_says_what_the_private_space_allows(whole_town: ProfileFolder, client: Client) -> None:
    html = page(client)

    assert "Ce que permet l’espace famille" in html
    assert "Réserver et annuler des jours" in html
    home = HomePage.objects.get()
    home.shows_space = False
    home.save_revision().publish()
    assert "Ce que permet l’espace famille" not in page(client)


@pytest.mark.exigence("V19")
def test_every_public_page_says_where_it_stands(whole_town: ProfileFolder, client: Client) -> None:
    for each in Page.objects.filter(depth__gt=2).live():
        html = page(client, each.url)
        crumbs = html.split('class="crumbs"', 1)
        assert len(crumbs) == 2, each.url
        assert 'aria-current="page"' in crumbs[1].split("</nav>", 1)[0], each.url
        assert 'aria-label="Vous êtes ici"' in html
        assert 'href="#contenu">Haut de page</a>' in html or "actualites" in each.url, each.url


def test_loading_the_profile_again_changes_nothing(whole_town: ProfileFolder) -> None:
    report = load_profile(profile=read_profile(whole_town.path), by=User.objects.system(), at=NOW)

    assert not sum(report.updated.values()), report.notes
    assert not sum(report.created.values())
    assert "image" in report.unchanged


def test_an_image_that_changed_keeps_its_place(whole_town: ProfileFolder) -> None:
    photo = StructurePage.objects.get(slug="creche").photo
    before = photo.file_hash
    picture(whole_town.path / "creche.png", "#123456")
    report = load_profile(profile=read_profile(whole_town.path), by=User.objects.system(), at=NOW)

    photo.refresh_from_db()
    assert photo.file_hash != before
    assert report.updated["image"] == 1


@pytest.mark.parametrize(
    ("old", "new", "path", "reason"),
    [
        ('file = "creche.png"', 'file = "cgu.md"', "images", "n’est pas une image"),
        ('file = "creche.png"', 'file = "absente.png"', "images", "n’existe pas"),
        ('plan = "plan"', 'plan = "nulle-part"', "structure_pages", "nulle-part"),
        ('plan_description = "À côté de l’école, entrée par la cour."', "", "plan_description", "manque"),
        ('closes = "18:30"', 'closes = "07:00"', "closes", "suit l’heure d’ouverture"),
        ('slug = "cantine"\nkind', 'slug = "questions"\nkind', "slug", "déjà celle d’une autre page"),
        ('page = "questions"', 'page = "rien"', "page", "rien"),
        ('news_category = "cantine"', 'news_category = "autre"', "news_category", "autre"),
        ("longitude = 6.062800\n", "", "", "Donnez la latitude et la longitude"),
    ],
)
def test_a_profile_is_refused_where_it_is_wrong(
    whole_town: ProfileFolder, old: str, new: str, path: str, reason: str
) -> None:
    whole_town.change(old, new)

    with pytest.raises(ProfileRefused) as refused:
        load_profile(profile=read_profile(whole_town.path), by=User.objects.system(), at=NOW)
    said = str(refused.value)
    assert reason in said
    assert path in said


def test_a_communication_agent_opens_every_kind_of_page(whole_town: ProfileFolder, client: Client) -> None:
    agent = UserFactory(username="plume", is_staff=True)
    agent.groups.add(Group.objects.get(name="communication"))
    client.force_login(agent)
    for model in EVERY_KIND:
        found = model.objects.first()
        assert found is not None
        page(client, reverse("wagtailadmin_pages:edit", args=[found.pk]))
