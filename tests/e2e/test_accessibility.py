"""Every main page in a real Chromium, read as somebody who cannot see it, or not well, or without a mouse would.

The rules are those of axe-core (WCAG 2.2 A and AA, and its good practices) and, beside them, those of the house: one
title of its own a page, nothing sideways at 320 px, a focus that is seen.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.urls import reverse
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from portal.domain.accounts.models import User
from portal.domain.activities.models import Unit
from portal.domain.tariffs.models import TariffVersion
from tests.harness.browser import PageFactory, let_in
from tests.harness.towns import load_town
from tests.tariffs_simulator.conftest import GRID
from tests.web.accounts.journeys import DOSSIER, PARENT, known_family
from tests.web.planning.scene import NOW
from tests.web.two_families import ACTIVATION_TOKEN, JOINING_TOKEN, Town, build

pytestmark = pytest.mark.e2e

AXE = (Path(__file__).parent / "vendor" / "axe-core-4.14.1.min.js").read_text()
COMMUNE = "Portail famille des Rousses"

#: Rules and where each is broken; a frame (a mail in the demo's outbox) has its own document.
RUN_AXE = """async () => {
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const found = await axe.run(document, {
    runOnly: { type: "tag", values: tags },
    rules: { "target-size": { enabled: true } },
    resultTypes: ["violations"],
    iframes: false,
  });
  const words = ({ target, any }) => [...target, ...any.map((each) => each.message)].join(" ");
  return found.violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${words(node)}`));
}"""

HOUSE_RULES = """() => {
  const wrong = [];
  const all = (selector) => [...document.querySelectorAll(selector)];
  if (document.documentElement.lang !== "fr") wrong.push(`lang is ${document.documentElement.lang}`);
  if (all("h1").length !== 1) wrong.push(`${all("h1").length} h1`);
  for (const mark of ["main", "header", "footer"]) {
    if (all(`body > ${mark}`).length !== 1) wrong.push(`${all(`body > ${mark}`).length} ${mark}`);
  }
  const seen = new Set();
  for (const { id } of all("[id]")) {
    if (seen.has(id)) wrong.push(`id ${id} twice`);
    seen.add(id);
  }
  for (const field of all("input:not([type=hidden], [aria-hidden]), select, textarea")) {
    if (!field.labels?.length && !field.getAttribute("aria-label") && !field.getAttribute("aria-labelledby")) {
      wrong.push(`no label for ${field.name}`);
    }
  }
  for (const holder of all("[aria-describedby], [aria-labelledby], [aria-controls], label[for]")) {
    for (const name of ["aria-describedby", "aria-labelledby", "aria-controls", "for"]) {
      for (const id of (holder.getAttribute(name) ?? "").split(" ").filter(Boolean)) {
        if (!document.getElementById(id)) wrong.push(`${name}=${id} leads nowhere`);
      }
    }
  }
  const first = document.querySelector("a[href], button, input:not([type=hidden])");
  if (!first?.matches("a.skip[href='#contenu']")) wrong.push("the skip link is not first");
  if (document.documentElement.scrollWidth > innerWidth) {
    wrong.push(`scrolls sideways: ${document.documentElement.scrollWidth} px in ${innerWidth}`);
  }
  return wrong;
}"""

#: What moves although the person asked for stillness.
MOVING = """() => document.getAnimations().filter((each) => {
  const { duration, iterations } = each.effect.getComputedTiming();
  return duration * iterations > 10;
}).map((each) => each.effect.target?.className)"""

#: Where the focus is, and whether its ring is drawn.
FOCUS = """() => {
  const here = document.activeElement;
  const outlined = ({ outlineStyle, outlineWidth }) => outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
  const drawn = (tag) => outlined(getComputedStyle(tag)) || outlined(getComputedStyle(tag, "::after"));
  // The box of a cell or of an answer is drawn by its label.
  const ring = drawn(here) || (here.closest("label") && drawn(here.closest("label")));
  const box = here.getBoundingClientRect();
  return {
    name: (here.textContent || here.value || here.name || "").trim().slice(0, 60),
    tag: here.tagName, value: here.value ?? "", ring: Boolean(ring),
    seen: box.bottom > 0 && box.top < innerHeight && box.width > 0,
  };
}"""

Walk = Callable[..., Page]


@pytest.fixture
def town(live_server: LiveServer, settings: Any) -> Iterator[Town]:
    """Les Rousses with its pages, the two families, and a dossier that waits for its account."""
    settings.PORTAL_BASE_URL = live_server.url
    with time_machine.travel(NOW, tick=True):
        load_town("les-rousses", at=NOW)
        known_family()
        yield build()


@pytest.fixture
def walk(open_page: PageFactory, live_server: LiveServer, town: Town) -> Walk:
    """`walk(town.owner, width=320)`: a page for somebody, or for a visitor, with the clock of the server."""

    def opened(user: User | None = None, **options: Any) -> Page:
        page = open_page(**options)
        # The pages of a breakdown are looked at on purpose: only their status is changed, so that the watch is quiet.
        page.route("**/erreurs/5*/", lambda route: route.fulfill(response=route.fetch(), status=200))
        if user is not None:
            page.context.clock.install(time=NOW)
            let_in(page, user, live_server.url)
        return page

    return opened


def estimate_address() -> str:
    """The simulator with its answer: two days of the canteen, and a quotient by which somebody compares."""
    meal = Unit.objects.get(code="repas", activity__code__startswith="restaurant", activity__starts_on__year=NOW.year)
    TariffVersion.objects.filter(tariff__unit_links__unit=meal).update(unit_price=None, grid=GRID)
    entered = f"s=1&lieu=town&activite={meal.activity.code}&enfants=1&qf=connu&quotient=842&e1-u{meal.pk}=12"
    return f"/simulateur/?{entered}&{urlencode({'avec': entered})}"


def public_pages(town: Town) -> dict[str, str]:
    """What a visitor may read."""
    return {
        "public home": "/",
        "news": "/actualites/",
        "help": "/aide/",
        "simulator": "/simulateur/",
        "estimate": estimate_address(),
        "sign in": "/compte/connexion/",
        "lost password": "/compte/mot-de-passe/",
        "new password": reverse("account_reset_password_from_key", args=town.reset_key),
        "account, step 1": "/compte/inscription/",
        "link again": "/compte/activation/renvoyer/",
        "activation": f"/compte/activation/{ACTIVATION_TOKEN}/",
        "link that does not work": "/compte/activation/x/",
        "joining": f"/compte/rattachement/{JOINING_TOKEN}/",
        "not found": "/nulle-part/",
        "broken": "/demo/composants/erreurs/500/",
        "bad request": "/demo/composants/erreurs/400/",
        "refused": "/demo/composants/erreurs/403/",
        "closed": "/demo/composants/erreurs/503/",
        "components": "/demo/composants/",
        "sent mails": "/demo/courriels/",
        "a sent mail": f"/demo/courriels/{town.mail.pk}/",
    }


def family_pages(town: Town) -> dict[str, str]:
    """What the first family reads."""
    planning = "/famille/planning/?mois=2026-09"
    return {
        "family home": "/famille/",
        "procedures": "/famille/demarches/",
        "enrolments": "/famille/inscriptions/",
        "choice of an activity": reverse("enrolments:choose", args=[town.not_enrolled.pk]),
        "enrolling": reverse("enrolments:enrol", args=[town.not_enrolled.pk, town.wednesday.activity.code]),
        "an enrolment": reverse("enrolments:detail", args=[town.enrolment.pk]),
        "planning": planning,
        "planning by activity": f"{planning}&par=activite",
        "planning, edited": f"{planning}&modifier=1",
        "planning by activity, edited": f"{planning}&par=activite&modifier=1",
        "a fortnight, edited": "/famille/planning/?vue=quinzaine&jour=2026-09-16&modifier=1",
        "a week, edited": "/famille/planning/?vue=semaine&jour=2026-09-16&modifier=1",
        "a day, edited": "/famille/planning/?vue=jour&jour=2026-09-15&modifier=1",
        "a month that may not change": "/famille/planning/?mois=2026-08&modifier=1",
        "why not": reverse("planning:why", args=[town.code()]),
        "recap": "/famille/panier/",
        "throwing the draft away": "/famille/panier/effacer/",
        "receipt": reverse("basket:receipt", args=[town.receipt.number]),
        "foreign child": "/famille/planning/?enfant=999999",
    }


def complaints(page: Page) -> list[str]:
    """All that is wrong with the page as it stands."""
    page.evaluate(AXE)
    found: list[str] = page.evaluate(HOUSE_RULES) + page.evaluate(RUN_AXE) + page.evaluate(MOVING)
    if not page.title().endswith((f"– {COMMUNE}",)):
        found.append(f"title: {page.title()}")
    return found


@pytest.mark.exigence("A1")
@pytest.mark.parametrize("wide", [320, 1280])
def test_public_pages_are_for_everybody(walk: Walk, town: Town, wide: int, subtests: pytest.Subtests) -> None:
    page, titles = walk(width=wide), {}
    for name, url in public_pages(town).items():
        with subtests.test(name):
            page.goto(url)
            assert complaints(page) == []
            assert titles.setdefault(page.title(), name) == name


@pytest.mark.exigence("A1", "P2")
@pytest.mark.parametrize("wide", [320, 390, 1280])
def test_pages_of_a_family_are_for_everybody(walk: Walk, town: Town, wide: int, subtests: pytest.Subtests) -> None:
    page, titles = walk(town.owner, width=wide), {}
    for name, url in family_pages(town).items():
        with subtests.test(name):
            page.goto(url)
            assert complaints(page) == []
            if not name.endswith(("by activity", "by activity, edited")):  # the same subject, seen otherwise
                assert titles.setdefault(page.title(), name) == name


def test_an_account_without_family_and_an_empty_recap_too(walk: Walk, town: Town, subtests: pytest.Subtests) -> None:
    for user, url in (
        (town.orphan, "/famille/"),
        (town.orphan, "/famille/planning/"),
        (town.stranger, "/famille/panier/"),
    ):
        with subtests.test(f"{user} {url}"):
            page = walk(user, width=320)
            page.goto(url)
            assert complaints(page) == []


def send(page: Page) -> None:
    """Press the main button of the page's form, without the browser's own checks."""
    page.evaluate("document.querySelectorAll('main form').forEach((form) => { form.noValidate = true; })")
    page.locator("main form[method=post] button:not(.sr)").last.click()


@pytest.mark.exigence("A13")
def test_the_steps_of_an_account_are_for_everybody(walk: Walk, subtests: pytest.Subtests) -> None:
    """Each step empty, with its errors, then answered."""
    page = walk(width=320)
    page.goto("/compte/inscription/")
    for step, answers in (("who", PARENT), ("dossier", DOSSIER), ("terms", {})):
        with subtests.test(f"{step}: errors"):
            send(page)
            assert page.title().startswith("Erreur")
            assert complaints(page) == []
            assert page.evaluate("document.activeElement.id") == "erreurs"
        for field, value in answers.items():
            page.fill(f"[name={field}]", value)
        if step == "terms":
            page.check("[name=accepted]")
        send(page)
        with subtests.test(f"after {step}"):
            assert complaints(page) == []


def test_refused_forms_of_a_family_are_for_everybody(walk: Walk, town: Town, subtests: pytest.Subtests) -> None:
    page = walk(town.owner, width=320)
    with subtests.test("an enrolment without its day"):
        page.goto(family_pages(town)["enrolling"])
        page.fill("[name=starts_on]", "")
        send(page)
        assert complaints(page) == []
        assert page.locator("[role=alert]").count() == 1
    with subtests.test("a period without anything"):
        page.goto(family_pages(town)["planning, edited"])
        page.get_by_text("Plusieurs semaines").click()
        page.locator("button[value=periode]").click()
        assert page.title().startswith("Erreur")
        assert complaints(page) == []
    with subtests.test("a wrong password"):
        page = walk(width=320)
        page.goto("/compte/connexion/")
        page.fill("[name=login]", "claire")
        page.fill("[name=password]", "ce n’est pas le bon")
        send(page)
        assert complaints(page) == []


# -- without a mouse ----------------------------------------------------------------------


def tabbed(page: Page, presses: int) -> list[dict[str, Any]]:
    """Where the focus goes, press after press."""
    places = []
    for _press in range(presses):
        page.keyboard.press("Tab")
        places.append(page.evaluate(FOCUS))
    return places


@pytest.mark.parametrize(
    ("name", "action"),
    [
        ("sign in", "Me connecter"),
        ("account, step 1", "Continuer"),
        ("family home", "Valider votre brouillon de planning"),
        ("planning", "Modifier"),
        ("planning, edited", "Vérifier et valider"),
        ("recap", "Valider mes 3 changements"),
        ("why not", "Appeler"),
    ],
)
def test_the_main_action_is_reached_by_tab_and_the_focus_is_always_seen(
    walk: Walk, town: Town, name: str, action: str
) -> None:
    pages = public_pages(town) | family_pages(town)
    page = walk(town.owner if name in family_pages(town) else None, width=1280)
    page.goto(pages[name])
    places = tabbed(page, 140)
    first_round = places[: next((index for index, each in enumerate(places) if each["tag"] == "BODY"), len(places))]
    assert first_round[0]["name"] == "Aller au contenu"
    assert [each["name"] for each in first_round if not each["ring"]] == []
    assert [each["name"] for each in first_round if not each["seen"]] == []
    assert any(action in " ".join(each["name"].split()) for each in first_round)


def test_the_skip_link_leads_to_the_content(walk: Walk, town: Town) -> None:
    page = walk(town.owner, width=1280)
    page.goto("/famille/planning/?mois=2026-09&modifier=1")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "contenu"


def test_without_style_the_page_still_reads_in_order(walk: Walk, town: Town) -> None:
    """Skip link, identity, account, menu, then the content from its title on."""
    page = walk(town.owner, width=1280)
    page.route("**/*.css*", lambda route: route.fulfill(status=200, content_type="text/css", body=""))
    page.goto("/famille/planning/?mois=2026-09&modifier=1")
    order = page.evaluate(
        """() => ["a.skip", ".brandmark", ".account", "nav.menu", "main h1", ".weeks", "#brouillon", "body > footer"]
          .map((selector) => document.querySelector(selector))
          .every((tag, index, all) => !index || all[index - 1].compareDocumentPosition(tag) & 4)"""
    )
    assert order
    assert page.locator("main h1").is_visible()
    icons = page.evaluate(
        "[...document.querySelectorAll('svg')].filter((icon) => icon.getBoundingClientRect().width > 100).length"
    )
    assert icons == 0


def test_stillness_is_respected_and_colours_may_be_forced(walk: Walk, town: Town, subtests: pytest.Subtests) -> None:
    """Reduced motion is on in all these tests; here the colours are the person's own too."""
    page = walk(town.owner, width=1280, forced_colors="active")
    for name in ("planning, edited", "recap", "family home"):
        with subtests.test(name):
            page.goto(family_pages(town)[name])
            assert page.evaluate(HOUSE_RULES) == []
            assert page.evaluate(MOVING) == []
