"""The search of the public space: whatever the accents, for whom it is, and nothing that a word could break."""

from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from wagtail.models import Page

from cms_pages.models import ContentPage, HomePage
from cms_pages.search import clean_query, excerpt_around, fold, matches, stem, words
from cms_pages.search_pages import search_pages, suggestion
from tests.communes.small import ProfileFolder

ON = date(2026, 9, 8)
NOBODY = AnonymousUser()


def write(title: str, text: str, *, slug: str, live: bool = True) -> ContentPage:
    page = ContentPage(title=title, slug=slug, lead=text[:400], body=[("paragraph", f"<p>{text}</p>")], live=live)
    Page.objects.get(pk=HomePage.objects.get().pk).add_child(instance=page)
    return page


def titles(text: str) -> list[str]:
    return [hit.title for hit in search_pages(text, user=NOBODY, on=ON)]


def get(client: Client, query: str, **more: Any) -> str:
    response = client.get("/recherche/", {"q": query, **more})
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("La crèche des Lutins", "creche"),
        ("La crèche des Lutins", "CRÈCHES"),
        ("Les cantines", "cantine"),
        ("Une cantine", "cantines"),
        ("Places réservées", "reservé"),
        ("Une place réservée", "réserver"),
        ("Œuvres des élèves", "oeuvre"),
        ("Inscription à l’école", "école"),
        ("Inscription à l’école", "l'ecole"),
        ("Vacances d’été", "ete"),
        ("Une journée entière", "journees"),
        ("Le règlement intérieur", "reglements interieurs"),
        ("Repas végétarien", "vegetariens"),
        ("Garde alternée", "alternee"),
    ],
)
def test_accents_case_and_plurals_do_not_count(town: ProfileFolder, written: str, asked: str) -> None:
    write(written, "Un texte.", slug="trouvee")
    assert written in titles(asked)


def test_every_word_counts_and_a_title_weighs_more(town: ProfileFolder) -> None:
    write("Divers", "On y parle aussi de la ludothèque.", slug="divers")
    write("La ludothèque", "Ses horaires.", slug="ludotheque")
    assert titles("ludotheque") == ["La ludothèque", "Divers"]
    assert titles("ludotheque horaires") == ["La ludothèque"]
    assert titles("ludotheque piscine") == []


def test_what_is_not_on_line_is_not_found(town: ProfileFolder) -> None:
    page = write("Ludothèque", "Bientôt.", slug="ludotheque")
    assert titles("ludotheque") == ["Ludothèque"]
    page.unpublish()
    assert titles("ludotheque") == []
    write("Piscine", "Bientôt.", slug="piscine", live=False)
    assert titles("piscine") == []


def test_the_page_groups_marks_and_counts(town: ProfileFolder, client: Client) -> None:
    write("La crèche <b>", "Au bout d’un long couloir, la crèche ouvre à 7 h 30 & ferme à 18 h.", slug="creche")
    html = get(client, "creche")
    assert "<strong>1 résultat</strong>" in html
    assert "La <mark>crèche</mark> &lt;b&gt;" in html
    assert "la <mark>crèche</mark> ouvre à 7 h 30 &amp; ferme" in html
    assert '<a href="/creche/">' in html
    assert '<meta name="robots" content="noindex">' in html
    assert 'value="creche"' in html


def test_nothing_found_proposes_a_near_word(town: ProfileFolder, client: Client) -> None:
    write("La ludothèque", "Ses horaires.", slug="ludotheque")
    html = get(client, "ludotheqe")
    assert "Rien ne correspond" in html
    assert "?q=ludoth%C3%A8que" in html
    assert suggestion("ludo") == "ludothèque"
    assert suggestion("xyzzy") == ""


def test_too_short_a_word_is_said(town: ProfileFolder, client: Client) -> None:
    for typed in ("c", "?", "€ !", "\x00"):
        html = get(client, typed)
        assert "Écrivez au moins" in html, typed
        assert 'aria-invalid="true"' in html
    assert "Écrivez au moins" not in get(client, "")
    assert client.get("/recherche/").status_code == 200


def test_a_long_list_has_pages(town: ProfileFolder, client: Client) -> None:
    for rank in range(13):
        write(f"Ludothèque {rank}", "Texte.", slug=f"ludo-{rank}")
    html = get(client, "ludotheque")
    assert "Voir les 13 résultats" in html
    assert html.count("<h3>") == 4
    assert get(client, "ludotheque", dans="pages").count("<h3>") == 10
    assert get(client, "ludotheque", dans="pages", page="2").count("<h3>") == 3
    assert get(client, "ludotheque", dans="nulle-part", page="x").count("<h3>") == 4


def test_the_number_of_queries_does_not_grow(town: ProfileFolder, client: Client) -> None:
    write("Ludothèque", "Texte.", slug="ludo")
    get(client, "ludotheque")
    with CaptureQueriesContext(
        connection,
    ) as one:
        get(client, "ludotheque")
    for rank in range(12):
        write(f"Ludothèque {rank}", "Texte.", slug=f"ludo-{rank}")
    get(client, "ludotheque")
    with CaptureQueriesContext(connection) as many:
        get(client, "ludotheque", dans="pages")
    assert len(many) == len(one)


HOSTILE = [
    "'; DROP TABLE wagtailcore_page; --",
    "<script>alert(1)</script>",
    "a:* & !b | (c",
    "%_\\",
    "cantine\x00creche",
    "\ud800".encode("utf-16", "surrogatepass").decode("utf-16", "replace") + "abc",
    "é" * 5000,
    "ab " * 900,
    "{{ 7|add:7 }}",
    "\u202eabc",
]


@pytest.mark.parametrize("typed", HOSTILE)
def test_hostile_words_are_words(town: ProfileFolder, client: Client, typed: str) -> None:
    html = get(client, typed, dans=typed, page=typed)
    assert "<script>alert" not in html


@given(st.text(max_size=200))
def test_folding_twice_changes_nothing_and_excerpts_lose_no_letter(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert len(clean_query(text)) <= 100
    shown = "".join(piece.text for piece in excerpt_around(text, words(text), length=10_000))
    plain = " ".join(text.split())
    assert plain.endswith(shown.removeprefix("… "))


@pytest.mark.parametrize(("one", "other"), [("cantine", "cantines"), ("cheval", "chevaux"), ("bateau", "bateaux")])
def test_singular_and_plural_share_their_stem(one: str, other: str) -> None:
    assert stem(one) == stem(other)
    assert matches(f"Un {one} ici", words(other))


def test_the_field_is_in_the_header_of_public_pages(town: ProfileFolder, client: Client) -> None:
    html = client.get("/").content.decode()
    assert '<form class="search-box" action="/recherche/" method="get" role="search"' in html
    assert '<a class="search-link" href="/recherche/">' in html


def test_a_search_is_kept_by_no_cache_and_no_robot(town: ProfileFolder, client: Client) -> None:
    response = client.get("/recherche/", {"q": "cantine"})
    assert response["X-Robots-Tag"] == "noindex"
    assert "no-store" in response["Cache-Control"]
