"""The menus taken away: agenda, JSON, CSV, PDF, and the public calendars."""

import csv
import io
import json
import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.test import Client
from icalendar import Calendar
from pypdf import PdfReader

from documents.menus import views
from documents.menus.models import MenuSite
from documents.menus.open_data import SCDL_COLUMNS
from documents.menus.sheet import read_sheet
from portal.domain.activities.models import Closure, PublicHoliday, SchoolHoliday, Structure
from portal.web.identity import LegalFacts, current_identity
from tests.documents.menus.factories import THIS_WEEK, a_week, monday, put_on_line, write


def fetch(client: Client, address: str) -> Any:
    response = client.get(address)
    assert response.status_code == 200, address
    return response


def events(response: Any) -> dict[str, Any]:
    calendar = Calendar.from_ical(response.content)
    assert calendar["VERSION"] == "2.0"
    assert calendar["PRODID"]
    found = {str(event["UID"]): event for event in calendar.walk("VEVENT")}
    assert all("DTSTAMP" in event for event in found.values())
    assert all(len(line) <= 75 for line in response.content.split(b"\r\n"))
    return found


@pytest.mark.exigence("C14")
def test_an_agenda_reads_the_menus(canteen: MenuSite, client: Client) -> None:
    put_on_line(canteen)
    write(canteen, THIS_WEEK.shift(1))
    PublicHoliday.objects.update_or_create(day=date(2026, 11, 13), defaults={"name": "Fête, inventée; ici"})
    response = fetch(client, "/menus/cantine.ics")
    found = events(response)

    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    day = found["menu-cantine-2026-11-09@localhost"]
    assert day["DTSTART"].dt == date(2026, 11, 9)
    assert day["DTEND"].dt == date(2026, 11, 10)
    assert str(day["SUMMARY"]) == "Sauté de poulet ou Galette de pois chiches"
    assert "Carottes râpées (bio, local). Allergènes\u00a0: moutarde." in str(day["DESCRIPTION"])
    assert str(found["menu-cantine-2026-11-13@localhost"]["SUMMARY"]).endswith("Fête, inventée; ici")
    assert str(found["menu-cantine-2026-11-10@localhost"]["SUMMARY"]) == "Semaine du goût\u00a0: Gratin de pâtes"
    assert not any("2026-11-16" in uid for uid in found)


def test_an_event_keeps_its_uid_when_the_menu_changes(canteen: MenuSite, client: Client) -> None:
    put_on_line(canteen)
    before = set(events(fetch(client, "/menus/cantine.ics")))
    put_on_line(canteen, entry=a_week(monday()))

    assert set(events(fetch(client, "/menus/cantine.ics"))) < before


def conforms(value: Any, schema: dict[str, Any], where: str = "$") -> list[str]:
    """What of a value a JSON Schema refuses, for the words that ours uses."""
    if "anyOf" in schema:
        tried = [conforms(value, each, where) for each in schema["anyOf"]]
        return [] if [] in tried else tried[0]
    wrong = []
    if "const" in schema and value != schema["const"]:
        wrong.append(f"{where}: const")
    if "enum" in schema and value not in schema["enum"]:
        wrong.append(f"{where}: enum")
    kinds = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}
    if "type" in schema and not isinstance(value, kinds[schema["type"]]):
        return [*wrong, f"{where}: {schema['type']}"]
    if isinstance(value, str):
        if "pattern" in schema and not re.search(schema["pattern"], value):
            wrong.append(f"{where}: pattern")
        if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", 10**6):
            wrong.append(f"{where}: length")
    if isinstance(value, list):
        for rank, item in enumerate(value):
            wrong += conforms(item, schema.get("items", {}), f"{where}[{rank}]")
    if isinstance(value, dict):
        wrong += [f"{where}.{name}: missing" for name in schema.get("required", ()) if name not in value]
        for name, item in value.items():
            if name not in schema["properties"]:
                wrong.append(f"{where}.{name}: unknown")
            else:
                wrong += conforms(item, schema["properties"][name], f"{where}.{name}")
    return wrong


@pytest.mark.exigence("C14")
def test_the_json_follows_its_schema(canteen: MenuSite, client: Client) -> None:
    put_on_line(canteen)
    document = json.loads(fetch(client, "/menus/cantine.json").content)
    schema = json.loads(fetch(client, "/menus/schema.json").content)

    assert conforms(document, schema) == []
    assert document["$schema"] == schema["$id"] == "http://testserver/menus/schema.json"
    (week,) = document["weeks"]
    assert week["week"] == "2026-W46"
    assert week["days"][0]["dishes"][0] == {
        "course": "starter",
        "course_label": "entrée",
        "choice": 1,
        "name": "Carottes râpées",
        "allergens": ["mustard"],
        "labels": ["organic", "local"],
        "texture": "",
    }
    assert conforms(document | {"weeks": [week | {"week": "46"}]}, schema) == ["$.weeks[0].week: pattern"]


def test_the_json_is_french_whatever_the_reader_speaks(canteen: MenuSite, client: Client) -> None:
    put_on_line(canteen)
    document = json.loads(client.get("/menus/cantine.json", headers={"Accept-Language": "en"}).content)

    assert document["weeks"][0]["days"][0]["dishes"][0]["course_label"] == "entrée"


