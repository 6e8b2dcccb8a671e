"""The public pages judged by others: axe-core in Chromium, the W3C's HTML checker, Lighthouse. `make quality`.

Serves a portal of its own with the commune's profile, visits every page of its site map (and the doors to the private
space), fails on any finding, and writes the figures in docs/quality.md. Needs Node ≥ 18, Java ≥ 11 and Chromium.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

from playwright.sync_api import Browser, sync_playwright

from config.places import ROOT
from scripts.prepare import say
from scripts.serving import served_portal
from tests.harness.browser import DESKTOP, HEIGHTS, LAUNCH_ARGUMENTS, PHONE, chromium_path

TOOLS = ROOT / "scripts" / "npm"
REPORT = ROOT / "docs" / "quality.md"
BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"
AXE = next((ROOT / "tests" / "e2e" / "vendor").glob("axe-core-*.min.js")).read_text()
RUN_AXE = """async () => {
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const found = await axe.run(document, {
    runOnly: { type: "tag", values: tags }, rules: { "target-size": { enabled: true } }, resultTypes: ["violations"],
  });
  return found.violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.target.join(" ")}`));
}"""
#: VoiceOver does not announce a list whose bullets are hidden, unless it says that it is one.
NEEDED_ALL_THE_SAME = re.compile("The “list” role is unnecessary for element “[ou]l”")
CATEGORIES = {
    "performance": "vitesse",
    "accessibility": "accessibilité",
    "best-practices": "bonnes pratiques",
    "seo": "référencement",
}
LOWEST = 95
#: Pages without a place in the site map that everybody meets.
DOORS = (
    "/compte/connexion/",
    "/compte/inscription/",
    "/compte/mot-de-passe/",
    "/recherche/?q=cantine",
    "/introuvable/",
)
#: More pages of one kind than this teach nothing new.
OF_A_KIND = 3


@dataclass
class Findings:
    """What the tools said, page by page."""

    pages: list[str] = field(default_factory=list)
    axe: list[str] = field(default_factory=list)
    html: list[str] = field(default_factory=list)
    weights: dict[str, int] = field(default_factory=dict)
    scores: dict[str, dict[str, int]] = field(default_factory=dict)

    def low_scores(self) -> list[str]:
        return [
            f"{page}, {CATEGORIES[name]} : {score}"
            for page, scores in self.scores.items()
            for name, score in scores.items()
            if score < LOWEST
        ]


def needed_tools() -> None:
    """Node's tools, installed once. Raises RuntimeError naming what the machine lacks."""
    missing = [
        package
        for name, package in (("node", "nodejs"), ("npm", "npm"), ("java", "default-jre-headless"))
        if not shutil.which(name)
    ]
    if missing:
        raise RuntimeError(f"Il manque : sudo apt-get install {' '.join(missing)}")
    if not (TOOLS / "node_modules" / ".package-lock.json").is_file():
        say("Outils de mesure (npm)")
        subprocess.run(  # noqa: S603  # npm, found on the path
            [str(shutil.which("npm")), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(TOOLS)],
            check=True,
            stdout=subprocess.DEVNULL,
        )


def site_map(address: str) -> list[str]:
    """The addresses of the site map, as paths; of each kind of page the first few."""
    with urllib.request.urlopen(f"{address}/sitemap.xml", timeout=60) as answer:  # noqa: S310  # ours
        tree = ElementTree.fromstring(answer.read())  # noqa: S314  # ours
    paths = [urlsplit(node.text or "").path for node in tree.iter() if node.tag.endswith("}loc")]
    kinds: dict[str, int] = {}
    chosen = []
    for path in paths:
        kind = re.sub(r"[^/]+/$", "", path) if path.count("/") > 2 else path
        kinds[kind] = kinds.get(kind, 0) + 1
        if kinds[kind] <= OF_A_KIND:
            chosen.append(path)
    return chosen


def look(address: str, paths: list[str], findings: Findings) -> Iterator[tuple[str, str]]:
    """Visit every page at both widths with axe-core; gives (path, HTML) for the HTML checker."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=LAUNCH_ARGUMENTS)
        for path in paths:
            for width in (PHONE, DESKTOP):
                findings.axe += [f"{path} à {width} px, {line}" for line in _axe(browser, address + path, width)]
            yield path, _source(browser, address + path)
        findings.weights = {path: _weight(browser, address + path) for path in ("/", *_samples(paths).values())}
        browser.close()


def _axe(browser: Browser, url: str, width: int) -> list[str]:
    page = browser.new_page(viewport={"width": width, "height": HEIGHTS[width]}, bypass_csp=True)
    page.goto(url, wait_until="networkidle")
    page.evaluate(AXE)
    found: list[str] = page.evaluate(RUN_AXE)
    if page.evaluate("document.documentElement.scrollWidth") > width:
        found.append("défile de côté")
    page.close()
    return found


def _source(browser: Browser, url: str) -> str:
    page = browser.new_page()
    text = page.request.get(url).text()
    page.close()
    return text


def _weight(browser: Browser, url: str) -> int:
    """Bytes that a first visit downloads: page, styles, scripts, images, as the server sends them."""
    page = browser.new_page(viewport={"width": PHONE, "height": HEIGHTS[PHONE]})
    sizes: list[int] = []
    page.on("response", lambda response: sizes.append(len(response.body())) if response.ok else None)
    page.goto(url, wait_until="networkidle")
    page.close()
    return sum(sizes)


def check_html(pages: list[tuple[str, str]]) -> list[str]:
    """What the HTML checker of the W3C says of the sources."""
    jar = TOOLS / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
    with tempfile.TemporaryDirectory() as folder:
        names = {}
        for number, (path, source) in enumerate(pages):
            name = Path(folder) / f"{number:03}.html"
            name.write_text(source, encoding="utf-8")
            names[name.as_uri()] = path
        done = subprocess.run(  # noqa: S603  # java, found on the path
            [str(shutil.which("java")), "-jar", str(jar), "--format", "json", "--exit-zero-always", folder],
            capture_output=True,
            text=True,
            check=True,
        )
    messages = json.loads(done.stderr)["messages"]
    return [
        f"{names.get(message['url'].replace('file:/', 'file:///', 1), message['url'])}, "
        f"ligne {message.get('lastLine', '?')} : {message['message']}"
        for message in messages
        if (message["type"] == "error" or message.get("subType") == "warning")
        and not NEEDED_ALL_THE_SAME.search(message["message"])
    ]


def lighthouse(url: str) -> dict[str, int]:
    """The four scores of a page, out of 100, on Lighthouse's own telephone (slowed down four times, slow line)."""
    with tempfile.NamedTemporaryFile(suffix=".json") as report:
        subprocess.run(  # noqa: S603  # the tool that npm installed
            [
                str(TOOLS / "node_modules" / ".bin" / "lighthouse"),
                url,
                "--quiet",
                "--output=json",
                f"--output-path={report.name}",
                f"--only-categories={','.join(CATEGORIES)}",
                # The demo asks search engines to stay away, on purpose.
                "--skip-audits=is-crawlable",
                f"--chrome-flags=--headless=new {' '.join(LAUNCH_ARGUMENTS[:5])}",
            ],
            env=os.environ | {"CHROME_PATH": chromium_path()},
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        categories: dict[str, Any] = json.loads(Path(report.name).read_text())["categories"]
    return {name: round(categories[name]["score"] * 100) for name in CATEGORIES}


def _samples(paths: list[str]) -> dict[str, str]:
    """The pages Lighthouse looks at: one of each kind that people come for."""
    wanted = {
        "accueil": r"^/$",
        "actualité": r"^/actualites/.+",
        "documents": r"^/documents/$",
        "menus de la semaine": r"^/menus/",
    }
    found = {name: next((path for path in paths if re.match(pattern, path)), "") for name, pattern in wanted.items()}
    return {name: path for name, path in found.items() if path}


def write_report(findings: Findings, commune: str) -> None:
    """Put the figures between the two marks of docs/quality.md."""
    rows = [
        "| page | " + " | ".join(CATEGORIES.values()) + " | poids de la première visite |",
        "|---|---|---|---|---|---|",
    ]
    samples = _samples(findings.pages)
    for name, scores in findings.scores.items():
        weight = findings.weights.get(samples[name], 0)
        rows.append(
            f"| {name} | " + " | ".join(str(scores[key]) for key in CATEGORIES) + f" | {weight / 1000:.0f} ko |"
        )
    text = "\n".join(
        [
            BEGIN,
            f"Mesuré le {datetime.now(tz=UTC).date().isoformat()}, profil `{commune}`, {len(findings.pages)} pages.",
            "",
            *rows,
            "",
            f"- axe-core, chaque page à {PHONE} et {DESKTOP} px : {len(findings.axe)} constat.",
            f"- vérificateur HTML du W3C, chaque page : {len(findings.html)} erreur ou avertissement.",
            END,
        ]
    )
    old = REPORT.read_text(encoding="utf-8")
    REPORT.write_text(re.sub(f"{BEGIN}.*{END}", lambda _: text, old, flags=re.DOTALL), encoding="utf-8")


@contextmanager
def portal(arguments: argparse.Namespace) -> Iterator[str]:
    """The portal that is looked at: the one named, else one of our own."""
    if arguments.address:
        yield arguments.address.rstrip("/")
    else:
        say("Un portail à part")
        with served_portal(commune=arguments.commune, fresh=not arguments.again) as address:
            yield address


def main() -> int:
    """The command line. Returns 1 when a tool found something."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--commune", default="les-rousses")
    parser.add_argument("--address", default="", help="un portail déjà servi")
    parser.add_argument("--again", action="store_true", help="reprendre les données de la dernière fois")
    parser.add_argument("--skip-lighthouse", action="store_true")
    arguments = parser.parse_args()
    try:
        needed_tools()
    except RuntimeError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    findings = Findings()
    with portal(arguments) as address:
        findings.pages = [*site_map(address), *DOORS]
        say(f"axe-core et HTML : {len(findings.pages)} pages")
        findings.html = check_html(list(look(address, findings.pages, findings)))
        if not arguments.skip_lighthouse:
            for name, path in _samples(findings.pages).items():
                say(f"Lighthouse : {name}")
                findings.scores[name] = lighthouse(address + path)
    problems = [*findings.axe, *findings.html, *findings.low_scores()]
    for problem in problems:
        sys.stdout.write(f"  {problem}\n")
    for name, scores in findings.scores.items():
        sys.stdout.write(f"  {name} : {scores}\n")
    if not arguments.skip_lighthouse and not arguments.address:
        write_report(findings, arguments.commune)
    say("Rien à redire." if not problems else f"{len(problems)} constats.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
