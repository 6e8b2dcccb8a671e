"""Whoever writes or publishes pages opens the doors of pages, images and files, and reads nothing of a family."""

import re
from collections.abc import Iterator

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.test import Client

from portal.backoffice.roles import Role, load_roles
from portal.domain.families.models import Child, Family
from tests.consistency.test_every_url import every_pattern
from tests.domain.accounts.factories import UserFactory
from tests.web.planning.scene import NOW
from tests.web.two_families import Town, build

pytestmark = pytest.mark.django_db

EDITORS = (Role.COMMUNICATION, Role.VALIDATION)

#: What answers 200 to an editor, by the beginning of the address without /gestion/. Nothing else may.
OPEN = (
    "$",
    "account/",
    "api/main/documents/",
    "api/main/images/",
    "api/main/pages/",
    "autocomplete/",
    # The files that the town publishes, and their headings.
    "bibliotheque/",
    "bulk/",
    "choose-",
    # What an agent closed of Wagtail's own hints.
    "dismissibles/",
    "documents/",
    "editing-sessions/",
    "embeds/chooser/",
    "icons/",
    "images/",
    "jsi18n/",
    "logout/",
    "modeladmin/jsi18n/",
    "pages/",
    "password_reset/",
    "reports/aging-pages/",
    "reports/liens-rompus/",
    "reports/locked/",
    "reports/page-types-usage/",
    "reports/site-history/",
    "reports/workflow/",
    "reports/workflow_tasks/",
    "search/",
    "settings/",
    "snippets/",
    "sprite/",
    "tag-autocomplete/",
    "userbar/",
    "workflows/",
)
#: For those who write, and not for those who only read again: addresses of places, meals, the text of the conditions.
WRITTEN = ("activites/structures/", "conditions/", "lieux-de-repas/", "menus/")
#: Beginnings that would open the words of people or the tools of administrators.
NEVER = (
    "audit",
    "bookings",
    "courriels",
    "familles",
    "formulaires/",
    "forms/submissions/",
    "groups/",
    "inscriptions",
    "journal",
    "tarifs",
    "users/",
    "redirects/",
    "sites/",
    "locales/",
    "collections/",
)


@pytest.fixture
def scene() -> Iterator[Town]:
    with time_machine.travel(NOW, tick=False):
        yield build()


def sign_in_as(role: Role) -> Client:
    load_roles()
    user = UserFactory(agent=True, username=f"redaction-{role.value}")
    user.groups.add(Group.objects.get(name=role.value))
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


def addresses(scene: Town) -> Iterator[str]:
    """Every address of the agents' door, with the keys of the first family wherever a key is taken."""
    keys = dict.fromkeys(("1", *(str(row.pk) for row in (scene.family, Child.objects.first(), scene.owner) if row)))
    for address, _name, _view in every_pattern():
        # Wagtail's own trials of its error pages.
        if not address.startswith("gestion/") or address.startswith(("gestion/failwhale", "gestion/test404")):
            continue
        for key in keys:
            values = {"slug": "x", "uuid": "3f8f2a0e-0000-4000-8000-000000000000"}

            def value(hit: re.Match[str], key: str = key, values: dict[str, str] = values) -> str:
                return values.get(hit[1] or "str", key)

            # Named groups first: their names stand between the same signs.
            plain = re.sub(
                r"\(\?P<\w+>[^)]*\)|[\^$]|\\Z", lambda hit, key=key: key if hit[0].startswith("(") else "", address
            )
            plain = re.sub(r"<(?:(\w+):)?\w+>", value, plain)
            yield f"/{plain}"


def said(answer: HttpResponseBase) -> str:
    if isinstance(answer, StreamingHttpResponse):
        return b"".join(answer).decode(errors="replace")
    assert isinstance(answer, HttpResponse)
    return answer.content.decode(errors="replace")


@pytest.mark.parametrize("role", EDITORS)
def test_no_address_of_the_agents_shows_a_family_to_an_editor(scene: Town, role: Role) -> None:
    client = sign_in_as(role)
    opened, leaks, broken = set(), [], []
    for url in dict.fromkeys(addresses(scene)):
        rest = url.removeprefix("/gestion/")
        for query in ("", "?export=csv", f"?q={scene.family.name}"):
            # A door that is shut says so whatever is asked behind it.
            if query and rest not in opened:
                break
            answer = client.get(url + query)
            if answer.status_code >= 500:
                broken.append(url + query)
            if answer.status_code == 200:
                opened.add(rest)
            words = said(answer).replace(scene.family.name, "") if query.startswith("?q=") else said(answer)
            leaks += [f"{url}{query}: {secret}" for secret in scene.secrets if secret in words]
            if "logout" in url:
                client = sign_in_again(role)
    assert broken == []
    assert leaks == []
    doors = (*OPEN, *WRITTEN) if role is Role.COMMUNICATION else OPEN
    unexpected = sorted(rest for rest in opened if not (rest or "$").startswith(doors))
    assert unexpected == [], f"not in the allow-list: {' '.join(unexpected)}"
    assert [rest for rest in opened if rest.startswith(NEVER)] == []


def sign_in_again(role: Role) -> Client:
    from portal.domain.accounts.models import User

    client = Client(raise_request_exception=False)
    client.force_login(User.objects.get(username=f"redaction-{role.value}"))
    return client


@pytest.mark.parametrize("role", EDITORS)
def test_an_editor_sends_nothing_that_changes_a_family(scene: Town, role: Role) -> None:
    client = sign_in_as(role)
    before = scene.ledger()
    for url in dict.fromkeys(addresses(scene)):
        if url.startswith(("/gestion/logout", "/gestion/account")):
            continue
        client.post(url, {"name": "Effacée", "confirm": "on"})
    after = scene.ledger()
    assert [table for table in before if after[table] != before[table]] == []
    assert Family.objects.filter(pk=scene.family.pk).exists()


@pytest.mark.parametrize("role", EDITORS)
def test_an_editor_has_no_permission_on_anything_of_a_family(scene: Town, role: Role) -> None:
    load_roles()
    user = UserFactory(agent=True)
    user.groups.add(Group.objects.get(name=role.value))
    private = ("families.", "enrolments.", "bookings.", "mails.", "audit.", "accounts.", "procedures.", "auth.")
    assert [name for name in user.get_all_permissions() if name.startswith(private)] == []
    assert not user.is_superuser
