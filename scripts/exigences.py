"""Which tests prove which requirement: reads docs/exigences.md and the marks of tests/, runs nothing.

    python scripts/exigences.py            the list; exit 1 on a mark or a table that is wrong
    python scripts/exigences.py --strict   exit 1 too when a row is declared « fait » and no test carries it

A test says what it proves with ``@pytest.mark.exigence("P71", "P44")``, on a function, on a class, on a
``pytest.param`` or on a whole module (``pytestmark``). Identifiers are written out as literals: this
script reads the source with ``ast`` and never imports it, so that it needs no database and no package.
"""

import argparse
import ast
import os
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DONE = "fait"
STATE = re.compile(r"fait|partie [1-8]|non planifié")
IDENTIFIER = re.compile(r"[A-Z]\d+")
# A bar that Markdown does not take for the end of a cell is written \|.
CELL_BORDER = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True)
class Requirement:
    """One row of the table: its identifier and its declared state."""

    identifier: str
    state: str
    line: int


@dataclass(frozen=True)
class Mark:
    """One identifier carried by one test, with the place where it is written."""

    identifier: str
    test: str
    line: int


@dataclass
class Report:
    """What was read; `errors` are the mistakes that no option forgives."""

    requirements: dict[str, Requirement] = field(default_factory=dict)
    marks: list[Mark] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def tests_of(self, identifier: str) -> list[str]:
        """Tests that carry the identifier, sorted, each once."""
        return sorted({mark.test for mark in self.marks if mark.identifier == identifier})

    def unknown(self) -> list[Mark]:
        """Marks whose identifier is in no table."""
        return [mark for mark in self.marks if mark.identifier not in self.requirements]

    def done_without_test(self) -> list[str]:
        """Identifiers declared « fait » that no test carries."""
        proven = {mark.identifier for mark in self.marks}
        return [
            row.identifier for row in self.requirements.values() if row.state == DONE and row.identifier not in proven
        ]

    def proven_before_done(self) -> list[str]:
        """Identifiers with a test although the table does not declare them « fait » yet."""
        proven = {mark.identifier for mark in self.marks}
        return [row.identifier for row in self.requirements.values() if row.state != DONE and row.identifier in proven]


def cells_of(line: str) -> list[str]:
    """Cells of one Markdown table row, without the outer borders."""
    return [cell.strip() for cell in CELL_BORDER.split(line.strip())[1:-1]]


def read_requirements(document: Path, report: Report) -> None:
    """Fill the report with the rows of the document.

    A row whose first cell is an identifier is a requirement; its last cell is its state. Rows of another
    width than their header, identifiers written twice and unknown states are errors.
    """
    width = None
    for number, line in enumerate(document.read_text(encoding="utf-8").splitlines(), start=1):
        place = f"{document.name}:{number}"
        if not line.startswith("|"):
            width = None
            continue
        cells = cells_of(line)
        if width is None:
            width = len(cells)
        if len(cells) != width:
            report.errors.append(f"{place}: {len(cells)} cellules au lieu de {width}.")
            continue
        identifier, state = cells[0], cells[-1]
        if not IDENTIFIER.fullmatch(identifier):
            continue
        if identifier in report.requirements:
            first = report.requirements[identifier].line
            report.errors.append(f"{place}: {identifier} est déjà à la ligne {first}.")
        elif not STATE.fullmatch(state):
            report.errors.append(
                f"{place}: état « {state} » inconnu ; écrire « fait », « partie 1 » à « partie 8 »"
                " ou « non planifié »."
            )
        else:
            report.requirements[identifier] = Requirement(identifier, state, number)


def is_exigence_mark(node: ast.AST) -> bool:
    """Whether the node is ``pytest.mark.exigence`` (or ``mark.exigence``)."""
    if not isinstance(node, ast.Attribute) or node.attr != "exigence":
        return False
    owner = node.value
    return (isinstance(owner, ast.Attribute) and owner.attr == "mark") or (
        isinstance(owner, ast.Name) and owner.id == "mark"
    )


