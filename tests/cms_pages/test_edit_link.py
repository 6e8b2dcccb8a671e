"""« Modifier cette page »: for whoever may, on the page itself; nothing in the page of the others."""

import pytest
from django.test import Client

from cms_pages.models import ContentPage
from portal.backoffice.roles import Role
from tests.backoffice.desk import make_agent
from tests.domain.accounts.factories import UserFactory

LINK = "Modifier cette page"


def read(client: Client) -> str:
    return str(client.get("/aide/").content.decode())


@pytest.mark.usefixtures("town")
def test_an_editor_goes_from_the_page_to_its_form() -> None:
    editor = Client()
    editor.force_login(make_agent(Role.COMMUNICATION))
    page = ContentPage.objects.get(slug="aide")
    assert f'href="/gestion/pages/{page.pk}/edit/">{LINK}</a>' in read(editor)
    assert editor.get(f"/gestion/pages/{page.pk}/edit/").status_code == 200


@pytest.mark.usefixtures("town")
def test_nobody_else_reads_of_it() -> None:
    visitor, parent, clerk = Client(), Client(), Client()
    parent.force_login(UserFactory())
    clerk.force_login(make_agent(Role.ACCOUNTING))
    for client in (visitor, parent, clerk):
        assert LINK not in read(client)
