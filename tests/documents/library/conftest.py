from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client
from wagtail.models import Page, Site

from cms_pages.models import HomePage
from documents.library.models import DocumentsPage
from portal.domain.accounts.models import User
from portal.domain.families.models import Child, Family
from tests.documents.library.factories import NOW
from tests.domain.accounts.factories import UserFactory
from tests.domain.families.factories import AdultFactory, ChildFactory, ChildLinkFactory, FamilyFactory, MemberFactory


@pytest.fixture
def library(db: None) -> Iterator[DocumentsPage]:
    """The page /documents/ under a home page; the clock stands on Tuesday 8 September 2026."""
    with time_machine.travel(NOW, tick=False):
        root = Page.get_first_root_node()
        home = root.add_child(instance=HomePage(title="Accueil", slug="accueil", hero_title="Bienvenue"))
        Site.objects.update_or_create(
            is_default_site=True, defaults={"hostname": "localhost", "port": 80, "root_page": home}
        )
        Site.clear_site_root_paths_cache()
        page = home.add_child(instance=DocumentsPage(title="Documents", slug="documents", lead="À télécharger."))
        yield page


@pytest.fixture
def family(library: DocumentsPage) -> Family:
    return FamilyFactory.create()


@pytest.fixture
def child(family: Family) -> Child:
    """The one child of the family."""
    return ChildLinkFactory.create(family=family, child=ChildFactory()).child


@pytest.fixture
def parent(family: Family, child: Child) -> User:
    """Claire Vuillet, mother of `child`."""
    user = UserFactory.create()
    MemberFactory(family=family, adult=AdultFactory(user=user))
    return user


@pytest.fixture
def family_client(parent: User) -> Client:
    client = Client()
    client.force_login(parent)
    return client
