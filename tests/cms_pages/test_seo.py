"""What search engines and networks read."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from cms_pages.models import ContentPage, FaqPage
from cms_pages.queries import coming_up
from portal.domain.activities.models import Activity, SchoolHoliday
from tests.cms_pages.conftest import NOW
from tests.cms_pages.test_home import page
from tests.communes.small import ProfileFolder


def data_of(html: str) -> list[dict[str, Any]]:
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', html)
    assert found
    graph: list[dict[str, Any]] = json.loads(found[1])["@graph"]
    return graph


def test_a_page_has_one_address_and_a_card(whole_town: ProfileFolder, client: Client) -> None:
    html = page(client, "/infos-pratiques/structures/creche/?utm_source=x")

    assert '<link rel="canonical" href="http://localhost:8000/infos-pratiques/structures/creche/">' in html
    assert '<meta property="og:title" content="Crèche d’Essai">' in html
    assert '<meta property="og:image" content="http://localhost:8000/media/images/' in html
    assert '<html lang="fr">' in html


def test_a_place_is_described(whole_town: ProfileFolder, client: Client) -> None:
    trail, place = data_of(page(client, "/infos-pratiques/structures/creche/"))

    assert [step["name"] for step in trail["itemListElement"]] == [
        "Accueil",
        "Infos pratiques",
        "Structures",
        "Crèche d’Essai",
    ]
    assert place["@type"] == "ChildCare"
    assert place["openingHours"] == ["Mo,Tu,We,Th,Fr 07:30-18:30"]
    assert place["geo"]["latitude"] == pytest.approx(46.4848)
    assert place["address"]["postalCode"] == "39220"


def test_no_text_can_leave_the_block_of_data(whole_town: ProfileFolder, client: Client) -> None:
    found = FaqPage.objects.get()
    trap = "</script><script>alert(1)</script>"
    found.groups = [
        {"type": "group", "value": {"title": "Piège", "questions": [{"question": trap, "answer": "<p>Non.</p>"}]}}
    ]
    found.save_revision().publish()
    html = page(client, found.url)

    assert "<script>alert" not in html
    assert data_of(html)[1]["mainEntity"][0]["name"] == trap


def test_the_sitemap_holds_public_pages_only(whole_town: ProfileFolder, client: Client) -> None:
    ContentPage.objects.get(slug="reglement").unpublish()
    response = client.get("/sitemap.xml")
    html = response.content.decode()

    assert response["Content-Type"].startswith("application/xml")
    assert "<loc>http://localhost:8000/infos-pratiques/structures/creche/</loc>" in html
    assert "reglement" not in html
    assert "gestion" not in html


def test_robots_are_told_where_to_look(town: ProfileFolder, client: Client, settings: Any) -> None:
    settings.DEMO, settings.INDEXABLE = False, True
    text = client.get("/robots.txt").content.decode()

    assert "Disallow: /gestion/" in text
    assert "Disallow: /famille/" in text
    assert "Sitemap: http://localhost:8000/sitemap.xml" in text
    assert 'content="noindex' not in page(client, "/aide/")


@pytest.mark.parametrize("values", [{"DEMO": True, "INDEXABLE": True}, {"DEMO": False, "INDEXABLE": False}])
def test_a_site_that_is_not_the_towns_own_is_hidden(
    town: ProfileFolder, client: Client, settings: Any, values: dict[str, bool]
) -> None:
    for name, value in values.items():
        setattr(settings, name, value)

    assert client.get("/robots.txt").content.decode() == "User-agent: *\nDisallow: /\n"
    assert 'content="noindex, nofollow"' in page(client, "/aide/")


def test_the_next_holidays_and_enrolments_are_said_to_visitors(
    town: ProfileFolder, client: Client, django_assert_num_queries: Any
) -> None:
    Activity.objects.update(
        enrolment_opens_at=datetime(2026, 9, 20, 6, tzinfo=UTC), enrolment_closes_at=datetime(2026, 10, 1, tzinfo=UTC)
    )
    for address in ("/", "/compte/connexion/"):
        html = page(client, address)
        assert "Vacances de la Toussaint" in html, address
        assert "Inscriptions ouvertes le" in html
        assert "Inscriptions fermées le" in html
        assert "dimanche 20\u00a0septembre 2026" in html
    with django_assert_num_queries(0):
        soon = coming_up(at=NOW)
    assert [one.opens for one in soon.enrolments] == [True, False]
    assert [one.opens for one in coming_up(at=datetime(2026, 9, 8, 10, tzinfo=UTC)).enrolments] == [True, False]


def test_what_is_over_is_said_no_more(town: ProfileFolder) -> None:
    SchoolHoliday.objects.all().delete()

    assert coming_up(at=NOW).holiday is None
    during = coming_up(at=NOW).at(datetime(2027, 1, 1, tzinfo=UTC))
    assert during.enrolments == ()


def test_holidays_that_have_begun_are_said_so(town: ProfileFolder) -> None:
    holiday = coming_up(at=datetime(2026, 10, 20, 8, tzinfo=UTC)).holiday

    assert holiday is not None
    assert holiday.ongoing
