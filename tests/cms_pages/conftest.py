from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.cms_pages.rich import enrich
from tests.communes.small import ProfileFolder, loaded
from tests.domain.accounts.factories import UserFactory

#: A Tuesday of term: the next closing is on Thursday, for the week after.
NOW = datetime(2026, 9, 8, 10, tzinfo=UTC)


def pages_folder(tmp_path: Path) -> ProfileFolder:
    """The small profile with the pages that every site has, not loaded."""
    folder = ProfileFolder(tmp_path / "essai")
    for slug, title, role in (
        ("infos-pratiques", "Infos pratiques", "information"),
        ("accessibilite", "Accessibilité", "accessibility"),
        ("donnees-personnelles", "Données personnelles", "privacy"),
        ("conditions-generales", "Conditions générales", "terms"),
        ("mentions-legales", "Mentions légales", "legal"),
        ("plan-du-site", "Plan du site", "sitemap"),
    ):
        folder.add(f'[[pages]]\nslug = "{slug}"\ntitle = "{title}"\nrole = "{role}"')
    return folder


@pytest.fixture
def town(db: None, tmp_path: Path) -> Iterator[ProfileFolder]:
    """The small profile, loaded; the clock stands on Tuesday 8 September 2026."""
    with loaded(pages_folder(tmp_path), at=NOW) as folder:
        yield folder


@pytest.fixture
def whole_town(db: None, settings: Any, tmp_path: Path) -> Iterator[ProfileFolder]:
    """The same town with every kind of public page; images go to a folder of the test."""
    settings.MEDIA_ROOT = tmp_path / "media"
    with loaded(enrich(pages_folder(tmp_path)), at=NOW) as folder:
        yield folder


@pytest.fixture
def editor(town: ProfileFolder, client: Client) -> Client:
    """A browser in which an administrator is signed in."""
    client.force_login(UserFactory(username="admin", is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def whole_editor(whole_town: ProfileFolder, client: Client) -> Client:
    """The same browser in the whole town."""
    client.force_login(UserFactory(username="admin", is_staff=True, is_superuser=True))
    return client
