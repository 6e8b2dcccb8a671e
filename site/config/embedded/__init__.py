"""Real PostgreSQL and Redis for demo, tests and development, without installing a server.

Owns `var/postgres` and `var/redis`. Started by need, once, by whoever comes first (web, worker,
tests, commands), shared by all, left running; Unix sockets only. With DATABASE_URL or REDIS_URL
set, that server is used and the embedded one is not touched.
Public: `database_url`, `redis_url`, `ensure_started`, `stop`, `Servers`, `EmbeddedServerError`.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.embedded.errors import EmbeddedServerError
from config.embedded.layout import Account, Layout, make_walkable
from config.embedded.postgres import Postgres
from config.embedded.redis import Redis
from config.places import VAR_DIR

__all__ = ["EmbeddedServerError", "Servers", "database_url", "ensure_started", "redis_url", "servers", "stop"]

#: Long enough for somebody else's first start on a slow disk.
LONGEST_WAIT = 240.0


class Servers:
    """The two embedded servers of one `var` folder."""

    def __init__(self, var: Path, *, binaries: Path | None = None) -> None:
        self.layout = Layout(var)
        self.postgres = Postgres(self.layout, binaries=binaries)
        self.redis = Redis(self.layout)

    @property
    def wanted(self) -> list[Postgres | Redis]:
        """The servers that the environment does not replace by others."""
        here: list[Postgres | Redis] = []
        if not os.environ.get("DATABASE_URL"):
            here.append(self.postgres)
        if not os.environ.get("REDIS_URL"):
            here.append(self.redis)
        return here

    def ensure_started(self) -> None:
        """Start what is wanted and does not answer. Cheap when all runs; raises EmbeddedServerError."""
        if all(server.is_ready() for server in self.wanted):
            return
        with self._alone():
            for server in self.wanted:
                if not server.is_ready():
                    server.start()

    def stop(self) -> None:
        """Stop both, whatever the environment says: nothing here belongs to anybody else."""
        if self.layout.var.is_dir():
            with self._alone():
                self.redis.stop()
                self.postgres.stop()

    def wipe(self) -> None:
        """Stop both and erase the database for good."""
        self.stop()
        if self.layout.var.is_dir():
            with self._alone():
                self.postgres.wipe()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the lock of this folder: two processes never start the same server."""
        path = self.layout.lock
        try:
            make_walkable(path.parent)
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise EmbeddedServerError(
                f"Impossible d’écrire dans {path.parent} ({error.strerror}).\n"
                f"Donnez ce dossier à {Account.of_uid(os.geteuid()).name}, "
                "ou choisissez-en un autre avec PORTAIL_VAR_DIR."
            ) from error
        try:
            deadline = time.monotonic() + LONGEST_WAIT
            while True:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > deadline:
                        raise EmbeddedServerError(
                            f"Un autre programme tient {path} depuis plus de {LONGEST_WAIT:.0f} secondes.\n"
                            "Terminez-le, puis relancez la même commande."
                        ) from None
                    time.sleep(0.1)
            yield
        finally:
            os.close(handle)


#: The servers of this checkout.
servers = Servers(VAR_DIR)


def database_url() -> str:
    """The address of the embedded database, whether it runs or not."""
    return servers.postgres.url


def redis_url() -> str:
    """The address of the embedded Redis, whether it runs or not."""
    return servers.redis.url


def ensure_started() -> None:
    """Start what is wanted and does not answer. Raises EmbeddedServerError, with a French message.

    Nothing happens under the production settings, which name their servers or refuse to load.
    """
    if os.environ.get("DJANGO_SETTINGS_MODULE") != "config.settings.production":
        servers.ensure_started()


def stop() -> None:
    """Stop the embedded servers."""
    servers.stop()
