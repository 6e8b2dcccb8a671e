"""The recipes of docs/profils.md, cooked: each block is loaded as a town would, and the portal answers its table."""

import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

import pytest

from config.places import COMMUNES_DIR
from portal.backoffice.profiles import load_profile, read_profile
from portal.domain.accounts.models import User
from portal.domain.activities.models import Activity, Unit
from portal.domain.bookings.codes import CellKey
from portal.domain.bookings.enums import Wish
from portal.domain.bookings.grid import take_picture
from portal.domain.bookings.loading import Scope
from portal.domain.bookings.policy import late_surcharge, why_not
from portal.domain.bookings.services import MinimumMissing, change_draft, confirm_basket, discard_draft
from portal.domain.enrolments.queries import list_offers
from portal.domain.kernel import french
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.clock import PARIS
from tests.communes.small import ProfileFolder
from tests.domain.bookings.factories import Household, book, household

ROOT = Path(__file__).resolve().parents[2]
LOADED = datetime(2026, 8, 20, 9, tzinfo=PARIS)
#: What the issue asks that a town may write without code, by a word of the title of its recipe.
ASKED = (
    "jours ouvrés", "sans école", "par jour de la semaine", "vendredi midi", "chacun leur délai", "dates fixées",
    "horizon", "habitants", "en retard", "jamais", "s’excluent",
    "au plus", "au moins",
)  # fmt: skip


@dataclass(frozen=True)
class Recipe:
    """A recipe: its title, its block of TOML, the rows of its table by heading."""

    title: str
    block: str
    rows: tuple[dict[str, str], ...]


def recipes() -> list[Recipe]:
    """Those of the documentation, as written."""
    text = (ROOT / "docs" / "profils.md").read_text(encoding="utf-8")
    found = []
    for section in re.split(r"^### ", text, flags=re.M):
        title, _, body = section.partition("\n")
        if not title.startswith("Recette"):
            continue
        block = re.search(r"```toml\n(.*?)```", body, flags=re.S)
        assert block, title
        lines = [line for line in body.splitlines() if line.startswith("|")]
        cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
        found.append(Recipe(title, block[1], tuple(dict(zip(cells[0], row, strict=True)) for row in cells[2:])))
    return found


def cooked(folder: ProfileFolder, recipe: Recipe) -> None:
    """The small town with the recipe in the place of its activity's deadline, and of its units if it has its own."""
    keys, _, tables = recipe.block.partition("\n[[")
    source = re.sub(r"^(booking_deadline|levels|schools) = .*\n", "", folder.source, flags=re.M)
    head, _, rest = source.partition("[[activities.units]]")
    units, _, closures = rest.partition("[[closures]]")
    units = "[[activities.units]]" + units
    more = f"\n[[{tables}" if tables else ""
    folder.source = f"{head}{keys}\n{more if 'activities.units' in more else units + more}\n[[closures]]{closures}"
    folder.write()
    profile = replace(read_profile(folder.path), sections={})
    load_profile(profile=profile, by=User.objects.system(), at=LOADED)


def instant(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=PARIS)


def answer(home: Household, row: dict[str, str], wish: Wish) -> str:
    """What the policy says of one day: “oui”, “oui, + 2,00 €”, “non”."""
    day, at = date.fromisoformat(row["jour"]), instant(row["à l’instant"])
    picture = take_picture(family=home.family, user=home.parent, scope=Scope(DateRange(day, day)), at=at)
    refusal = why_not(
        picture.context, wish=wish, child_id=home.child.pk, unit_id=home.unit.pk, day=day, at=at, places=False
    )
    if refusal is not None:
        return "non"
    more = late_surcharge(picture.context, CellKey.parse(home.code(day)), at=at) if wish == Wish.ADD else 0
    return f"oui, + {french.amount(more)}".replace(french.NBSP, " ") if more else "oui"


def test_there_is_a_recipe_for_everything_that_was_asked() -> None:
    titles = [recipe.title for recipe in recipes()]
    assert [word for word in ASKED if not any(word in title for title in titles)] == []
    assert all(recipe.rows for recipe in recipes())


@pytest.mark.exigence("P16")
@pytest.mark.django_db
@pytest.mark.parametrize("recipe", recipes(), ids=lambda recipe: recipe.title[10:40])
def test_a_recipe_does_what_its_table_says(recipe: Recipe, tmp_path: Path) -> None:
    cooked(ProfileFolder(tmp_path / "essai"), recipe)
    activity = Activity.objects.get()
    units = list(Unit.objects.filter(activity=activity).order_by("order", "pk"))
    for row in recipe.rows:
        if "cocher les jours" in row:
            assert validated(household(*units), row) == (row["restent"], row["validé"]), row
        elif "cocher" in row:
            assert kept(household(*units), row) == row["reste"], row
        elif "entrée" in row:
            theirs = {"habitant": household(enrolled=False, town="Val-Fleuri"), "extérieur": household(enrolled=False)}
            assert {who: enrols(home, row) for who, home in theirs.items()} == {who: row[who] for who in theirs}, row
        else:
            free, taken = household(*units), household(*units)
            book(taken, [date.fromisoformat(row["jour"])])
            said = {"réserver": answer(free, row, Wish.ADD), "annuler": answer(taken, row, Wish.REMOVE)}
            assert said == {"réserver": row["réserver"], "annuler": row["annuler"]}, row


