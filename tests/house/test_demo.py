"""The launcher of the demo: it says why not, and leaves nobody behind."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import psycopg
import pytest
from django.db import connection

from scripts import demo, prepare

WEB = """#!{python}
import http.server, sys
host, port = sys.argv[sys.argv.index("--bind") + 1].split(":")
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response({status}); self.send_header("Content-Length", "0"); self.end_headers()
http.server.HTTPServer((host, int(port)), Page).serve_forever()
"""
#: A worker whose own child does not hear polite requests.
STUBBORN = """#!{python}
import subprocess, sys, time
child = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
subprocess.Popen([sys.executable, "-c", child])
time.sleep(600)
"""
ENDS = "#!{python}\nprint('la configuration est fausse')\n"


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def choices(free_port: int) -> demo.Choices:
    return demo.Choices("les-rousses", 10, "127.0.0.1", free_port)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand-ins for gunicorn and celery: the launcher looks for them in one folder."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setattr(demo, "BIN", folder)
    monkeypatch.setattr(demo, "LOGS", tmp_path / "log")
    monkeypatch.setattr(demo, "RUNNING", tmp_path / "demo.json")
    install(folder, "gunicorn", WEB, status=200)
    install(folder, "celery", STUBBORN)
    return folder


def install(folder: Path, name: str, source: str, **values: object) -> None:
    path = folder / name
    path.write_text(source.format(python=sys.executable, **values))
    path.chmod(0o755)


def members(group: int) -> list[psutil.Process]:
    """The living processes of a group."""
    found = []
    for process in psutil.process_iter():
        try:
            if os.getpgid(process.pid) == group and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (ProcessLookupError, psutil.NoSuchProcess):
            continue
    return found


def wait_until(condition: Callable[[], bool], complaint: str) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, complaint
        time.sleep(0.05)


def wait_for(log: Path, words: str) -> None:
    wait_until(lambda: log.is_file() and words in log.read_text(), f"{log} never said {words}")


def test_all_children_share_a_group_and_none_survives(
    choices: demo.Choices, programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "LONGEST_STOP", 1)
    household = demo.Household(choices)
    household.start_web()
    household.wait_until_served()
    household.start_background()
    wait_for(demo.LOGS / "worker.log", "up")
    wait_for(demo.LOGS / "beat.log", "up")
    group = household.children["web"].pid
    assert len(members(group)) == 5

    household.stop()

    wait_until(lambda: members(group) == [], "somebody of the group lives on")


def test_children_end_when_the_launcher_is_killed(choices: demo.Choices, programs: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from scripts import demo\n"
        f"demo.BIN = Path({str(programs)!r}); demo.LOGS = Path({str(demo.LOGS)!r})\n"
        f"household = demo.Household(demo.Choices('x', 1, '127.0.0.1', {choices.port}))\n"
        "household.start_web(); household.wait_until_served()\n"
        "print(household.children['web'].pid, flush=True); household.watch()"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as launcher:
        assert launcher.stdout is not None
        web = psutil.Process(int(launcher.stdout.readline()))
        launcher.send_signal(signal.SIGKILL)

    web.wait(timeout=10)


def test_a_program_that_ends_is_told_with_its_last_words(choices: demo.Choices, programs: Path) -> None:
    install(programs, "gunicorn", ENDS)
    household = demo.Household(choices)
    household.start_web()

    with pytest.raises(demo.DemoError, match=r"« web » s’est arrêté \(journal : .*web\.log\)\.\nla configuration"):
        household.wait_until_served()
    household.stop()


def test_a_home_page_in_error_is_told(choices: demo.Choices, programs: Path) -> None:
    install(programs, "gunicorn", WEB, status=500)
    household = demo.Household(choices)
    household.start_web()

    with pytest.raises(demo.DemoError, match="La page d’accueil répond 500"):
        household.wait_until_served()
    household.stop()


def test_a_taken_port_is_told_before_anything_else(choices: demo.Choices) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", choices.port))
        other.listen()

        with pytest.raises(demo.DemoError, match=rf"port {choices.port} .*pas libre.*\n.*PORT={choices.port + 1}"):
            demo.refuse_taken_port(choices)

    demo.refuse_taken_port(choices)


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_the_address_shown_can_be_clicked(host: str) -> None:
    assert demo.Choices("les-rousses", 1, host, 8000).address == "http://localhost:8000"


def test_a_second_demo_says_where_the_first_one_is(choices: demo.Choices, programs: Path) -> None:
    me = psutil.Process()
    demo.RUNNING.write_text(json.dumps({"pid": me.pid, "since": me.create_time(), "address": "http://localhost:8000"}))

    with pytest.raises(demo.DemoError, match=r"tourne déjà : http://localhost:8000 .*make stop"):
        demo.run(choices)


@pytest.mark.parametrize(
    "content", ["", "{}", '{"pid": 1, "since": 0, "address": "a"}', '{"pid": 99999999, "since": 0}']
)
def test_the_trace_of_a_demo_that_is_over_is_not_believed(content: str, programs: Path) -> None:
    demo.RUNNING.write_text(content)

    assert demo.running_demo() is None


@pytest.fixture
def own_database(monkeypatch: pytest.MonkeyPatch, transactional_db: None) -> str:
    """The test database in the place of the demo's."""
    settings = connection.settings_dict
    address = psycopg.conninfo.make_conninfo(
        host=settings["HOST"] or None, user=settings["USER"] or None, dbname=settings["NAME"]
    )
    monkeypatch.setattr(demo, "database_url", lambda: address)
    return address


