"""A parent sends a paper again from the phone: a photograph, a look, the service's answer, in a real browser."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Permission
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from portal.domain.kernel.clock import PARIS
from portal.domain.papers.deciding import accept_paper
from portal.domain.papers.models import Paper
from tests.domain.accounts.factories import UserFactory
from tests.domain.files.samples import pdf, photo
from tests.e2e.households import sign_in_as
from tests.harness.browser import nothing_scrolls_sideways
from tests.harness.towns import load_town

pytestmark = pytest.mark.e2e

NOW = datetime(2026, 9, 8, 19, 0, tzinfo=PARIS)


@pytest.fixture(autouse=True)
def town(live_server: LiveServer, settings: Any, tmp_path: Path) -> Iterator[None]:
    """Les Rousses and its sample families; files stay in the test's own folder."""
    settings.PORTAL_BASE_URL = live_server.url
    settings.PRIVATE_ROOT = tmp_path / "private"
    with time_machine.travel(NOW, tick=True):
        load_town("les-rousses", at=NOW, families=4)
        yield


@pytest.fixture
def papers(tmp_path: Path) -> dict[str, Path]:
    """What a phone holds: a photograph as phones take it, a document, and a page that claims to be one."""
    contents = {
        "attestation.heic": photo("HEIF"),
        "attestation.pdf": pdf(2),
        "attestation-fausse.pdf": b"<html><script>alert(1)</script></html>",
    }
    made = {}
    for name, content in contents.items():
        made[name] = tmp_path / name
        made[name].write_bytes(content)
    return made


@pytest.mark.exigence("D29", "D31")
def test_a_parent_sends_an_unreadable_paper_again_and_reads_the_answer(visitor: Page, papers: dict[str, Path]) -> None:
    page = visitor
    sign_in_as(page, "parent", towards="/famille/dossier/documents/")
    nothing_scrolls_sideways(page)
    page.get_by_role("link", name="Assurance scolaire de Hugo").click()
    expect(page.get_by_text("La date de fin n’est pas lisible.").first).to_be_visible()

    look = page.get_by_role("button", name="Regarder avant de transmettre")
    chosen = page.locator("input[type=file]")
    chosen.set_input_files(papers["attestation-fausse.pdf"])
    look.click()
    expect(page.locator("#erreurs")).to_be_visible()
    nothing_scrolls_sideways(page)

    chosen.set_input_files([papers["attestation.heic"], papers["attestation.pdf"]])
    look.click()
    expect(page.get_by_role("heading", level=2, name="Est-ce lisible ?")).to_be_visible()
    pictures = page.locator("img.page-preview")
    expect(pictures).to_have_count(3)
    for picture in pictures.all():
        picture.scroll_into_view_if_needed()
        expect(picture).not_to_have_js_property("naturalWidth", 0)
    nothing_scrolls_sideways(page)

    page.get_by_role("button", name="Enlever ce fichier attestation.pdf").click()
    expect(pictures).to_have_count(1)
    page.get_by_role("button", name="Transmettre au service").click()
    expect(page.get_by_text("Pièce transmise").first).to_be_visible()
    nothing_scrolls_sideways(page)

    sent = Paper.objects.latest("pk")
    agent = UserFactory(is_staff=True)
    agent.user_permissions.add(*Permission.objects.filter(content_type__app_label="papers"))
    accept_paper(paper=sent.pk, version=sent.version, valid_until=date(2027, 8, 31), by=agent, at=NOW)
    page.reload()
    main = page.get_by_role("main")
    expect(main.get_by_text("Pièce acceptée").first).to_be_visible()
    page.get_by_role("link", name="Suivre cette démarche").click()
    expect(main.get_by_text("acceptée").first).to_be_visible()
