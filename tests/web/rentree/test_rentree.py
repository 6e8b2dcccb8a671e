"""The page of the rentrée: every child, what carries over, one validation, and what is typed never lost."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.domain.activities.enums import EnrolmentMode
from portal.domain.activities.models import Activity
from portal.domain.activities.queries import load_calendar, offer_of
from portal.domain.activities.services import seed_calendar
from portal.domain.enrolments.models import Enrolment
from portal.domain.families import requirements
from portal.domain.families.requirements import Effect, register_requirements
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.clock import PARIS
from portal.domain.mails.models import OutgoingMail
from portal.domain.papers import requirements as papers
from portal.domain.papers.models import Paper
from portal.domain.rentree.models import RentreeAnswer, RentreeDraft, RentreeRecap
from portal.domain.tariffs.models import UnitTariff
from tests.domain.accounts.factories import UserFactory
from tests.domain.papers.factories import PaperTypeFactory, photo
from tests.domain.rentree.scene import AT, FIRST, LAST, RentreeScene, rentree_scene

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("june")]

PAGE = "/famille/rentree/"
NBSP = "\u00a0"


@pytest.fixture
def june(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A Wednesday of June 2027; a dossier asks nothing but papers."""
    settings.PRIVATE_ROOT = tmp_path
    monkeypatch.setattr(requirements, "_sources", {})
    register_requirements("papers", papers.requirements, may_block=papers.may_block)
    with time_machine.travel(AT, tick=False):
        seed_calendar(zone="A", from_year=2026, to_year=2027, by=UserFactory(), at=AT)
        yield


def signed_in(client: Client, scene: RentreeScene) -> RentreeScene:
    client.force_login(scene.parent)
    return scene


@pytest.fixture
def three(client: Client) -> RentreeScene:
    return signed_in(client, rentree_scene(children=3, stems=("cantine", "garderie")))


def text_of(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode().replace(NBSP, " ")))


def sent_as_shown(response: Any, **changes: Any) -> dict[str, Any]:
    """The form as a browser sends it when nothing is touched, then `changes`."""
    page = response.content.decode()
    form = page[page.index('id="rentree"') :]
    data: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        kind = re.search(r'type="([^"]+)"', tag)
        if name is None or (kind and kind[1] == "checkbox" and "checked" not in tag) or (kind and kind[1] == "file"):
            continue
        boxed = kind is not None and kind[1] == "checkbox"
        data.setdefault(name[1], []).append(value[1] if value else "on" if boxed else "")
    return data | changes


def field(scene: RentreeScene, stem: str, name: str, child: int = 0) -> str:
    return f"e{scene.children[child].pk}-a{scene.new[stem].activity_id}-{name}"


def week(scene: RentreeScene, stem: str, child: int = 0) -> str:
    return field(scene, stem, f"jours_{scene.new[stem].pk}", child)


@pytest.mark.exigence("C8")
def test_last_year_is_ticked_and_one_press_enrols_everybody(client: Client, three: RentreeScene) -> None:
    page = client.get(PAGE)
    words = text_of(page)
    assert "Rentrée 2027/2028" in words
    assert words.count("comme l’an dernier") == 6
    response = client.post(PAGE, sent_as_shown(page, suite="valider"))
    recap = RentreeRecap.objects.get()
    assert response.headers["Location"] == reverse("rentree:recap", args=[recap.number])
    assert Enrolment.objects.filter(activity__code__endswith="2027").count() == 6
    assert {tuple(line.week[0][1]) for line in recap.lines.all()} == {(1, 2)}
    assert OutgoingMail.objects.count() == 1
    shown = text_of(client.get(response.headers["Location"]))
    for name in ("Hugo", "Léna", "Noé", "c’est enregistré", recap.number, "lundi et mardi"):
        assert name in shown
    assert client.get(reverse("rentree:document", args=[recap.number])).content.startswith(b"%PDF")
    # Done: nothing is proposed twice.
    after = text_of(client.get(PAGE))
    assert after.count("c’est fait") == 6
    assert "Valider la rentrée" not in after


