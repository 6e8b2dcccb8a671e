"""Two small towns: one with its pages, one with menus beside them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from documents.menus.models import MenuSite
from tests.cms_pages.conftest import NOW, pages_folder
from tests.communes.small import ProfileFolder, loaded
from tests.documents.menus.conftest import menus_folder
from tests.documents.menus.factories import NOW as MENUS_NOW


@pytest.fixture
def town(db: None, tmp_path: Path) -> Iterator[ProfileFolder]:
    """The small profile, loaded; the clock stands on Tuesday 8 September 2026."""
    with loaded(pages_folder(tmp_path), at=NOW) as folder:
        yield folder


@pytest.fixture
def menus_town(db: None, tmp_path: Path) -> Iterator[ProfileFolder]:
    """The small profile with its menus, loaded; the clock stands on Tuesday 10 November 2026."""
    with loaded(menus_folder(tmp_path), at=MENUS_NOW) as folder:
        yield folder


@pytest.fixture
def canteen(menus_town: ProfileFolder) -> MenuSite:
    return MenuSite.objects.get(code="cantine")
