"""The pictures of docs/guide-communication.md, taken on a served portal. `make screenshots`.

Signs in as the demonstration's agent of communication, opens the screens that the guide speaks of, and overwrites
`docs/images/communication/`. Nothing is saved: the portal is left as it was. Needs Chromium.
"""

import argparse
import io
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from config.places import ROOT
from scripts.prepare import say
from scripts.serving import served_portal
from tests.harness.browser import DESKTOP, HEIGHTS, LAUNCH_ARGUMENTS, PHONE, chromium_path

FOLDER = ROOT / "docs" / "images" / "communication"
ACCOUNT, PASSWORD = "communication", "communication-demo-2026"
#: No picture weighs more, in bytes: the repository keeps every one of them.
HEAVIEST = 120_000
QUALITIES = (85, 75, 65, 50, 35)

#: Milliseconds that Wagtail's panels take to slide into place.
SETTLES = 400

#: Opens a screen.
Pose = Callable[[Page], None]


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: its name in the guide, the width of the window, how to get there."""

    name: str
    pose: Pose
    width: int = DESKTOP
    signed_in: bool = True
    height: int = 0


def _open(path: str) -> Pose:
    def pose(page: Page) -> None:
        page.goto(path, wait_until="networkidle")

    return pose


def _explore(page: Page, title: str = "") -> str:
    """Open the pages under home, or under the page of that title; gives the address."""
    page.goto("/gestion/")
    address = page.locator("main a[href^='/gestion/pages/']").first.get_attribute("href") or ""
    page.goto(address)
    if title:
        page.get_by_role("link", name=f"Explorer les sous-pages de «\u00a0{title}\u00a0»").click()
    page.wait_for_load_state("networkidle")
    return page.url


def _new_item(page: Page) -> None:
    """The form of a news item, with its first words."""
    _explore(page, "Actualités")
    page.get_by_role("link", name="Ajouter une sous-page").first.click()
    page.wait_for_load_state("networkidle")
    page.get_by_role("textbox", name="Titre*").fill("Restaurant scolaire\u00a0: un repas froid vendredi")
    page.get_by_role("textbox", name="Extrait*").fill(
        "La cuisine est en travaux vendredi. Un pique-nique est servi aux enfants inscrits."
    )


def _new_item_publish(page: Page) -> None:
    _new_item(page)
    page.get_by_role("button", name="Plus d'actions").click()
    page.wait_for_timeout(SETTLES)


def _new_item_audience(page: Page) -> None:
    _new_item(page)
    region = page.get_by_role("region", name="Pour qui")
    page.get_by_label("Pour*").select_option("certaines familles")
    region.get_by_role("checkbox", name="Restaurant scolaire").check()
    region.evaluate("each => each.scrollIntoView({block: 'center'})")
    page.wait_for_timeout(SETTLES)


def _new_item_alert(page: Page) -> None:
    _new_item(page)
    region = page.get_by_role("region", name="Alerte en haut des pages")
    region.get_by_role("button", name="Afficher/masquer la section").click()
    region.get_by_label("Alerte", exact=True).select_option(index=2)
    for label, value in (("Montrée du", "07/12/2026 08:00"), ("Au", "11/12/2026 18:00")):
        # Without focus, no calendar comes over the form.
        region.get_by_label(label, exact=True).evaluate("(each, value) => { each.value = value; }", value)
    region.evaluate("each => each.scrollIntoView({block: 'center'})")
    page.wait_for_timeout(SETTLES)


def _schedule(page: Page) -> None:
    _new_item(page)
    page.get_by_role("button", name="Afficher/masquer le statut").click()
    page.get_by_role("button", name="Programmer").click()
    page.get_by_role("dialog").get_by_role("textbox").first.wait_for()
    page.wait_for_timeout(SETTLES)


def _menu_grid(page: Page) -> None:
    page.goto("/gestion/menus/")
    page.get_by_role("link", name="Modifier").nth(1).click()
    page.wait_for_load_state("networkidle")


def _new_version(page: Page) -> None:
    page.goto("/gestion/bibliotheque/documents/")
    page.get_by_title("Publier une nouvelle version\u00a0: Règlement intérieur").first.click()
    page.get_by_label("Ce qui change").fill("Le soir finit à 18\u00a0h\u00a030.")


def _versions(page: Page) -> None:
    page.goto("/gestion/bibliotheque/documents/")
    row = page.get_by_role("row").filter(has_text="Règlement intérieur")
    row.get_by_role("link", name="Consulter").first.click()
    page.wait_for_load_state("networkidle")


def _image(page: Page) -> None:
    page.goto("/gestion/images/")
    page.locator("main a[href*='?next=/gestion/images/']").first.click()
    page.wait_for_load_state("networkidle")


def _home_pages(page: Page) -> None:
    _explore(page)


def _new_form(page: Page) -> None:
    page.goto(_explore(page).rstrip("/") + "/add_subpage/")
    page.get_by_role("link", name="Formulaire ou sondage", exact=True).click()
    page.wait_for_load_state("networkidle")
    page.get_by_role("textbox", name="Titre*").fill("Fête de l’école\u00a0: qui vient aider\u202f?")


SHOTS = (
    Shot("accueil-telephone", _open("/"), width=PHONE, signed_in=False),
    Shot("tableau-de-bord", _open("/gestion/")),
    Shot("actualite", _new_item),
    Shot("actualite-publier", _new_item_publish),
    Shot("actualite-pour-qui", _new_item_audience),
    Shot("actualite-programmer", _schedule),
    Shot("actualite-alerte", _new_item_alert),
    Shot("menus", _open("/gestion/menus/")),
    Shot("menus-grille", _menu_grid),
    Shot("documents", _open("/gestion/bibliotheque/documents/")),
    Shot("document-nouvelle-version", _new_version, height=640),
    Shot("image-description", _image),
    Shot("pages", _home_pages),
    Shot("formulaire", _new_form),
)


def compressed(picture: bytes) -> bytes:
    """The picture in WebP, at the best quality that is light enough."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    for quality in QUALITIES:
        out = io.BytesIO()
        image.save(out, "WEBP", quality=quality, method=6)
        if out.tell() <= HEAVIEST:
            break
    return out.getvalue()