def marks_in(node: ast.AST, scope: tuple[str, ...]) -> Iterator[tuple[ast.Call, tuple[str, ...]]]:
    """Every mark under the node, with the names of the classes and functions that hold it."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        scope = (*scope, node.name)
    if isinstance(node, ast.Call) and is_exigence_mark(node.func):
        yield node, scope
    for child in ast.iter_child_nodes(node):
        yield from marks_in(child, scope)


def read_marks(tests: Path, root: Path, report: Report) -> None:
    """Fill the report with the marks of every test file under the folder."""
    for path in sorted(tests.rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        if "exigence" not in source:
            continue
        name = path.relative_to(root).as_posix()
        for call, scope in marks_in(ast.parse(source, filename=name), ()):
            place = f"{name}:{call.lineno}"
            if call.keywords or not call.args:
                report.errors.append(f"{place}: la marque attend des numéros, par exemple « P71 ».")
            for argument in call.args:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    test = "::".join((name, *scope))
                    report.marks.append(Mark(argument.value, test, call.lineno))
                else:
                    report.errors.append(f"{place}: écrire chaque numéro en toutes lettres.")


def scan(root: Path) -> Report:
    """Read the table and the marks of a project folder."""
    report = Report()
    read_requirements(root / "docs" / "exigences.md", report)
    read_marks(root / "tests", root, report)
    return report


def counted(count: int, singular: str, plural: str) -> str:
    """The count with its noun; in French zero is singular."""
    return f"{count} {singular if count < 2 else plural}"


def render(report: Report) -> Iterator[str]:
    """The listing, line by line: the proven ones with their tests, then those without."""
    without: dict[str, list[str]] = {}
    for row in report.requirements.values():
        tests = report.tests_of(row.identifier)
        if not tests:
            without.setdefault(row.state, []).append(row.identifier)
            continue
        yield f"{row.identifier:<4} {row.state:<10} {tests[0]}"
        for test in tests[1:]:
            yield f"{'':<15} {test}"
    if without:
        yield ""
        yield "Sans test :"
        for state in sorted(without):
            yield f"  {state:<13} {' '.join(without[state])}"
    ahead = report.proven_before_done()
    if ahead:
        yield ""
        yield f"Avec un test, pas encore « fait » : {' '.join(ahead)}"
    done = sum(1 for row in report.requirements.values() if row.state == DONE)
    proven = sum(1 for identifier in report.requirements if report.tests_of(identifier))
    yield ""
    yield (
        f"{counted(len(report.requirements), 'exigence', 'exigences')}, dont "
        f"{counted(done, 'déclarée faite', 'déclarées faites')} et "
        f"{counted(proven, 'portée par un test', 'portées par un test')}."
    )


def faults(report: Report, *, strict: bool) -> list[str]:
    """Everything that makes the command fail."""
    found = list(report.errors)
    for mark in report.unknown():
        file = mark.test.partition("::")[0]
        found.append(f"{file}:{mark.line}: {mark.identifier} n’est pas dans docs/exigences.md ({mark.test}).")
    if strict:
        missing = report.done_without_test()
        if missing:
            found.append(f"« fait » sans test : {' '.join(missing)}")
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the listing, the mistakes on the error output, and return the exit code."""
    parser = argparse.ArgumentParser(description="Exigences du portail et tests qui les prouvent.")
    parser.add_argument("--strict", action="store_true", help="échouer aussi si une exigence « fait » n’a pas de test")
    parser.add_argument("--root", type=Path, default=ROOT, help="dossier du projet (défaut : celui-ci)")
    options = parser.parse_args(arguments)
    report = scan(options.root)
    for line in render(report):
        sys.stdout.write(f"{line}\n")
    found = faults(report, strict=options.strict)
    for line in found:
        sys.stderr.write(f"{line}\n")
    return 1 if found else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BrokenPipeError:
        # `make exigences | head`: the reader has what it wanted; nothing is left to flush.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
