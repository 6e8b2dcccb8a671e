"""The planning, to change: ticks, buttons, panels, other windows, other parents."""

from datetime import date

import pytest

from portal.domain.bookings.models import Basket, BasketLine, Booking, DayPlaces
from portal.domain.bookings.services import change_draft, discard_draft
from portal.domain.families.models import Child
from tests.domain.accounts.factories import UserFactory
from tests.web.planning.reading import BASKET, PLANNING, Reader, draft_codes, plain
from tests.web.planning.scene import NOW, Scene, code, make_unit

EDIT = f"{PLANNING}?mois=2026-09&modifier=1"
SAVE = ("suite", "enregistrer")

TUESDAY, THURSDAY, FRIDAY = date(2026, 9, 15), date(2026, 9, 17), date(2026, 9, 18)
LATE = date(2026, 9, 11)


@pytest.mark.exigence("P12", "P13", "P24", "P31", "P68")
def test_modify_opens_boxes_on_the_days_that_may_change(reader, hugo, canteen, evening):
    page = reader.get()
    (modify,) = [link for link in page.all("a.button") if link.get_text(strip=True) == "Modifier"]
    page = reader.get(str(modify["href"]))
    assert page.box(code(hugo, canteen, LATE)) is None
    assert page.box(code(hugo, canteen, FRIDAY)).has_attr("checked")
    assert not page.box(code(hugo, evening, TUESDAY)).has_attr("checked")
    assert plain(page.box(code(hugo, canteen, FRIDAY)).parent.get_text(" ")) == (
        "Hugo, cantine, vendredi 18 septembre : réservé à annuler"
    )


@pytest.mark.exigence("P25", "P26", "P31", "P42", "P43", "P44", "P47")
def test_every_button_saves_the_ticks(reader, hugo, canteen, evening):
    page = reader.get(EDIT)
    page = reader.press(page, SAVE, tick=[code(hugo, evening, TUESDAY)], untick=[code(hugo, canteen, FRIDAY)])
    assert draft_codes() == {code(hugo, evening, TUESDAY): "add", code(hugo, canteen, FRIDAY): "remove"}
    said = "Brouillon −2,20 € 1 ajout, 1 annulation à valider avant 23 h ( 20 min )"
    assert page.text("#brouillon .draft-what") == said
    assert page.text("#cout") == "Coût du mois : 231,40 € → devient 229,20 €"
    assert page.box(code(hugo, evening, TUESDAY)).has_attr("checked")
    assert not page.box(code(hugo, canteen, FRIDAY)).has_attr("checked")
    assert "au lieu de 68,80 € 64,50 €" in page.text("#totaux")


@pytest.mark.exigence("P46")
def test_several_months_in_a_row_without_losing_a_tick(reader, hugo, canteen, evening):
    page = reader.get(EDIT)
    page = reader.press(page, ("aller", "1"), tick=[code(hugo, evening, TUESDAY)])
    assert page.text("h1") == "Planning de octobre 2026"
    october = date(2026, 10, 6)
    page = reader.press(page, ("aller", "1"), tick=[code(hugo, canteen, october)])
    assert page.text("h1") == "Planning de novembre 2026"
    page = reader.press(page, ("aller", "0"))
    assert page.text("h1") == "Planning de septembre 2026"
    assert page.box(code(hugo, evening, TUESDAY)).has_attr("checked")
    assert draft_codes() == {code(hugo, evening, TUESDAY): "add", code(hugo, canteen, october): "add"}


