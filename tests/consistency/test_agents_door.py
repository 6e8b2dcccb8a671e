"""The agents' door: no address of it opens to a parent, and nobody signs in there beside the common throttle."""

import re
from collections.abc import Iterator

import pytest
import time_machine

from config.middleware import dotted_name
from tests.consistency.test_every_url import ask, every_pattern, signed_in
from tests.domain.accounts.factories import PASSWORD
from tests.web.planning.scene import NOW
from tests.web.two_families import Town, build

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> Iterator[Town]:
    with time_machine.travel(NOW, tick=False):
        yield build()


VALUES = {"int": "1", "str": "1", "slug": "x", "uuid": "3f8f2a0e-0000-4000-8000-000000000000", "path": "x"}


def of_the_agents() -> list[str]:
    """Every address under /gestion/ that can be written with plausible arguments."""
    found = []
    for address, _name, _view in every_pattern():
        if address.startswith("gestion/"):
            plain = re.sub(r"<(?:(\w+):)?\w+>", lambda hit: VALUES.get(hit[1] or "str", "1"), address)
            plain = re.sub(r"\(\?P<\w+>[^)]*\)|[\^$]|\\Z", lambda hit: "1" if hit[0].startswith("(") else "", plain)
            found.append(f"/{plain}")
    return found


#: Drawings and words of the administration, without any datum.
AGENTS_PUBLIC = ("/gestion/sprite/", "/gestion/jsi18n/")


def test_no_address_of_the_agents_opens_to_a_parent(town: Town) -> None:
    client = signed_in(town.owner)
    opened = []
    for url in of_the_agents():
        answer = client.get(url)
        if url not in AGENTS_PUBLIC and (answer.status_code == 200 or answer.status_code >= 500):
            opened.append(f"{answer.status_code} {url}")
    assert opened == []


def test_agents_sign_in_where_everybody_does(town: Town) -> None:
    """Another door would have no throttle."""
    for view_name in ("login", "_util"):
        for address, _name, view in every_pattern():
            if view_name in address and "login" in address and address.startswith(("gestion/", "_util/")):
                url = f"/{address}"
                for method in ("GET", "POST"):
                    form = {"username": town.agent.username, "password": PASSWORD}
                    client = signed_in(None)
                    answer = ask(client, method, url, form)
                    assert answer.status_code in {302, 404, 405}, (dotted_name(view), method, answer.status_code)
                    assert "_auth_user_id" not in client.session
