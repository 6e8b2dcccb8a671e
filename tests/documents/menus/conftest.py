from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client

from documents.menus.models import MenuSite
from portal.backoffice.roles import Role
from portal.domain.accounts.models import User
from tests.backoffice.desk import sign_in
from tests.communes.small import ProfileFolder, loaded
from tests.documents.menus.factories import NOW

MENUS = """
[menus]
lead = "Ce que mangent les enfants."

[[menus.sites]]
code = "cantine"
name = "Restaurant scolaire"
short_name = "Écoles"
structures = ["restaurant-scolaire"]
intro = "Viandes d’origine française."
order = 1

[[menus.sites]]
code = "creche"
name = "Crèche"
kind = "creche"
weekdays = ["lundi", "mardi", "mercredi", "jeudi", "vendredi"]
service_days = "all"
order = 2
"""


def menus_folder(tmp_path: Path) -> ProfileFolder:
    profile = ProfileFolder(tmp_path / "essai")
    profile.add(MENUS)
    return profile


@pytest.fixture
def folder(tmp_path: Path) -> ProfileFolder:
    """The small profile with a canteen and a crèche, not loaded."""
    return menus_folder(tmp_path)


@pytest.fixture
def town(db: None, folder: ProfileFolder) -> Iterator[ProfileFolder]:
    """The profile, loaded; the clock stands on Tuesday 10 November 2026, the eve of a public holiday."""
    with loaded(folder, at=NOW):
        yield folder


@pytest.fixture
def canteen(town: ProfileFolder) -> MenuSite:
    return MenuSite.objects.get(code="cantine")


@pytest.fixture
def nursery(town: ProfileFolder) -> MenuSite:
    return MenuSite.objects.get(code="creche")


@pytest.fixture
def agent(town: ProfileFolder, client: Client) -> User:
    """Somebody of communication, signed in with `client`."""
    return sign_in(client, Role.COMMUNICATION)