@pytest.mark.exigence("P4", "P8", "P9", "P10", "P45")
@pytest.mark.parametrize(
    ("button", "address"),
    [
        (("vue", "semaine"), "vue=semaine&jour=2026-09-09&modifier=1"),
        (("vue", "quinzaine"), "vue=quinzaine&jour=2026-09-09&modifier=1"),
        (("par", "activite"), "mois=2026-09&par=activite&modifier=1"),
        (("suite", "consulter"), "mois=2026-09"),
        (("aller", "12"), "mois=2026-09&modifier=1"),
        (("vue", "siecle"), "mois=2026-09&modifier=1"),
        (("seul", "tous"), "mois=2026-09&modifier=1"),
        (("seul", "n’importe quoi"), "mois=2026-09&modifier=1"),
        (("suite", "inconnu"), "mois=2026-09&modifier=1"),
    ],
)
def test_views_and_filters_are_buttons_that_save(reader, hugo, evening, button, address):
    page = reader.press(reader.get(EDIT), button, tick=[code(hugo, evening, TUESDAY)], follow=False)
    assert page.response.headers["Location"] == f"{PLANNING}?{address}"
    assert draft_codes() == {code(hugo, evening, TUESDAY): "add"}


def test_masked_children_keep_their_ticks(reader, hugo, canteen, evening):
    lena = Child.objects.get(first_name="Léna")
    page = reader.press(reader.get(EDIT), ("seul", str(lena.pk)), tick=[code(hugo, evening, TUESDAY)])
    assert f"enfant={lena.pk}" in page.url
    assert page.box(code(hugo, canteen, FRIDAY)) is None
    page = reader.press(page, SAVE, untick=[code(lena, canteen, FRIDAY)])
    assert draft_codes() == {code(hugo, evening, TUESDAY): "add", code(lena, canteen, FRIDAY): "remove"}


@pytest.mark.exigence("P10", "P11")
def test_masks_apply_in_edit_mode(reader, hugo, canteen, evening):
    page = reader.press(
        reader.get(EDIT), ("suite", "afficher"), f_enfant=[str(hugo.pk)], f_activite=[str(evening.activity_id)]
    )
    assert page.texts("#s38 .unit") == ["Accueil du soir"]
    assert page.texts("#s38 .who") == ["Hugo 9 ans, CM1"]


def test_only_the_difference_is_taken(reader, scene, hugo, canteen, evening):
    """The other parent's choice, made after this page was shown, is not undone by a box that shows the past."""
    page = reader.get(EDIT)
    marc = scene.other_parent()
    change_draft(family=scene.family, add=[code(hugo, evening, FRIDAY)], remove=[], by=marc, at=NOW)
    page = reader.press(page, SAVE, tick=[code(hugo, evening, TUESDAY)])
    assert draft_codes() == {code(hugo, evening, FRIDAY): "add", code(hugo, evening, TUESDAY): "add"}
    assert page.text("#avis strong") == "Marc a changé ce brouillon à 22 h 40"
    assert page.box(code(hugo, evening, FRIDAY)).has_attr("checked")


def test_ones_own_other_window_is_said_as_such(reader, scene, hugo, evening):
    page = reader.get(EDIT)
    change_draft(family=scene.family, add=[code(hugo, evening, FRIDAY)], remove=[], by=scene.user, at=NOW)
    page = reader.press(page, SAVE)
    assert page.text("#avis strong") == "Vous avez changé ce brouillon dans une autre fenêtre à 22 h 40"
    assert "Rien n’est perdu" in page.text("#avis")


def test_a_draft_gone_meanwhile_is_said(reader, scene, hugo, evening):
    change_draft(family=scene.family, add=[code(hugo, evening, FRIDAY)], remove=[], by=scene.user, at=NOW)
    page = reader.get(EDIT)
    discard_draft(family=scene.family, by=scene.user, at=NOW)
    page = reader.press(page, SAVE)
    assert page.text("#avis strong") == "Votre brouillon a été validé ou effacé depuis une autre fenêtre"
    assert not BasketLine.objects.exists()


def test_nothing_moved_nothing_said(reader, hugo, evening):
    page = reader.press(reader.get(EDIT), SAVE, tick=[code(hugo, evening, TUESDAY)])
    page = reader.press(page, SAVE, tick=[code(hugo, evening, FRIDAY)])
    assert page.text("#avis") == ""
    assert len(draft_codes()) == 2


