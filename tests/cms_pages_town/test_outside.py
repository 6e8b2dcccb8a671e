"""Asking other sites about our links: what they answer is said in words, and nothing inside our network is asked."""

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from unittest.mock import patch

import pytest

from cms_pages.town import outside


def numeric(host: str, port: int, **kwargs: Any) -> list[Any]:
    """What the system answers for an address written in figures, however it is written."""
    if host == "localhost":
        host = "127.0.0.1"
    if ":" in host:
        return [(socket.AF_INET6, socket.SOCK_STREAM, 6, "", (host, port, 0, 0))]
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (socket.inet_ntoa(socket.inet_aton(host)), port))]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://127.1/",
        "http://0x7f000001/",
        "http://2130706433/",
        "http://0.0.0.0/",
        "http://10.0.0.1/",
        "http://172.16.0.1/",
        "http://192.168.1.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://100.64.0.1/",
        "http://224.0.0.1/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[fe80::1]/",
        "http://[fd00::1]/",
        "http://localhost/",
        "https://localhost:5432/",
        "http://user:secret@127.0.0.1/",
        "https://1.1.1.1:22/",
        "ftp://1.1.1.1/",
        "file:///etc/passwd",
        "https:///",
    ],
)
def test_an_address_inside_our_network_is_never_asked(url: str) -> None:
    with (
        patch.object(outside.socket, "getaddrinfo", numeric),
        patch.object(outside.socket, "create_connection", side_effect=AssertionError("asked")),
    ):
        assert outside.problem_of(url) == "Ce n’est pas une adresse publique."


def test_a_name_that_gives_one_private_address_among_others_is_refused() -> None:
    entries = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in ("93.184.215.14", "192.168.0.9")
    ]
    with patch.object(outside.socket, "getaddrinfo", return_value=entries):
        assert outside.problem_of("https://exemple.example/") == "Ce n’est pas une adresse publique."


def test_the_connection_goes_to_the_address_that_was_checked() -> None:
    """A name that changes its mind between the check and the call leads nowhere else."""
    entry = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.215.14", 80))]
    with (
        patch.object(outside.socket, "getaddrinfo", return_value=entry) as resolved,
        patch.object(outside.socket, "create_connection", side_effect=OSError) as opened,
    ):
        assert outside.problem_of("http://exemple.example/") == "Le site ne répond pas."
    assert opened.call_args.args[0] == ("93.184.215.14", 80)
    assert resolved.call_count == 1


class Answers(BaseHTTPRequestHandler):
    """`/404` answers 404, and so on; a redirection leads to an address that must not be asked."""

    asked: list[str] = []

    def do_HEAD(self) -> None:
        self.asked.append(self.path)
        self.send_response(int(self.path.strip("/")))
        self.send_header("Location", "/500")
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        """Nothing."""


@pytest.fixture
def server() -> Iterator[str]:
    Answers.asked = []
    http = HTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=http.serve_forever, daemon=True)
    thread.start()
    port = http.server_address[1]
    with (
        patch.dict(outside.PORTS, {"http": port}),
        patch.object(outside, "public_address", return_value="127.0.0.1"),
    ):
        yield "http://exemple.example"
    http.shutdown()
    http.server_close()
    thread.join()


@pytest.mark.parametrize(
    ("status", "problem"),
    [
        (200, ""),
        (301, ""),
        (403, ""),
        (405, ""),
        (404, "La page n’existe plus."),
        (410, "La page n’existe plus."),
        (503, "Le site est en panne (réponse 503)."),
    ],
)
def test_what_a_site_answers_is_said_in_words(server: str, status: int, problem: str) -> None:
    assert outside.problem_of(f"{server}/{status}") == problem
    assert Answers.asked == [f"/{status}"]
