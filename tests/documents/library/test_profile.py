"""A profile says which documents the town publishes, as ready files or as texts to print."""

from pathlib import Path

import pytest
from django.test import Client

from documents.library.filetypes import check_file
from documents.library.inspection import inspect
from documents.library.models import DocumentCategory, DocumentsPage, DocumentVersion, LibraryDocument
from portal.backoffice.profiles import load_profile, read_profile
from portal.backoffice.profiles.loading import Report
from portal.backoffice.profiles.problems import ProfileRefused
from portal.domain.accounts.models import User
from tests.communes.small import ProfileFolder
from tests.documents.library.factories import NOW, publish, stored
from tests.documents.library.files import pdf
from tests.domain.accounts.factories import UserFactory

pytestmark = pytest.mark.django_db

LIBRARY = """
[library]
lead = "Tout ce qui se télécharge."

[[library.categories]]
code = "reglements"
name = "Règlements intérieurs"

[[library.documents]]
slug = "reglement"
title = "Règlement intérieur {annee}"
category = "reglements"
description = "Les règles de la cantine."
text = "regles.md"
services = ["enfance"]
activities = ["restaurant"]
valid_until = "fin-des-classes"
on_home = true

[[library.documents]]
slug = "bus"
title = "Ramassage en bus"
category = "reglements"
file = "bus.pdf"
audience = "chosen"
audience_activities = ["restaurant"]
audience_levels = ["CP"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> ProfileFolder:
    made = ProfileFolder(tmp_path / "essai")
    made.text("regles.md", "## Article 1\n\nOn réserve avant le **jeudi**.\n\n- la cantine\n- le soir")
    (made.path / "bus.pdf").write_bytes(pdf())
    return made.add(LIBRARY)


def load(folder: ProfileFolder) -> Report:
    return load_profile(profile=read_profile(folder.path), by=User.objects.system(), at=NOW)


def refused(folder: ProfileFolder) -> str:
    with pytest.raises(ProfileRefused) as refusal:
        load(folder)
    return str(refusal.value)


@pytest.mark.exigence("A29")
def test_a_text_of_the_town_becomes_a_tagged_pdf(folder: ProfileFolder) -> None:
    load(folder)
    document = LibraryDocument.objects.get(slug="reglement")
    version = document.current
    assert document.title == "Règlement intérieur 2026/2027"
    assert version.pages == 1
    assert version.text == "Article 1 On réserve avant le jeudi. la cantine le soir"
    content = stored(version)
    # Tagged, with its title and language, and one that an agent could have sent.
    assert inspect(check_file("reglement.pdf", content)).warnings == ()
    assert document.valid_until is not None
    assert [each.code for each in document.services.all()] == ["enfance"]
    assert [each.code for each in document.activities.all()] == ["restaurant-2026"]


def test_a_ready_file_is_published_as_it_is(folder: ProfileFolder) -> None:
    load(folder)
    document = LibraryDocument.objects.get(slug="bus")
    assert stored(document.current) == pdf()
    assert document.audience_levels == ["CP"]
    assert document.audience_activities.get().code == "restaurant-2026"


def test_the_same_profile_again_publishes_nothing(folder: ProfileFolder) -> None:
    load(folder)
    before = list(DocumentVersion.objects.values_list("pk", flat=True))
    report = load(folder)
    assert list(DocumentVersion.objects.values_list("pk", flat=True)) == before
    assert not any("version" in note for note in report.notes)
    assert (DocumentCategory.objects.count(), DocumentsPage.objects.count()) == (1, 1)


def test_a_changed_text_is_the_next_version_and_the_one_before_stays(folder: ProfileFolder) -> None:
    load(folder)
    first = stored(DocumentVersion.objects.get(document__slug="reglement"))
    report = load(folder.text("regles.md", "## Article 1\n\nOn réserve avant le mercredi."))
    versions = LibraryDocument.objects.get(slug="reglement").all_versions
    assert [version.number for version in versions] == [2, 1]
    assert stored(versions[1]) == first
    assert any("version 2 publiée" in note for note in report.notes)


def test_a_version_that_an_agent_published_stays_in_force(folder: ProfileFolder) -> None:
    load(folder)
    publish(LibraryDocument.objects.get(slug="reglement"), by=UserFactory(agent=True))
    report = load(folder.text("regles.md", "Un autre texte."))
    assert LibraryDocument.objects.get(slug="reglement").current.number == 2
    assert any("un agent a publié la version 2" in note for note in report.notes)


@pytest.mark.exigence("V13")
@pytest.mark.exigence("A29")
def test_the_home_leads_to_the_documents_put_forward(folder: ProfileFolder, client: Client) -> None:
    load(folder)
    home = client.get("/").content.decode()
    assert LibraryDocument.objects.get(slug="reglement").current.url in home
    assert 'href="/documents/"' in home
    assert "ramassage" not in home.lower()


@pytest.mark.exigence("V4")
def test_practical_information_offers_the_documents(folder: ProfileFolder, client: Client) -> None:
    load(folder.add('[[pages]]\nslug = "infos"\ntitle = "Infos pratiques"\nrole = "information"'))
    page = client.get("/infos/").content.decode()
    assert LibraryDocument.objects.get(slug="reglement").current.url in page


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('text = "regles.md"', "", "« text » ou « file »"),
        ('file = "bus.pdf"', 'file = "absent.pdf"', "n’existe pas"),
        ('file = "bus.pdf"', 'file = "../../etc/passwd"', "sort du dossier"),
        ('file = "bus.pdf"', 'file = "aide.md"', "n’est pas accepté"),
        ('slug = "bus"', 'slug = "reglement"', "déjà pris"),
        ('services = ["enfance"]', 'services = ["autre"]', "n’est pas un service"),
        ('audience = "chosen"', 'audience = "families"', "ne sert qu’avec"),
        ('audience_activities = ["restaurant"]\naudience_levels = ["CP"]', "", "au moins une clé"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_loaded(folder: ProfileFolder, old: str, new: str, words: str) -> None:
    folder.change(old, new)
    assert words in refused(folder).replace("\u00a0", " ")
    assert not LibraryDocument.objects.exists()
