"""A portal of its own for a script: other data, other servers, another port than the demo's; gone with the script."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.places import ROOT
from scripts.demo import die_with_parent

#: Kept between two runs: a second one starts in seconds.
VAR = ROOT / "var" / "outside"
LONGEST_START = 600


def free_port() -> int:
    """A port of this machine that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served_portal(*, commune: str = "les-rousses", families: int = 20, fresh: bool = True) -> Iterator[str]:
    """The address of a portal with the commune's profile and a small town. Raises RuntimeError when it cannot start.

    `fresh` fills a new database first. Everything is under `var/outside/`, nothing of the demo's is touched.
    """
    environment = os.environ | {"PORTAIL_VAR_DIR": str(VAR)}
    for name in ("DATABASE_URL", "REDIS_URL", "PORTAL_BASE_URL"):
        environment.pop(name, None)
    known = VAR / "port"
    port = free_port() if fresh or not known.is_file() else int(known.read_text())
    # The pages of the profile know their own address: the same port serves them as filled them.
    town = ["--commune", commune, "--families", str(families), "--port", str(port)]
    if fresh:
        _demo(["reset", *town], environment)
    VAR.mkdir(parents=True, exist_ok=True)
    known.write_text(str(port))
    log = VAR / "portal.log"
    with log.open("w") as output:
        process = subprocess.Popen(  # noqa: S603  # our own program
            [sys.executable, str(ROOT / "scripts" / "demo.py"), "run", *town],
            env=environment,
            cwd=ROOT,
            stdout=output,
            stderr=subprocess.STDOUT,
            preexec_fn=die_with_parent,
        )
    try:
        _wait_for(process, log)
        yield f"http://localhost:{port}"
    finally:
        process.terminate()
        process.wait(timeout=60)


def _demo(arguments: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, str(ROOT / "scripts" / "demo.py"), *arguments],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)


def _wait_for(process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + LONGEST_START
    while "Ctrl-C arrête tout" not in log.read_text():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(log.read_text())
        time.sleep(0.3)
