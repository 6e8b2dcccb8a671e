"""A family answers in a real browser, at both widths, with and without scripts."""

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from cms_pages.surveys.enums import FieldKind, Respondents
from cms_pages.surveys.models import Answer
from tests.cms_pages_surveys.factories import CHOICES, make_form
from tests.domain.accounts.factories import PASSWORD
from tests.domain.bookings.factories import household

QUESTIONS = [
    {"label": "Pour quel enfant ?", "field_type": FieldKind.CHILD},
    {
        "label": "Vous pouvez aider",
        "field_type": FieldKind.CHECKBOXES,
        "choices": CHOICES,
        "help_text": "Une heure suffit.",
    },
    {
        "label": "Régime du pique-nique",
        "field_type": FieldKind.LIST,
        "choices": "avec viande\nsans viande",
        "required": False,
    },
    {"label": "À partir du", "field_type": FieldKind.DATE, "required": False},
    {"label": "Nombre de personnes", "field_type": FieldKind.NUMBER},
    {"label": "Attestation d’assurance", "field_type": FieldKind.FILE, "required": False},
    {"label": "J’accepte que la mairie m’appelle", "field_type": FieldKind.CONSENT, "required": False},
]


def shoot(page: Page, name: str) -> None:
    """A picture for who looks at the pages: SCREENSHOTS names the folder."""
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any) -> None:
    settings.PRIVATE_ROOT = tmp_path


@pytest.mark.e2e
@pytest.mark.exigence("B24")
def test_a_parent_answers_and_reads_the_answer_again(
    transactional_db: None, visitor: Page, width: int, javascript: bool
) -> None:
    home = household(children=2, name="Vuillet", number="4127")
    form = make_form(
        title="Fête de l’école : qui vient aider ?",
        lead="Une heure suffit, avant, pendant ou après la fête.",
        questions=QUESTIONS,
        thanks="L’équipe vous rappelle d’ici vendredi.",
        places=40,
    )
    name = f"{width}-{'js' if javascript else 'nojs'}"
    visitor.goto(form.url)
    shoot(visitor, f"visiteur-{name}")
    visitor.get_by_role("main").get_by_role("link", name="Me connecter").click()
    visitor.locator("[name=login]").fill(home.parent.username)
    visitor.locator("[name=password]").fill(PASSWORD)
    visitor.locator("main form button").first.click()
    expect(visitor.get_by_role("heading", level=1)).to_have_text("Fête de l’école\u00a0: qui vient aider\u202f?")
    shoot(visitor, f"formulaire-{name}")
    assert visitor.evaluate("document.documentElement.scrollWidth <= innerWidth")
    visitor.get_by_label("Nombre de personnes").fill("beaucoup")
    visitor.get_by_role("button", name="Envoyer ma réponse").click()
    expect(visitor.locator("#erreurs")).to_be_visible()
    shoot(visitor, f"erreurs-{name}")
    expect(visitor.get_by_label("Nombre de personnes")).to_have_value("beaucoup")
    visitor.get_by_label("Hugo").check()
    visitor.get_by_label("tenir un stand").check()
    visitor.get_by_label("Nombre de personnes").fill("2")
    visitor.get_by_role("button", name="Envoyer ma réponse").click()
    expect(visitor.get_by_text("Votre réponse est enregistrée sous le numéro")).to_be_visible()
    shoot(visitor, f"merci-{name}")
    visitor.get_by_role("link", name="Relire ma réponse").click()
    expect(visitor.get_by_text("tenir un stand")).to_be_visible()
    shoot(visitor, f"reponse-{name}")
    visitor.goto("/famille/formulaires/")
    shoot(visitor, f"liste-{name}")
    assert Answer.objects.get().family == home.family


@pytest.mark.e2e
def test_a_visitor_searches(transactional_db: None, visitor: Page, width: int, javascript: bool) -> None:
    make_form(
        title="Avis sur la cantine",
        respondents=Respondents.ANYBODY,
        lead="Ce que pensent les familles de la cantine et de la crèche.",
    )
    name = f"{width}-{'js' if javascript else 'nojs'}"
    visitor.goto("/")
    shoot(visitor, f"accueil-{name}")
    if width < 900:
        visitor.get_by_role("link", name="Rechercher").click()
        visitor.locator("#q").fill("creche")
        visitor.locator("#q").press("Enter")
    else:
        visitor.locator("#recherche").fill("creche")
        visitor.locator("#recherche").press("Enter")
    expect(visitor.locator("mark").first).to_have_text("crèche")
    shoot(visitor, f"recherche-{name}")
    visitor.goto("/recherche/?q=cantin3")
    shoot(visitor, f"recherche-vide-{name}")
    assert visitor.evaluate("document.documentElement.scrollWidth <= innerWidth")
