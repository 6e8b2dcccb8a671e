"""Every template of ours is rendered by somebody."""

import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.template.loader import get_template
from django.template.utils import get_app_template_dirs
from wagtail.models import get_page_models

from config.places import ROOT, TEMPLATES_DIR

SOURCES = ("cms_pages", "documents", "news", "portal", "site/config", "tariffs_simulator", "templates")
#: Django asks for these by itself, and allauth for the one of its throttle.
BY_NAME_OF_ERROR = frozenset({"400.html", "403.html", "403_csrf.html", "404.html", "429.html", "500.html"})


def our_templates() -> list[str]:
    return sorted(str(path.relative_to(TEMPLATES_DIR)) for path in TEMPLATES_DIR.rglob("*") if path.is_file())


def mentions() -> Iterator[str]:
    """Every text between quotes in our sources."""
    for source in SOURCES:
        for path in (ROOT / source).rglob("*"):
            if path.suffix in {".py", ".html", ".txt"}:
                yield from re.findall(r"""["']([^"'\n]+)["']""", path.read_text())


def is_override(name: str) -> bool:
    """Whether it replaces a template of an installed package."""
    return any((Path(folder) / name).is_file() for folder in get_app_template_dirs("templates"))


def test_no_template_is_unused() -> None:
    named = set(mentions())
    # `f"mails/{kind}.html"` names every template that it can make.
    patterns = [
        re.compile(re.sub(r"\\\{[^{}]*\\\}", "[^/]+", re.escape(text)))
        for text in named
        if "{" in text and "/" in text
    ]
    pages = {model.template for model in get_page_models()}
    unused = [
        name
        for name in our_templates()
        if name not in named | pages | BY_NAME_OF_ERROR
        and not is_override(name)
        and not any(pattern.fullmatch(name) for pattern in patterns)
    ]

    assert unused == []


def test_every_template_can_be_compiled() -> None:
    assert settings.TEMPLATES[0]["DIRS"] == [TEMPLATES_DIR]
    for name in our_templates():
        get_template(name)
