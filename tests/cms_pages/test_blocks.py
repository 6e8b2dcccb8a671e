"""The blocks agents write with: drawn, searched, refused when they would exclude somebody."""

from datetime import time
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from cms_pages.blocks import CaptionedTableBlock, HoursBlock
from cms_pages.cookies import cookies
from cms_pages.hours import schema_hours, timetables
from cms_pages.models import ContentPage
from tests.cms_pages.test_home import page
from tests.communes.small import ProfileFolder
from tests.domain.accounts.factories import PASSWORD, UserFactory

NBSP = "\u00a0"
TABLE = {
    "data": [["Quotient", "Repas"], ["moins de 500", "2,10 €"]],
    "cell": [],
    "first_row_is_table_header": True,
    "first_col_is_header": True,
    "table_header_choice": "both",
    "table_caption": "Prix d’un repas",
}


def test_every_family_of_blocks_is_drawn(whole_town: ProfileFolder, client: Client) -> None:
    found = ContentPage.objects.get(slug="reglement")
    found.body = [
        {"type": "table", "value": TABLE},
        {"type": "quote", "value": {"text": "On mange bien.", "author": "Hugo, 7 ans"}},
        {"type": "steps", "value": {"title": "Comment faire", "steps": [{"title": "Lire", "text": "Tout."}]}},
        {"type": "key_facts", "value": {"title": "En bref", "facts": [{"term": "Prix", "value": "2,10 €"}]}},
        {
            "type": "video",
            "value": {
                "title": "La cantine en images",
                "url": "https://video.exemple.example/v",
                "site": "PeerTube",
                "duration": "2 min",
                "poster": None,
                "transcript": "<p>On voit la cuisine.</p>",
            },
        },
        {"type": "contact", "value": {"title": "Nous joindre", "text": "", "service": "enfance"}},
        {"type": "structures", "value": {"title": "Nos lieux", "kinds": ["nursery"]}},
        {"type": "deadlines", "value": {"title": "À retenir", "number": 2}},
    ]
    found.save_revision().publish()
    html = page(client, "/reglement/")

    for piece in (
        "<caption>Prix d’un repas</caption>",
        '<th scope="col">Repas</th>',
        '<th scope="row">moins de 500</th>',
        f"<td>2,10{NBSP}€</td>",
        "<blockquote><p>On mange bien.</p></blockquote>",
        "<strong>Lire</strong>",
        "<dt>Prix</dt>",
        "Voir la vidéo sur PeerTube",
        "On voit la cuisine.",
        'href="mailto:enfance@essai.example"',
        "Crèche d’Essai",
        'datetime="2026-09-10T23:59+02:00"',
    ):
        assert piece in html, piece
    assert "<iframe" not in html
    assert html.count("video.exemple.example") == 1, "nothing of the other site but the link"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"table_caption": ""}, "Donnez un titre au tableau"),
        ({"table_header_choice": "neither"}, "Dites où sont les en-têtes"),
    ],
)
def test_a_table_that_nobody_could_listen_to_is_refused(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        CaptionedTableBlock().clean(TABLE | change)


def test_hours_go_forward() -> None:
    block = HoursBlock()
    value = block.to_python({"days": ["1"], "opens": "18:00", "closes": "08:00", "season": "all"})

    with pytest.raises(ValidationError):
        block.clean(value)


def test_days_that_share_their_hours_are_one_line() -> None:
    morning, evening = (time(7, 30), time(8, 30)), (time(16, 30), time(18))
    entries = [
        {"days": ["1", "2", "4", "5"], "opens": morning[0], "closes": morning[1], "season": "school"},
        {"days": ["1", "2", "4", "5"], "opens": evening[0], "closes": evening[1], "season": "school"},
        {"days": ["3"], "opens": morning[0], "closes": evening[1], "season": "school"},
        {"days": ["1", "2", "3", "4", "5"], "opens": morning[0], "closes": evening[1], "season": "holidays"},
    ]
    school, holidays = timetables(entries)

    assert [(line.days_shown, line.hours_shown) for line in school.lines] == [
        (
            "Lundi, mardi, jeudi et vendredi",
            f"7{NBSP}h{NBSP}30 à 8{NBSP}h{NBSP}30 et 16{NBSP}h{NBSP}30 à 18{NBSP}h",
        ),
        ("Mercredi", f"7{NBSP}h{NBSP}30 à 18{NBSP}h"),
    ]
    assert holidays.lines[0].days_shown == "Du lundi au vendredi"
    assert schema_hours([holidays]) == []
    assert schema_hours([school])[-1] == "We 07:30-18:00"


def test_the_editor_offers_blocks_by_family(editor: Client) -> None:
    html = page(editor, reverse("wagtailadmin_pages:edit", args=[ContentPage.objects.get(slug="aide").pk]))

    for family in ("Images et vid", "Guider", "Listes et contacts"):
        assert family in html


def test_the_cookies_said_are_those_that_are_set(whole_town: ProfileFolder, client: Client) -> None:
    UserFactory(username="claire", first_name="Claire")
    client.get("/compte/connexion/")
    client.post("/compte/connexion/", {"login": "claire", "password": PASSWORD, "remember": "on"})
    client.get("/famille/")
    said = {cookie.name for cookie in cookies()}
    html = page(client, "/cookies/")

    assert set(client.cookies) <= said
    assert {settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME} <= set(client.cookies)
    for name in said:
        assert f"<code>{name}</code>" in html


@pytest.mark.parametrize(
    ("slug", "pieces"),
    [
        ("donnees-personnelles", ("Responsable du traitement", "Délégué à la protection des données", "CNIL")),
        ("plan-du-site", ("/infos-pratiques/structures/creche/", "/petite-enfance/")),
    ],
)
def test_legal_pages_hold_what_the_law_wants(
    whole_town: ProfileFolder, client: Client, slug: str, pieces: tuple[str, ...]
) -> None:
    html = page(client, f"/{slug}/")

    assert all(piece in html for piece in pieces)