@pytest.mark.exigence("P20", "P16")
def test_a_day_closed_meanwhile_is_listed_with_its_reason_and_the_others_stand(reader, frozen, hugo, canteen, evening):
    page = reader.get(EDIT)
    frozen.move_to("2026-09-11 00:00 +0200")
    later = date(2026, 9, 22)
    page = reader.press(page, SAVE, untick=[code(hugo, canteen, FRIDAY)], tick=[code(hugo, evening, later)])
    assert draft_codes() == {code(hugo, evening, later): "add"}
    notice = page.text("#avis .notice")
    assert notice.startswith("Un jour a été laissé de côté Hugo, cantine, vendredi 18 sept. :")
    assert "jeudi 10 septembre 2026 à 23 h 59" in notice
    assert page.box(code(hugo, canteen, FRIDAY)) is None


@pytest.mark.exigence("P30")
def test_tick_the_whole_month_of_a_line(reader, hugo, evening):
    page = reader.press(reader.get(EDIT), ("cocher", f"{hugo.pk}.{evening.pk}"))
    assert sorted(draft_codes()) == [code(hugo, evening, date(2026, 9, day)) for day in (15, 18, 22, 25, 29)]
    assert page.text("#brouillon .sum") == "+10,50 €"


def test_the_whole_week_of_a_line_in_the_week_view(reader, hugo, evening):
    page = reader.get(f"{PLANNING}?vue=semaine&jour=2026-09-16&modifier=1")
    assert "Cocher toute la semaine" in page.text("#totaux")
    reader.press(page, ("cocher", f"{hugo.pk}.{evening.pk}"))
    assert sorted(draft_codes()) == [code(hugo, evening, TUESDAY), code(hugo, evening, FRIDAY)]


@pytest.mark.exigence("P45", "P48")
def test_check_and_validate_leads_to_the_recap(reader, hugo, evening):
    page = reader.press(reader.get(EDIT), ("suite", "verifier"), tick=[code(hugo, evening, TUESDAY)], follow=False)
    assert page.response.headers["Location"] == BASKET


@pytest.mark.exigence("P51")
def test_clear_asks_before(reader, hugo, evening):
    page = reader.press(reader.get(EDIT), ("suite", "effacer"), tick=[code(hugo, evening, TUESDAY)])
    assert page.text("h1") == "Tout supprimer du brouillon ?"
    assert BasketLine.objects.count() == 1


# Several weeks at once


def period(hugo, evening, **changes):
    return {
        "p_sens": "add",
        "p_activite": str(evening.pk),
        "p_du": "2026-09-14",
        "p_au": "2026-10-02",
        "p_jour": ["2"],
        "p_enfant": [str(hugo.pk)],
    } | changes


@pytest.mark.exigence("P27", "P28")
def test_several_weeks_for_one_activity(reader, hugo, evening):
    page = reader.press(reader.get(EDIT), ("suite", "periode"), **period(hugo, evening))
    assert sorted(draft_codes()) == [code(hugo, evening, date(2026, 9, day)) for day in (15, 22, 29)]
    assert page.text("#avis strong") == "3 jours ajoutés au brouillon"


@pytest.mark.exigence("P28")
def test_nobody_is_ticked_for_a_parent_of_several_children_the_only_one_is(reader, scene):
    def ticked(address):
        boxes = reader.get(address).all("input[name=p_enfant]")
        return [box["value"] for box in boxes if box.has_attr("checked")]

    assert ticked(EDIT) == []
    alone = scene.family.child_links.order_by("order").first().child
    assert ticked(f"{EDIT}&enfant={alone.pk}") == [str(alone.pk)]


