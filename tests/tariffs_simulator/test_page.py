"""The page: what it asks, what it answers, what it keeps to itself."""

import html
import re
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cms_pages.search_pages import search_pages
from portal.domain.accounts.queries import latest_terms
from portal.domain.accounts.services import accept_terms
from portal.domain.activities.models import ActivityType, Unit
from portal.domain.enrolments.models import Enrolment, PatternDay
from portal.domain.families.models import Child, School, Schooling
from portal.domain.quotients.models import Quotient
from tariffs_simulator.models import SimulatorPage
from tests.communes.small import ProfileFolder
from tests.domain.quotients.factories import DefinitionFactory, QuotientFactory
from tests.tariffs_simulator.conftest import NOW
from tests.web.planning.scene import Scene

URL = "/simulateur/"
SCHOOL_WEEK = ["1", "2", "4", "5"]


def read(client: Client, query: Any = None, **headers: str) -> str:
    """The words of the main part, spaces made one."""
    answer = client.get(URL, query or {}, headers=headers or None)
    assert answer.status_code == 200
    page = answer.content.decode()
    main = page[page.index("<main") : page.index("</main>")]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).replace("\u00a0", " ").split())


def asked(meal: Unit, **more: Any) -> dict[str, Any]:
    """One child of the town at the canteen on the four days, with a quotient of 842."""
    return {
        "s": "1",
        "activite": meal.activity.code,
        "enfants": "1",
        "qf": "connu",
        "quotient": "842",
        "lieu": "town",
        f"e1-u{meal.pk}": SCHOOL_WEEK,
    } | more


@pytest.mark.exigence("V9")
def test_a_visitor_is_told_the_price_of_a_day_a_week_a_month_and_the_year_and_why(meal: Unit, client: Client) -> None:
    page = read(client, asked(meal))

    assert "Une semaine d’école 14,40 €" in page
    assert re.search(r"Environ [\d,]+ € par mois", page)
    assert re.search(r"[\d ,]+ € pour l’année scolaire, en moyenne sur 11 mois", page)
    assert "Quotient familial : 842." in page
    assert "« habitants »" in page
    assert "Fixé par la délibération du 18 juin 2026." in page
    assert "Montants indicatifs, la facture fait foi." in page
    assert "de 600 à moins de 1 000 (vous) 3,60 €" in page
    assert "vous : 3,60 €" in page
    content = client.get(URL, asked(meal)).content.decode()
    assert 'href="https://essai.example/d.pdf"' in content


def test_only_what_the_prices_need_is_asked(meal: Unit, leisure: Unit, client: Client) -> None:
    canteen = client.get(URL, {"activite": meal.activity.code}).content.decode()
    centre = client.get(URL, {"activite": leisure.activity.code}).content.decode()

    assert 'name="lieu"' in canteen
    assert 'name="e1-age"' not in canteen
    assert 'name="regime"' not in canteen
    assert "Les vacances" not in canteen
    assert 'name="lieu"' not in centre
    assert "Ces prix sont les mêmes pour toutes les familles" in centre
    assert "Vacances de la Toussaint" in centre


@pytest.mark.exigence("V10")
def test_the_quotient_is_computed_step_by_step_and_said_to_be_indicative(meal: Unit, client: Client) -> None:
    page = read(
        client,
        asked(meal, qf="calcul", couple="couple", charge="2") | {"m-revenus": "36 000", "m-prestations": "148"},
    )

    assert "Votre quotient : 1 049" in page
    assert "Ressources d’un mois : 36 000 ÷ 12 + 148 = 3 148,00 €" in page
    assert "Parts : 2 pour les parents + 0,5 pour l’enfant 1 + 0,5 pour l’enfant 2 = 3" in page
    assert "À titre indicatif : seul le quotient de la Caf ou de la MSA compte." in page
    assert "La Caf compte les revenus d’il y a deux ans : ceux de 2024" in page
    assert "Une semaine d’école 21,60 €" in page


def test_the_town_s_own_formula_comes_first(meal: Unit, client: Client) -> None:
    DefinitionFactory(town=True)

    assert "La commune calcule son propre quotient" in read(client, {"activite": meal.activity.code})


