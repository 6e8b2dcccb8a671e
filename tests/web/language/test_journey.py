"""A parent who reads English, in a real browser, with and without scripts: choose, book, come back to French."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from config.places import COMMUNES_DIR
from portal.backoffice.profiles import load_profile, read_profile
from portal.domain.accounts.models import User
from portal.domain.mails.models import OutgoingMail
from tests.harness.browser import PHONE, PageFactory, let_in, nothing_scrolls_sideways, window_width
from tests.web.planning.scene import NOW
from tests.web.two_families import Town, build

pytestmark = [pytest.mark.e2e, pytest.mark.exigence("C18")]


@pytest.fixture
def town(live_server: LiveServer) -> Iterator[Town]:
    with time_machine.travel(NOW, tick=True):
        profile = read_profile(COMMUNES_DIR / "les-rousses")
        load_profile(profile=profile, by=User.objects.system(), at=timezone.now())
        yield build()


def seen(page: Page, name: str) -> None:
    """Nothing scrolls sideways; `PORTAIL_SHOTS` names a folder for pictures of what was seen."""
    nothing_scrolls_sideways(page)
    folder = os.environ.get("PORTAIL_SHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{folder}/{name}-{window_width(page)}.png", full_page=True)


@pytest.mark.parametrize("javascript", [False, True], ids=["nojs", "js"])
def test_a_parent_books_in_english_and_comes_back_to_french(
    open_page: PageFactory, live_server: LiveServer, town: Town, javascript: bool
) -> None:
    page = open_page(width=PHONE, javascript=javascript)
    page.context.clock.install(time=NOW)
    page.goto("/compte/connexion/?next=/famille/planning/%3Fmois%3D2026-09")
    expect(page.locator("html")).to_have_attribute("lang", "fr")

    # The switch keeps the page and where it leads.
    english = page.get_by_role("button", name="English")
    expect(english).to_have_attribute("lang", "en")
    english.click()
    expect(page).to_have_url(re.compile(r"/compte/connexion/\?next=/famille/planning/%3Fmois%3D2026-09$"))
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    seen(page, "sign-in")

    page.goto("/")
    expect(page.get_by_role("link", name="Create my account").first).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_attribute("lang", "fr")
    seen(page, "public-home")

    let_in(page, town.owner, live_server.url)
    page.goto("/famille/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Good evening Bérangère")
    seen(page, "family-home")

    page.goto("/famille/planning/?mois=2026-09")
    expect(page.get_by_role("heading", level=1)).to_contain_text("September 2026")
    seen(page, "planning")
    page.goto("/famille/planning/?mois=2026-09&modifier=1")
    seen(page, "planning-edit")
    expect(page.locator("#brouillon")).to_contain_text("2 additions, 1 cancellation")

    page.goto("/famille/panier/")
    seen(page, "basket")
    page.get_by_role("button", name="Confirm my 3 changes").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("It is saved")
    seen(page, "receipt")
    mail = OutgoingMail.objects.order_by("pk").last()
    assert mail is not None
    assert "septembre" in mail.text

    # Back, on the same page.
    address = page.url
    page.get_by_role("button", name="Français").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("C’est enregistré")
    assert page.url == address
    seen(page, "receipt-in-french")