@pytest.mark.exigence("P29")
def test_several_weeks_cancelled_in_all_activities(reader, hugo, canteen, evening):
    values = period(hugo, evening, p_sens="remove", p_activite="toutes", p_jour=["1"], p_au="2026-09-25")
    page = reader.press(reader.get(EDIT), ("suite", "periode"), **values)
    assert draft_codes() == {
        code(hugo, unit, date(2026, 9, day)): "remove" for unit in (canteen, evening) for day in (14, 21)
    }
    assert page.text("#avis strong") == "4 annulations ajoutées au brouillon"


def test_several_weeks_list_the_days_left_aside(reader, hugo, evening):
    page = reader.press(reader.get(EDIT), ("suite", "periode"), **period(hugo, evening, p_du="2026-09-08"))
    assert page.texts("#avis strong") == ["3 jours ajoutés au brouillon", "Un jour a été laissé de côté"]


def test_several_weeks_that_change_nothing_say_so(reader, hugo, evening):
    values = period(hugo, evening, p_sens="remove", p_du="2026-10-01", p_au="2026-10-30")
    page = reader.press(reader.get(EDIT), ("suite", "periode"), **values)
    assert page.text("#avis strong") == "Aucun jour n’a changé"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"p_au": "2026-09-01"}, "Le dernier jour vient avant le premier"),
        ({"p_au": "2030-09-01"}, "Choisissez un an au plus"),
        ({"p_du": ""}, "Indiquez le premier jour"),
        ({"p_du": "demain"}, "Indiquez le premier jour sous la forme jour/mois/année"),
        ({"p_jour": []}, "Cochez au moins un jour de la semaine"),
        ({"p_enfant": []}, "Cochez au moins un enfant"),
        ({"p_activite": "toutes"}, "Pour réserver, choisissez une activité"),
        ({"p_sens": []}, "Choisissez de réserver ou d’annuler"),
    ],
)
def test_a_mistake_in_several_weeks_keeps_what_was_typed_and_the_ticks(reader, hugo, evening, changes, message):
    page = reader.press(
        reader.get(EDIT), ("suite", "periode"), tick=[code(hugo, evening, FRIDAY)], **period(hugo, evening, **changes)
    )
    assert page.status == 422
    assert message in page.texts("#erreurs li")
    assert plain(page.soup.title.get_text()).startswith("Erreur :")
    assert page.all("details.more[open] select[name=p_activite]")
    assert draft_codes() == {code(hugo, evening, FRIDAY): "add"}
    assert page.box(code(hugo, evening, FRIDAY)).has_attr("checked")


def test_a_child_of_another_family_is_no_choice(reader, hugo, evening):
    stranger = Scene(user=UserFactory(username="autre")).child("Jade")
    page = reader.press(reader.get(EDIT), ("suite", "periode"), **period(hugo, evening, p_enfant=[str(stranger.pk)]))
    assert page.status == 422
    assert not BasketLine.objects.exists()


# The time of the draft


@pytest.mark.exigence("P57")
def test_a_draft_whose_time_is_over_keeps_its_choices_and_says_so(reader, frozen, hugo, evening):
    reader.press(reader.get(EDIT), SAVE, tick=[code(hugo, evening, TUESDAY)])
    frozen.shift(21 * 60)
    page = reader.get(EDIT)
    assert page.text("#brouillon .until") == "places rendues depuis 23 h , choix gardés"
    assert page.box(code(hugo, evening, TUESDAY)).has_attr("checked")
    assert "Reprendre" in page.text("#brouillon")
    page = reader.press(page, ("suite", "reprendre"))
    assert page.text("#brouillon .until") == "à valider avant 23 h 21 ( 20 min )"


@pytest.mark.exigence("P57")
def test_twenty_minutes_more(reader, frozen, hugo, evening):
    page = reader.press(reader.get(EDIT), SAVE, tick=[code(hugo, evening, TUESDAY)])
    frozen.shift(15 * 60)
    page = reader.press(page, ("suite", "garder"))
    assert page.text("#brouillon .until") == "à valider avant 23 h 15 ( 20 min )"
    frozen.shift(15 * 60)
    response = reader.client.post("/famille/planning/garder/?mois=2026-09")
    assert response.headers["Location"] == EDIT
    assert Basket.objects.get().expires_at.isoformat() == "2026-09-09T21:30:00+00:00"


