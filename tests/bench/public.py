"""Public pages for visitors, kept and rendered, beside a bare Django view of the same server in the same run.

python -m tests.bench.public --seconds 3

gunicorn with two workers of four threads on the loopback, as many connections kept open. The one who asks shares the
processors with the server: figures say what both can do together, ratios what a page costs beside nothing.
"""

import argparse
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.pool import Pool
from urllib.parse import quote

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from config.places import ROOT
from news.models import NewsIndexPage, NewsPage
from tests.bench.town import say, town

BARE = "/nu/"
#: A request that a cache must not answer: the page is rendered.
RENDERED = "Authorization: Bench\r\n"
WORKERS, CONNECTIONS = 2, 8


@dataclass(frozen=True)
class Rate:
    """What came back in a while: answers per second, median wait in milliseconds, bytes of one answer."""

    per_second: float
    wait: float
    size: int


def ask_again(port: int, path: str, headers: str, seconds: float) -> tuple[int, list[float], int]:
    """Ask one address over one connection until the time is over: answers, waits, size of the last."""
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{headers}\r\n".encode()
    waits: list[float] = []
    size = 0
    link = socket.create_connection(("127.0.0.1", port))
    end = time.perf_counter() + seconds
    while (begun := time.perf_counter()) < end:
        try:
            link.sendall(request)
            status, size, open_still = _read(link)
        except ConnectionError:
            status, open_still = 0, False
        if not open_still:
            link.close()
            link = socket.create_connection(("127.0.0.1", port))
        if status == 0:
            continue
        if status != 200:
            raise RuntimeError(f"{path} : {status}")
        waits.append(time.perf_counter() - begun)
    link.close()
    return len(waits), waits, size


def _read(link: socket.socket) -> tuple[int, int, bool]:
    """One answer: its status, its weight, whether the connection stays open."""
    received = b""
    while b"\r\n\r\n" not in received:
        piece = link.recv(65536)
        if not piece:
            raise ConnectionError
        received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    lower = head.lower()
    _, _, length = lower.partition(b"content-length:")
    wanted = int(length.split(b"\r\n")[0]) if length else 0
    got = len(body)
    while got < wanted:
        piece = link.recv(65536)
        if not piece:
            raise ConnectionError
        got += len(piece)
    return int(head[9:12]), wanted, b"connection: close" not in lower


def measured(pool: Pool, port: int, path: str, headers: str, seconds: float) -> Rate:
    """The rate of one address over all the connections."""
    begun = time.perf_counter()
    results = pool.starmap(ask_again, [(port, path, headers, seconds)] * CONNECTIONS)
    lasted = time.perf_counter() - begun
    waits = [wait for _count, each, _size in results for wait in each]
    return Rate(sum(count for count, _w, _s in results) / lasted, statistics.median(waits) * 1000, results[0][2])


@contextmanager
def gunicorn(database: str) -> Iterator[int]:
    """The port of a server on that database, as it is deployed."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.bench.settings",
        "DATABASE_URL": database,
        "BENCH": str(os.getpid()),
        "PORTAL_BASE_URL": f"http://127.0.0.1:{port}",
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "site")]),
    }
    arguments = ["--workers", str(WORKERS), "--threads", "4", "--bind", f"127.0.0.1:{port}", "--log-level", "error"]
    process = subprocess.Popen(  # noqa: S603  # our own program
        [sys.executable, "-m", "gunicorn", "tests.bench.server", *arguments, "--no-control-socket"],
        env=environment,
        cwd=ROOT,
    )
    try:
        for _ in range(600):
            if process.poll() is not None:
                raise RuntimeError("gunicorn did not start")
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=30)


def database_url() -> str:
    """The address of the database that this process has open."""
    known = connection.settings_dict
    user = quote(known["USER"] or "", safe="")
    secret = f":{quote(known['PASSWORD'], safe='')}" if known["PASSWORD"] else ""
    host, port = known["HOST"] or "", known["PORT"] or ""
    if host.startswith("/"):
        return f"postgres://{user}{secret}@/{known['NAME']}?host={quote(host, safe='/')}" + (
            f"&port={port}" if port else ""
        )
    return f"postgres://{user}{secret}@{host}{f':{port}' if port else ''}/{known['NAME']}"


def pages() -> dict[str, str]:
    """The pages measured, by what they are."""
    article, index = NewsPage.objects.live().first(), NewsIndexPage.objects.live().first()
    return {
        "home": "/",
        "article": article.url if article else "/",
        "list of news": index.url if index else "/",
    }


def queries(path: str) -> int:
    """How many queries a visitor's page takes when it is rendered, what is kept in memory being known."""
    client = Client(headers={"Authorization": "Bench"})
    client.get(path)
    with CaptureQueriesContext(connection) as captured:
        client.get(path)
    return len(captured)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=3.0)
    seconds = parser.parse_args().seconds
    with get_context("fork").Pool(CONNECTIONS) as pool, town(5):
        counted = {name: queries(path) for name, path in pages().items()}
        with gunicorn(database_url()) as port:
            measured(pool, port, BARE, "", 0.5)
            limit = measured(pool, port, BARE, "", seconds)
            say(f"  {'':24}{'per second':>12}{'of bare':>9}{'median':>12}{'size':>10}")
            say(_line("bare Django view", limit, limit))
            for name, path in pages().items():
                for words, headers in ((f"{name}, kept", ""), (f"{name}, rendered", RENDERED)):
                    measured(pool, port, path, headers, 0.5)
                    say(_line(words, measured(pool, port, path, headers, seconds), limit))
                say(f"  {f'{name}, queries':24}{counted[name]:12}")
            again = measured(pool, port, BARE, "", seconds)
            say(_line("bare again, at the end", again, limit))


def _line(words: str, rate: Rate, limit: Rate) -> str:
    share = rate.per_second / limit.per_second
    return f"  {words:24}{rate.per_second:12.0f}{share:9.1%}{rate.wait:9.2f} ms{rate.size / 1000:7.1f} kB"


if __name__ == "__main__":
    main()