def test_a_double_click_gives_one_recap(client: Client, three: RentreeScene) -> None:
    data = sent_as_shown(client.get(PAGE), suite="valider")
    first, second = client.post(PAGE, data), client.post(PAGE, data)
    assert first.headers["Location"] == second.headers["Location"]
    assert RentreeRecap.objects.count() == 1


@pytest.mark.exigence("C8")
def test_the_cost_is_estimated_by_child_and_by_month_with_its_computation(client: Client) -> None:
    scene = signed_in(client, rentree_scene(last_week=(1,)))
    page = client.get(PAGE)
    days = len([day for day in served(scene) if day.isoweekday() == 1])
    words = text_of(page)
    assert f"{days} × 4,30 € = " in words
    assert "par mois en moyenne" in words
    assert "septembre 2027" in words
    counted = client.post(reverse("rentree:estimation"), sent_as_shown(page, **{week(scene, "cantine"): ["1", "2"]}))
    both = len([day for day in served(scene) if day.isoweekday() in {1, 2}])
    assert f"{both} × 4,30 € = " in text_of(counted)
    assert "<html" not in counted.content.decode()
    assert not RentreeDraft.objects.exists()


def served(scene: RentreeScene) -> list[Any]:
    period = DateRange(FIRST, LAST)
    return list(load_calendar(period).served_days(offer_of(scene.new["cantine"]), period))


def test_the_recount_button_says_the_same_without_script(client: Client) -> None:
    scene = signed_in(client, rentree_scene(last_week=(1,)))
    response = client.post(
        PAGE, sent_as_shown(client.get(PAGE), **{week(scene, "cantine"): ["1", "2"]}, suite="total")
    )
    both = len([day for day in served(scene) if day.isoweekday() in {1, 2}])
    assert response.status_code == 200
    assert f"{both} × 4,30 € = " in text_of(response)


@pytest.mark.exigence("C8")
def test_answers_are_kept_and_found_again_by_the_other_parent(client: Client) -> None:
    scene = rentree_scene(stems=("cantine", "garderie"), parents=2)
    signed_in(client, scene)
    data = sent_as_shown(client.get(PAGE), **{week(scene, "cantine"): ["4", "5"]}, suite="garder")
    del data[field(scene, "garderie", "veut")]
    assert client.post(PAGE, data).status_code == 302
    client.force_login(scene.others[0])
    page = client.get(PAGE)
    again = sent_as_shown(page)
    assert again[week(scene, "cantine")] == ["4", "5"]
    assert field(scene, "garderie", "veut") not in again
    assert "Préparation gardée le" in text_of(page)
    assert client.post(PAGE, again | {"suite": "valider"}).status_code == 302
    assert [each.activity.code for each in Enrolment.objects.filter(activity__starts_on=FIRST)] == ["cantine-2027"]


def test_a_preparation_changed_meanwhile_is_shown_again_with_what_was_typed(client: Client) -> None:
    scene = rentree_scene(parents=2)
    signed_in(client, scene)
    mine = sent_as_shown(client.get(PAGE), **{week(scene, "cantine"): ["5"]}, suite="valider")
    other = Client()
    other.force_login(scene.others[0])
    other.post(PAGE, sent_as_shown(other.get(PAGE), suite="garder"))
    response = client.post(PAGE, mine)
    assert response.status_code == 409
    again = sent_as_shown(response)
    assert again[week(scene, "cantine")] == ["5"]
    assert not RentreeRecap.objects.exists()
    assert client.post(PAGE, again | {"suite": "valider"}).status_code == 302


def test_a_wrong_date_is_said_beside_it_and_everything_typed_stays(client: Client, three: RentreeScene) -> None:
    changes = {field(three, "cantine", "du"): "2026-01-05", week(three, "garderie", 2): ["5"], "suite": "valider"}
    response = client.post(PAGE, sent_as_shown(client.get(PAGE), **changes))
    assert response.status_code == 422
    assert "La date d’entrée doit être comprise entre le 2 septembre 2027 et le 7 juillet 2028." in text_of(response)
    assert sent_as_shown(response)[week(three, "garderie", 2)] == ["5"]
    assert not Enrolment.objects.filter(activity__starts_on=FIRST).exists()


