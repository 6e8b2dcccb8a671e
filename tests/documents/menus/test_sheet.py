"""Sheets of menus: what is read, what is refused and where, what is written back."""

from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from documents.menus.entries import DayEntry, DishEntry, WeekEntry
from documents.menus.enums import Allergen, Course, Label
from documents.menus.models import Dish, MenuSite, MenuWeek
from documents.menus.services import check_week, unpublish_week
from documents.menus.sheet import decoded, read_sheet, written_sheet
from portal.backoffice.profiles import ProfileRefused, load_profile, read_profile
from portal.domain.accounts.models import User
from portal.domain.kernel.calendar import Week
from portal.domain.kernel.french import typography
from tests.communes.small import ProfileFolder
from tests.documents.menus.factories import NOW, THIS_WEEK, a_week, write

SITE = MenuSite(code="cantine", name="Cantine", weekdays=[1, 2, 4, 5])

GOOD = """date;composante;plat;choix;allergenes;labels
2026-11-09;entrée;Carottes râpées;;moutarde;bio|local
09/11/2026;plat;Sauté de poulet;1;lait;viande française
2026-11-09;PLAT;Galette de pois chiches;2;gluten;végétarien
2026-11-10;dessert;Œufs au lait;;Œufs, LAIT;fait maison
"""


def messages(text: str) -> list[str]:
    return [str(error) for error in read_sheet(text, SITE).errors]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_a_good_sheet_whatever_its_encoding(encoding: str, ends: str) -> None:
    sheet = read_sheet(decoded(GOOD.replace("\n", ends).encode(encoding)), SITE)

    assert sheet.errors == []
    monday = sheet.weeks[THIS_WEEK].day(1)
    assert [dish.name for dish in monday.dishes] == ["Carottes râpées", "Sauté de poulet", "Galette de pois chiches"]
    assert monday.dishes[0].labels == ("organic", "local")
    assert sheet.weeks[THIS_WEEK].day(2).dishes[0].allergens == ("eggs", "milk")


def test_commas_as_well_as_semicolons() -> None:
    text = 'date,composante,plat,allergenes\n2026-11-09,plat,"Poulet, riz","lait, gluten"\n'
    sheet = read_sheet(text, SITE)

    assert sheet.errors == []
    assert sheet.weeks[THIS_WEEK].day(1).dishes[0].name == "Poulet, riz"
    assert sheet.weeks[THIS_WEEK].day(1).dishes[0].allergens == ("gluten", "milk")


HEADER = "date;composante;plat;choix;allergenes;labels;texture;jour_special;ferme\n"
DAY = HEADER + "2026-11-09"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "le fichier est vide."),
        (HEADER, "le fichier n’a que sa ligne de titres."),
        ("date;plat\n2026-11-09;Riz\n", "ligne 1\u00a0: la colonne «\u00a0composante\u00a0» manque"),
        ("date;composante;plat;prix\n", "la colonne «\u00a0prix\u00a0» est inconnue"),
        ("date;composante;plat;plat\n", "est écrite deux fois"),
        (HEADER + "2026-02-30;plat;Riz", "ligne 2\u00a0: date\u00a0: «\u00a02026-02-30\u00a0» n’est pas une date"),
        (HEADER + "demain;plat;Riz", "ligne 2\u00a0: date"),
        (HEADER + "2026-11-11;plat;Riz", "le mercredi n’est pas servi"),
        (DAY + ";soupe;Riz", "ligne 2\u00a0: composante\u00a0: «\u00a0soupe\u00a0» n’est pas une"),
        (DAY + ";;Riz", "ligne 2\u00a0: composante\u00a0: dites laquelle"),
        (DAY + ";plat;", "ligne 2\u00a0: plat\u00a0: nommez le plat"),
        (DAY + ";;", "ne dit ni plat, ni fermeture"),
        (DAY + ";plat;Riz;3", "choix\u00a0: «\u00a03\u00a0» n’est pas 1"),
        (DAY + ";plat;Riz;2", "écrivez d’abord le plat servi"),
        (DAY + ";plat;Riz;;poussière", "allergenes\u00a0: «\u00a0poussière\u00a0» n’est pas un des quatorze"),
        (DAY + ";plat;Riz;;;bon", "labels\u00a0: «\u00a0bon\u00a0» n’est pas un label"),
        (DAY + ";plat;Riz;;;;lisse", "la texture ne se note qu’à la crèche"),
        (DAY + ";goûter;Pain", "n’a pas cette composante"),
        (DAY + ";plat;Poulet halal", "ligne 2\u00a0: lundi, plat\u00a0: «\u00a0halal\u00a0» désigne une religion"),
        (DAY + ";plat;Riz\n2026-11-09;plat;Pâtes", "ligne 3\u00a0: plat\u00a0: la ligne 2 a déjà ce plat"),
        (DAY + ";plat;" + "x" * 121, "ligne 2\u00a0: lundi, plat\u00a0:"),
        ("a\x00b", "n’est pas un texte"),
    ],
)  # fmt: skip
def test_each_mistake_is_named_by_its_line(text: str, expected: str) -> None:
    found = messages(text)

    assert any(expected in message for message in found), found


def test_every_mistake_is_told_at_once() -> None:
    assert len(messages(DAY + ";soupe;Riz\n2026-11-11;plat;Riz\n2026-11-09;plat;Riz;;poussière")) == 3


NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=40).map(typography)
DISHES = st.builds(
    lambda name, allergens, labels: (name, tuple(allergens), tuple(labels)),
    NAMES,
    st.lists(st.sampled_from(Allergen.values), max_size=14),
    st.lists(st.sampled_from(Label.values), max_size=5),
)


