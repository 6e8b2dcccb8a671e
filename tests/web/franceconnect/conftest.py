"""A town with its FranceConnect client, and a parent whose password is known."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from django.http import HttpResponse
from django.test import Client

from portal.domain.accounts.models import User
from portal.domain.families.models import Family
from tests.domain.accounts.factories import UserFactory
from tests.domain.families.factories import AdultFactory, FamilyFactory, MemberFactory
from tests.fakes import franceconnect
from tests.fakes.franceconnect import CLIENT, SECRET, FakeFranceConnect

PASSWORD = "un mot de passe bien long"
ROOT = "/compte/franceconnect/"


@pytest.fixture
def fc(settings: Any) -> Iterator[FakeFranceConnect]:
    with franceconnect.running() as fake:
        settings.FRANCECONNECT_URL = fake.issuer
        settings.FRANCECONNECT_CLIENT_ID = CLIENT
        settings.FRANCECONNECT_SECRET = SECRET
        settings.PORTAL_BASE_URL = "http://testserver"
        yield fake


def make_parent(username: str = "claire", **options: Any) -> User:
    user = UserFactory(username=username, first_name="Claire", last_name="Vuillet", **options)
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def family() -> Family:
    return FamilyFactory()


@pytest.fixture
def user(family: Family) -> User:
    user = make_parent()
    MemberFactory(family=family, adult=AdultFactory(user=user))
    return user


@dataclass
class Browser:
    """What a browser does: follows FranceConnect's redirections outside, ours inside."""

    client: Client = field(default_factory=lambda: Client(raise_request_exception=True))

    def depart(self, url: str = f"{ROOT}connexion/", form: dict[str, str] | None = None) -> str:
        """Send our form, go to FranceConnect, and give the address of the way back."""
        answer = self.client.post(url, form or {})
        assert answer.status_code == 302, answer.content.decode()
        outside = requests.get(answer["Location"], allow_redirects=False, timeout=5)
        assert outside.status_code == 302, outside.text
        return str(outside.headers["Location"])

    def come_back(self, address: str) -> HttpResponse:
        parts = urlsplit(address)
        answer: Any = self.client.get(parts.path, dict(parse_qsl(parts.query)))
        return answer

    def travel(self, form: dict[str, str] | None = None) -> HttpResponse:
        return self.come_back(self.depart(form=form))

    @property
    def signed_in(self) -> str:
        return str(self.client.session.get("_auth_user_id", ""))


@pytest.fixture
def browser_of_parent() -> Browser:
    return Browser()
