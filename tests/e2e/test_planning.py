"""Booking and cancelling in a real browser, at 390 and 1280 px, with and without scripts."""

from collections.abc import Callable, Iterator
from datetime import date

import pytest
import time_machine
from playwright.sync_api import Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from portal.domain.activities.models import Unit
from portal.domain.bookings.models import BasketLine, Booking, Receipt
from portal.domain.bookings.services import change_draft
from portal.domain.families.models import Child
from tests.harness.browser import DESKTOP, PHONE, PageFactory, let_in, nothing_scrolls_sideways
from tests.web.planning.scene import NOW, Scene, code, vuillet

pytestmark = pytest.mark.e2e

EDIT = "/famille/planning/?mois=2026-09&modifier=1"
TUESDAY, WEDNESDAY, FRIDAY, NEXT_TUESDAY = (date(2026, 9, day) for day in (15, 16, 18, 22))

Opener = Callable[..., Page]


@pytest.fixture
def scene(live_server: LiveServer) -> Iterator[Scene]:
    with time_machine.travel(NOW, tick=True):
        yield vuillet()


@pytest.fixture
def opened(open_page: PageFactory, live_server: LiveServer, scene: Scene) -> Opener:
    """`opened(width=390, javascript=True)`: a signed-in page whose clock is that of the server."""

    def signed_in(*, user: object = None, **options: object) -> Page:
        page = open_page(**options)
        page.context.clock.install(time=NOW)
        return let_in(page, user or scene.user, live_server.url)

    return signed_in


def cell(page: Page, unit_code: str, day: date, child: str = "Hugo") -> Locator:
    """The label of a cell, which is what a finger touches."""
    value = code(Child.objects.get(first_name=child), Unit.objects.get(code=unit_code), day)
    return page.locator(f'label.cell:has(input[value="{value}"])')


def show_week(page: Page, number: int) -> None:
    """On a phone one week is seen at a time: the strip leads to the others."""
    link = page.locator(f'.week-jump a[href="#s{number}"]')
    if link.is_visible():
        link.click()


@pytest.mark.exigence("P12", "P13", "P25", "P26", "P31", "P46", "P48", "P49", "P52", "P53", "P59", "C12")
def test_book_and_cancel_over_two_months(opened: Opener, width: int, javascript: bool) -> None:
    page = opened(width=width, javascript=javascript)
    page.goto("/famille/planning/")
    nothing_scrolls_sideways(page)
    page.get_by_role("link", name="Modifier").click()
    nothing_scrolls_sideways(page)

    cell(page, "soir", TUESDAY).click()
    cell(page, "repas", FRIDAY).click()
    if javascript:
        expect(page.locator("#brouillon .sum")).to_have_text("−2,20 €".replace(" ", "\u00a0"))
        expect(page.locator("#annonce")).to_contain_text("1\u00a0ajout, 1\u00a0annulation")
    show_week(page, 39)
    cell(page, "soir", NEXT_TUESDAY).click()

    page.locator('button[name="aller"][value="1"]').click()
    expect(page.locator("h1")).to_contain_text("octobre 2026")
    nothing_scrolls_sideways(page)
    show_week(page, 41)
    cell(page, "avec-repas", date(2026, 10, 7), child="Léna").click()
    page.locator('button[name="suite"][value="verifier"]').click()

    expect(page.locator("h1")).to_have_text("Vérifiez, puis validez")
    nothing_scrolls_sideways(page)
    expect(page.locator("tbody tr")).to_have_count(4)
    page.get_by_role("button", name="Retirer").nth(2).click()
    expect(page.locator("tbody tr")).to_have_count(3)
    page.get_by_role("button", name="Valider mes 3").click()

    expect(page.locator("h1")).to_have_text("C’est enregistré")
    nothing_scrolls_sideways(page)
    receipt = Receipt.objects.get()
    expect(page.locator(".facts")).to_contain_text(receipt.number)
    page.get_by_role("link", name="Voir mon planning").click()
    expect(page.locator("h1")).to_contain_text("septembre 2026")
    assert Booking.objects.filter(day=TUESDAY, unit__code="soir").count() == 1
    assert not BasketLine.objects.exists()


