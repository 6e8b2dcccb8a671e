"""The demo: database, profile, sample town, then web, worker and beat under one roof.

`python scripts/demo.py run|reset|stop`, with the interpreter of the virtual environment.
What was done is noted on the database itself, so that a second start does only what is left,
and a database that is replaced is filled again.
"""

import argparse
import ctypes
import hashlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import psycopg

from config.embedded import EmbeddedServerError, servers
from config.places import COMMUNES_DIR, ROOT, STATIC_DIR, VAR_DIR
from scripts.prepare import Counter, say

BIN = Path(sys.executable).parent
RUNNING = VAR_DIR / "demo.json"
LOGS = VAR_DIR / "log"
LONGEST_START = 120
LONGEST_STOP = 15
#: A pattern that no line matches: the command works in silence.
NOTHING = r"(?!)"
PACKAGES = ("cms_pages", "documents", "news", "portal", "tariffs_simulator")


class DemoError(Exception):
    """The demo cannot go on; the message says why and what to do."""


# -- what is done already -------------------------------------------------------------


def digest_of(paths: list[Path]) -> str:
    """A digest of files: names and contents."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def requirement_files() -> list[Path]:
    return [ROOT / "requirements" / "base.txt"]


def migrations_digest() -> str:
    """Changes whenever `migrate` may have something to do."""
    own = [path for package in PACKAGES for path in (ROOT / package).rglob("migrations/*.py")]
    return digest_of([*own, *requirement_files()])


def static_digest() -> str:
    """Changes whenever `collectstatic` may have something to do."""
    own = [path for package in PACKAGES for path in (ROOT / package).rglob("static/**/*") if path.is_file()]
    return digest_of([*own, *(path for path in STATIC_DIR.rglob("*") if path.is_file()), *requirement_files()])


def database_url() -> str:
    return os.environ.get("DATABASE_URL") or servers.postgres.url


def done_steps() -> dict[str, Any]:
    """What earlier runs noted on the database."""
    with psycopg.connect(database_url(), autocommit=True) as connection:
        row = connection.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()"
        ).fetchone()
    try:
        return dict(json.loads(row[0])) if row and row[0] else {}
    except ValueError:
        return {}


def note_step(**facts: Any) -> None:
    """Note on the database that something is done."""
    noted = json.dumps(done_steps() | facts).replace("'", "''")
    with psycopg.connect(database_url(), autocommit=True) as connection:
        name = connection.info.dbname.replace('"', '""')
        # The steps can be done again without harm: a database of somebody else's simply is not annotated.
        with suppress(psycopg.errors.InsufficientPrivilege):
            connection.execute(f"COMMENT ON DATABASE \"{name}\" IS '{noted}'".encode())


# -- steps ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Choices:
    """What the person asked for."""

    commune: str
    families: int
    host: str = "127.0.0.1"
    port: int = 8000

    @property
    def address(self) -> str:
        return f"http://{'localhost' if self.host in {'127.0.0.1', '0.0.0.0'} else self.host}:{self.port}"  # noqa: S104  # compared, not bound

    def environment(self) -> dict[str, str]:
        """The environment of every process of the demo."""
        hosts = ["localhost", "127.0.0.1", "[::1]", socket.gethostname(), self.host]
        return os.environ | {
            "DJANGO_SETTINGS_MODULE": "config.settings.dev",
            "DEBUG": "0",
            "COMMUNE": self.commune,
            "PORTAL_BASE_URL": os.environ.get("PORTAL_BASE_URL", self.address),
            "ALLOWED_HOSTS": os.environ.get("ALLOWED_HOSTS", ",".join(dict.fromkeys(hosts))),
            "PYTHONUNBUFFERED": "1",
        }


def command(choices: Choices, *arguments: str, label: str = "", counted: str = "") -> None:
    """Run a management command; its own lines are progress, or only those that match `counted`, by their group."""
    if label:
        say(label)
    counter = Counter(label, 0)
    lines: list[str] = []
    with subprocess.Popen(  # noqa: S603  # our own console script
        [str(BIN / "portail"), *arguments],
        env=choices.environment(),
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        for line in process.stdout or ():
            lines.append(line)
            if not counted:
                sys.stdout.write(f"  {line}")
                sys.stdout.flush()
            elif found := re.search(counted, line):
                counter.step(found[1])
    counter.end()
    if process.returncode:
        raise DemoError(f"« portail {' '.join(arguments)} » a échoué :\n{''.join(lines[-25:])}")


def sample_accounts(choices: Choices) -> str:
    """Who can sign in, with which password: the text of the command that knows."""
    done = subprocess.run(  # noqa: S603  # our own console script
        [str(BIN / "portail"), "demo_accounts"],
        env=choices.environment(),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return "".join(f"  {line}\n" for line in (done.stdout or done.stderr).splitlines())


def prepare_data(choices: Choices) -> None:
    """Servers, tables, static files, profile, sample town: each step only when it is not done."""
    profile = COMMUNES_DIR / choices.commune
    if not (profile / "profile.toml").is_file():
        known = ", ".join(sorted(path.parent.name for path in COMMUNES_DIR.glob("*/profile.toml")))
        raise DemoError(f"Il n’y a pas de profil « {choices.commune} ». Profils : {known}.")
    if not all(server.is_ready() for server in servers.wanted):
        say("PostgreSQL et Redis démarrent")
        servers.ensure_started()
    done = done_steps()
    loaded = done.get("commune")
    if loaded not in (None, choices.commune):
        raise DemoError(
            f"La base contient déjà la commune « {loaded} ».\n"
            f"Pour l’effacer et prendre l’autre : make demo-reset COMMUNE={choices.commune}"
        )
    if done.get("migrations") != (digest := migrations_digest()):
        command(choices, "migrate", "--no-input", label="Tables de la base", counted=r"Applying ([\w.]+)")
        note_step(migrations=digest)
    marker = VAR_DIR / "static" / ".digest"
    if not marker.is_file() or marker.read_text() != (digest := static_digest()):
        command(choices, "collectstatic", "--no-input", "--clear", label="Fichiers statiques", counted=NOTHING)
        marker.write_text(static_digest())
    if loaded is None:
        command(choices, "load_commune", str(profile), label=f"Profil de la commune : {choices.commune}")
        note_step(commune=choices.commune)
    if "families" not in done:
        command(
            choices,
            *("sample_town", "--families", str(choices.families)),
            label=f"Ville d’exemple : {choices.families} familles",
        )
        note_step(families=choices.families)


# -- processes ------------------------------------------------------------------------


def die_with_parent() -> None:
    """Ask the kernel to end this child when the launcher disappears, however it does (Linux)."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


