"""Asking other sites whether our links still lead somewhere, without ever being led inside our own network.

Editors choose the addresses: each is resolved here, every address it gives must be public, and the connection goes to
the very address that was checked. Redirections are read, not followed.
"""

import http.client
import ipaddress
import re
import socket
import ssl
from collections import defaultdict
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.utils import timezone
from wagtail.fields import StreamField
from wagtail.models import Page

from cms_pages.town.models import ExternalLink

TIMEOUT = 8.0
#: How many addresses one run asks, the longest unchecked first, and how long an answer is good for.
PER_RUN, GOOD_FOR = 50, timedelta(days=7)
PORTS = {"http": 80, "https": 443}
AGENT = "PortailFamille (verification des liens)"

_ADDRESS = re.compile(r"https?://[^\s\"'<>\\]+")


class Refused(Exception):
    """The address is not one that may be asked; the message says why, in French."""


def collect() -> None:
    """Note the addresses of other sites that pages on line lead to, and forget those that none leads to any more."""
    found: dict[str, set[int]] = defaultdict(set)
    for page in Page.objects.live().specific().iterator(chunk_size=100):
        for url in addresses_of(page):
            found[url].add(page.pk)
    ExternalLink.objects.exclude(url__in=found).delete()
    for url, pages in found.items():
        ExternalLink.objects.update_or_create(url=url, defaults={"pages": sorted(pages)})


def addresses_of(page: Page) -> set[str]:
    """The `http(s)` addresses in the rich contents of a page."""
    found: set[str] = set()
    for field in page._meta.get_fields():
        if isinstance(field, StreamField):
            text = field.value_to_string(page).replace("\\/", "/").replace("&amp;", "&")
            found.update(url.rstrip(".,;)") for url in _ADDRESS.findall(text))
    return {url for url in found if len(url) <= 500}


def check(*, at: datetime | None = None) -> int:
    """Ask the addresses whose answer is old; returns how many were asked."""
    at = at or timezone.now()
    due = ExternalLink.objects.exclude(checked_at__gt=at - GOOD_FOR).order_by("checked_at", "pk")[:PER_RUN]
    asked = 0
    for link in due:
        link.problem, link.checked_at = problem_of(link.url), at
        link.save(update_fields=["problem", "checked_at"])
        asked += 1
    return asked


def problem_of(url: str) -> str:
    """Why a link leads nowhere, in French; "" when it leads somewhere."""
    try:
        status = ask(url)
    except Refused as error:
        return str(error)
    except (OSError, http.client.HTTPException):
        return "Le site ne répond pas."
    if status in (404, 410):
        return "La page n’existe plus."
    if status >= 500:
        return f"Le site est en panne (réponse {status})."
    # 401, 403, 405, 429: the site is there, and does not want to be asked by a machine.
    return ""


def ask(url: str) -> int:
    """The status that the address answers. Raises Refused, OSError or HTTPException."""
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname or parts.username:
        raise Refused("Ce n’est pas une adresse publique.")
    port = parts.port or PORTS[parts.scheme]
    if port != PORTS[parts.scheme]:
        raise Refused("Ce n’est pas une adresse publique.")
    connection = _connection(parts.scheme, parts.hostname, port, public_address(parts.hostname, port))
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("HEAD", path, headers={"User-Agent": AGENT, "Connection": "close"})
        return connection.getresponse().status
    finally:
        connection.close()


def public_address(host: str, port: int) -> str:
    """One address of the host. Raises Refused when any of them is not public, OSError when there is none."""
    found = [entry[4][0] for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    for text in found:
        address = ipaddress.ip_address(str(text).split("%")[0])
        mapped = getattr(address, "ipv4_mapped", None)
        if not (mapped or address).is_global or (mapped or address).is_multicast:
            raise Refused("Ce n’est pas une adresse publique.")
    return str(found[0])


def _connection(scheme: str, host: str, port: int, address: str) -> http.client.HTTPConnection:
    """A connection named after the host and opened to that address."""
    made = http.client.HTTPConnection(host, port, timeout=TIMEOUT)
    sock = socket.create_connection((address, port), timeout=TIMEOUT)
    made.sock = ssl.create_default_context().wrap_socket(sock, server_hostname=host) if scheme == "https" else sock
    return made
