"""Walking every link of a public site with the test client: what a visitor can reach must answer."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import unquote, urljoin, urlsplit

from django.test import Client

#: Screens that need somebody signed in, or that answer differently each time: their links are not followed.
NOT_FOLLOWED = re.compile(r"^/(compte|famille|gestion|demo|documents/.+/(telecharger|fichier)|recherche)")
#: Weeks before and after the one shown: two are enough to know that the others answer.
ENDLESS = re.compile(r"^/menus/[^/]+/\d{4}")
#: Printed on demand, and slowly: that they answer is tested beside what makes them.
PRINTED = re.compile(r"^/menus/.+\.pdf$")


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.images: list[str] = []
        self.anchors: set[str] = {"haut"}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if "id" in values:
            self.anchors.add(values["id"])
        if tag == "a" and values.get("href"):
            self.links.append(values["href"])
        if tag == "img" and values.get("src"):
            self.images.append(values["src"])


@dataclass
class Walk:
    """What was seen: the pages that answered, and each link that leads nowhere, with where it stands."""

    pages: dict[str, str] = field(default_factory=dict)
    files: set[str] = field(default_factory=set)
    dead: list[str] = field(default_factory=list)


def crawl(client: Client, start: str = "/", *, most: int = 400) -> Walk:
    """Follow every link of this site from `start`, as somebody who is not signed in."""
    walk, anchors = Walk(), {}
    waiting: list[tuple[str, str]] = [(start, "the start")]
    wanted: list[tuple[str, str, str]] = []
    seen: set[str] = set()
    endless = 0
    while waiting and len(seen) < most:
        address, source = waiting.pop(0)
        path = unquote(urlsplit(address).path)
        if address in seen:
            continue
        seen.add(address)
        response = client.get(address)
        if response.status_code in (301, 302):
            target = urljoin(address, response["Location"])
            if not NOT_FOLLOWED.match(urlsplit(target).path):
                waiting.append((target, source))
            continue
        if response.status_code != 200:
            walk.dead.append(f"{address} : {response.status_code}, sur {source}")
            continue
        if not response.get("Content-Type", "").startswith("text/html"):
            walk.files.add(path)
            if response.streaming:
                # Read to its end, which closes the file.
                response.getvalue()
            continue
        if NOT_FOLLOWED.match(path):
            continue
        html = response.content.decode()
        walk.pages[address] = html
        page = _Page()
        page.feed(html)
        anchors[path] = page.anchors
        for href in page.links:
            parts = urlsplit(href)
            if parts.scheme or parts.netloc:
                continue
            target = urljoin(address, href).split("#")[0]
            if parts.fragment:
                wanted.append((unquote(urlsplit(target).path), parts.fragment, address))
            if PRINTED.match(parts.path):
                continue
            # Filters are combined without end.
            if ENDLESS.match(parts.path) or parts.query:
                endless += 1
                if endless > 12:
                    continue
            waiting.append((target, address))
    for path, fragment, source in wanted:
        if path in anchors and fragment not in anchors[path]:
            walk.dead.append(f"{path}#{fragment} : rien ne porte ce nom, sur {source}")
    return walk