class Household:
    """Web, worker and beat, in one process group of their own: they live and end together."""

    def __init__(self, choices: Choices) -> None:
        self.choices = choices
        self.children: dict[str, subprocess.Popen[bytes]] = {}

    def start_web(self) -> None:
        """Start the portal itself. Loaded once, then shared by its two workers."""
        bind = f"{self.choices.host}:{self.choices.port}"
        gunicorn = [str(BIN / "gunicorn"), "config.wsgi", "--bind", bind, "--preload", "--no-control-socket"]
        self._start("web", [*gunicorn, "--workers", "2", "--threads", "4", "--graceful-timeout", "2"])

    def start_background(self) -> None:
        """Start what sends mails and releases baskets."""
        celery = [str(BIN / "celery"), "-A", "config"]
        self._start("worker", [*celery, "worker", "--concurrency", "2", "--loglevel", "INFO"])
        self._start("beat", [*celery, "beat", "--loglevel", "INFO", "--pidfile", ""])

    def _start(self, name: str, arguments: list[str]) -> None:
        self.check()
        LOGS.mkdir(parents=True, exist_ok=True)
        log = LOGS / f"{name}.log"
        if log.is_file():
            log.replace(log.with_suffix(".log.1"))
        group = next(iter(self.children.values())).pid if self.children else 0
        with log.open("wb") as output:
            self.children[name] = subprocess.Popen(  # noqa: S603  # our own programs
                arguments,
                cwd=ROOT,
                env=self.choices.environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                process_group=group,
                preexec_fn=die_with_parent,
            )

    def check(self) -> None:
        """Raise when one of them ended."""
        for name, child in self.children.items():
            if child.poll() is not None:
                log = LOGS / f"{name}.log"
                tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
                raise DemoError(f"Le programme « {name} » s’est arrêté (journal : {log}).\n{tail}")

    def wait_until_served(self) -> None:
        """Return when the home page answers."""
        deadline = time.monotonic() + LONGEST_START
        host = "127.0.0.1" if self.choices.host == "0.0.0.0" else self.choices.host  # noqa: S104  # compared
        while True:
            self.check()
            try:
                with urllib.request.urlopen(f"http://{host}:{self.choices.port}/", timeout=20):
                    return
            except urllib.error.HTTPError as error:
                raise DemoError(
                    f"La page d’accueil répond {error.code} (journal : {LOGS / 'web.log'}).\n"
                    + "\n".join((LOGS / "web.log").read_text(errors="replace").splitlines()[-15:])
                ) from error
            except OSError:
                if time.monotonic() > deadline:
                    raise DemoError(f"Le portail ne répond pas (journal : {LOGS / 'web.log'}).") from None
                time.sleep(0.2)

    def watch(self) -> None:
        """Stay until a signal comes or one of them ends."""
        while True:
            self.check()
            time.sleep(1)

    def stop(self) -> None:
        """End them politely, then firmly; nobody of the group is left."""
        for child in self.children.values():
            with suppress(ProcessLookupError):
                child.terminate()
        deadline = time.monotonic() + LONGEST_STOP
        for child in self.children.values():
            with suppress(subprocess.TimeoutExpired):
                child.wait(timeout=max(0.1, deadline - time.monotonic()))
        if self.children:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(next(iter(self.children.values())).pid, signal.SIGKILL)
            for child in self.children.values():
                child.wait()


