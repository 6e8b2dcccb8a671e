"""The virus scanner, when the town has one: clamd's INSTREAM over a socket.

Without `CLAMD_ADDRESS` nothing is scanned and the file says so. With it, a file is refused when the scanner finds
something, and also when the scanner does not answer: an open door is not a scanner.
"""

import logging
import socket
import struct
import time

from django.conf import settings
from django.utils.translation import gettext as _

from portal.domain.files.refusal import FileRefused

logger = logging.getLogger(__name__)

_CHUNK = 64 * 1024
#: Seconds for the whole exchange: a scanner that answers one letter at a time holds nobody longer.
_TIMEOUT = 20
#: Bytes of the longest answer that is read; clamd answers with one line.
_LONGEST_ANSWER = 4096


def scan(content: bytes) -> bool:
    """True when the scanner says that it is clean, False when the town has no scanner. Raises FileRefused.

    `settings.CLAMD_ADDRESS`: "/run/clamav/clamd.ctl" or "127.0.0.1:3310"; empty when there is none.
    """
    address = settings.CLAMD_ADDRESS
    if not address:
        return False
    try:
        answer = _ask(address, content)
    except OSError as error:
        logger.exception("virus scanner unreachable")
        raise FileRefused(_("Ce fichier n’a pas pu être vérifié. Renvoyez-le dans quelques minutes.")) from error
    if answer.endswith("OK"):
        return True
    if answer.endswith("FOUND"):
        logger.warning("virus scanner refused a file: %s", answer)
        raise FileRefused(_("L’antivirus a refusé ce fichier. Vérifiez votre appareil, puis envoyez une autre copie."))
    logger.error("virus scanner answered %s", answer)
    raise FileRefused(_("Ce fichier n’a pas pu être vérifié. Renvoyez-le dans quelques minutes."))


def _ask(address: str, content: bytes) -> str:
    until = time.monotonic() + _TIMEOUT
    with _connection(address) as link:
        _within(link, until).sendall(b"zINSTREAM\0")
        for start in range(0, len(content), _CHUNK):
            piece = content[start : start + _CHUNK]
            _within(link, until).sendall(struct.pack("!L", len(piece)) + piece)
        _within(link, until).sendall(struct.pack("!L", 0))
        answer = b""
        while not answer.endswith(b"\0") and len(answer) < _LONGEST_ANSWER:
            piece = _within(link, until).recv(_LONGEST_ANSWER)
            if not piece:
                break
            answer += piece
    return answer.rstrip(b"\0").decode("utf-8", "replace").strip()


def _within(link: socket.socket, until: float) -> socket.socket:
    """The same link, that waits no longer than the instant. Raises TimeoutError when it is past."""
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError("the scanner takes too long")
    link.settimeout(left)
    return link


def _connection(address: str) -> socket.socket:
    if address.startswith("/"):
        link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            link.settimeout(_TIMEOUT)
            link.connect(address)
        except OSError:
            link.close()
            raise
        return link
    host, _separator, port = address.rpartition(":")
    return socket.create_connection((host, int(port)), timeout=_TIMEOUT)
