"""The components in a real browser: widths, colours, keys, countdown. Errors of the console fail the test."""

import random
import re

import pytest
from playwright.sync_api import Page, expect

from portal.web.design.colour import _RULES, palette

pytestmark = pytest.mark.e2e

WIDTHS = [320, 390, 768, 1280]

# What sticks out of the window on the right, drawings and what is kept for the ears apart.
STICKS_OUT = """() => [...document.querySelectorAll("body *")].filter((tag) => {
  const box = tag.getBoundingClientRect();
  return box.width > 1 && box.right > innerWidth + 1 && !tag.closest(".hills")
    && !(tag.closest("thead") && getComputedStyle(tag.closest("thead")).clipPath.startsWith("inset"));
}).map((tag) => `${tag.tagName}.${tag.className} ${tag.textContent.slice(0, 40)}`)"""


@pytest.mark.exigence("L9")
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_scrolls_sideways(open_page, width):
    page: Page = open_page(width=width)
    page.goto("/demo/composants/")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(STICKS_OUT) == []


def test_boxes_are_big_enough_for_a_thumb_on_a_phone(open_page):
    page: Page = open_page(width=390)
    page.goto("/demo/composants/#s38")
    for box in page.locator("#s38 label.cell").all():
        size = box.bounding_box()
        assert size["width"] >= 47
        assert size["height"] >= 52


@pytest.mark.parametrize("javascript", [True, False], ids=["js", "nojs"])
def test_a_phone_shows_one_week_at_a_time_without_any_script(open_page, javascript):
    page: Page = open_page(width=390, javascript=javascript)
    page.goto("/demo/composants/")
    expect(page.locator("#s38")).to_be_visible()
    expect(page.locator("#s39")).to_be_hidden()
    page.locator(".week-jump a[href='#s39']").click()
    expect(page.locator("#s39")).to_be_visible()
    expect(page.locator("#s38")).to_be_hidden()


