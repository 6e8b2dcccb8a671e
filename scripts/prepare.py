"""From a bare checkout to one that runs: virtual environment, pinned packages, Debian packages.

`python scripts/prepare.py demo|check|test`. Standard library only: nothing is installed yet.
A second run reads one stamp and ends at once.
"""

import argparse
import ctypes
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
OLDEST, NEWEST = (3, 11), (3, 13)

#: Packages of each use; the longer list holds the shorter one, with the same versions.
REQUIREMENTS = {
    "demo": ["requirements/build.txt", "requirements/base.txt"],
    "check": ["requirements/build.txt", "requirements/dev.txt"],
    "test": ["requirements/build.txt", "requirements/dev.txt"],
}
#: Libraries of the PDF maker, and the Debian package of each.
LIBRARIES = {
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libpangoft2-1.0.so.0": "libpangoft2-1.0-0",
    "libharfbuzz-subset.so.0": "libharfbuzz-subset0",
}
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


class PreparationError(Exception):
    """Something is missing that this program cannot supply; the message says what to do."""


def say(text: str) -> None:
    """One line of progress."""
    sys.stdout.write(f"→ {text}\n")
    sys.stdout.flush()


class Counter:
    """A line that counts: rewritten in a terminal, one line in ten elsewhere."""

    def __init__(self, label: str, total: int) -> None:
        self.label, self.total, self.done = label, total, 0
        self.live = sys.stdout.isatty()

    def step(self, name: str) -> None:
        """One more, with its name. A total of 0 is one that nobody knows beforehand."""
        self.done += 1
        count = f"{self.done}/{self.total}" if self.total else str(self.done)
        text = f"→ {self.label} : {count} {name}"
        if self.live:
            sys.stdout.write(f"\r\033[K{text[:78]}")
        elif self.done % 10 == 1:
            sys.stdout.write(f"{text}\n")
        sys.stdout.flush()

    def end(self) -> None:
        """Leave the line as it stands."""
        if self.live and self.done:
            sys.stdout.write("\n")


