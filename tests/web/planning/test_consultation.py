"""The planning, to read."""

from datetime import date

import pytest
from django.urls import reverse

from portal.domain.activities.models import Activity, Unit
from portal.domain.enrolments.enums import EnrolmentState
from portal.domain.enrolments.models import Enrolment
from portal.domain.families.models import Child
from tests.domain.accounts.factories import UserFactory
from tests.domain.families.factories import AdultFactory, MemberFactory
from tests.web.planning.reading import PLANNING, Reader, plain
from tests.web.planning.scene import Scene, make_unit

PERIOD = {"label": "Noël 2026", "first": "2026-12-19", "last": "2027-01-03"}
EDIT = f"{PLANNING}?mois=2026-09&modifier=1"


@pytest.mark.exigence("P1", "P2", "P35", "P36", "P65")
def test_the_current_month_comes_first_with_its_cost(reader):
    page = reader.get()
    assert page.text("h1") == "Planning de septembre 2026"
    assert page.text("#cout") == "Coût du mois : 231,40 €"
    assert page.texts(".week-head h2")[0] == "Semaine 36 du 1er au 4 septembre"
    assert "Cantine 16 × 4,30 € = 68,80 €" in page.text("#totaux")
    assert page.text("#totaux .week-head") == "Le mois entier 231,40 €"
    assert not page.all("input[type=checkbox][name=jour]")


@pytest.mark.exigence("P24")
def test_states_are_said_in_words(reader):
    page = reader.get()
    cells = page.texts("#s37 tbody:nth-of-type(1) tr:nth-of-type(2) td")
    assert cells[:2] == ["réservé", "réservé"]
    assert cells[3] == "Hugo, cantine, jeudi 10 septembre : réservé , délai passé, pourquoi ?"


@pytest.mark.exigence("P4", "P5", "P6", "P7")
def test_views_and_arrows_are_links(reader):
    page = reader.get()
    assert page.texts("nav.months a") == ["Période précédente : Août", "Aujourd’hui", "Période suivante : Octobre"]
    assert [link["href"] for link in page.all("nav.months a")] == [
        "/famille/planning/?mois=2026-08",
        "/famille/planning/?mois=2026-09",
        "/famille/planning/?mois=2026-10",
    ]
    week = reader.get("/famille/planning/?vue=semaine&jour=2026-09-16")
    assert week.text("h1") == "Planning du 14 au 20 septembre 2026"
    assert week.texts(".week-head h2")[0] == "Semaine 38 du 14 au 18 septembre"
    assert "Coût de la semaine" in week.text("#cout")
    for view in ("quinzaine", "jour"):
        assert reader.get(f"/famille/planning/?vue={view}&jour=2026-09-16").all(".week")


@pytest.mark.exigence("P8")
def test_by_activity_shows_all_children_of_an_activity(reader):
    page = reader.get("/famille/planning/?par=activite")
    groups = page.all("#s38 tbody")
    assert [group.select_one(".who").get_text(strip=True) for group in groups][:2] == ["Cantine", "Accueil du soir"]
    assert [unit.get_text() for unit in groups[0].select(".unit")] == ["Hugo", "Léna", "Noé"]


@pytest.mark.exigence("P10", "P11")
def test_masks_are_kept_in_the_address(reader):
    lena = Child.objects.get(first_name="Léna")
    page = reader.get(f"/famille/planning/?enfant={lena.pk}")
    assert page.texts("#s38 .who") == ["Léna 5 ans, GS"]
    assert "ce qui est affiché" in page.text("#cout")
    assert all(f"enfant={lena.pk}" in link["href"] for link in page.all("nav.months a"))
    boxes = {box.parent.get_text(strip=True): box.has_attr("checked") for box in page.all("input[name=enfant]")}
    assert boxes == {"Hugo": False, "Léna": True, "Noé": False}


@pytest.mark.exigence("P14", "P15", "P20")
def test_a_month_gone_says_why_nothing_changes(reader, scene, frozen):
    frozen.move_to("2026-10-20 12:00 +0200")
    reader.client.force_login(scene.user)
    page = reader.get("/famille/planning/?mois=2026-09")
    assert "Modifier" not in page.texts("a.button")
    notice = page.text(".planning > .notice")
    assert notice.startswith("Rien ne se modifie en ligne : septembre 2026")
    assert "jeudi 24 septembre 2026 à 23 h 59" in notice
    assert "Octobre" in notice