@contextmanager
def window(browser: Browser, address: str, shot: Shot, state: Any) -> Iterator[Page]:
    """A page of the size of the picture, with the agent's session when asked."""
    context = browser.new_context(
        viewport={"width": shot.width, "height": shot.height or HEIGHTS[shot.width]},
        base_url=address,
        locale="fr-FR",
        timezone_id="Europe/Paris",
        device_scale_factor=1,
        reduced_motion="reduce",
        storage_state=state,
    )
    # Wagtail saves a draft while one types: these requests stay without an answer.
    context.route("**/gestion/pages/**", lambda route: route.continue_() if route.request.method != "POST" else None)
    yield context.new_page()
    context.close()


def signed_in(browser: Browser, address: str) -> Any:
    """The session of the agent, to be given to every window."""
    with window(browser, address, SHOTS[0], None) as page:
        page.goto("/gestion/")
        page.get_by_label("Adresse mail ou nom d’utilisateur").fill(ACCOUNT)
        page.get_by_label("Mot de passe").fill(PASSWORD)
        page.get_by_role("main").get_by_role("button", name="Me connecter").click()
        page.wait_for_url("**/gestion/")
        return page.context.storage_state()


def take(address: str, names: list[str]) -> None:
    """Take the pictures of these names, all of them without a name."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=LAUNCH_ARGUMENTS)
        session = signed_in(browser, address)
        for shot in SHOTS:
            if names and shot.name not in names:
                continue
            with window(browser, address, shot, session if shot.signed_in else None) as page:
                shot.pose(page)
                picture = compressed(page.screenshot())
            (FOLDER / f"{shot.name}.webp").write_bytes(picture)
            sys.stdout.write(f"  {shot.name}.webp : {len(picture) / 1000:.0f} ko\n")
        browser.close()


def main() -> int:
    """The command line. Returns 0; a screen that is not there raises with its name."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--commune", default="les-rousses")
    parser.add_argument("--address", default="", help="un portail déjà servi")
    parser.add_argument("--again", action="store_true", help="reprendre les données de la dernière fois")
    parser.add_argument("names", nargs="*", help="les images à refaire ; toutes sans réponse")
    arguments = parser.parse_args()
    if arguments.address:
        take(arguments.address.rstrip("/"), arguments.names)
    else:
        say("Un portail à part")
        with served_portal(commune=arguments.commune, fresh=not arguments.again) as address:
            take(address, arguments.names)
    say(f"Images dans {FOLDER.relative_to(ROOT)}/")
    return 0


if __name__ == "__main__":
    sys.exit(main())