def test_the_sheet_that_is_published_is_the_one_that_is_imported(canteen: MenuSite, client: Client) -> None:
    put_on_line(canteen)
    text = fetch(client, "/menus/cantine.csv").content.decode("utf-8-sig")
    sheet = read_sheet(text, canteen)

    assert sheet.errors == []
    assert sheet.weeks == {THIS_WEEK: a_week()}


def test_the_national_schema_asks_for_the_siret(canteen: MenuSite, client: Client) -> None:
    put_on_line(canteen)

    assert client.get("/menus/cantine/scdl.csv").status_code == 404


def test_the_national_schema_has_its_columns_and_words(
    canteen: MenuSite, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_on_line(canteen)
    known = replace(current_identity(), name="Essai", legal=LegalFacts(siret="213 904 619 00012"))
    monkeypatch.setattr(views, "current_identity", lambda request: known)
    rows = list(csv.DictReader(io.StringIO(fetch(client, "/menus/cantine/scdl.csv").content.decode())))

    assert tuple(rows[0]) == SCDL_COLUMNS
    assert rows[0]["menuCollSiret"] == "21390461900012"
    assert rows[0]["menuDate"] == "2026-11-09"
    assert rows[0]["menuPlatType"] == "entrée"
    assert rows[0]["menuPlatSiqo"] == '["agriculture biologique"]'
    assert json.loads(rows[7]["menuPlatAllergene"]) == ["gluten", "œufs", "lait"]
    assert json.loads(rows[7]["menuPlatRegime"]) == ["végétarien"]


def test_nothing_of_an_agent_is_published(canteen: MenuSite, client: Client) -> None:
    row = put_on_line(canteen)
    row.changed_by.first_name = "Josette-Inconnue"
    row.changed_by.save()
    for form in ("ics", "json", "csv"):
        assert "Josette-Inconnue" not in fetch(client, f"/menus/cantine.{form}").content.decode()


def test_asked_again_the_same_answers_nothing_new(canteen: MenuSite, client: Client) -> None:
    put_on_line(canteen)
    first = fetch(client, "/menus/cantine.json")

    assert client.get("/menus/cantine.json", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert first.headers["Cache-Control"] == "public, max-age=600"


def words_of(content: bytes) -> str:
    """What a reader finds in a PDF, spaces made one."""
    pages = PdfReader(io.BytesIO(content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


@pytest.mark.exigence("V6")
def test_the_week_on_paper_holds_every_dish_and_its_allergens(canteen: MenuSite, client: Client) -> None:
    put_on_line(canteen)
    response = fetch(client, "/menus/cantine/2026-S46.pdf")
    words = words_of(response.content)

    assert response.headers["Content-Type"] == "application/pdf"
    assert "/StructTreeRoot" in PdfReader(io.BytesIO(response.content)).trailer["/Root"]
    for expected in (
        "Menus de la cantine",
        "Sauté de poulet",
        "Galette de pois chiches",
        "moutarde",
        "gluten, œufs, lait",
        "Viandes d’origine française",
    ):
        assert all(word in words for word in expected.split()), expected


@pytest.mark.exigence("V6")
def test_the_month_on_paper_holds_its_weeks_only(canteen: MenuSite, client: Client) -> None:
    put_on_line(canteen)
    put_on_line(canteen, THIS_WEEK.shift(3), a_week(monday()))  # Monday 30 November
    words = words_of(fetch(client, "/menus/cantine/2026-11.pdf").content)

    assert "Lundi 9" in words
    assert "Lundi 30" in words
    assert "Mardi 1er" not in words
    assert client.get("/menus/cantine/2026-13.pdf").status_code == 404
    assert client.get("/menus/cantine/2027-05.pdf").status_code == 404
    assert client.get("/menus/cantine/2026-S47.pdf").status_code == 404


@pytest.mark.exigence("C14")
def test_the_calendars_of_the_town_are_open(canteen: MenuSite, client: Client) -> None:
    SchoolHoliday.objects.update_or_create(
        zone="A", starts_on=date(2026, 12, 19), defaults={"name": "Vacances inventées", "ends_on": date(2027, 1, 3)}
    )
    place = Structure.objects.get(code="restaurant-scolaire")
    Closure.objects.create(reason="Travaux", starts_on=date(2026, 12, 1), ends_on=date(2026, 12, 2), structure=place)
    holidays = events(fetch(client, "/calendriers/vacances-scolaires.ics"))
    closures = json.loads(fetch(client, "/calendriers/fermetures.json").content)

    invented = holidays["vacances-2026-12-19@localhost"]
    assert invented["DTEND"].dt == date(2027, 1, 4)
    assert {"name": "Restaurant scolaire\u00a0: Travaux", "first": "2026-12-01", "last": "2026-12-02"} in closures[
        "periods"
    ]
    assert events(fetch(client, "/calendriers/jours-feries.ics")) is not None
    assert client.get("/calendriers/familles.ics").status_code == 404


def test_lines_of_the_csv_have_the_columns_of_the_import(canteen: MenuSite, client: Client) -> None:
    put_on_line(canteen)
    rows = list(
        csv.reader(io.StringIO(fetch(client, "/menus/cantine.csv").content.decode("utf-8-sig")), delimiter=";")
    )

    assert rows[0][:3] == ["date", "composante", "plat"]
    assert len({len(row) for row in rows}) == 1