@pytest.mark.exigence("P14")
def test_the_edit_address_of_a_month_gone_shows_it_to_read(reader, scene, frozen):
    frozen.move_to("2026-10-20 12:00 +0200")
    reader.client.force_login(scene.user)
    page = reader.get(EDIT)
    assert "Rien ne se modifie en ligne" in page.text(".planning")
    assert not page.all("form#planning")


@pytest.mark.exigence("P38")
def test_a_family_without_enrolment_is_led_to_enrol(db, frozen, client):
    scene = Scene()
    scene.child()
    client.force_login(scene.user)
    page = Reader(client).get()
    assert "Aucune inscription ne gère de planning : septembre 2026" in page.text(".empty")
    assert page.all(".empty a")[0]["href"] == reverse("enrolments:index")


@pytest.mark.exigence("P37", "P38", "P67")
def test_a_month_before_the_opening_says_from_when(db, frozen, client):
    scene = Scene()
    unit = make_unit(starts_on=date(2026, 10, 5))
    scene.enrol(scene.child(), unit)
    client.force_login(scene.user)
    page = Reader(client).get("/famille/planning/?mois=2026-10")
    notice = page.text(".planning .notice")
    assert notice == "Cette activité est ouverte à partir du 5 octobre 2026 : cantine 2026/2027."
    assert Reader(client).get().text(".empty").startswith("Aucune inscription ne gère de planning")


def test_a_child_without_planning_is_said_beside_the_others(reader, scene):
    scene.child("Zoé", date(2022, 1, 1), "PS")
    assert "Aucune inscription de Zoé ne gère de planning." in reader.get().text(".planning")


@pytest.mark.exigence("P16", "P20")
def test_each_week_says_its_deadline(reader):
    assert reader.get().texts(".limit") == [
        "Fermée depuis le jeudi 27 août, 23 h 59",
        "Fermée depuis le jeudi 3 sept., 23 h 59",
        "Modifiable jusqu’au jeudi 10 sept., 23 h 59 encore 25 h",
        "Modifiable jusqu’au jeudi 17 sept., 23 h 59",
        "Modifiable jusqu’au jeudi 24 sept., 23 h 59",
    ]


# Who may look


def test_a_stranger_signs_in_and_comes_back(db, client):
    url = "/famille/planning/?mois=2026-10&modifier=1"
    response = client.get(url)
    assert response.status_code == 302
    page_asked = "/famille/planning/%3Fmois%3D2026-10%26modifier%3D1"
    assert response.headers["Location"] == f"{reverse('account_login')}?next={page_asked}"


def test_the_child_of_another_family_is_not_found(reader):
    stranger = Scene(user=UserFactory(username="autre")).child("Jade")
    for url in (
        f"/famille/planning/?enfant={stranger.pk}",
        f"/famille/planning/pourquoi/{stranger.pk}.1.2026-09-14/",
        "/famille/planning/?enfant=99999999999999999999999",
        "/famille/planning/?enfant=hugo",
    ):
        reader.get(url, status=404)


def test_an_account_without_family_gets_a_page_that_helps(db, frozen, client):
    client.force_login(UserFactory(username="seul"))
    page = Reader(client).get(status=403)
    assert page.text("h1") == "Ce compte n’est rattaché à aucun dossier famille"
    assert "Ce que vous pouvez faire" in page.text("main")


@pytest.mark.parametrize("garbled", ["abc", "", None, 10**12, [1]])
def test_a_garbled_choice_of_family_in_the_session_is_no_choice(reader, scene, garbled):
    session = reader.client.session
    session["family_id"] = garbled
    session.save()
    assert reader.get().text("h1") == "Planning de septembre 2026"


def test_someone_close_may_look_and_not_touch(scene, client):
    relative = UserFactory(username="mamie")
    MemberFactory(family=scene.family, adult=AdultFactory(user=relative), relative=True)
    client.force_login(relative)
    page = Reader(client).get(EDIT)
    assert not page.all("input[name=jour]")
    assert "sans pouvoir le modifier" in page.text(".planning .notice")


# Bad input, cost


@pytest.mark.parametrize(
    "query",
    [
        "mois=2026-13",
        "mois=', DROP TABLE",
        "vue=siecle",
        "vue=jour&jour=0001-01-01",
        "mois=9999-12",
        "par=x&activite=y",
    ],
)
def test_a_garbled_address_never_breaks_the_page(reader, query):
    page = reader.get(f"/famille/planning/?{query}")
    if "par=" not in query:
        assert "La période demandée n’existe pas" in page.text("#avis")


