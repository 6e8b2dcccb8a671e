"""No test talks to the outside: only this machine may be called."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

HERE = frozenset({"127.0.0.1", "::1", "localhost", ""})


class NetworkForbiddenError(AssertionError):
    """A test tried to reach another machine."""


@contextmanager
def only_this_machine() -> Iterator[None]:
    """Refuse connections, and name look-ups, to anything but this machine. Unix sockets pass."""
    real_connect, real_lookup = socket.socket.connect, socket.getaddrinfo

    def connect(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and address[0] not in HERE:
            raise NetworkForbiddenError(f"a test tried to connect to {address!r}")
        real_connect(self, address)

    def getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name is not None and name not in HERE:
            raise NetworkForbiddenError(f"a test tried to look up {name!r}")
        return real_lookup(host, *args, **kwargs)

    with patch.object(socket.socket, "connect", connect), patch.object(socket, "getaddrinfo", getaddrinfo):
        yield
