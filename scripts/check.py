"""Every quick control at once, as many side by side as there are processors. `python scripts/check.py [name …]`.

Names: format, lint, layers, types, templates, migrations, deploy, files.
"""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
LONGEST = 300

#: What production asks of its environment; the value is worth nothing, and long enough to pass for a key.
PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "config.settings.production",
    "SECRET_KEY": "controle-de-deploiement-0123456789-abcdefghijklmnopqrstuvwxyz",
    "ALLOWED_HOSTS": "portail.mairie.example",
    "DATABASE_URL": "postgresql://portail@db.mairie.example/portail",
    "REDIS_URL": "redis://cache.mairie.example:6379/0",
    "PORTAL_BASE_URL": "https://portail.mairie.example",
}
TEST = {"DJANGO_SETTINGS_MODULE": "config.settings.test"}


@dataclass(frozen=True)
class Control:
    """One command that must end well."""

    label: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)


def program(name: str, *arguments: str) -> list[str]:
    return [str(BIN / name), *arguments]


# The longest first: they decide when all is over.
CONTROLS = {
    "types": Control("types (mypy)", program("mypy", "--no-error-summary")),
    "deploy": Control(
        "sécurité de la production (check --deploy)",
        program("portail", "check", "--deploy", "--fail-level", "WARNING"),
        PRODUCTION,
    ),
    "migrations": Control("migrations à jour", program("portail", "makemigrations", "--check", "--dry-run"), TEST),
    "layers": Control("couches (import-linter)", program("lint-imports")),
    "lint": Control("règles (ruff)", program("ruff", "check", "--output-format", "concise")),
    "format": Control("mise en forme (ruff)", program("ruff", "format", "--check", "--output-format", "concise")),
    "templates": Control("gabarits", [sys.executable, "scripts/lint_templates.py"]),
    "files": Control("fichiers", [sys.executable, "scripts/lint_files.py"]),
}


def run(control: Control) -> tuple[bool, float, str]:
    """Whether it ended well, after how many seconds, and what it said."""
    begun = time.monotonic()
    try:
        done = subprocess.run(  # noqa: S603  # the commands above
            control.command,
            cwd=ROOT,
            env=os.environ | control.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=LONGEST,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return False, time.monotonic() - begun, str(error)
    return not done.returncode, time.monotonic() - begun, done.stdout


def main(names: list[str]) -> int:
    """Run the controls named, or all; print each as it ends, then what the failed ones said."""
    if unknown := set(names) - set(CONTROLS):
        sys.stderr.write(f"Contrôle inconnu : {', '.join(sorted(unknown))}. Il y a : {', '.join(CONTROLS)}.\n")
        return 2
    chosen = [CONTROLS[name] for name in CONTROLS if not names or name in names]
    begun = time.monotonic()
    failures: list[tuple[Control, str]] = []
    with ThreadPoolExecutor(max_workers=max(2, os.cpu_count() or 2)) as pool:
        running = {pool.submit(run, control): control for control in chosen}
        for future in as_completed(running):
            good, seconds, output = future.result()
            control = running[future]
            sys.stdout.write(f"{'✓' if good else '✗'} {control.label} ({seconds:.1f} s)\n")
            sys.stdout.flush()
            if not good:
                failures.append((control, output))
    for control, output in failures:
        sys.stdout.write(
            f"\n── {control.label} : {' '.join(Path(part).name for part in control.command)}\n{output.rstrip()}\n"
        )
    seconds = time.monotonic() - begun
    count = f"{len(failures)} en échec" if failures else "tout est bon"
    sys.stdout.write(f"\n{len(chosen)} contrôles en {seconds:.0f} s : {count}.\n")
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