def refuse_taken_port(choices: Choices) -> None:
    """Say at once, and not after five minutes, that the address is taken."""
    family = socket.AF_INET6 if ":" in choices.host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((choices.host, choices.port))
    except PermissionError:
        raise DemoError(f"Le port {choices.port} est réservé à root. Essayez : make demo PORT=8000") from None
    except (OSError, OverflowError) as error:
        raise DemoError(
            f"Le port {choices.port} de {choices.host} n’est pas libre ({error}).\n"
            f"Essayez : make demo PORT={choices.port + 1}"
        ) from None


def running_demo() -> dict[str, Any] | None:
    """What is known of a demo of this checkout that runs now."""
    try:
        known = dict(json.loads(RUNNING.read_text()))
        process = psutil.Process(known["pid"])
        alive = process.create_time() == known["since"]
    except (OSError, ValueError, KeyError, psutil.Error):
        return None
    return known if alive else None


def stop_servers_nobody_uses() -> None:
    """Stop the embedded servers, unless a test run or a shell still holds a session."""
    if servers.postgres in servers.wanted and servers.postgres.is_ready() and servers.postgres.other_clients():
        say("PostgreSQL et Redis restent en marche : un autre programme s’en sert (« make stop » les arrête).")
        return
    servers.stop()


# -- verbs ----------------------------------------------------------------------------


def run(choices: Choices) -> None:
    """Prepare, serve, and stay until Ctrl-C."""
    if known := running_demo():
        raise DemoError(f"La démonstration tourne déjà : {known['address']} (« make stop » l’arrête).")
    refuse_taken_port(choices)
    household = Household(choices)
    VAR_DIR.mkdir(parents=True, exist_ok=True)
    try:
        prepare_data(choices)
        say("Le portail démarre")
        household.start_web()
        with ThreadPoolExecutor(max_workers=1) as meanwhile:
            accounts = meanwhile.submit(sample_accounts, choices)
            household.wait_until_served()
        household.start_background()
        me = psutil.Process()
        RUNNING.write_text(json.dumps({"pid": me.pid, "since": me.create_time(), "address": choices.address}))
        sys.stdout.write(f"\n  Portail famille : {choices.address}/\n\n")
        sys.stdout.write(accounts.result())
        sys.stdout.write(f"\n  Journaux : {LOGS}. Ctrl-C arrête tout.\n")
        sys.stdout.flush()
        household.watch()
    finally:
        # A second Ctrl-C must not leave half of them behind.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        if household.children:
            say("Arrêt")
        household.stop()
        RUNNING.unlink(missing_ok=True)
        with suppress(EmbeddedServerError, psycopg.Error):
            stop_servers_nobody_uses()


def stop() -> None:
    """Stop a running demo of this checkout, then its servers."""
    if known := running_demo():
        process = psutil.Process(known["pid"])
        process.terminate()
        with suppress(psutil.TimeoutExpired):
            process.wait(timeout=LONGEST_STOP + 10)
    servers.stop()
    say("Tout est arrêté.")


def reset(choices: Choices) -> None:
    """Erase every trace of the demo and fill a new database."""
    if os.environ.get("DATABASE_URL"):
        raise DemoError("DATABASE_URL désigne une base à vous : videz-la vous-même, la démonstration n’y touche pas.")
    stop()
    servers.wipe()
    for folder in ("mail", "media", "private", "static"):
        shutil.rmtree(VAR_DIR / folder, ignore_errors=True)
    say("Les données de la démonstration sont effacées.")
    prepare_data(choices)
    say("Prêt : make demo")


def main() -> int:
    """The command line; errors are told in French."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("verb", choices=["run", "reset", "stop"])
    parser.add_argument("--commune", default="les-rousses")
    parser.add_argument("--families", type=int, default=400)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    arguments = parser.parse_args()
    choices = Choices(arguments.commune, arguments.families, arguments.host, arguments.port)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(0))
    try:
        match arguments.verb:
            case "run":
                run(choices)
            case "reset":
                reset(choices)
            case _:
                stop()
    except (DemoError, EmbeddedServerError) as error:
        sys.stderr.write(f"\n{error}\n")
        return 1
    except KeyboardInterrupt:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
