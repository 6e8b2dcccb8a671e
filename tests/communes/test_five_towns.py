"""The five profiles of the repository: each makes a whole portal, whose every link leads somewhere."""

import re
from datetime import datetime
from functools import cache
from html import escape, unescape
from typing import Any

import pytest
import time_machine
from django.test import Client

from config.places import COMMUNES_DIR
from documents.library import printing
from portal.backoffice.profiles import load_profile, read_profile
from portal.domain.accounts.models import User
from portal.domain.kernel.french import typography
from portal.web.design.printer import print_page
from tests.communes.crawl import crawl
from tests.communes.towns import AT, TOWNS

#: What every town's public side has, whatever it is called there.
ADDRESSES = (
    "/",
    "/actualites/",
    "/documents/",
    "/menus/",
    "/infos-pratiques/",
    "/infos-pratiques/contacts/",
    "/infos-pratiques/structures/",
    "/infos-pratiques/tarifs/",
    "/infos-pratiques/reglement-interieur/",
    "/infos-pratiques/calendrier-reservations/",
    "/infos-pratiques/pieces-a-fournir/",
    "/enfance/",
    "/jeunesse/",
    "/jeunesse/programme-loisirs/",
    "/ecoles/",
    "/questions-frequentes/",
    "/facile-a-lire/",
    "/aide/",
    "/accessibilite/",
    "/donnees-personnelles/",
    "/cookies/",
    "/conditions-generales/",
    "/mentions-legales/",
    "/plan-du-site/",
    "/documents/guide-du-portail/",
)


@pytest.fixture(autouse=True)
def one_printed_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same page for every document: how they are printed is tested beside the library, and takes long."""
    printed = _one_page()
    monkeypatch.setattr(printing, "render_paged_pdf", lambda template, context: printed)


@cache
def _one_page() -> tuple[bytes, int]:
    return print_page("<!doctype html><html lang='fr'><title>Essai</title><p>Essai</p></html>")


def load(town: str, at: datetime = AT) -> Any:
    return load_profile(profile=read_profile(COMMUNES_DIR / town), by=User.objects.system(), at=at)


def test_the_five_towns_are_those_of_the_folder() -> None:
    assert sorted(path.parent.name for path in COMMUNES_DIR.glob("*/profile.toml")) == sorted(TOWNS)


def words(html: str) -> str:
    """What is read on a page, spaces made plain."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).replace("\u00a0", " ").replace("\u202f", " ").split())


@pytest.mark.exigence("V8", "V16", "V17", "V18", "V20", "V21", "A29")
@pytest.mark.django_db
@pytest.mark.parametrize("town", TOWNS)
def test_a_town_has_a_whole_public_side_without_a_dead_link(
    town: str, client: Client, subtests: pytest.Subtests
) -> None:
    profile = read_profile(COMMUNES_DIR / town)
    with time_machine.travel(AT, tick=False):
        report = load(town)
        walk = crawl(client)

    with subtests.test("every link answers"):
        assert walk.dead == []
    with subtests.test("every address of a public side is reached from the home page"):
        assert [address for address in ADDRESSES if address not in walk.pages] == []
    with subtests.test("nothing of the markup is left in a page"):
        assert [address for address, html in walk.pages.items() if "{annee}" in html or "**" in words(html)] == []
    with subtests.test("the guide of the portal is downloaded from the home page"):
        assert "/documents/guide-du-portail/" in walk.pages["/"]
        assert any(path.startswith("/documents/guide-du-portail/v1/") for path in walk.files)
    contacts = words(walk.pages["/infos-pratiques/contacts/"])
    with subtests.test("contacts are sorted by subject, each with its service"):
        subjects = profile.sections["contact"].subjects
        assert {"help", "billing", "places"} <= {subject.kind for subject in subjects}
        assert [subject.title for subject in subjects if plain(subject.title) not in contacts] == []
    with subtests.test("every service is there with its telephone"):
        services = profile.town.services
        assert [service.name for service in services if plain(service.name) not in contacts] == []
        assert [service.phone for service in services if service.phone not in contacts] == []
    with subtests.test("a last resort is given"):
        assert profile.sections["contact"].last_resort_phone in contacts
        assert plain(profile.sections["contact"].last_resort) in contacts
    with subtests.test("questions have their answers"):
        questions = re.findall(r"^### (.+)$", profile.sections["faq_pages"][0].file.text, re.MULTILINE)
        page = words(walk.pages["/questions-frequentes/"])
        assert len(questions) >= 9
        assert [question for question in questions if plain(question) not in page] == []
    with subtests.test("the programme of the leisure centre is published"):
        assert "/jeunesse/programme-loisirs/" in walk.pages["/jeunesse/"]
    with subtests.test("the news that is over is gone, the one for some families is not shown to all"):
        items = profile.sections["news"].items
        hidden = [item.slug for item in items if item.audience == "chosen"]
        assert hidden
        assert [slug for slug in hidden if f"/actualites/{slug}/" in walk.pages] == []
        assert sum(bool(item.pinned) for item in items) == 1
        assert any(item.event_in_days for item in items)
    with subtests.test("menus have a vegetarian dish every week"):
        assert [note for note in report.notes if "végétarien" in note] == []


def plain(text: str) -> str:
    """A text of a profile as it is read on a page."""
    return words(escape(typography(text)))


@pytest.mark.django_db
def test_a_town_loaded_again_is_left_as_it_was() -> None:
    with time_machine.travel(AT, tick=False):
        load("roussillon-conflent-2019")
        report = load("roussillon-conflent-2019")

    assert (report.created.total(), report.updated.total(), report.removed.total()) == (0, 0, 0), report.notes
