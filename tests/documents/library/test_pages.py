"""What visitors and families read of the library, and what they do not."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags
from pytest_django.fixtures import DjangoAssertNumQueries

from documents.library.models import DocumentsPage, LibraryDocument
from documents.library.queries import search
from portal.domain.families.models import Child, Family
from tests.documents.library.factories import NOW, CategoryFactory, DocumentFactory, publish
from tests.documents.library.files import docx
from tests.domain.accounts.factories import UserFactory
from tests.domain.activities.factories import ActivityFactory, ServiceFactory
from tests.domain.enrolments.factories import EnrolmentFactory
from tests.domain.families.factories import SchoolingFactory

TODAY = NOW.date()


def words(client: Client, address: str = "/documents/") -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.status_code
    return " ".join(strip_tags(answer.content.decode()).replace("\u00a0", " ").replace("\u202f", " ").split())


@pytest.mark.exigence("V4")
def test_a_line_says_what_it_is_before_it_is_downloaded(library: DocumentsPage, client: Client) -> None:
    document = DocumentFactory(
        title="Règlement intérieur", description="Délais et absences.", valid_until=date(2027, 7, 5), empty=True
    )
    version = publish(document, name="Règlement.pdf", pages=12)
    page = words(client)
    assert "Règlement intérieur (PDF, 1 Ko, 12 pages)" in page
    assert "Délais et absences." in page
    assert "Version 1 du 8 septembre 2026, valable jusqu’au 5 juillet 2027" in page
    assert f'href="{version.url}"' in client.get("/documents/").content.decode()


def test_a_document_has_its_own_address_for_search_engines(library: DocumentsPage, client: Client) -> None:
    DocumentFactory(title="Règlement intérieur", slug="reglement")

    page = client.get("/documents/reglement/").content.decode()

    assert page.count('rel="canonical"') == 1
    assert '/documents/reglement/"><meta property="og:type"' in page


@pytest.mark.exigence("D25")
def test_documents_stand_by_category_in_the_order_agents_chose(library: DocumentsPage, client: Client) -> None:
    tutorials = CategoryFactory(slug="tutoriels", name="Modes d’emploi", order=20)
    DocumentFactory(title="Guide du portail", category=tutorials)
    DocumentFactory(title="Après", order=2)
    DocumentFactory(title="Avant", order=1)
    page = words(client)
    titles = ["Règlements intérieurs", "Avant", "Après", "Modes d’emploi", "Guide du portail"]
    # Each name also stands in the filter, above the list.
    assert sorted(titles, key=page.rindex) == titles


def test_only_what_holds_today_is_in_the_list(library: DocumentsPage, client: Client) -> None:
    DocumentFactory(title="Hier", valid_until=TODAY - timedelta(days=1))
    DocumentFactory(title="Demain", valid_from=TODAY + timedelta(days=1))
    DocumentFactory(title="Toujours", valid_from=TODAY, valid_until=TODAY)
    DocumentFactory(title="Sans version", empty=True)
    page = words(client)
    assert "Toujours" in page
    assert not any(title in page for title in ("Hier", "Demain", "Sans version"))


def test_what_is_over_stays_at_its_address_and_says_so(library: DocumentsPage, client: Client) -> None:
    document = DocumentFactory(slug="ancien", valid_until=date(2026, 7, 4))
    assert "valable jusqu’au 4 juillet 2026" in words(client, "/documents/ancien/")
    assert client.get(document.current.url).status_code == 200


def test_what_is_to_come_is_read_by_agents_only(library: DocumentsPage, client: Client) -> None:
    document = DocumentFactory(slug="futur", valid_from=TODAY + timedelta(days=1))
    assert client.get("/documents/futur/").status_code == 404
    assert client.get(document.current.url).status_code == 404
    client.force_login(UserFactory(agent=True, is_superuser=True))
    assert "à partir du 9 septembre 2026" in words(client, "/documents/futur/")
    answer = client.get(document.current.url)
    assert answer["Cache-Control"] == "private, no-store"


def test_earlier_versions_are_listed_with_what_changed(library: DocumentsPage, client: Client) -> None:
    document = DocumentFactory(slug="reglement", title="Règlement")
    publish(document, note="Premier changement.")
    publish(document, note="Second changement.")
    assert "Anciennes versions (2)" in words(client)
    page = words(client, "/documents/reglement/")
    assert "Version 3 du 8 septembre 2026 Ce qui change : Second changement." in page
    assert page.index("version 2 du") < page.index("version 1 du")
    assert client.get("/documents/reglement/derniere-version")["Location"] == "/documents/reglement/v3/fichier.pdf"


# -- filters ------------------------------------------------------------------------------


def test_the_list_narrows_by_category_service_year_and_words(library: DocumentsPage, client: Client) -> None:
    childhood, youth = ServiceFactory(code="enfance", name="Enfance"), ServiceFactory(code="jeunesse", name="Jeunesse")
    bus = DocumentFactory(title="Ramassage", category=CategoryFactory(slug="bus", name="Bus"))
    rules = DocumentFactory(title="Règlement de la cantine", valid_until=date(2027, 7, 5))
    later = DocumentFactory(title="Programme", valid_until=date(2028, 7, 5))
    for document, service in ((bus, childhood), (rules, youth)):
        document.services.set([service])
        document.save()
    assert "1 document" in words(client, "/documents/?categorie=bus")
    assert "Programme" not in words(client, "/documents/?service=jeunesse")
    assert "Règlement de la cantine" in words(client, "/documents/?service=jeunesse")
    by_year = words(client, "/documents/?annee=2027-2028")
    assert later.title in by_year
    assert rules.title not in by_year
    assert "1 document pour « cantines »" in words(client, "/documents/?q=cantines")
    assert "Aucun document ne correspond" in words(client, "/documents/?q=piscine")
    assert "Ramassage" in words(client, "/documents/?categorie=inconnue&service=%00&annee=1&page=x")


@pytest.mark.parametrize("typed", ["%00", "'", "%F0%9F%A5%90", "a" * 5000, "((", "&amp;", "<script>"])
def test_whatever_is_searched_the_page_answers(library: DocumentsPage, client: Client, typed: str) -> None:
    DocumentFactory()
    assert client.get(f"/documents/?q={typed}").status_code == 200


def test_the_search_reads_the_words_of_the_version_in_force(library: DocumentsPage) -> None:
    document = DocumentFactory(title="Fiche", empty=True)
    publish(document, name="fiche.docx", content=docx())
    assert search("autorisations sortie", UserFactory(), TODAY) == [document]
    publish(document)
    assert search("autorisations sortie", UserFactory(), TODAY) == []


# -- for whom -----------------------------------------------------------------------------


@pytest.fixture
def canteen_only(family: Family, child: Child) -> LibraryDocument:
    """A document for the families of the canteen; the child of the family is enrolled in it."""
    canteen = ActivityFactory(code="restaurant-2026")
    EnrolmentFactory(child=child, activity=canteen, family=family)
    document: LibraryDocument = DocumentFactory(slug="cantine", title="Menus de la cantine", audience="chosen")
    document.audience_activities.set([canteen])
    document.save()
    return document


def places(document: LibraryDocument) -> tuple[str, str, str]:
    version = document.current
    assert version is not None
    return f"/documents/{document.slug}/", version.url, document.latest_url


def test_a_visitor_is_sent_to_sign_in_by_what_is_for_families(library: DocumentsPage, client: Client) -> None:
    document = DocumentFactory(title="Pour les familles", families=True)
    assert document.title not in words(client)
    for place in places(document):
        answer = client.get(place)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/compte/connexion/?next=/documents/")


def test_a_family_reads_what_is_for_families(library: DocumentsPage, family_client: Client) -> None:
    document = DocumentFactory(title="Pour les familles", families=True)
    assert document.title in words(family_client)
    assert document.title in words(family_client, reverse("library:family"))
    page, file, latest = places(document)
    assert family_client.get(page).status_code == 200
    assert family_client.get(latest).status_code == 302
    answer = family_client.get(file)
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "private, no-store"


def test_only_the_families_it_is_for_read_a_document(
    canteen_only: LibraryDocument, family_client: Client, client: Client
) -> None:
    assert canteen_only.title in words(family_client)
    assert family_client.get(places(canteen_only)[1]).status_code == 200
    stranger = UserFactory()
    client.force_login(stranger)
    assert canteen_only.title not in words(client)
    assert search("menus", stranger, TODAY) == []
    for place in places(canteen_only):
        assert client.get(place).status_code == 404
    visitor = Client()
    assert visitor.get(places(canteen_only)[1]).status_code == 302


def test_a_document_for_a_level_is_for_the_children_of_this_year(
    library: DocumentsPage, child: Child, family_client: Client
) -> None:
    document = DocumentFactory(title="Carte Avantages", audience="chosen", audience_levels=["CP"])
    assert document.title not in words(family_client)
    SchoolingFactory(child=child, level="CP", school_year=2026)
    assert document.title in words(family_client)


def test_an_agent_who_writes_documents_reads_them_all(canteen_only: LibraryDocument, client: Client) -> None:
    client.force_login(UserFactory(agent=True, is_superuser=True))
    for place in places(canteen_only):
        assert client.get(place).status_code in {200, 302}
    client.force_login(UserFactory(agent=True))
    assert client.get(places(canteen_only)[1]).status_code == 404


@pytest.mark.exigence("D25")
def test_a_family_finds_what_is_about_its_children_first(canteen_only: LibraryDocument, family_client: Client) -> None:
    canteen = canteen_only.audience_activities.get()
    about = DocumentFactory(title="Règlement de la cantine")
    about.activities.set([canteen])
    about.save()
    DocumentFactory(title="Autre règlement")
    page = words(family_client, reverse("library:family"))
    assert page.index("Pour votre famille") < page.index("Menus de la cantine") < page.index("Autre règlement")
    assert page.index("Règlement de la cantine") < page.index("Autre règlement")
    only = words(family_client, reverse("library:family") + "?pour=pour-vous")
    assert "Autre règlement" not in only


def test_an_account_without_family_is_told_so(library: DocumentsPage, client: Client) -> None:
    client.force_login(UserFactory())
    assert client.get(reverse("library:family")).status_code == 403


# -- weight -------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/documents/", "/documents/?q=document&categorie=reglements"])
def test_two_hundred_documents_cost_no_more_queries_than_two(
    library: DocumentsPage,
    canteen_only: LibraryDocument,
    family_client: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
    address: str,
) -> None:
    DocumentFactory()
    CategoryFactory(slug="bus", name="Bus")
    family_client.get(address)
    with django_assert_max_num_queries(40) as few:
        family_client.get(address)
    service = ServiceFactory()
    for number in range(200):
        document = DocumentFactory(families=number % 2 == 0)
        document.services.set([service])
        document.save()
    family_client.get(address)  # what every page shows was forgotten when documents were published
    with django_assert_max_num_queries(40) as many:
        answer = family_client.get(address)
    assert len(many) <= len(few) + 2
    assert len(answer.content) < 100_000
    assert len(few) <= 21  # one for the notices of the header