def stream(command: list[str], *, hear: Callable[[str], None], environment: dict[str, str]) -> tuple[int, list[str]]:
    """Run a command, give each of its lines to `hear`; its status and last lines."""
    tail: list[str] = []
    with subprocess.Popen(  # noqa: S603  # our own commands, no shell
        command,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        for line in process.stdout or ():
            hear(line)
            tail = [*tail[-14:], line.rstrip()]
    return process.returncode, tail


# -- virtual environment --------------------------------------------------------------


def version_of(python: Path) -> str:
    """The version of an interpreter, or an empty text when it does not run."""
    try:
        done = subprocess.run(  # noqa: S603  # a path of ours
            [str(python), "-c", "import platform; print(platform.python_version())"],
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return ""
    return done.stdout.strip()


def is_supported(version: str) -> bool:
    """Whether the project runs on that version of Python."""
    return bool(version) and OLDEST <= tuple(int(part) for part in version.split(".")[:2]) <= NEWEST


def make_environment() -> None:
    """Create `.venv` with the interpreter that runs this program, unless one is there that works."""
    if VENV.exists():
        if is_supported(version_of(PYTHON)):
            return
        say("L’environnement .venv ne fonctionne plus : il est refait.")
        shutil.rmtree(VENV)
    say(f"Environnement virtuel .venv (Python {sys.version_info[0]}.{sys.version_info[1]})")
    done = subprocess.run(  # noqa: S603  # our own interpreter
        [sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        shutil.rmtree(VENV, ignore_errors=True)
        if "ensurepip" in done.stdout + done.stderr:
            install_debian(["python3-venv"], "l’environnement virtuel de Python")
            make_environment()
            return
        raise PreparationError(f"L’environnement virtuel n’a pas pu être créé :\n{done.stdout}{done.stderr}")


# -- Python packages ------------------------------------------------------------------


def packages_of(files: list[str]) -> Iterator[str]:
    """The names pinned by requirement files."""
    for name in files:
        yield from re.findall(r"^([A-Za-z0-9_.-]+)==", (ROOT / name).read_text(), re.MULTILINE)


def stamp_of(profile: str) -> str:
    """What must not have changed for the installed packages still to be the right ones."""
    digest = hashlib.sha256(version_of(PYTHON).encode())
    for name in [*REQUIREMENTS[profile], "requirements/base.in", "pyproject.toml"]:
        digest.update((ROOT / name).read_bytes())
    digest.update(str(ROOT).encode())
    return digest.hexdigest()


def is_installed(profile: str) -> bool:
    """Whether this profile, or a larger one, was installed from the files as they are now."""
    larger = [profile, "test"] if profile == "demo" else ["test"]
    return any(
        (VENV / f"{name}.stamp").is_file() and (VENV / f"{name}.stamp").read_text() == stamp_of(name)
        for name in larger
    )


def is_here() -> bool:
    """Whether the environment runs this tree: one that another tree borrowed would run that tree's code instead."""
    paths = VENV.glob("lib/python*/site-packages/*.pth")
    return any(str(ROOT) in path.read_text(errors="replace").splitlines() for path in paths)


def install_packages(profile: str) -> None:
    """Install the pinned packages, whose hashes pip checks, then the project itself, editable."""
    installed = is_installed(profile)
    if installed and is_here():
        return
    files = REQUIREMENTS[profile]
    counter = Counter("Paquets Python", len(set(packages_of(files))))
    seen: set[str] = set()

    def hear(line: str) -> None:
        found = re.match(r"(?:Collecting|Requirement already satisfied:) ([A-Za-z0-9_.-]+)", line)
        if found and found[1].lower() not in seen:
            seen.add(found[1].lower())
            counter.step(found[1])
        elif line.startswith("Installing collected packages"):
            counter.end()
            say("Installation des paquets")

    pip = [str(PYTHON), "-m", "pip", "install", "--progress-bar", "off", "--disable-pip-version-check"]
    environment = os.environ | {"PIP_NO_INPUT": "1", "PIP_ROOT_USER_ACTION": "ignore"}
    pinned = [part for name in files for part in ("-r", name)]
    project = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet", "-e", "."]
    for arguments in [project] if installed else [["--require-hashes", *pinned], project]:
        status, tail = stream([*pip, *arguments], hear=hear, environment=environment)
        if status:
            raise PreparationError("L’installation des paquets Python a échoué :\n" + "\n".join(tail))
    stamp = VENV / f"{'demo' if profile == 'demo' else 'test'}.stamp"
    stamp.write_text(stamp_of(profile))


# -- Debian packages ------------------------------------------------------------------


def missing_libraries() -> list[str]:
    """The Debian packages of the libraries that cannot be loaded here."""
    missing = []
    for library, package in LIBRARIES.items():
        try:
            ctypes.CDLL(library)
        except OSError:
            missing.append(package)
    return missing


def has_browser() -> bool:
    """Whether the browser journeys find a Chromium."""
    return bool(os.environ.get("CHROMIUM")) or any(map(shutil.which, BROWSERS))


def install_debian(packages: list[str], purpose: str) -> None:
    """Install Debian packages as root or by sudo without a password; else say the one command."""
    command = f"apt-get install -y --no-install-recommends {' '.join(packages)}"
    prefix: list[str] | None = None
    if shutil.which("apt-get"):
        if os.geteuid() == 0:
            prefix = []
        elif shutil.which("sudo") and not subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode:  # noqa: S607  # the system's own
            prefix = ["sudo", "-n"]
    if prefix is None:
        raise PreparationError(f"Il manque au système, pour {purpose} : {' '.join(packages)}. Lancez : sudo {command}")
    say(f"Paquets Debian pour {purpose} : {' '.join(packages)}")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    tail: list[str] = []
    # The lists of a fresh machine are empty or old: the first refusal refreshes them.
    for attempt in (command, "apt-get update", command):
        status, tail = stream([*prefix, *attempt.split()], hear=lambda _: None, environment=environment)
        if not status and attempt == command:
            return
    raise PreparationError(f"Les paquets Debian ne s’installent pas (sudo {command}) :\n" + "\n".join(tail))


def prepare(profile: str) -> None:
    """Everything that `profile` needs. Quick when nothing is missing."""
    make_environment()
    install_packages(profile)
    if profile != "check" and (missing := missing_libraries()):
        install_debian(missing, "les documents PDF")
    if profile == "test" and not has_browser():
        install_debian(["chromium", "fonts-dejavu-core"], "les parcours dans un vrai navigateur")


def main() -> int:
    """The command line; errors are told in French."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("profile", choices=sorted(REQUIREMENTS))
    arguments = parser.parse_args()
    if not is_supported(".".join(map(str, sys.version_info[:2]))):
        sys.stderr.write(
            f"Il faut Python 3.11, 3.12 ou 3.13 ; celui-ci est {sys.version_info[0]}.{sys.version_info[1]}.\n"
        )
        return 1
    try:
        prepare(arguments.profile)
    except PreparationError as error:
        sys.stderr.write(f"\n{error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("\nInterrompu : relancez la même commande pour reprendre.\n")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