def test_a_quotient_kept_silent_pays_the_highest_price_and_it_is_said(meal: Unit, client: Client) -> None:
    page = read(client, asked(meal, qf="non", quotient=""))

    assert "Le quotient familial n’est pas connu" in page
    assert "Une semaine d’école 21,60 €" in page


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"quotient": "abc"}, "« Mon quotient familial » : indiquez un nombre, par exemple 842,50"),
        ({"quotient": ""}, "« Mon quotient familial » est à remplir"),
        ({"quotient": "-3"}, "0"),
        ({"qf": "autre"}, "« Votre quotient familial » : choisissez une réponse"),
        ({"lieu": ""}, "« Où habitez-vous » : choisissez une réponse"),
        ({"qf": "calcul"}, "« Revenus de l’année avant abattements » est à remplir"),
        ({"qf": "calcul", "m-revenus": "1", "charge": "1", "aeeh": "2"}, "Ce nombre dépasse celui de vos enfants"),
        ({"activite": "rien"}, "Choisissez au moins une activité."),
    ],
)
def test_a_wrong_answer_is_named_and_stays(meal: Unit, client: Client, more: dict[str, str], sentence: str) -> None:
    answer = client.get(URL, asked(meal, **more))
    page = " ".join(html.unescape(answer.content.decode()).replace("\u00a0", " ").split())

    assert answer.status_code == 200
    assert sentence in page
    assert "Environ" not in read(client, asked(meal, **more))
    if more.get("quotient") == "abc":
        assert 'value="abc"' in page
        assert "<title>Erreur :" in page


@pytest.mark.parametrize(
    "query",
    [
        "s=1&enfants=999999999&annee=x&qf=connu&quotient=1e400",
        "s=1&enfants=-1&e1-u0=9&v1017=77&avec=%00%ff",
        "s=1&avec=s%3D1%26avec%3Ds&garder=1",
        "s=1&retirer=99&enfants=3&ajouter=1",
        "activite=%00&annee=2030",
        "s=1&qf=connu&quotient=NaN&charge=٣",
        "s=1&qf=dossier",
    ],
)
def test_an_address_written_by_nobody_breaks_nothing(town: ProfileFolder, client: Client, query: str) -> None:
    assert client.get(f"{URL}?{query}").status_code == 200


def test_nothing_entered_is_kept_by_a_cache_told_to_another_site_or_indexed(meal: Unit, client: Client) -> None:
    answer = client.get(URL, asked(meal))
    bare = client.get(URL)

    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["X-Robots-Tag"] == "noindex"
    assert b'<meta name="robots" content="noindex">' in answer.content
    assert "X-Robots-Tag" not in bare
    assert "sessionid" not in answer.cookies


def test_the_address_to_keep_says_the_same(meal: Unit, client: Client) -> None:
    content = client.get(URL, asked(meal, enfants="2") | {f"e2-u{meal.pk}": ["1"]}).content.decode()
    found = re.search(r'href="([^"]*)#resultat">[^<]*L’adresse de ce calcul', content)
    assert found is not None
    address = html.unescape(found[1])

    query = parse_qs(urlsplit(address).query)
    assert query[f"e1-u{meal.pk}"] == ["1245"]
    assert read(client, query) == read(client, asked(meal, enfants="2") | {f"e2-u{meal.pk}": ["1"]})


def test_a_child_is_added_with_the_week_of_the_one_before_then_taken_away(meal: Unit, client: Client) -> None:
    added = client.get(URL, asked(meal, ajouter="1")).content.decode()
    page = read(client, asked(meal, ajouter="1"))
    less = client.get(URL, asked(meal, enfants="2", retirer="1") | {f"e2-u{meal.pk}": ["1"]}).content.decode()

    assert 'name="enfants" value="2"' in added
    assert added.count(f'name="e2-u{meal.pk}" value="4" checked') == 1
    # Ten per cent less for the second: 4 × 3,24.
    assert "Une semaine d’école 27,36 €" in page
    assert 'name="enfants" value="1"' in less
    assert f'name="e1-u{meal.pk}" value="1" checked' in less
    assert f'name="e1-u{meal.pk}" value="2" checked' not in less


def test_two_situations_stand_side_by_side(meal: Unit, client: Client) -> None:
    kept = client.get(URL, asked(meal, garder="1")).content.decode()
    found = re.search(r'name="avec" value="([^"]*)"', kept)
    assert found is not None

    page = read(client, asked(meal, quotient="1200", avec=html.unescape(found[1])))

    assert "Quotient familial 842 1 200" in page
    assert "Une semaine d’école 14,40 € 21,60 € +7,20 €" in page


def test_a_town_without_price_says_so(town: ProfileFolder, client: Client) -> None:
    page = SimulatorPage.objects.get()
    page.activity_types = [ActivityType.objects.create(code="autre", name="Autre")]
    page.save()

    assert "Aucune activité n’a encore de prix en ligne" in read(client)


def test_the_page_offers_the_activities_that_the_town_chose(meal: Unit, leisure: Unit, client: Client) -> None:
    assert "Accueil de loisirs" in read(client)
    page = SimulatorPage.objects.get()
    page.activity_types = [meal.activity.type]
    page.save()

    assert "Accueil de loisirs" not in read(client)


