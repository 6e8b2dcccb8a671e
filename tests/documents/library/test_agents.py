"""Agents publish documents: one form for a new one, one action for the next version."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.html import escape

from documents.library.models import DocumentsPage, LibraryDocument
from portal.backoffice.roles import Role
from portal.domain.audit.models import AuditEntry
from tests.backoffice.desk import address, delete, errors_of, filled, is_refused, said, save, sign_in, words
from tests.documents.library.factories import CategoryFactory, DocumentFactory, publish
from tests.documents.library.files import pdf
from tests.domain.activities.factories import ActivityFactory, ServiceFactory

SCREEN = "bibliotheque/documents"


@pytest.fixture
def agent(library: DocumentsPage, client: Client) -> Client:
    """An agent of the communication."""
    sign_in(client, Role.COMMUNICATION)
    return client


def upload(name: str = "Règlement 2026.pdf", content: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, pdf() if content is None else content)


def test_a_document_is_created_with_its_first_version(agent: Client) -> None:
    category = CategoryFactory()
    answer = save(
        agent,
        SCREEN,
        title="Règlement",
        slug="reglement",
        category=category.pk,
        services=[ServiceFactory().pk],
        file=upload(),
    )
    assert answer.status_code == 302, errors_of(answer)
    document = LibraryDocument.objects.get()
    assert document.current.url == "/documents/reglement/v1/reglement-2026.pdf"
    assert document.services.count() == 1
    assert "n’est pas balisé" in said(answer)
    assert set(AuditEntry.objects.values_list("verb", flat=True)) == {"create", "publish_version"}


def test_a_refused_file_keeps_what_was_typed_and_publishes_nothing(agent: Client) -> None:
    answer = save(
        agent,
        SCREEN,
        title="Règlement",
        slug="reglement",
        category=CategoryFactory().pk,
        file=upload("page.pdf", b"<html><script>alert(1)</script>"),
    )
    assert "ce n’en est pas un" in errors_of(answer)["file"][0]
    assert 'value="Règlement"' in answer.content.decode()
    assert not LibraryDocument.objects.exists()


def test_a_document_for_some_families_needs_a_criterion(agent: Client) -> None:
    values = {"title": "Bus", "slug": "bus", "category": CategoryFactory().pk, "audience": "chosen"}
    assert "audience" in errors_of(save(agent, SCREEN, **values, file=upload()))
    answer = save(agent, SCREEN, **values, audience_activities=[ActivityFactory(code="bus").pk], file=upload())
    assert answer.status_code == 302, errors_of(answer)
    assert LibraryDocument.objects.get().audience_activities.count() == 1


def test_days_in_the_wrong_order_are_named(agent: Client) -> None:
    answer = save(
        agent,
        SCREEN,
        title="Bus",
        slug="bus",
        category=CategoryFactory().pk,
        valid_from="2026-09-02",
        valid_until="2026-09-01",
        file=upload(),
    )
    assert "valid_until" in errors_of(answer)


def test_a_document_changes_but_its_address_does_not(agent: Client) -> None:
    document = DocumentFactory(slug="reglement")
    page = address(SCREEN, "edit", document.pk)
    assert "file" not in agent.get(page).context["form"].fields
    answer = agent.post(page, filled(agent, page, title="Nouveau titre", slug="autre", description="Une phrase."))
    assert answer.status_code == 302, errors_of(answer)
    document = LibraryDocument.objects.get()
    assert (document.title, document.slug, document.versions.count()) == ("Nouveau titre", "reglement", 1)


def test_the_next_version_is_one_action(agent: Client) -> None:
    document = DocumentFactory(slug="reglement")
    page = address(SCREEN, "publier", document.pk)
    assert page in agent.get(address(SCREEN)).content.decode()
    assert "version 1 du 8\u00a0septembre 2026" in words(agent.get(page))
    answer = agent.post(page, {"file": upload(), "note": "Le soir finit à 18 h 30."})
    assert answer["Location"] == address(SCREEN, "inspect", document.pk)
    assert document.versions.count() == 2
    shown = words(agent.get(answer["Location"]))
    assert "Version 2 du" in shown
    assert "Le soir finit" in shown


def test_a_version_that_is_refused_says_why_and_keeps_the_note(agent: Client) -> None:
    document = DocumentFactory(empty=True)
    publish(document, content=pdf())
    page = address(SCREEN, "publier", document.pk)
    for sent, reason in (
        ({"note": "Une phrase."}, "Choisissez le fichier à publier."),
        ({"note": "Une phrase.", "file": upload("vide.pdf", b"")}, "est vide"),
        ({"note": "Une phrase.", "file": upload()}, "déjà la version 1"),
    ):
        answer = agent.post(page, sent)
        assert answer.status_code == 422
        assert escape(reason) in answer.content.decode()
        assert 'value="Une phrase."' in answer.content.decode()
    assert document.versions.count() == 1


def test_a_version_published_by_mistake_is_taken_back(agent: Client) -> None:
    document = DocumentFactory()
    publish(document)
    page = address(SCREEN, "retirer", document.pk) + "?version=2"
    assert "La version 2" in words(agent.get(page))
    assert agent.post(page).status_code == 302
    assert [version.number for version in document.versions.all()] == [1]
    assert agent.get(page).status_code == 404
    assert agent.get(address(SCREEN, "retirer", document.pk)).status_code == 404


def test_a_published_document_is_not_deleted(agent: Client) -> None:
    document = DocumentFactory()
    delete(agent, SCREEN, document.pk)
    assert LibraryDocument.objects.exists()


def test_other_roles_do_not_publish(library: DocumentsPage, client: Client) -> None:
    document = DocumentFactory()
    sign_in(client, Role.ACCOUNTING)
    for page in (
        address(SCREEN),
        address(SCREEN, "create"),
        address(SCREEN, "publier", document.pk),
        address(SCREEN, "retirer", document.pk) + "?version=1",
        address("bibliotheque/categories"),
    ):
        assert is_refused(client.get(page))
    assert client.post(address(SCREEN, "publier", document.pk), {"file": upload()}).status_code == 302
    assert document.versions.count() == 1


def test_an_address_that_names_no_document_is_not_found(agent: Client) -> None:
    for action in ("publier", "retirer", "inspect", "edit"):
        assert agent.get(address(SCREEN, action, 999_999)).status_code == 404


def test_a_category_that_holds_documents_is_kept(agent: Client) -> None:
    document = DocumentFactory()
    delete(agent, "bibliotheque/categories", document.category_id)
    assert LibraryDocument.objects.filter(category__slug="reglements").exists()