@pytest.mark.exigence("P61")
def test_a_draft_is_announced_on_the_planning_to_read(reader, hugo, evening):
    reader.press(reader.get(EDIT), SAVE, tick=[code(hugo, evening, TUESDAY)])
    notice = reader.get().text("#brouillon-en-attente")
    assert notice == (
        "Un brouillon attend : 1 ajout, +2,10 € Il n’est pas encore enregistré. "
        "Les places sont retenues jusqu’à 23 h. Vérifier et valider"
    )


def test_a_full_day_leads_to_its_reason(db, frozen, client):
    scene = Scene()
    unit = make_unit(capacity=1)
    hugo = scene.child()
    scene.enrol(hugo, unit)
    DayPlaces.objects.create(pool=unit.pools.get(), day=TUESDAY, capacity=1, taken=1)
    client.force_login(scene.user)
    page = Reader(client).get(EDIT)
    assert page.box(code(hugo, unit, TUESDAY)) is None
    (link,) = page.all("a.is-full")
    why = Reader(client).get(str(link["href"]))
    assert why.text("h1") == "Ce jour est complet"
    assert "aucune place libre sur 1" in why.text(".facts")


# htmx


@pytest.mark.exigence("P43", "P44")
def test_a_tick_by_htmx_swaps_the_draft_and_the_totals(reader, hugo, evening):
    answer = reader.tick_by_htmx(reader.get(EDIT), tick=[code(hugo, evening, TUESDAY)])
    assert draft_codes() == {code(hugo, evening, TUESDAY): "add"}
    assert answer.text("#brouillon[hx-swap-oob] .sum") == "+2,10 €"
    assert "233,50 €" in answer.text("#totaux[hx-swap-oob]")
    assert answer.texts('[hx-swap-oob="innerHTML:#annonce"]') == ["1 ajout, 2,10 € de plus"]
    assert not answer.all('[hx-swap-oob^="innerHTML:td"]')
    assert not answer.all("html")


def test_the_answer_to_a_tick_says_what_is_now_shown(reader, hugo, evening):
    """The next tick is compared with what this one left on the screen, not with the page as it was loaded."""
    page = reader.get(EDIT)
    first = reader.tick_by_htmx(page, tick=[code(hugo, evening, TUESDAY)])
    fields = page.fields() | first.fields("#montre")
    fields["jour"] = [*fields["jour"], code(hugo, evening, FRIDAY)]  # and Tuesday is unticked again
    reader.client.post(str(page.all(".weeks")[0]["hx-post"]), fields, headers={"HX-Request": "true"})
    assert draft_codes() == {code(hugo, evening, FRIDAY): "add"}


@pytest.mark.exigence("P20")
def test_a_refused_tick_gives_the_cell_back_with_its_reason(reader, frozen, hugo, canteen):
    page = reader.get(EDIT)
    frozen.move_to("2026-09-11 00:00 +0200")
    answer = reader.tick_by_htmx(page, untick=[code(hugo, canteen, FRIDAY)])
    identifier = f"c{hugo.pk}-{canteen.pk}-2026-09-18"
    cell = answer.soup.select_one(f'[hx-swap-oob="innerHTML:td:has(#{identifier})"]')
    assert cell.select_one(f"a#{identifier}.is-good")["href"].endswith(f"{code(hugo, canteen, FRIDAY)}/")
    (announced,) = answer.texts('[hx-swap-oob="innerHTML:#annonce"]')
    assert announced.startswith("Un jour a été laissé de côté.")
    assert "jeudi 10 septembre 2026 à 23 h 59" in announced