@pytest.mark.exigence("P32")
def test_on_a_phone_two_weeks_are_ticked_and_saved_once(opened: Opener) -> None:
    page = opened(width=PHONE, javascript=False)
    page.goto(EDIT)
    expect(page.locator("#s38")).to_be_visible()
    expect(page.locator("#s39")).not_to_be_visible()
    cell(page, "soir", TUESDAY).click()
    page.locator('.week-jump a[href="#s39"]').click()
    expect(page.locator("#s38")).not_to_be_visible()
    cell(page, "soir", NEXT_TUESDAY).click()
    page.locator('button[name="suite"][value="verifier"]').click()
    expect(page.locator("tbody tr")).to_have_count(2)


def test_boxes_are_big_enough_for_a_thumb(opened: Opener) -> None:
    page = opened(width=PHONE)
    page.goto(EDIT)
    for label in page.locator("#s38 label.cell").all():
        box = label.bounding_box()
        assert box is not None
        assert box["width"] >= 47
        assert box["height"] >= 52


@pytest.mark.parametrize("screen", [320, PHONE, DESKTOP])
def test_nothing_scrolls_sideways_and_nothing_jumps(opened: Opener, scene: Scene, screen: int) -> None:
    hugo, evening = Child.objects.get(first_name="Hugo"), Unit.objects.get(code="soir")
    change_draft(family=scene.family, add=[code(hugo, evening, TUESDAY)], remove=[], by=scene.user, at=NOW)
    page = opened(width=screen)
    page.add_init_script(
        "window.shift = 0; new PerformanceObserver(list => list.getEntries().forEach("
        "entry => { if (!entry.hadRecentInput) window.shift += entry.value; }))"
        ".observe({type: 'layout-shift', buffered: true});"
    )
    why = f"/famille/planning/pourquoi/{code(hugo, evening, date(2026, 9, 10))}/"
    for address in (
        "/famille/planning/",
        EDIT,
        "/famille/planning/?vue=quinzaine&jour=2026-09-16&modifier=1",
        "/famille/planning/?vue=semaine&jour=2026-09-16&par=activite&modifier=1",
        "/famille/planning/?vue=jour&jour=2026-09-16",
        "/famille/panier/",
        "/famille/panier/effacer/",
        why,
    ):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        nothing_scrolls_sideways(page)
        if page.evaluate("window.shift") >= 0.01:
            # A busy machine may paint a page half read; what moves by itself moves again.
            page.reload(wait_until="networkidle")
        assert page.evaluate("window.shift") < 0.01, address


def test_a_tick_moves_nothing_on_the_screen(opened: Opener, width: int) -> None:
    page = opened(width=width)
    page.goto(EDIT)
    target = cell(page, "soir", TUESDAY)
    top = "label => label.getBoundingClientRect().top + scrollY"
    before = target.evaluate(top)
    target.click()
    expect(page.locator("#annonce")).to_contain_text("1\u00a0ajout")
    assert target.evaluate(top) == before


def test_ticks_in_a_row_are_all_saved_whatever_the_line(opened: Opener) -> None:
    page = opened(width=DESKTOP)
    page.goto(EDIT)
    days = [date(2026, 9, day) for day in (15, 18, 22, 25, 29)]
    for day in days:
        cell(page, "soir", day).click()
    expect(page.locator("#annonce")).to_contain_text("5\u00a0ajouts")
    cell(page, "soir", days[0]).click()
    expect(page.locator("#annonce")).to_contain_text("4\u00a0ajouts")
    page.reload()
    expect(cell(page, "soir", days[0]).locator("input")).not_to_be_checked()
    expect(cell(page, "soir", days[1]).locator("input")).to_be_checked()


@pytest.mark.exigence("P20")
def test_a_refused_tick_comes_back_with_its_reason_and_keeps_the_focus(opened: Opener) -> None:
    page = opened(width=DESKTOP)
    page.goto(EDIT)
    box = cell(page, "repas", FRIDAY).locator("input")
    with time_machine.travel("2026-09-11 00:05 +0200", tick=True):
        box.focus()
        page.keyboard.press("Space")
        expect(page.locator("#avis")).to_contain_text("laissé de côté")
        expect(page.locator("#annonce")).to_contain_text("jeudi 10\u00a0septembre 2026 à 23\u00a0h\u00a059")
        hugo, canteen = Child.objects.get(first_name="Hugo"), Unit.objects.get(code="repas")
        expect(page.locator(f"a#c{hugo.pk}-{canteen.pk}-2026-09-18")).to_be_focused()