@pytest.mark.parametrize("javascript", [True, False], ids=["js", "nojs"])
def test_the_menu_of_a_phone_opens_and_closes_without_any_script(open_page, javascript):
    page: Page = open_page(width=390, javascript=javascript)
    page.goto("/demo/composants/")
    expect(page.locator("#menu")).to_be_hidden()
    page.get_by_role("button", name="Menu", exact=True).click()
    expect(page.locator("#menu")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#menu")).to_be_hidden()


def test_a_cell_says_what_it_becomes_as_soon_as_it_is_ticked(open_page):
    page: Page = open_page(width=1280, javascript=False)
    page.goto("/demo/composants/")
    box = page.get_by_role("checkbox", name=re.compile("^Hugo, Cantine, lundi 14"))
    expect(box).to_have_accessible_name(re.compile("réservé$"))
    box.uncheck()
    expect(box).to_have_accessible_name(re.compile("à annuler$"))


def test_the_browser_derives_the_same_scale_as_the_server(open_page):
    page: Page = open_page()
    page.goto("/theme.css")
    dice = random.Random(7)
    brands = [f"#{dice.randrange(1 << 24):06x}" for _ in range(200)] + ["#ffff00", "#0000ff", "#1f6173"]
    rules = [[name, *rule] for name, rule in _RULES.items()]
    painted = page.evaluate(
        """([brands, rules]) => {
          const pen = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
          return brands.map((brand) => rules.map(([name, bound, ceiling, cap]) => {
            const light = ceiling ? `min(l, ${bound})` : bound;
            pen.fillStyle = `oklch(from ${brand} ${light} min(c, ${cap}) h)`;
            pen.fillRect(0, 0, 1, 1);
            return [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3);
          }));
        }""",
        [brands, rules],
    )
    for brand, shades in zip(brands, painted, strict=True):
        scale = palette(brand)
        for (name, *_), shade in zip(rules, shades, strict=True):
            ours = bytes.fromhex(getattr(scale, name)[1:])
            assert max(abs(one - other) for one, other in zip(ours, shade, strict=True)) <= 1, (brand, name)


# -- keys of the planning ---------------------------------------------------------------------------------------


def focused(page: Page) -> str:
    """The value or the words of what has the focus."""
    return page.evaluate("document.activeElement.value || document.activeElement.textContent.trim()")


@pytest.fixture
def grid(open_page) -> Page:
    page: Page = open_page(width=1280)
    page.goto("/demo/composants/")
    page.locator("[value='Hugo.Cantine.15']").focus()
    return page


def test_left_and_right_change_the_day(grid):
    grid.keyboard.press("ArrowRight")
    assert focused(grid) == "Hugo.Cantine.16"
    grid.keyboard.press("ArrowLeft")
    grid.keyboard.press("ArrowLeft")
    assert focused(grid) == "Hugo.Cantine.14"
    grid.keyboard.press("ArrowLeft")
    assert focused(grid) == "Hugo.Cantine.14"


def test_up_and_down_change_the_line_and_find_the_nearest_cell(grid):
    grid.keyboard.press("ArrowDown")
    assert "complet" in focused(grid)
    grid.keyboard.press("ArrowDown")
    assert focused(grid) == "Léna.Mercredi.16"
    grid.keyboard.press("ArrowUp")
    assert focused(grid) in {"Hugo.Accueil du soir.17"} or "complet" in focused(grid)


def test_home_and_end_go_to_the_ends_of_the_line(grid):
    grid.keyboard.press("End")
    assert focused(grid) == "Hugo.Cantine.18"
    grid.keyboard.press("Home")
    assert focused(grid) == "Hugo.Cantine.14"


def test_page_keys_keep_the_cell_and_change_the_week(grid):
    grid.keyboard.press("PageDown")
    assert focused(grid) == "Hugo.Cantine.22"
    grid.keyboard.press("PageDown")
    assert focused(grid) == "Hugo.Cantine.22"
    grid.keyboard.press("PageUp")
    assert focused(grid) == "Hugo.Cantine.15"


def test_page_keys_bring_a_hidden_week_of_a_phone_into_sight(open_page):
    page: Page = open_page(width=390)
    page.goto("/demo/composants/")
    page.locator("[value='Hugo.Cantine.15']").focus()
    page.keyboard.press("PageDown")
    assert focused(page) == "Hugo.Cantine.22"
    expect(page.locator("#s39")).to_be_visible()


def test_shift_space_ticks_the_whole_line_then_unticks_it(grid):
    line = [grid.locator(f"[value='Hugo.Cantine.{day}']") for day in range(14, 19)]
    grid.evaluate("""() => {
      globalThis.changes = 0;
      document.addEventListener("change", () => { globalThis.changes += 1; });
    }""")
    grid.keyboard.press("Shift+Space")
    assert [box.is_checked() for box in line] == [True] * 5
    assert grid.evaluate("globalThis.changes") == 1
    grid.keyboard.press("Shift+Space")
    assert [box.is_checked() for box in line] == [False] * 5


def test_space_and_tab_work_as_without_the_script(grid):
    grid.keyboard.press("Space")
    expect(grid.locator("[value='Hugo.Cantine.15']")).not_to_be_checked()
    grid.keyboard.press("Tab")
    assert focused(grid) == "Hugo.Cantine.16"


# -- end of the draft -------------------------------------------------------------------------------------------


def with_draft(page: Page, minutes: float) -> None:
    """The living page with a draft that ends in so many minutes, and what stands beside a real one."""
    page.clock.install()
    page.goto("/demo/composants/")
    page.evaluate(
        """(minutes) => {
          const until = new Date(Date.now() + minutes * 60_000).toISOString();
          document.querySelector("[data-until]").dataset.until = until;
          document.body.insertAdjacentHTML("beforeend", `<p role="status" id="rappel-brouillon"></p>
            <form method="get" action="/demo/composants/" id="garder">
              <input type="hidden" name="garde" value="1"></form>
            <dialog id="fin-brouillon"><form method="dialog">
              <button form="garder">Garder 20 minutes de plus</button>
              <button>Laisser expirer</button></form></dialog>`);
          document.dispatchEvent(new Event("visibilitychange"));
        }""",
        minutes,
    )


def test_minutes_go_by_silently_then_are_said_at_five_and_two(open_page):
    page: Page = open_page()
    with_draft(page, 6.5)
    left, status = page.locator("[data-until]"), page.locator("#rappel-brouillon")
    expect(left).to_have_text("6\u00a0min")
    page.clock.run_for(60_000)
    expect(left).to_have_text("5\u00a0min")
    expect(status).to_have_text("")
    page.clock.run_for(60_000)
    expect(status).to_contain_text("dans 5\u00a0minutes")
    expect(page.locator("#fin-brouillon")).to_be_hidden()
    page.clock.run_for(180_000)
    expect(status).to_contain_text("dans 2\u00a0minutes")
    expect(page.locator("#fin-brouillon")).to_be_visible()


def test_the_dialog_keeps_the_draft_longer(open_page):
    page: Page = open_page()
    with_draft(page, 1.5)
    page.get_by_role("button", name="Garder 20 minutes de plus").last.click()
    page.wait_for_url("**/demo/composants/?garde=1")


def test_letting_it_expire_closes_the_dialog_and_says_so_at_the_end(open_page):
    page: Page = open_page()
    with_draft(page, 1.5)
    page.get_by_role("button", name="Laisser expirer").last.click()
    expect(page.locator("#fin-brouillon")).to_be_hidden()
    page.clock.run_for(120_000)
    expect(page.locator("[data-until]")).to_have_text("0\u00a0min")
    expect(page.locator("#rappel-brouillon")).to_contain_text("sont rendues")


# -- forms ------------------------------------------------------------------------------------------------------


def test_the_error_summary_takes_the_focus_and_leads_to_the_field(open_page):
    page: Page = open_page()
    page.goto("/demo/composants/")
    expect(page.locator("#erreurs")).to_be_focused()
    page.get_by_role("link", name="Cochez au moins un jour").click()
    expect(page.locator("#id_essai-days_0")).to_be_focused()


def test_the_pressed_button_says_that_it_works_and_sends_once(open_page):
    page: Page = open_page()
    page.clock.install()
    page.goto("/demo/composants/")
    page.evaluate("""() => {
      document.body.insertAdjacentHTML("beforeend",
        `<form method="post" action="/essai/" id="essai"><button>Valider mes 4 changements</button></form>`);
      globalThis.sent = 0;
      globalThis.addEventListener("submit", (event) => {
        if (!event.defaultPrevented) globalThis.sent += 1;
        event.preventDefault();
      });
    }""")
    button = page.locator("#essai button")
    button.click()
    expect(button).to_have_attribute("aria-busy", "true")
    expect(button).to_be_enabled()
    button.click()
    assert page.evaluate("globalThis.sent") == 1
    page.clock.run_for(4_500)
    expect(page.locator("#etat-envoi")).to_contain_text("plus de temps que prévu")
    page.clock.run_for(30_000)
    expect(button).not_to_have_attribute("aria-busy", "true")