def kept(home: Household, row: dict[str, str]) -> str:
    """The units of the draft once each of these was ticked, one press after the other."""
    day, at = date.fromisoformat(row["jour"]), instant(row["à l’instant"])
    codes = {unit.code: position for position, unit in enumerate(home.units)}
    for code in row["cocher"].split(", "):
        change = change_draft(
            family=home.family, add=[home.code(day, unit=codes[code])], remove=[], by=home.parent, at=at
        )
    names = {unit.pk: unit.code for unit in home.units}
    left = sorted(names[line.unit_id] for line in change.draft.lines)
    discard_draft(family=home.family, by=home.parent, at=at)
    return ", ".join(left) or "rien"


def validated(home: Household, row: dict[str, str]) -> tuple[str, str]:
    """The days of the draft once these were ticked in one press, and whether it may be validated."""
    at = instant(row["à l’instant"])
    days = [date.fromisoformat(day) for day in row["cocher les jours"].split(", ")]
    draft = change_draft(family=home.family, add=home.codes(days), remove=[], by=home.parent, at=at).draft
    try:
        confirm_basket(family=home.family, key=draft.key, by=home.parent, at=at)
    except MinimumMissing:
        answer = "non"
    else:
        answer = "oui"
    return ", ".join(str(line.day) for line in draft.lines), answer


def enrols(home: Household, row: dict[str, str]) -> str:
    """Whether the child may be enrolled at that instant."""
    (offers,) = list_offers(family=home.family, user=home.parent, at=instant(row["à l’instant"]))
    return "oui" if offers.open_offers else "non"


# The catalogues of the guides


def catalogue(town: str) -> dict[str, list[str]]:
    """The names of the activities of a profile, by type."""
    found: dict[str, list[str]] = {}
    for activity in read_profile(COMMUNES_DIR / town).town.activities:
        found.setdefault(activity.type, []).append(activity.name)
    return found


@pytest.mark.exigence("I46")
def test_alae_offers_the_fourteen_choices_of_its_guide() -> None:
    """4 for the ALAE, 1 for the restaurant, 9 for the centres: those by level count once, a child sees one of them."""
    found = catalogue("alae")
    assert len(found["alae"]) + len(found["garderie"]) == 4
    assert len(found["restauration"]) == 1
    centres = {re.sub(r"CLV (maternel|élémentaire)", "CLV", name) for name in found["centre-de-loisirs"]}
    assert len(centres | set(found["bus"])) == 9
    assert {name.rpartition(", ")[2] for name in centres if "CLV" in name} == {
        "automne", "Noël", "hiver", "printemps", "été",
    }  # fmt: skip
    assert sorted(found["bus"]) == ["{annee} - Bus des vacances", "{annee} - Bus du mercredi"]


@pytest.mark.exigence("I47")
def test_the_buses_of_alae_need_their_centre_and_have_their_stops() -> None:
    profile = read_profile(COMMUNES_DIR / "alae")
    units = {f"{activity.code}/{unit.code}": unit for activity in profile.town.activities for unit in activity.units}
    lines = profile.sections["bus_lines"]
    served = [code for line in lines for code in line.units]
    assert sorted(served) == ["bus-mercredis/bus", "bus-vacances/bus"]
    assert all(units[code].needs for code in served)
    assert [len([stop for stop in line.stops if not stop.terminus]) for line in lines] == [3, 3]


@pytest.mark.exigence("I18")
def test_roussillon_conflent_offers_its_teenagers_what_its_guide_lists() -> None:
    found = catalogue("roussillon-conflent")
    assert {len(found[kind]) for kind in ("ados-ille", "ados-millas")} == {2}
    assert found["vacances-ados-ille"]
    for kind in ("ados-ille", "ados-millas"):
        assert any("mercredis" in name for name in found[kind])
        assert any("soir" in name for name in found[kind])


@pytest.mark.exigence("I54")
def test_les_rousses_offers_the_three_activities_of_its_guide() -> None:
    found = catalogue("les-rousses")
    assert {kind: len(names) for kind, names in found.items()} == {
        "restauration": 1, "periscolaire": 1, "accueil-de-loisirs": 1,
    }  # fmt: skip
    holidays = read_profile(COMMUNES_DIR / "les-rousses").town.activities
    assert [each.service_days for each in holidays if each.type == "accueil-de-loisirs"] == ["holidays"]


def test_colomars_and_the_older_roussillon_conflent_offer_what_their_guides_show() -> None:
    colomars, older = catalogue("colomars"), catalogue("roussillon-conflent-2019")
    assert set(colomars) == {"restauration", "periscolaire", "accueil-de-loisirs"}
    assert any("matin" in name for name in colomars["periscolaire"])
    assert any("été" in name for name in colomars["accueil-de-loisirs"])
    assert [name for names in older.values() for name in names if "3D" in name]