def test_the_limits_of_the_calendar_have_no_arrow_beyond(reader):
    assert reader.get("/famille/planning/?mois=2029-12").texts("nav.months a") == [
        "Période précédente : Novembre",
        "Aujourd’hui",
    ]


@pytest.mark.exigence("P14")
def test_the_enrolments_of_a_child_that_wait_are_told_in_one_sentence(reader, scene):
    Enrolment.objects.update(state=EnrolmentState.REQUESTED)
    said = [plain(line.get_text()) for line in reader.get(PLANNING).all("section[aria-labelledby=jours-fermes] li")]
    waiting = [line for line in said if "réponse du service" in line]
    assert len(waiting) == Enrolment.objects.values("child").distinct().count()
    assert any("2 inscriptions attendent" in line for line in waiting), waiting


@pytest.mark.exigence("P14")
def test_a_period_that_is_over_leads_to_the_next_one_ready_to_be_changed(reader):
    page = reader.get("/famille/planning/?mois=2026-08&modifier=1")
    links = [link["href"] for link in page.all("main a") if "mois=2026-09" in link["href"]]
    assert links
    assert all("modifier=1" in link for link in links)
    looked_at = reader.get("/famille/planning/?mois=2026-08")
    assert not [
        link for link in looked_at.all("main a") if "mois=2026-09" in link["href"] and "modifier=1" in link["href"]
    ]


def test_other_methods_are_refused(reader):
    assert reader.client.put(PLANNING).status_code == 405


def test_the_page_is_never_kept_by_the_browser(reader):
    assert "no-store" in reader.get().response.headers["Cache-Control"]


def test_few_queries_whatever_the_number_of_children(reader, scene, django_assert_max_num_queries):
    """Account, terms, family and its header, those of the planning, its gate, its marks; a full day adds one."""
    reader.get()
    with django_assert_max_num_queries(17):
        reader.get(EDIT)
    canteen = Unit.objects.get(code="repas")
    for name in ("Jade", "Tom", "Ava"):
        scene.enrol(scene.child(name), canteen)
    with django_assert_max_num_queries(17):
        reader.get(EDIT)


def test_a_month_of_three_children_weighs_less_than_100_kb(reader):
    for url in (PLANNING, EDIT, f"{EDIT}&par=activite"):
        assert len(reader.get(url).response.content) < 100_000


@pytest.mark.exigence("P18")
def test_the_calendar_of_the_holidays_is_under_the_weeks(reader, scene):
    closes = {"kind": "periods", "periods": [{**PERIOD, "closes": "2026-12-03"}]}
    Activity.objects.filter(units__code="repas").update(booking_deadline=closes, cancellation_deadline=closes)
    page = reader.get(PLANNING)
    row = [plain(cell.get_text(" ")) for cell in page.all("section[aria-labelledby=calendrier] tbody tr > *")]
    assert row[0] == "Noël 2026"
    assert row[1] == "du 19 décembre 2026 au 3 janvier 2027"
    assert row[2] == "ouvertes jusqu’au jeudi 3 décembre 2026 à 23 h 59"
    assert "Cantine" in row[3]


@pytest.mark.exigence("C3")
def test_the_period_says_its_next_deadline(reader):
    page = reader.get(f"{PLANNING}?mois=2026-09")
    said = page.text(".upcoming")
    assert "Dernier moment pour réserver ou annuler :" in said
    assert "jeudi 10 septembre à 23 h 59" in said
    assert "pour les journées du 14 au 18 septembre" in said
    (timer,) = page.all(".upcoming time")
    assert (timer["role"], timer["aria-live"]) == ("timer", "off")
    assert str(timer["data-deadline"]).startswith("2026-09-10T23:59")
    assert not reader.get(f"{PLANNING}?mois=2026-06").all(".upcoming")


def test_the_planning_leads_to_the_agenda_and_to_paper(reader):
    page = reader.get(f"{PLANNING}?mois=2026-10")
    links = {str(link["href"]) for link in page.all(".no-print a")}
    assert links == {"/famille/agenda/", f"{PLANNING}semaine/", f"{PLANNING}imprimer/?mois=2026-10"}
