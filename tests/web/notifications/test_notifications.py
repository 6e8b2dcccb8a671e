"""« Notifications »: the list of the header, its page, reading, preferences."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.domain.audit.models import AuditEntry
from portal.domain.notices.enums import ALWAYS_MAILED, NoticeKind
from portal.domain.notices.models import Notice, NoticePreference
from portal.domain.notices.services import notify_users
from tests.domain.accounts.factories import UserFactory
from tests.web.planning.scene import NOW, Scene

URL = "/famille/notifications/"

pytestmark = [pytest.mark.django_db, pytest.mark.exigence("N7")]


@pytest.fixture
def scene(client: Client) -> Scene:
    scene = Scene()
    client.force_login(scene.user)
    return scene


def tell(scene: Scene, number: int = 1, *, path: str = "/famille/demarches/") -> list[Notice]:
    return [
        notify_users(
            users=[scene.user],
            kind=NoticeKind.PROCEDURE,
            title=f"Nouvelle {each:02d}",
            at=NOW,
            family=scene.family,
            path=path,
            mail=False,
        )[0]
        for each in range(number)
    ]


def test_the_header_unfolds_the_last_five_and_counts_all(client: Client, scene: Scene) -> None:
    tell(scene, 7)
    page = client.get("/famille/demarches/").content.decode()
    menu = page[page.index("bell-menu") : page.index("Toutes les notifications")]
    assert menu.count("<li>") == 5
    assert ">7<" in menu


def test_the_header_costs_the_same_whatever_the_number(client: Client, scene: Scene) -> None:
    counts = []
    for number in (1, 30):
        tell(scene, number)
        client.get(f"{URL}preferences/")
        with CaptureQueriesContext(connection) as asked:
            client.get(f"{URL}preferences/")
        counts.append(sum('notices_notice"' in query["sql"] for query in asked))
    assert counts == [1, 1]


def test_opening_a_notice_reads_it_and_goes_to_its_page(client: Client, scene: Scene) -> None:
    (notice,) = tell(scene)
    for _twice in range(2):
        answer = client.post(f"{URL}{notice.pk}/")
        assert (answer.status_code, answer["Location"]) == (302, "/famille/demarches/")
    assert not Notice.objects.unread().exists()


@pytest.mark.parametrize("path", ["https://ailleurs.example/", "//ailleurs.example/", "javascript:alert(1)", ""])
def test_only_an_address_of_the_portal_is_followed(client: Client, scene: Scene, path: str) -> None:
    (notice,) = tell(scene, path=path)
    assert client.post(f"{URL}{notice.pk}/")["Location"] == URL


def test_a_notice_of_somebody_else_does_not_exist(client: Client, scene: Scene) -> None:
    (notice,) = tell(Scene(user=UserFactory(username="paul")))
    assert client.post(f"{URL}{notice.pk}/").status_code == 404
    client.post(f"{URL}lues/")
    assert Notice.objects.unread().count() == 1


def test_everything_is_read_at_once(client: Client, scene: Scene) -> None:
    tell(scene, 3)
    assert "Tout marquer comme lu" in client.get(URL).content.decode()
    client.post(f"{URL}lues/")
    page = client.get(URL).content.decode()
    assert "Tout marquer comme lu" not in page
    assert page.count("Nouvelle") == 3


def test_a_person_chooses_which_subjects_also_come_by_mail(client: Client, scene: Scene) -> None:
    assert client.post(f"{URL}preferences/", {"by_mail": ["document"]}).status_code == 302
    wanted = set(NoticePreference.objects.filter(user=scene.user, by_mail=True).values_list("kind", flat=True))
    assert wanted == {"document", *(kind.value for kind in ALWAYS_MAILED)}
    assert AuditEntry.objects.filter(verb="set_notice_preferences").count() == 1
    page = client.get(f"{URL}preferences/").content.decode()
    assert page.count("checked") == 1
    assert client.post(f"{URL}preferences/", {"by_mail": ["security"]}).status_code == 422