def test_steps_are_noted_on_the_database_itself(own_database: str) -> None:
    assert demo.done_steps() == {}

    demo.note_step(migrations="abc")
    demo.note_step(commune="l'été")

    assert demo.done_steps() == {"migrations": "abc", "commune": "l'été"}
    with psycopg.connect(own_database, autocommit=True) as server:
        server.execute(f'COMMENT ON DATABASE "{connection.settings_dict["NAME"]}" IS NULL'.encode())


def test_another_commune_is_not_loaded_over_the_first(
    own_database: str, choices: demo.Choices, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "done_steps", lambda: {"commune": "colomars"})

    with pytest.raises(demo.DemoError, match=r"déjà la commune « colomars ».\n.*demo-reset COMMUNE=les-rousses"):
        demo.prepare_data(choices)


def test_an_unknown_profile_is_told_with_those_there_are() -> None:
    with pytest.raises(demo.DemoError, match=r"pas de profil « ailleurs ». Profils : .*les-rousses"):
        demo.prepare_data(demo.Choices("ailleurs", 1))


def test_a_database_of_ones_own_is_never_erased(choices: demo.Choices, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere.example/portail")

    with pytest.raises(demo.DemoError, match="DATABASE_URL désigne une base à vous"):
        demo.reset(choices)


# -- preparation --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "suits"),
    [("3.10.13", False), ("3.11.0", True), ("3.12.1", True), ("3.13.0", True), ("3.14.0", False), ("", False)],
)
def test_three_versions_of_python_suit(version: str, suits: bool) -> None:
    assert prepare.is_supported(version) is suits


def test_missing_debian_packages_are_named_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepare.shutil, "which", lambda name, **_: None)

    with pytest.raises(prepare.PreparationError) as caught:
        prepare.install_debian(["libpango-1.0-0", "chromium"], "les tests")

    assert str(caught.value) == (
        "Il manque au système, pour les tests : libpango-1.0-0 chromium."
        " Lancez : sudo apt-get install -y --no-install-recommends libpango-1.0-0 chromium"
    )


def test_the_development_list_holds_the_run_time_list_with_the_same_versions() -> None:
    def pins(name: str) -> set[str]:
        lines = (prepare.ROOT / "requirements" / name).read_text().splitlines()
        return {line.split()[0] for line in lines if "==" in line and not line.startswith((" ", "#"))}

    assert pins("base.txt") - pins("dev.txt") == set()


def test_an_environment_that_runs_another_tree_is_installed_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Two trees that share one environment: each command runs the code of its own."""
    packages = tmp_path / ".venv" / "lib" / "python3.11" / "site-packages"
    packages.mkdir(parents=True)
    (packages / "_portail.pth").write_text(f"{prepare.ROOT}/ailleurs\n{prepare.ROOT}/ailleurs/site\n")
    monkeypatch.setattr(prepare, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(prepare, "is_installed", lambda profile: True)
    asked: list[list[str]] = []

    def pip(command: list[str], **_: object) -> tuple[int, list[str]]:
        asked.append(command)
        (packages / "_portail.pth").write_text(f"{prepare.ROOT}\n{prepare.ROOT}/site\n")
        return 0, []

    monkeypatch.setattr(prepare, "stream", pip)
    prepare.install_packages("check")
    prepare.install_packages("check")
    assert [command[-2:] for command in asked] == [["-e", "."]]