def test_a_cell_that_the_other_parent_changed_is_brought_up_to_date(reader, scene, hugo, evening):
    page = reader.get(EDIT)
    marc = scene.other_parent()
    change_draft(family=scene.family, add=[code(hugo, evening, FRIDAY)], remove=[], by=marc, at=NOW)
    answer = reader.tick_by_htmx(page, tick=[code(hugo, evening, TUESDAY)])
    identifier = f"c{hugo.pk}-{evening.pk}-2026-09-18"
    assert answer.soup.select_one(f'[hx-swap-oob="innerHTML:td:has(#{identifier})"] input[checked]')
    assert "Marc a changé ce brouillon" in answer.text('[hx-swap-oob="innerHTML:#avis"]')


def test_the_tick_address_without_htmx_is_an_ordinary_save(reader, hugo, evening):
    page = reader.get(EDIT)
    url = str(page.all(".weeks")[0]["hx-post"])
    page = reader.press(page, ("", ""), tick=[code(hugo, evening, TUESDAY)], url=url)
    assert draft_codes() == {code(hugo, evening, TUESDAY): "add"}
    assert page.url == EDIT


# Bad input


def test_a_code_of_another_family_is_not_found_and_nothing_is_written(reader, hugo, evening):
    other = Scene(user=UserFactory(username="autre"))
    stranger = other.child("Jade")
    forged = code(stranger, evening, TUESDAY)
    response = reader.client.post(EDIT, {"montre": f"{stranger.pk}.{evening.pk}.2026-09-15.0", "jour": [forged]})
    assert response.status_code == 404
    assert not BasketLine.objects.exists()


@pytest.mark.parametrize(
    "garbled", ["x", "1.2.2026-09-15.2", "1.2.0001-01-01.1", "1.2.9999-12-31.1", "1.2.2026-09-15." + "1" * 500]
)
def test_a_form_that_is_not_ours_is_a_400_in_our_dress(reader, garbled):
    for url in (EDIT, "/famille/planning/cocher/?mois=2026-09"):
        response = reader.client.post(url, {"montre": [garbled], "jour": ["1.2.2026-09-15"]})
        assert response.status_code == 400
        assert "Portail famille" in response.content.decode()


def test_a_month_of_five_children_is_one_form(db, frozen, client):
    scene = Scene()
    units = [make_unit(f"Activité {number}", name=f"Unité {number}", weekdays=[1, 2, 3, 4, 5]) for number in range(4)]
    for number in range(5):
        scene.enrol(scene.child(f"Enfant {number}"), *units)
    client.force_login(scene.user)
    reader = Reader(client)
    page = reader.get(f"{PLANNING}?mois=2026-10&modifier=1")
    boxes = [str(box["value"]) for box in page.all("input[name=jour]")]
    assert len(boxes) == 5 * 4 * 22
    page = reader.press(page, SAVE, tick=boxes)
    assert BasketLine.objects.count() == 440
    assert page.text("#brouillon p") == "440 ajouts"


def test_the_browser_is_never_believed_about_price_or_state(reader, hugo, canteen):
    """Ticking a day that is booked is nothing: the form may say what it likes."""
    booked = code(hugo, canteen, FRIDAY)
    reader.client.post(EDIT, {"montre": f"{hugo.pk}.{canteen.pk}.2026-09-18.0", "jour": [booked], "prix": "0"})
    assert not BasketLine.objects.exists()
    assert Booking.objects.filter(child=hugo, unit=canteen, day=FRIDAY).count() == 1


@pytest.mark.exigence("P70")
def test_a_get_never_writes(reader):
    for url in (EDIT, PLANNING, BASKET, f"{BASKET}effacer/"):
        reader.client.get(url)
    assert not Basket.objects.exists()
    assert reader.client.get("/famille/planning/cocher/").status_code == 405
    assert reader.client.get("/famille/planning/garder/").status_code == 405