def test_keeping_beside_an_error_keeps_all_the_rest(client: Client, three: RentreeScene) -> None:
    changes = {field(three, "cantine", "du"): "n’importe quoi", week(three, "garderie"): ["5"], "suite": "garder"}
    response = client.post(PAGE, sent_as_shown(client.get(PAGE), **changes))
    assert response.status_code == 422
    assert "sauf ce qui est signalé ici" in text_of(response)
    assert sent_as_shown(response)[week(three, "garderie")] == ["5"]
    kept = RentreeAnswer.objects.get(child=three.child, activity=three.new["garderie"].activity)
    assert kept.pattern == {str(three.new["garderie"].pk): [5]}


def test_what_is_not_open_is_prepared_and_sent_on_the_day(client: Client) -> None:
    opens = datetime(2027, 6, 21, 8, tzinfo=PARIS)
    scene = signed_in(client, rentree_scene(enrolment_opens_at=opens))
    page = client.get(PAGE)
    words = text_of(page)
    assert "Les inscriptions ouvrent le lundi 21 juin 2027 à 8 h" in words
    assert "Valider la rentrée" not in words
    assert client.post(PAGE, sent_as_shown(page, suite="garder")).status_code == 302
    # Forced by hand before the day: refused, in words, and still there.
    early = client.post(PAGE, sent_as_shown(client.get(PAGE), suite="valider"))
    assert early.status_code == 422
    assert "ouvrent le lundi 21 juin 2027" in text_of(early)
    with time_machine.travel(opens, tick=False):
        assert client.post(PAGE, sent_as_shown(client.get(PAGE), suite="valider")).status_code == 302
    assert Enrolment.objects.filter(activity=scene.new["cantine"].activity).exists()


def test_a_class_that_nobody_knows_yet_does_not_forbid_to_prepare(client: Client) -> None:
    signed_in(client, rentree_scene(levels=["CM2"]))
    page = client.get(PAGE)
    assert "classe pas encore connue" in text_of(page)
    assert client.post(PAGE, sent_as_shown(page, suite="garder")).status_code == 302
    assert RentreeAnswer.objects.get().wanted


def test_an_activity_that_is_gone_and_a_price_that_changed_are_said(client: Client) -> None:
    scene = signed_in(client, rentree_scene(stems=("cantine", "garderie")))
    UnitTariff.objects.get(unit=scene.new["cantine"]).tariff.versions.update(unit_price="4.60")
    Activity.objects.filter(code="garderie-2027").update(code="autre-2027", type=scene.old["cantine"].activity.type)
    words = text_of(client.get(PAGE))
    assert "Le prix de « Repas » passe de 4,30 € à 4,60 €." in words
    assert "De l’an dernier, rien ne continue : Garderie." in words


def test_a_paper_is_given_on_the_spot_and_asked_for_by_child(client: Client) -> None:
    scene = signed_in(client, rentree_scene())
    kind = PaperTypeFactory(insurance=True, effect=Effect.BLOCKS.value)
    page = client.get(PAGE)
    assert "Pièces à fournir pour Hugo" in text_of(page)
    refused = client.post(PAGE, sent_as_shown(page, suite="valider"))
    assert refused.status_code == 422
    assert "Assurance scolaire" in text_of(refused)
    assert not Enrolment.objects.filter(activity__starts_on=FIRST).exists()
    name = f"piece_{kind.pk}_{scene.child.pk}"
    given = client.post(PAGE, sent_as_shown(refused, suite="valider") | {name: photo()})
    assert given.status_code == 302
    assert Paper.objects.get().child == scene.child


def test_a_paper_sent_beside_an_error_stays_sent(client: Client) -> None:
    scene = signed_in(client, rentree_scene())
    kind = PaperTypeFactory(insurance=True)
    changes = {field(scene, "cantine", "du"): "2020-01-01", f"piece_{kind.pk}_{scene.child.pk}": photo()}
    response = client.post(PAGE, sent_as_shown(client.get(PAGE), suite="valider") | changes)
    assert response.status_code == 422
    assert "C’est transmis" in text_of(response)
    assert Paper.objects.count() == 1


