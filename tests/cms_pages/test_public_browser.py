"""Every kind of public page in a real browser, at both widths: nothing sticks out, nothing is refused."""

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from cms_pages.models import StructurePage
from tests.communes.small import ProfileFolder
from tests.harness.browser import PageFactory

#: A folder where the screens are kept, to be looked at.
SHOTS = os.environ.get("SCREENS", "")

#: What makes the page scroll sideways, if anything does.
TOO_WIDE = """() => document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll("body *")]
  .filter((each) => each.getBoundingClientRect().right > innerWidth + 1 && !each.closest(".scroller, .hills"))
  .map((each) => each.outerHTML.slice(0, 200) + " in " + each.parentElement.outerHTML.slice(0, 120))"""

PLACES = {
    "accueil": "/",
    "infos": "/infos-pratiques/",
    "structures": "/infos-pratiques/structures/",
    "creche": "/infos-pratiques/structures/creche/",
    "questions": "/infos-pratiques/questions/",
    "contacts": "/infos-pratiques/contacts/",
    "rubrique": "/petite-enfance/",
    "accessibilite": "/accessibilite/",
    "donnees": "/donnees-personnelles/",
    "cookies": "/cookies/",
    "cgu": "/conditions-generales/",
    "mentions": "/mentions-legales/",
    "connexion": "/compte/connexion/",
}


@pytest.mark.e2e
@pytest.mark.exigence("N9", "L10")
def test_every_public_page_holds_in_its_width(whole_town: ProfileFolder, width: int, open_page: PageFactory) -> None:
    screen = open_page(width=width)
    for name, address in PLACES.items():
        screen.goto(address)
        expect(screen.locator("h1")).to_have_count(1)
        assert screen.evaluate(TOO_WIDE) == [], address
        if SHOTS:
            Path(SHOTS).mkdir(parents=True, exist_ok=True)
            screen.screenshot(path=f"{SHOTS}/{name}-{width}.png", full_page=True)


@pytest.mark.e2e
def test_the_policy_lets_structured_data_be(whole_town: ProfileFolder, open_page: PageFactory) -> None:
    """A refused block would be said in the console, and the watch of `open_page` fails on that."""
    screen = open_page()
    screen.goto(StructurePage.objects.get(slug="creche").url)

    data = screen.evaluate("JSON.parse(document.querySelector('script[type=\"application/ld+json\"]').textContent)")
    kinds = {part["@type"] for part in data["@graph"]}
    assert kinds == {"BreadcrumbList", "ChildCare"}


VOICES = """
const said = [];
window.said = said;
Object.defineProperty(window, 'speechSynthesis', {value: {
  getVoices: () => [{lang: 'fr-FR', localService: true, name: 'Claire'}],
  addEventListener: () => {}, cancel: () => {},
  speak: (one) => { said.push(one.text); if (said.length < 400) setTimeout(() => one.onend && one.onend(), 0); },
}});
window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
"""


@pytest.mark.e2e
def test_a_page_is_read_aloud_and_stops(whole_town: ProfileFolder, open_page: PageFactory) -> None:
    screen = open_page()
    screen.add_init_script(VOICES)
    screen.goto("/infos-pratiques/questions/")
    button = screen.get_by_role("button", name="Écouter cette page")
    expect(button).to_be_visible()
    button.focus()
    screen.keyboard.press("Enter")
    expect(screen.locator(".read-aloud [role=status]")).to_have_text("Lecture terminée")
    said: Any = screen.evaluate("said")

    assert said[0] == "Questions fréquentes"
    assert "Mon compte" in said
    assert not [text for text in said if "Écouter" in text or "Vous êtes ici" in text]


@pytest.mark.e2e
def test_without_a_french_voice_there_is_no_button(whole_town: ProfileFolder, open_page: PageFactory) -> None:
    screen = open_page()
    screen.add_init_script(VOICES.replace("fr-FR", "en-GB"))
    screen.goto("/infos-pratiques/questions/")

    expect(screen.get_by_role("button", name="Écouter cette page")).to_have_count(0)