@given(
    st.dictionaries(
        st.tuples(st.sampled_from([1, 2, 4, 5]), st.sampled_from(SITE.courses), st.booleans()), DISHES, max_size=12
    ),
    st.dates(date(2010, 1, 4), date(2090, 1, 1)),
)
def test_what_is_written_reads_back_the_same(
    cells: dict[tuple[int, str, bool], tuple[str, tuple[str, ...], tuple[str, ...]]], day: date
) -> None:
    days: dict[int, list[DishEntry]] = {}
    for (weekday, course, other), (name, allergens, labels) in cells.items():
        if other and (weekday, course, False) not in cells:
            continue
        days.setdefault(weekday, []).append(DishEntry(course, 2 if other else 1, name, allergens, labels))
    entry = WeekEntry(tuple(DayEntry(weekday, tuple(dishes)) for weekday, dishes in days.items()))
    if check_week(SITE, entry) or not entry.days:
        return
    week = Week.of(day)

    assert read_sheet(written_sheet({week: entry}), SITE).weeks == {week: entry}


def test_a_name_is_no_formula_for_a_spreadsheet() -> None:
    entry = WeekEntry((DayEntry(1, (DishEntry(Course.MAIN, 1, "=SOMME(A1)"),)),))
    text = written_sheet({THIS_WEEK: entry})

    assert ";=SOMME" not in text
    assert read_sheet(text, SITE).weeks == {THIS_WEEK: entry}


# -- the command ----------------------------------------------------------------------------


def test_the_command_imports_a_file(canteen: MenuSite, tmp_path: Path) -> None:
    file = tmp_path / "menus.csv"
    file.write_bytes(GOOD.encode("cp1252"))
    call_command("import_menus", str(file), "--site", "cantine", "--check", stdout=StringIO())
    assert not MenuWeek.objects.exists()

    out = StringIO()
    call_command("import_menus", str(file), "--site", "cantine", "--publier", stdout=out)

    assert MenuWeek.objects.get().published
    assert Dish.objects.count() == 4
    assert "import terminé" in out.getvalue()


def test_the_command_says_what_is_wrong(canteen: MenuSite, tmp_path: Path) -> None:
    file = tmp_path / "menus.csv"
    file.write_text(DAY + ";soupe;Riz\n")
    with pytest.raises(CommandError, match="ligne 2"):
        call_command("import_menus", str(file), "--site", "cantine")
    with pytest.raises(CommandError, match="Lieux connus"):
        call_command("import_menus", str(file), "--site", "ailleurs")
    with pytest.raises(CommandError, match="ne se lit pas"):
        call_command("import_menus", str(tmp_path / "rien.csv"), "--site", "cantine")


# -- the cycle of a profile -----------------------------------------------------------------

CYCLE = """semaine;jour;composante;plat;allergenes;labels
1;lundi;plat;Poulet;lait;
2;lundi;plat;Lentilles;;végétarien
"""


def cycled(folder: ProfileFolder, text: str = CYCLE) -> ProfileFolder:
    folder.text("cantine.csv", text)
    return folder.change('intro = "Viandes d’origine française."', 'cycle = "cantine.csv"')


def load(folder: ProfileFolder) -> None:
    load_profile(profile=read_profile(folder.path), by=User.objects.system(), at=NOW)


@pytest.mark.django_db
def test_a_cycle_fills_the_weeks_around_the_loading(folder: ProfileFolder) -> None:
    load(cycled(folder))
    weeks = list(MenuWeek.objects.order_by("monday"))

    assert [week.week for week in weeks] == [THIS_WEEK.shift(number) for number in range(-4, 6)]
    assert all(week.published for week in weeks)
    names = list(Dish.objects.order_by("day__week__monday").values_list("name", flat=True))
    assert names in (["Poulet", "Lentilles"] * 5, ["Lentilles", "Poulet"] * 5)
    versions = list(MenuWeek.objects.order_by("pk").values_list("version", flat=True))
    load(folder)
    assert list(MenuWeek.objects.order_by("pk").values_list("version", flat=True)) == versions


@pytest.mark.django_db
def test_a_cycle_never_touches_what_an_agent_wrote(folder: ProfileFolder) -> None:
    load(cycled(folder))
    site = MenuSite.objects.get(code="cantine")
    write(site, THIS_WEEK, a_week())
    taken_back = MenuWeek.objects.get(monday=THIS_WEEK.shift(1).monday)
    unpublish_week(week=taken_back, by=User.objects.system(), at=NOW)
    load(folder)

    assert Dish.objects.filter(day__week__monday=THIS_WEEK.monday, name="Sauté de poulet").exists()
    taken_back.refresh_from_db()
    assert not taken_back.published


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("1;lundi;plat;Poulet", "1;lundi;soupe;Poulet", "ligne 2"),
        ("2;lundi", "3;lundi", "la semaine 2 du cycle manque"),
        ("1;lundi", "1;mercredi", "le mercredi n’est pas servi"),
        ("Lentilles", "Menu confessionnel", "désigne une religion"),
    ],
)
def test_a_wrong_cycle_is_refused_with_its_file_and_line(
    folder: ProfileFolder, old: str, new: str, expected: str
) -> None:
    with pytest.raises(ProfileRefused) as refused:
        read_profile(cycled(folder, CYCLE.replace(old, new)).path)

    said = [str(problem) for problem in refused.value.problems]
    assert any(expected in line and "cantine.csv" in line for line in said), said
