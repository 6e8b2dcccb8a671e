"""What was published never changes, and stays where it was."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError

from documents.library.inspection import digest_of
from documents.library.models import DocumentVersion, LibraryDocument
from documents.library.services import PublicationRefused, withdraw_version
from portal.domain.accounts.models import User
from portal.domain.audit.models import AuditEntry
from tests.documents.library.factories import NOW, DocumentFactory, publish, stored
from tests.documents.library.files import docx, pdf

pytestmark = pytest.mark.django_db


def test_each_publication_is_the_next_version_and_the_file_of_the_one_before_stays() -> None:
    document = DocumentFactory(slug="reglement")
    first = document.versions.get()
    second = publish(document, note="Le soir finit à 18 h 30.")
    assert (first.number, second.number) == (1, 2)
    assert stored(first) != stored(second)
    assert digest_of(stored(first)) == first.sha256
    assert LibraryDocument.objects.get().current == second
    assert first.url == "/documents/reglement/v1/fichier.pdf"


def test_a_publication_is_written_in_the_journal() -> None:
    document = DocumentFactory()
    entry = AuditEntry.objects.get(verb="publish_version")
    assert entry.target_key == str(document.pk)
    assert entry.after["number"] == 1
    assert entry.after["sha256"] == document.current.sha256


@pytest.mark.parametrize(
    "change", ["number = 7", "sha256 = 'x'", "file = 'autre'", "note = 'x'", "published_at = now()", "name = 'x.pdf'"]
)
def test_postgresql_refuses_that_a_version_changes(change: str) -> None:
    DocumentFactory()
    with pytest.raises(IntegrityError, match="ne change plus"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE library_documentversion SET {change}")


def test_the_words_of_a_version_may_be_read_again() -> None:
    DocumentFactory()
    assert DocumentVersion.objects.update(text="cantine") == 1


def test_the_same_file_twice_is_refused() -> None:
    document = DocumentFactory(empty=True)
    publish(document, content=pdf())
    with pytest.raises(PublicationRefused, match="déjà la version 1"):
        publish(document, content=pdf())
    assert document.versions.count() == 1


def test_a_document_with_a_version_is_not_deleted() -> None:
    document = DocumentFactory()
    with pytest.raises(ProtectedError):
        document.delete()


def test_a_withdrawn_version_takes_its_number_and_file_with_it(
    django_capture_on_commit_callbacks: Any,
) -> None:
    document = DocumentFactory()
    second = publish(document)
    path, by = second.file.name, User.objects.system()
    with django_capture_on_commit_callbacks(execute=True):
        withdraw_version(version=second, by=by, at=NOW)
    assert not second.file.storage.exists(path)
    assert AuditEntry.objects.get(verb="withdraw_version").before["number"] == 2
    assert publish(document).number == 3


def test_a_publication_that_fails_leaves_no_file_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    document = DocumentFactory(empty=True)
    kept: list[str] = []
    storage = DocumentVersion._meta.get_field("file").storage
    save = storage.save
    monkeypatch.setattr(storage, "save", lambda *args: kept.append(save(*args)) or kept[-1])
    monkeypatch.setattr("documents.library.services.record", _broken)
    with pytest.raises(RuntimeError):
        publish(document)
    assert len(kept) == 1
    assert not storage.exists(kept[0])
    assert not document.versions.exists()


def _broken(**kwargs: object) -> None:
    raise RuntimeError


def test_the_words_of_a_document_are_kept_for_the_search() -> None:
    version = publish(DocumentFactory(empty=True), name="fiche.docx", content=docx())
    assert version.text == "Autorisation de sortie"
    assert version.kind == "docx"


def test_what_is_known_of_a_file_replaces_what_is_read_in_it() -> None:
    document = DocumentFactory(empty=True)
    version = publish(document, pages=12, text="règlement", at=NOW + timedelta(days=1))
    assert (version.pages, version.text) == (12, "règlement")


def test_days_in_the_wrong_order_are_refused_by_the_database() -> None:
    document = DocumentFactory()
    with pytest.raises(IntegrityError, match="library_document_days_in_order"), transaction.atomic():
        LibraryDocument.objects.filter(pk=document.pk).update(
            valid_from=NOW.date(), valid_until=NOW.date() - timedelta(days=1)
        )