def test_queries_do_not_grow_with_children(meal: Unit, client: Client) -> None:
    read(client, asked(meal))
    with CaptureQueriesContext(connection) as one:
        read(client, asked(meal))
    week = {f"e{number}-u{meal.pk}": SCHOOL_WEEK for number in range(1, 6)}
    with CaptureQueriesContext(connection) as five:
        read(client, asked(meal, enfants="5") | week)

    assert len(five) == len(one)
    assert len(one) <= 16


@pytest.mark.exigence("V9")
def test_the_simulator_is_in_the_menu_the_map_and_the_search(town: ProfileFolder, client: Client) -> None:
    home = client.get("/").content.decode()

    assert re.search(r'<nav class="menu".*href="/simulateur/"', home, re.DOTALL)
    assert "/simulateur/" in client.get("/sitemap.xml").content.decode()
    hits = search_pages("simulateur", user=AnonymousUser(), on=date(2026, 9, 8))
    assert [hit.url for hit in hits] == [URL]


def test_the_page_speaks_english(meal: Unit, client: Client) -> None:
    page = read(client, asked(meal), **{"accept-language": "en"})

    assert "How much will I pay?" in page
    assert "One school week €14.40" in page
    assert "Pourquoi ce prix" not in page


# The family of who is signed in


@pytest.fixture
def scene(meal: Unit) -> Scene:
    """Claire, Hugo at the canteen on Mondays and Thursdays, his big sister, a quotient of 842."""
    scene = Scene()
    hugo = scene.child("Hugo", date(2017, 3, 12))
    scene.child("Léa", date(2014, 1, 5))
    scene.enrol(hugo, meal)
    Schooling.objects.update(school=School.objects.get(code="ecole"), level="CP")
    enrolment = Enrolment.objects.get(child=hugo)
    PatternDay.objects.bulk_create(PatternDay(enrolment=enrolment, unit=meal, weekday=day) for day in (1, 4))
    QuotientFactory(family=scene.family, accepted=True)
    terms = latest_terms(at=NOW)
    assert terms is not None
    accept_terms(version=terms, by=scene.user, at=NOW)
    return scene


@pytest.fixture
def parent(scene: Scene, client: Client) -> Client:
    client.force_login(scene.user)
    return client


@pytest.mark.exigence("V11")
def test_a_family_finds_its_quotient_its_children_and_their_week(scene: Scene, meal: Unit, parent: Client) -> None:
    page = read(parent)
    content = parent.get(URL).content.decode()

    assert "842, déclaré par la famille, valable jusqu’au 31 août 2027" in page
    assert page.index("Léa") < page.index("Hugo"), "the eldest first"
    assert f'name="e2-u{meal.pk}" value="1" checked' in content
    assert f'name="e2-u{meal.pk}" value="2" checked' not in content
    assert "Une semaine d’école 7,20 €" in page
    assert "Rien de ce que vous changez ici n’est enregistré" in page
    assert Quotient.objects.count() == 1


def test_no_name_nor_quotient_of_the_family_enters_an_address(scene: Scene, parent: Client) -> None:
    content = parent.get(URL).content.decode()
    main = content[content.index("<main") :]

    addresses = re.findall(r'href="([^"]*)"', main)
    assert any("qf=dossier" in each for each in addresses)
    assert not [each for each in addresses if "842" in each or "Hugo" in each or "2017" in each]


def test_the_address_of_a_family_tells_nothing_to_somebody_else(meal: Unit, scene: Scene, client: Client) -> None:
    page = read(client, asked(meal, qf="dossier", quotient=""))

    assert "842" not in page
    assert "Léa" not in page
    assert "« Votre quotient familial » : choisissez une réponse" in page


@pytest.mark.exigence("I24")
def test_the_enrolment_page_leads_to_the_simulator_with_its_activity(scene: Scene, meal: Unit, parent: Client) -> None:
    child = Child.objects.get(first_name="Léa")
    content = parent.get(reverse("enrolments:enrol", args=[child.pk, meal.activity.code])).content.decode()
    address = f"{URL}?activite={meal.activity.code}"

    assert f'href="{address}"' in content
    assert "Simulation tarifaire" in content
    chosen = re.findall(r'name="activite" value="([^"]*)" checked', parent.get(address).content.decode())
    assert chosen == [meal.activity.code]


@pytest.mark.exigence("V9", "C1")
def test_a_family_reads_the_same_price_on_the_enrolment_page(scene: Scene, meal: Unit, parent: Client) -> None:
    child = Child.objects.get(first_name="Léa")
    answer = parent.get(reverse("enrolments:enrol", args=[child.pk, meal.activity.code]))
    [[quote]] = [each.quotes for each in answer.context["prices"]]

    line = parent.get(URL).context["estimate"].lines[0]

    assert line.price.amount == quote.price.amount == Decimal("3.60")
    assert line.price.explanation == quote.price.explanation