def test_arrow_keys_move_in_a_week_and_space_ticks(opened: Opener) -> None:
    page = opened(width=DESKTOP)
    page.goto(EDIT)
    cell(page, "soir", TUESDAY).locator("input").focus()
    page.keyboard.press("ArrowRight")
    expect(cell(page, "soir", date(2026, 9, 17)).locator("input")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(cell(page, "repas", date(2026, 9, 17)).locator("input")).to_be_focused()
    page.keyboard.press("End")
    expect(cell(page, "repas", FRIDAY).locator("input")).to_be_focused()
    page.keyboard.press("PageDown")
    expect(cell(page, "repas", date(2026, 9, 25)).locator("input")).to_be_focused()
    page.keyboard.press("Space")
    expect(page.locator("#annonce")).to_contain_text("1\u00a0annulation")
    expect(cell(page, "repas", date(2026, 9, 25)).locator("input")).to_be_focused()


def test_enter_in_a_box_only_saves(opened: Opener) -> None:
    page = opened(width=DESKTOP, javascript=False)
    page.goto(EDIT)
    cell(page, "soir", TUESDAY).click()
    cell(page, "soir", TUESDAY).locator("input").press("Enter")
    expect(page.locator("h1")).to_contain_text("septembre 2026")
    expect(page.locator("#brouillon")).to_contain_text("1\u00a0ajout")


@pytest.mark.exigence("P57")
def test_two_minutes_before_the_end_a_dialog_offers_to_keep_the_places(opened: Opener, scene: Scene) -> None:
    hugo, evening = Child.objects.get(first_name="Hugo"), Unit.objects.get(code="soir")
    change_draft(family=scene.family, add=[code(hugo, evening, TUESDAY)], remove=[], by=scene.user, at=NOW)
    page = opened(width=PHONE)
    page.goto(EDIT)
    dialog = page.locator("#fin-brouillon")
    expect(dialog).not_to_be_visible()
    page.clock.fast_forward("18:30")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Garder 20").click()
    expect(page.locator("h1")).to_contain_text("eptembre 2026")
    expect(page.locator("#brouillon .until b")).to_contain_text("23\u00a0h")


@pytest.mark.exigence("P57")
def test_a_draft_whose_time_is_over_is_resumed_with_one_button(
    opened: Opener, scene: Scene, width: int, javascript: bool
) -> None:
    hugo, evening = Child.objects.get(first_name="Hugo"), Unit.objects.get(code="soir")
    change_draft(family=scene.family, add=[code(hugo, evening, TUESDAY)], remove=[], by=scene.user, at=NOW)
    page = opened(width=width, javascript=javascript)
    with time_machine.travel("2026-09-09 23:05 +0200", tick=True):
        page.goto("/famille/planning/")
        expect(page.locator("#brouillon-en-attente")).to_contain_text("vos choix sont gardés")
        page.goto(EDIT)
        page.get_by_role("button", name="Reprendre").click()
        expect(page.locator("#brouillon")).to_contain_text("à valider avant")


def test_two_parents_at_once_lose_nothing(opened: Opener, scene: Scene) -> None:
    marc = scene.other_parent()
    hers, his = opened(width=PHONE), opened(width=DESKTOP, user=marc)
    hers.goto(EDIT)
    his.goto(EDIT)
    cell(hers, "soir", TUESDAY).click()
    expect(hers.locator("#annonce")).to_contain_text("1\u00a0ajout")
    cell(his, "soir", FRIDAY).click()
    expect(his.locator("#avis")).to_contain_text("Claire a changé ce brouillon")
    expect(cell(his, "soir", TUESDAY).locator("input")).to_be_checked()
    assert BasketLine.objects.count() == 2


@pytest.mark.exigence("P27", "P28", "P29")
def test_several_weeks_in_one_press(opened: Opener, width: int, javascript: bool) -> None:
    page = opened(width=width, javascript=javascript)
    page.goto(EDIT)
    page.get_by_text("Plusieurs semaines").click()
    nothing_scrolls_sideways(page)
    page.get_by_label("Activité", exact=True).select_option(label="Accueil du soir, 2,10\u00a0€")
    page.get_by_label("Au", exact=True).fill("2026-10-02")
    page.locator("details[open] .week-days").get_by_text("mar.").click()
    page.get_by_role("group", name="Pour").get_by_text("Hugo").click()
    page.get_by_role("button", name="Ajouter au brouillon").click()
    expect(page.locator("#avis")).to_contain_text("3\u00a0jours ajoutés au brouillon")
