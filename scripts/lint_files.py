"""What no linter of code sees: long files, `site/` as a package, unexplained silences, requirements with an index."""

import io
import re
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ("cms_pages", "documents", "news", "portal", "scripts", "site/config", "tariffs_simulator", "tests")
LONGEST_FILE = 500
#: Names that say where code was put, not what it is about.
VAGUE_NAMES = frozenset({"utils.py", "helpers.py", "misc.py", "common.py"})

#: A comment that makes a tool be silent, and one that says what about (never about everything) and then why.
_SILENCE = re.compile(r"#\s*((ruff:|flake8:)\s*)?(noqa|type:\s*ignore|pragma)\b", re.IGNORECASE)
_ABOUT = r"(?:(?:ruff: )?noqa: [A-Z]+\d+(?:, [A-Z]+\d+)*|type: ignore\[[a-z-]+(?:, [a-z-]+)*\]|pragma: [a-z ]*[a-z])"
_EXPLAINED = re.compile(rf"(?:# {_ABOUT}  )+# (?!noqa|type:|pragma)\S.*")

GENERATED = {"migrations", "vendor", "node_modules", "__pycache__"}


def source_files(*suffixes: str) -> Iterator[Path]:
    """Our own files with one of these suffixes, generated ones left out."""
    for root in (*SOURCES, "site/static", "templates"):
        for path in sorted((ROOT / root).rglob("*")):
            if path.suffix in suffixes and not GENERATED & set(path.parts):
                yield path


def long_files() -> Iterator[str]:
    """Files over the length that one reads in one go."""
    for path in source_files(".py", ".js", ".css"):
        lines = len(path.read_text().splitlines())
        if lines >= LONGEST_FILE:
            yield f"{path.relative_to(ROOT)} : {lines} lignes, {LONGEST_FILE} au plus ; coupez-le par sujet"


def vague_names() -> Iterator[str]:
    """Files whose name names no concept."""
    for path in source_files(".py"):
        if path.name in VAGUE_NAMES:
            yield f"{path.relative_to(ROOT)} : nommez ce que le fichier décrit"


def unexplained_silences() -> Iterator[str]:
    """Comments that silence a tool without saying about what, or why."""
    for path in source_files(".py"):
        for number, comment in silences_without_reason(path.read_text()):
            yield f"{path.relative_to(ROOT)}:{number} : dites quoi et pourquoi, « # noqa: S603  # raison » : {comment}"


def silences_without_reason(source: str) -> Iterator[tuple[int, str]]:
    """The line and the text of each such comment of a source."""
    if not _SILENCE.search(source):
        return
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT and _SILENCE.search(token.string) and not _EXPLAINED.fullmatch(token.string):
            yield token.start[0], token.string


def shadowed_module() -> Iterator[str]:
    """`site/` as a package would take the place of Python's own `site`."""
    if (ROOT / "site" / "__init__.py").exists():
        yield "site/__init__.py : site/ est un dossier, jamais un paquet"


def requirement_files() -> Iterator[str]:
    """Pinned files hold names, versions and hashes, and nothing about where to fetch them."""
    for path in sorted((ROOT / "requirements").glob("*.txt")):
        text = path.read_text()
        name = path.relative_to(ROOT)
        for number, line in enumerate(text.splitlines(), start=1):
            if re.search(r"https?://|^\s*(-i|-f|--(extra-)?index-url|--find-links|--trusted-host)\b", line):
                yield f"{name}:{number}: une adresse n’a rien à faire ici : {line.strip()}"
        for requirement in re.split(r"\n(?=\S)", text.strip()):
            if not requirement.startswith("#") and (
                not re.match(r"[A-Za-z0-9._-]+(\[[a-z,]+\])?==\S+", requirement) or "--hash=sha256:" not in requirement
            ):
                yield f"{name} : sans version ou sans empreinte : {requirement.splitlines()[0]}"


def main() -> int:
    """Print the faults; 1 when there are any."""
    rules = (long_files, vague_names, unexplained_silences, shadowed_module, requirement_files)
    faults = [fault for rule in rules for fault in rule()]
    for fault in faults:
        sys.stdout.write(f"{fault}\n")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
