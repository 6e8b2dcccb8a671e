"""What the editing screen asks of an item: for whom, until when, and what it refuses."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from wagtail.test.utils.form_data import inline_formset, nested_form_data, rich_text, streamfield

from cms_pages.audiences import Audience
from news.models import NewsIndexPage, NewsPage
from news.tasks import publish_scheduled
from portal.backoffice.roles import Role, load_roles
from tests.domain.accounts.factories import UserFactory
from tests.domain.bookings.factories import Household
from tests.news.conftest import NOW
from tests.news.factories import make_item

pytestmark = [pytest.mark.django_db, pytest.mark.exigence("V2", "B23")]


@pytest.fixture
def editor(news: NewsIndexPage, client: Client) -> Client:
    """A browser in which somebody of the role `communication` is signed in."""
    agent = UserFactory(agent=True)
    agent.groups.add(load_roles()[Role.COMMUNICATION])
    client.force_login(agent)
    return client


def form(**changed: Any) -> dict[str, Any]:
    data: dict[str, Any] = {
        "title": "Sortie au lac",
        "slug": "sortie-au-lac",
        "date": "2026-09-08",
        "category": "",
        "service": "",
        "excerpt": "Le car part à 8 h.",
        "image": "",
        "body": streamfield([("paragraph", rich_text("<p>Prévoyez un pique-nique.</p>"))]),
        "attachments": inline_formset([]),
        "audience": "public",
        "present_from": "",
        "present_until": "",
        "event_place": "",
        "alert_level": "",
        "comments": {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0, "MIN_NUM_FORMS": 0, "MAX_NUM_FORMS": 0},
    }
    posted: dict[str, Any] = nested_form_data(data)
    return posted | changed


def create(editor: Client, news: NewsIndexPage, *, action: str = "publish", **changed: Any) -> Any:
    address = reverse("wagtailadmin_pages:add", args=["news", "newspage", news.pk])
    actions = {"publish": {"action-publish": "action-publish"}, "draft": {}}
    return editor.post(address, form(**changed) | actions[action])


def errors(response: Any) -> dict[str, list[str]]:
    assert response.status_code == 200
    return {name: [str(said) for said in list_] for name, list_ in response.context["form"].errors.items()}


def test_an_agent_writes_targets_and_publishes(editor: Client, news: NewsIndexPage, home: Household) -> None:
    response = create(
        editor,
        news,
        audience="chosen",
        audience_activities=[str(home.unit.activity.pk)],
        audience_levels=["CM1", "CM2"],
    )
    assert response.status_code == 302, errors(response)
    item = NewsPage.objects.get()
    assert item.live
    assert item.audience_levels == ["CM1", "CM2"]
    assert list(item.audience_activities.all()) == [home.unit.activity]

    family = Client()
    family.force_login(home.parent)
    assert "Sortie au lac" in family.get("/famille/actualites/").content.decode()
    assert Client().get("/actualites/sortie-au-lac/").status_code == 302


def test_a_choice_without_criterion_is_refused(editor: Client, news: NewsIndexPage) -> None:
    said = errors(create(editor, news, audience="chosen"))

    assert "donnez au moins un critère" in said["audience"][0]
    assert not NewsPage.objects.exists()


def test_a_criterion_without_choice_would_publish_to_everybody(
    editor: Client, news: NewsIndexPage, home: Household
) -> None:
    for audience in ("public", "families"):
        said = errors(create(editor, news, audience=audience, audience_activities=[str(home.unit.activity.pk)]))
        assert "ne servent qu’à « certaines familles »" in said["audience"][0].replace("\u00a0", " ")
    assert not NewsPage.objects.exists()


def test_a_draft_may_stay_unfinished(editor: Client, news: NewsIndexPage) -> None:
    assert create(editor, news, action="draft", audience="chosen").status_code == 302
    assert not NewsPage.objects.get().live


def test_the_screen_proposes_activities_that_are_not_over_and_levels_to_tick(
    editor: Client, news: NewsIndexPage, home: Household
) -> None:
    address = reverse("wagtailadmin_pages:add", args=["news", "newspage", news.pk])
    html = editor.get(address).content.decode()
    assert '<input type="checkbox" name="audience_levels" value="CM1"' in html
    assert f'<input type="checkbox" name="audience_activities" value="{home.unit.activity.pk}"' in html
    with time_machine.travel(NOW + timedelta(days=400), tick=False):
        editor.force_login(UserFactory(agent=True, is_superuser=True))
        assert (
            f'name="audience_activities" value="{home.unit.activity.pk}"' not in editor.get(address).content.decode()
        )


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"alert_level": "attention"}, "pinned_until", "où l’alerte disparaît"),
        (
            {"alert_level": "attention", "pinned_from": "09/09/2026 08:00", "pinned_until": "08/09/2026 08:00"},
            "pinned_until",
            "fin plus tardive",
        ),
        ({"event_place": "Lac"}, "event_on", "Donnez le jour du rendez-vous"),
        ({"event_on": "09/09/2026", "event_until": "08/09/2026"}, "event_until", "ne précède pas"),
        (
            {"event_on": "09/09/2026", "event_starts_at": "18:00", "event_ends_at": "17:00"},
            "event_ends_at",
            "finit après avoir commencé",
        ),
        ({"event_on": "09/09/2026", "event_ends_at": "17:00"}, "event_starts_at", "l’heure de début"),
        (
            {"audience": "chosen", "present_from": "10/09/2026", "present_until": "09/09/2026"},
            "present_until",
            "ne précède pas",
        ),
        ({"audience": "chosen", "present_until": "09/09/2026"}, "present_from", "premier jour"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(
    editor: Client, news: NewsIndexPage, changed: dict[str, Any], field: str, words: str
) -> None:
    said = errors(create(editor, news, **changed))

    assert any(words in sentence for sentence in said[field]), said


def test_an_item_goes_on_line_and_off_at_its_hours(editor: Client, news: NewsIndexPage, client: Client) -> None:
    response = create(editor, news, go_live_at="08/09/2026 13:00", expire_at="08/09/2026 14:00")
    assert response.status_code == 302, errors(response)
    visitor = Client()

    def seen() -> bool:
        return "sortie-au-lac" in visitor.get("/actualites/").content.decode()

    publish_scheduled()
    assert not seen()
    with time_machine.travel(NOW + timedelta(hours=1, minutes=1), tick=False):
        publish_scheduled()
        assert seen()
    with time_machine.travel(NOW + timedelta(hours=2), tick=False):
        assert not seen()
    with time_machine.travel(NOW + timedelta(hours=2, seconds=1), tick=False):
        publish_scheduled()
        assert not NewsPage.objects.get().live


def test_the_page_cannot_be_closed_a_second_way(editor: Client, news: NewsIndexPage) -> None:
    item = make_item(news, "familles", audience=Audience.FAMILIES)

    assert NewsPage.private_page_options == []
    html = editor.get(reverse("wagtailadmin_pages:edit", args=[item.pk])).content.decode()
    assert "Pour qui" in html
