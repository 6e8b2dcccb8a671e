"""The virus scanner: a false clamd that answers well, badly, late, or not at all."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from portal.domain.files import scanner
from portal.domain.files.enums import ScanState
from portal.domain.files.refusal import FileRefused
from portal.domain.files.scanner import scan
from tests.domain.accounts.factories import UserFactory
from tests.domain.files.samples import pdf, stored

Answer = Callable[[socket.socket, bytes], None]
CONTENT = b"contenu" * 30_000


def saying(words: bytes) -> Answer:
    return lambda link, _received: link.sendall(words)


def received_by(link: socket.socket) -> bytes:
    """What clamd reads: the command, then pieces with their length, until an empty one."""
    stream = link.makefile("rb")
    assert stream.read(10) == b"zINSTREAM\0"
    content = b""
    while size := struct.unpack("!L", stream.read(4))[0]:
        content += stream.read(size)
    return content


@contextmanager
def clamd(answer: Answer, path: Path | None = None) -> Iterator[str]:
    """A server for one file; gives its address."""
    family = socket.AF_INET if path is None else socket.AF_UNIX
    with socket.socket(family, socket.SOCK_STREAM) as server:
        server.bind(("127.0.0.1", 0) if path is None else str(path))
        server.listen(1)

        def serve() -> None:
            link, _address = server.accept()
            with link:
                answer(link, received_by(link))

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"127.0.0.1:{server.getsockname()[1]}" if path is None else str(path)
        thread.join(timeout=10)
        assert not thread.is_alive()


def test_without_a_scanner_nothing_is_said_to_be_clean(settings: Any) -> None:
    settings.CLAMD_ADDRESS = ""

    assert scan(CONTENT) is False


@pytest.mark.exigence("T10")
def test_the_scanner_reads_the_whole_file(settings: Any) -> None:
    seen: list[bytes] = []

    def answer(link: socket.socket, content: bytes) -> None:
        seen.append(content)
        link.sendall(b"stream: OK\0")

    with clamd(answer) as settings.CLAMD_ADDRESS:
        assert scan(CONTENT) is True

    assert seen == [CONTENT]


def test_a_scanner_is_reached_by_its_socket_on_the_disk(settings: Any, tmp_path: Path) -> None:
    with clamd(saying(b"stream: OK\0"), tmp_path / "clamd.ctl") as settings.CLAMD_ADDRESS:
        assert scan(CONTENT) is True


def test_what_the_scanner_finds_is_refused(settings: Any) -> None:
    with (
        clamd(saying(b"stream: Eicar-Test-Signature FOUND\0")) as settings.CLAMD_ADDRESS,
        pytest.raises(FileRefused, match="antivirus a refusé"),
    ):
        scan(CONTENT)


@pytest.mark.parametrize(
    "words", [b"", b"stream: ", b"INSTREAM size limit exceeded. ERROR\0", b"\xff\xfe\x00", b"x" * 9000]
)
def test_an_answer_that_says_nothing_is_no_open_door(settings: Any, words: bytes) -> None:
    with clamd(saying(words)) as settings.CLAMD_ADDRESS, pytest.raises(FileRefused, match="n’a pas pu être vérifié"):
        scan(CONTENT)


@pytest.mark.parametrize("address", ["127.0.0.1:1", "/nulle/part/clamd.ctl"])
def test_a_scanner_that_is_down_is_no_open_door(settings: Any, address: str) -> None:
    settings.CLAMD_ADDRESS = address

    with pytest.raises(FileRefused, match="Renvoyez-le dans quelques minutes"):
        scan(CONTENT)


def test_a_scanner_that_answers_letter_by_letter_is_left(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each letter comes in time, the answer never does."""
    monkeypatch.setattr(scanner, "_TIMEOUT", 0.5)
    gone = threading.Event()

    def answer(link: socket.socket, _received: bytes) -> None:
        try:
            while not gone.wait(0.1):
                link.sendall(b"s")
        except OSError:
            gone.set()

    with clamd(answer) as settings.CLAMD_ADDRESS:
        with pytest.raises(FileRefused, match="n’a pas pu être vérifié"):  # noqa: SIM117  # the server is stopped after it
            scan(CONTENT)
        gone.set()


@pytest.mark.django_db
def test_a_kept_file_says_what_the_scanner_said(settings: Any, private_folder: Path) -> None:
    settings.CLAMD_ADDRESS = ""
    assert stored(UserFactory(), pdf()).scan == ScanState.NOT_SCANNED

    with clamd(saying(b"stream: OK\0")) as settings.CLAMD_ADDRESS:
        assert stored(UserFactory(), pdf()).scan == ScanState.CLEAN


@pytest.mark.django_db
def test_a_refused_file_lies_nowhere(settings: Any, private_folder: Path) -> None:
    with clamd(saying(b"stream: Eicar FOUND\0")) as settings.CLAMD_ADDRESS, pytest.raises(FileRefused):
        stored(UserFactory(), pdf())

    assert not private_folder.exists()
