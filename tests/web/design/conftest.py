"""The design system on its own URLs, with a commune given by the settings."""

import pytest

from portal.web import identity, menu, middleware, notices

IDENTITY = {
    "name": "Les Rousses",
    "name_with_article": "des Rousses",
    "contact_name": "Service Enfance",
    "phone": "01 99 00 12 34",
    "hours": ["du lundi au vendredi,", "de 8\u00a0h\u00a030 à 12\u00a0h"],
    "address": ["1, place de l’Exemple", "39220 Les Rousses"],
    "legal_links": [["Mentions légales", "/mentions-legales/"]],
    "accessibility_url": "/accessibilite/",
}


@pytest.fixture(autouse=True)
def commune(settings, monkeypatch):
    """No provider of another application answers here, and nothing is remembered between tests."""
    settings.ROOT_URLCONF = "tests.web.design.urls"
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
    settings.PORTAL_IDENTITY = IDENTITY
    monkeypatch.setattr(identity, "_identity_providers", [])
    monkeypatch.setattr(identity, "_family_header_providers", [])
    monkeypatch.setattr(identity, "_last_known", None)
    monkeypatch.setattr(middleware, "_providers", [])
    monkeypatch.setattr(notices, "_providers", [])
    monkeypatch.setattr(menu, "_ENTRIES", {name: dict(entries) for name, entries in menu.DEFAULT_ENTRIES.items()})
