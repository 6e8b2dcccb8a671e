"""The agents' screens: the grid of a week, its copies, the import, who may."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from documents.menus.models import Dish, MenuSite, MenuWeek
from documents.menus.queries import entry_for, missing_weeks, week_of_agents
from documents.menus.services import WeekChanged, publish_week, save_week
from portal.backoffice.roles import Role
from portal.domain.accounts.models import User
from portal.domain.activities.models import PublicHoliday, SchoolHoliday
from tests.backoffice.desk import is_refused, last_entry, make_agent, said, sign_in
from tests.documents.menus.factories import NOW, THIS_WEEK, a_week, dish, monday, put_on_line, write
from tests.harness.races import run_together, successes

GRID = "/gestion/menus/cantine/2026-S46/"

SMALL = {
    "version": "0",
    "action": "enregistrer",
    "j1-main-1-nom": "Sauté de poulet",
    "j1-main-1-allergenes": ["milk", "gluten"],
    "j1-main-1-labels": ["local"],
    "j1-main-2-nom": "Omelette",
    "j2-special": "Repas de Noël",
    "j4-ferme": "Grève",
    "note": "Bon appétit !",
}


def stored(site: MenuSite) -> Any:
    return entry_for(week_of_agents(site, THIS_WEEK))


def body(response: Any) -> str:
    return response.content.decode()


@pytest.mark.exigence("V6")
def test_a_week_is_written_in_one_grid(canteen: MenuSite, agent: User, client: Client) -> None:
    assert client.get(GRID).status_code == 200
    response = client.post(GRID, SMALL)

    assert response.status_code == 302
    week = stored(canteen)
    poulet, omelette = week.day(1).dishes
    assert (poulet.name, poulet.allergens, poulet.labels) == ("Sauté de poulet", ("gluten", "milk"), ("local",))
    assert (omelette.name, omelette.rank) == ("Omelette", 2)
    assert week.day(2).special == "Repas de Noël"
    assert (week.day(4).closed, week.day(4).reason) == (True, "Grève")
    assert week.note == "Bon appétit\u202f!"
    row = MenuWeek.objects.get()
    assert not row.published
    assert row.changed_by == agent
    entry = last_entry()
    assert (entry.verb, entry.by) == ("save_menu_week", agent)
    assert entry.after["jour 1"][0] == "Sauté de poulet (gluten, lait, local)"


def test_what_is_in_the_grid_comes_back_in_it(canteen: MenuSite, agent: User, client: Client) -> None:
    write(canteen)
    html = body(client.get(GRID))

    assert 'value="Galette de pois chiches"' in html
    assert 'name="j1-starter-1-allergenes" value="mustard" checked' in html
    assert "moutarde · bio, local" in html


def test_publishing_from_the_grid_warns_about_the_vegetarian_menu(
    canteen: MenuSite, agent: User, client: Client
) -> None:
    response = client.post(GRID, SMALL | {"action": "publier"})

    assert MenuWeek.objects.get().published
    assert "Aucun plat végétarien cette semaine" in said(response)
    assert "Bio" in said(response) or "bio" in said(response)
    assert last_entry().verb == "publish_menu_week"
    client.post(GRID, SMALL | {"action": "retirer", "version": str(MenuWeek.objects.get().version)})
    assert not MenuWeek.objects.get().published


def test_an_empty_week_is_not_published(canteen: MenuSite, agent: User, client: Client) -> None:
    response = client.post(GRID, {"version": "0", "action": "publier"})

    assert response.status_code == 422
    assert "Cette semaine est vide" in body(response)


@pytest.mark.parametrize(
    ("changes", "expected", "control"),
    [
        (
            {"j1-main-1-nom": "Poulet halal"},
            "lundi, plat\u00a0: «\u00a0halal\u00a0» désigne une religion",
            "j1-main-1-nom",
        ),
        ({"j2-main-2-nom": "Riz"}, "mardi, plat au choix\u00a0: écrivez d’abord le plat servi", "j2-main-2-nom"),
        ({"j1-dessert-1-nom": "x" * 121}, "lundi, dessert\u00a0:", "j1-dessert-1-nom"),
        ({"j2-special": "Ramadan"}, "désigne une religion", "j2-special"),
    ],
)
def test_a_mistake_is_named_by_its_cell_and_nothing_is_lost(
    canteen: MenuSite, agent: User, client: Client, changes: dict[str, str], expected: str, control: str
) -> None:
    response = client.post(GRID, SMALL | changes)
    html = body(response)

    assert response.status_code == 422
    assert expected in html
    assert f'href="#{control}"' in html
    assert f'id="{control}"' in html
    assert 'value="Omelette"' in html
    assert not MenuWeek.objects.exists()


@pytest.mark.parametrize(
    "nonsense",
    [{"version": "abc"}, {"version": "9" * 400}, {"j1-main-1-allergenes": "poussière"}, {"j1-main-1-texture": "dure"},
     {"action": "exploser"}, {"j1-main-1-nom": "a\x00b"}, {"collage": "\t" * 5000, "action": "repartir"}],
)  # fmt: skip
def test_nonsense_breaks_nothing(canteen: MenuSite, agent: User, client: Client, nonsense: dict[str, str]) -> None:
    assert client.post(GRID, SMALL | nonsense).status_code in {200, 302, 409, 422}


def test_two_agents_on_a_week_the_second_is_told_and_loses_nothing(
    canteen: MenuSite, agent: User, client: Client
) -> None:
    client.post(GRID, SMALL)
    other = Client()
    sign_in(other, Role.COMMUNICATION)
    other.post(GRID, SMALL | {"version": "1", "j1-main-1-nom": "Couscous"})

    response = client.post(GRID, SMALL | {"version": "1", "j1-main-1-nom": "Paëlla"})
    html = body(response)

    assert response.status_code == 409
    assert stored(canteen).day(1).dishes[0].name == "Couscous"
    assert 'value="Paëlla"' in html
    assert "pendant votre saisie" in html
    assert "Couscous (gluten, lait, local)" in html
    assert '<input type="hidden" name="version" value="2">' in html
    assert client.post(GRID, SMALL | {"version": "2", "j1-main-1-nom": "Paëlla"}).status_code == 302
    assert stored(canteen).day(1).dishes[0].name == "Paëlla"


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_at_the_same_instant_one_week_is_written_and_the_other_refused() -> None:
    site = MenuSite.objects.create(code="cantine", name="Cantine")
    agents = [make_agent(), make_agent()]
    results = run_together(
        *(
            lambda by=by, name=name: save_week(
                site=site,
                week=THIS_WEEK,
                entry=a_week(monday().__class__(1, (dish("main", name),))),
                version=0,
                by=by,
                at=NOW,
            )
            for by, name in zip(agents, ("Poulet", "Poisson"), strict=True)
        )
    )

    assert len(successes(results)) == 1
    assert sum(isinstance(result, WeekChanged) for result in results) == 1
    assert Dish.objects.count() == 1


def test_a_dish_remembers_its_allergens(canteen: MenuSite, agent: User, client: Client) -> None:
    write(canteen)
    response = client.post(
        "/gestion/menus/cantine/2026-S47/",
        {"version": "0", "j2-main-1-nom": "sauté de Poulet", "action": "enregistrer"},
    )
    remembered = entry_for(week_of_agents(canteen, THIS_WEEK.shift(1))).day(2).dishes[0]

    assert remembered.allergens == ("milk",)
    assert remembered.labels == ("french_meat",)
    assert "repris de la dernière saisie, à relire" in said(response)
    # Taken away on purpose, they stay away.
    client.post("/gestion/menus/cantine/2026-S47/", {"version": "1", "j2-main-1-nom": "sauté de Poulet"})
    assert entry_for(week_of_agents(canteen, THIS_WEEK.shift(1))).day(2).dishes[0].allergens == ()


def test_a_table_is_pasted_without_script(canteen: MenuSite, agent: User, client: Client) -> None:
    table = "Betteraves\tSalade\r\nSauté de poulet\t\r\n"
    response = client.post(GRID, SMALL | {"action": "repartir", "collage": table})
    html = body(response)

    assert response.status_code == 200
    assert 'id="j1-starter-1-nom" name="j1-starter-1-nom" value="Betteraves"' in html
    assert 'id="j2-starter-1-nom" name="j2-starter-1-nom" value="Salade"' in html
    assert "2\u00a0cases remplies" in html
    assert not MenuWeek.objects.exists()


def test_another_week_is_taken_up_as_a_draft(canteen: MenuSite, agent: User, client: Client) -> None:
    source = put_on_line(canteen)
    address = "/gestion/menus/cantine/2026-S47/"
    assert "Reprendre une autre semaine" in body(client.get(address))
    client.post(f"{address}reprendre/", {"source": str(source.pk)})
    copied = week_of_agents(canteen, THIS_WEEK.shift(1))

    assert entry_for(copied).day(1) == a_week().day(1)
    assert entry_for(copied).day(2).special == ""  # of one date
    assert not copied.published
    refused = client.post(f"{address}reprendre/", {"source": str(source.pk)})
    assert "contient déjà des plats" in said(refused)
    assert client.post(f"{address}reprendre/", {"source": "x"}).status_code == 302


def test_a_cycle_fills_the_empty_weeks_ahead(canteen: MenuSite, agent: User, client: Client) -> None:
    put_on_line(canteen, THIS_WEEK.shift(-1))
    put_on_line(canteen, THIS_WEEK, a_week(monday()))
    response = client.post("/gestion/menus/cycle/", {"lieu": "cantine", "cycle": "2", "semaines": "4"})

    weeks = set(MenuWeek.objects.values_list("monday", flat=True))
    assert weeks == {THIS_WEEK.shift(number).monday for number in range(-1, 5)}
    assert "4\u00a0brouillons" in said(response)
    assert "deux nombres" in said(client.post("/gestion/menus/cycle/", {"lieu": "cantine", "cycle": "0"}))


def test_missing_weeks_are_told_on_the_home_of_the_administration(
    canteen: MenuSite, nursery: MenuSite, agent: User, client: Client
) -> None:
    put_on_line(canteen, THIS_WEEK.shift(1))
    write(canteen, THIS_WEEK.shift(2))
    for number in (1, 2, 3):
        put_on_line(nursery, THIS_WEEK.shift(number), a_week(monday()))
    html = body(client.get("/gestion/"))

    assert "il manque les menus de 2 semaines, celles du 23\u00a0novembre et du 30\u00a0novembre." in html
    assert "1\u00a0brouillon à publier." in html
    assert "Crèche" not in html.split("Menus à écrire")[1].split("</section>")[0]


def test_a_week_of_holidays_is_not_missing(canteen: MenuSite) -> None:
    SchoolHoliday.objects.create(
        zone="A", name="Pont", starts_on=THIS_WEEK.shift(1).monday, ends_on=THIS_WEEK.shift(1).sunday
    )
    found = {each.site.code: each.weeks for each in missing_weeks(date(2026, 11, 10))}

    assert THIS_WEEK.shift(1) not in found["cantine"]
    assert THIS_WEEK.shift(1) in found["creche"]


FILE = "date;composante;plat;allergenes\n2026-11-09;plat;Poulet;lait\n2026-11-16;plat;Riz;\n"


def upload(client: Client, text: str = FILE, **more: str) -> Any:
    file = SimpleUploadedFile("menus.csv", text.encode("cp1252"))
    return client.post("/gestion/menus/importer/", {"lieu": "cantine", "fichier": file, **more})


def test_an_import_is_read_before_it_is_written(canteen: MenuSite, agent: User, client: Client) -> None:
    write(canteen)
    html = body(upload(client))

    assert "rien n’est encore écrit" in html
    assert "Remplacée" in html
    assert "Nouvelle" in html
    assert entry_for(week_of_agents(canteen, THIS_WEEK)) == a_week()
    confirmed = {"lieu": "cantine", "texte": FILE, "confirmer": "1", "version-2026-S46": "1", "version-2026-S47": "0"}
    response = client.post("/gestion/menus/importer/", confirmed)
    assert response.status_code == 302
    assert [each.name for each in entry_for(week_of_agents(canteen, THIS_WEEK)).dishes()] == ["Poulet"]
    assert last_entry().verb == "import_menus"


def test_the_published_sheet_comes_back_without_the_closures_of_the_calendar(
    canteen: MenuSite, agent: User, client: Client
) -> None:
    PublicHoliday.objects.update_or_create(day=date(2026, 11, 12), defaults={"name": "Fête inventée"})
    write(canteen)
    text = f"{FILE}2026-11-12;;;\n".replace("allergenes\n", "allergenes;ferme\n")
    text = text.replace("2026-11-12;;;", "2026-11-12;;;;Férié : Fête inventée")
    confirmed = {"lieu": "cantine", "texte": text, "confirmer": "1", "version-2026-S46": "1", "version-2026-S47": "0"}

    assert client.post("/gestion/menus/importer/", confirmed).status_code == 302
    assert entry_for(week_of_agents(canteen, THIS_WEEK)).day(4).empty


def test_an_import_over_a_week_changed_meanwhile_writes_nothing(
    canteen: MenuSite, agent: User, client: Client
) -> None:
    write(canteen)
    confirmed = {"lieu": "cantine", "texte": FILE, "confirmer": "1", "version-2026-S46": "0", "version-2026-S47": "0"}
    response = client.post("/gestion/menus/importer/", confirmed)

    assert response.status_code == 409
    assert "entre-temps" in body(response)
    assert MenuWeek.objects.count() == 1
    assert entry_for(week_of_agents(canteen, THIS_WEEK)) == a_week()


def test_a_wrong_import_is_refused_line_by_line(canteen: MenuSite, agent: User, client: Client) -> None:
    response = upload(client, FILE + "2026-11-17;soupe;Riz;\n")

    assert response.status_code == 422
    assert "ligne 4\u00a0: composante" in body(response)
    assert upload(client, lieu="ailleurs").status_code == 422
    assert client.post("/gestion/menus/importer/", {"lieu": "cantine"}).status_code == 422
    assert not MenuWeek.objects.exists()


PAGES = ("/gestion/menus/", GRID, "/gestion/menus/importer/", "/gestion/lieux-de-repas/")


@pytest.mark.parametrize("role", [Role.ACCOUNTING, Role.ACTIVITIES, Role.MANAGEMENT])
def test_other_roles_do_not_write_menus(canteen: MenuSite, client: Client, role: Role) -> None:
    sign_in(client, role)
    for address in PAGES:
        assert is_refused(client.get(address)), address
    for address in (GRID, "/gestion/menus/importer/", "/gestion/menus/cycle/", f"{GRID}reprendre/"):
        assert is_refused(client.post(address, SMALL)), address
    assert "Menus à écrire" not in body(client.get("/gestion/"))
    assert not MenuWeek.objects.exists()


def test_communication_opens_every_screen(canteen: MenuSite, agent: User, client: Client) -> None:
    for address in (*PAGES, f"/gestion/lieux-de-repas/edit/{canteen.pk}/", "/gestion/lieux-de-repas/create/"):
        assert client.get(address).status_code == 200, address
    assert client.get("/gestion/menus/cantine/2027-S53/").status_code == 404
    assert client.get("/gestion/menus/ailleurs/2026-S46/").status_code == 404


def test_a_full_grid_costs_the_same_queries(canteen: MenuSite, agent: User, client: Client) -> None:
    write(canteen, THIS_WEEK, a_week(monday()))
    write(canteen, THIS_WEEK.shift(1), a_week(*(monday().__class__(n, monday().dishes) for n in (1, 2, 4, 5))))
    client.get(GRID)
    with CaptureQueriesContext(connection) as small:
        client.get(GRID)
    with CaptureQueriesContext(connection) as full:
        client.get("/gestion/menus/cantine/2026-S47/")

    assert len(full) == len(small)


def test_the_list_of_weeks_costs_the_same_empty_or_full(canteen: MenuSite, agent: User, client: Client) -> None:
    client.get("/gestion/menus/")
    with CaptureQueriesContext(connection) as empty:
        client.get("/gestion/menus/")
    for number in range(6):
        publish_week(week=write(canteen, THIS_WEEK.shift(number)), by=agent, at=NOW + timedelta(minutes=number))
    client.get("/gestion/menus/")  # what the site keeps about itself is read again after a change
    with CaptureQueriesContext(connection) as full:
        client.get("/gestion/menus/")

    assert len(full) <= len(empty)