def test_a_town_without_activities_for_the_year_says_so(client: Client) -> None:
    signed_in(client, rentree_scene())
    Activity.objects.filter(code="cantine-2027").update(starts_on=date(2028, 9, 1), ends_on=date(2029, 7, 1))
    assert "Rien n’est encore annoncé pour 2027/2028" in text_of(client.get(PAGE))
    assert "Préparer la rentrée" not in text_of(client.get("/famille/"))
    assert "Préparer la rentrée" not in text_of(client.get("/famille/inscriptions/"))


def test_the_home_and_the_enrolments_lead_to_it_until_everything_is_sent(client: Client, three: RentreeScene) -> None:
    for address in ("/famille/", "/famille/inscriptions/"):
        assert "Préparer la rentrée" in text_of(client.get(address))
    client.post(PAGE, sent_as_shown(client.get(PAGE), suite="valider"))
    assert "Préparer la rentrée" not in text_of(client.get("/famille/"))


def test_a_preparation_is_forgotten_by_one_button(client: Client, three: RentreeScene) -> None:
    client.post(PAGE, sent_as_shown(client.get(PAGE), **{week(three, "cantine"): ["5"]}, suite="garder"))
    assert client.post(reverse("rentree:restart")).status_code == 302
    assert sent_as_shown(client.get(PAGE))[week(three, "cantine")] == ["1", "2"]


def test_another_family_sees_neither_recap_nor_paper(client: Client, three: RentreeScene) -> None:
    client.post(PAGE, sent_as_shown(client.get(PAGE), suite="valider"))
    number = RentreeRecap.objects.get().number
    stranger = Client()
    stranger.force_login(rentree_scene(stems=("judo",)).parent)
    for name in ("rentree:recap", "rentree:document"):
        assert stranger.get(reverse(name, args=[number])).status_code == 404


@pytest.mark.parametrize("typed", ["", "x", "6a9c", "0" * 5000, "👩‍👧"])
def test_a_garbled_key_or_version_breaks_nothing(client: Client, typed: str) -> None:
    signed_in(client, rentree_scene())
    data = sent_as_shown(client.get(PAGE), suite="valider", cle=typed, version=typed)
    assert client.post(PAGE, data).status_code == 302
    assert RentreeRecap.objects.count() == 1


def test_days_that_no_page_proposes_are_refused_in_words(client: Client) -> None:
    scene = signed_in(client, rentree_scene())
    response = client.post(
        PAGE, sent_as_shown(client.get(PAGE), **{week(scene, "cantine"): ["6", "x"]}, suite="valider")
    )
    assert response.status_code == 422
    assert "Choisissez des jours parmi ceux qui sont proposés" in text_of(response)


def test_the_page_costs_the_same_for_four_children_as_for_one() -> None:
    def queries(count: int) -> int:
        fresh = Client()
        fresh.force_login(rentree_scene(children=count, stems=(f"cantine{count}",)).parent)
        fresh.get(PAGE)
        with CaptureQueriesContext(connection) as captured:
            assert fresh.get(PAGE).status_code == 200
        return len(captured)

    PaperTypeFactory(insurance=True)
    assert queries(1) == queries(4) <= 45


def test_an_activity_for_the_whole_year_and_one_of_free_days_say_what_they_do(client: Client) -> None:
    signed_in(client, rentree_scene(stems=("cantine", "garderie"), enrolled=False))
    Activity.objects.filter(code="cantine-2027").update(enrolment_mode=EnrolmentMode.WHOLE_YEAR)
    Activity.objects.filter(code="garderie-2027").update(enrolment_mode=EnrolmentMode.OPEN)
    words = text_of(client.get(PAGE))
    assert "Réserve tous les jours de l’année : lundi, mardi, jeudi et vendredi." in words
    assert "Les jours se choisissent ensuite, sur le planning." in words
