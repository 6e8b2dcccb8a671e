"""The declaration of accessibility: its state is computed, its text follows the official model."""

from datetime import date
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from wagtail.models import Site

from cms_pages.models import AccessibilityDeclaration
from tests.cms_pages.test_home import page
from tests.communes.small import ProfileFolder

NBSP = "\u00a0"


def declare(**values: Any) -> AccessibilityDeclaration:
    declaration = AccessibilityDeclaration(site=Site.objects.get(is_default_site=True), **values)
    declaration.full_clean()
    declaration.save()
    return declaration


@pytest.mark.exigence("B42")
@pytest.mark.parametrize(
    ("rate", "on", "status"),
    [
        (None, date(2026, 9, 8), "non conforme"),
        (49, date(2026, 9, 8), "non conforme"),
        (50, date(2026, 9, 8), "partiellement conforme"),
        (99, date(2026, 9, 8), "partiellement conforme"),
        (100, date(2026, 9, 8), "totalement conforme"),
        (100, date(2026, 2, 28), "non conforme"),
        (100, date(2029, 3, 1), "totalement conforme"),
        (100, date(2029, 3, 2), "non conforme"),
    ],
)
def test_the_state_follows_the_audit_for_three_years(rate: int | None, on: date, status: str) -> None:
    audited_on = date(2026, 3, 1) if rate is not None else None

    assert AccessibilityDeclaration(rate=rate, audited_on=audited_on).status(on=on).label == status


@pytest.mark.parametrize("values", [{"rate": 80}, {"audited_on": date(2026, 3, 1)}])
def test_a_rate_without_an_audit_is_refused(town: ProfileFolder, values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="Un taux va avec la date de son audit"):
        declare(**values)


@pytest.mark.exigence("B42")
def test_without_an_audit_the_page_says_so(town: ProfileFolder, client: Client) -> None:
    html = page(client, "/accessibilite/")

    assert f"<strong>Accessibilité{NBSP}: non conforme</strong>" in html
    assert "aucun audit n’a encore été réalisé" in html
    assert "Résultats des tests" not in html
    for title in ("État de conformité", "Retour d’information et contact", "Voies de recours"):
        assert f"<h2>{title}</h2>" in html
    assert "Défenseur des droits" in html


def test_an_audit_fills_the_page_and_the_footer(town: ProfileFolder, client: Client) -> None:
    page(client)
    declare(
        audited_on=date(2026, 3, 12),
        rate=68,
        auditor="la commune",
        established_on=date(2026, 4, 1),
        non_conform="Les anciens PDF\nLe plan des bus",
        derogations="Les archives",
        tested_with="NVDA et Firefox",
    )
    html = page(client, "/accessibilite/")

    assert f"L’audit de conformité du 12{NBSP}mars 2026 montre que 68{NBSP}% des critères" in html
    assert "<li>Le plan des bus</li>" in html
    assert f"Elle vaut jusqu’au 12{NBSP}mars 2029" in html
    assert f"Accessibilité{NBSP}: partiellement conforme" in page(client)
    with time_machine.travel("2029-03-13", tick=False):
        assert f"Accessibilité{NBSP}: non conforme" in page(client, "/accessibilite/")
        assert "l’audit a plus de trois ans" in page(client, "/accessibilite/")


def test_the_communication_fills_it_in_the_administration(editor: Client) -> None:
    site = Site.objects.get(is_default_site=True)
    html = page(editor, reverse("wagtailsettings:edit", args=["cms_pages", "accessibilitydeclaration", site.pk]))

    assert "L’état affiché au pied de chaque page se calcule" in html
    assert "Taux de conformité" in html
