"""The table of requirements and the marks of the tests stay in step."""

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "exigences.py"

# Rows per letter of the guides' inventory; B and C are the features beyond the guides.
ROWS = {
    "A": 31, "L": 13, "V": 22, "N": 9, "D": 37, "I": 57, "P": 71, "T": 10, "M": 21, "F": 20, "B": 56, "C": 20,
}  # fmt: skip

TABLE = """# Exigences

| n° | ce que fait le portail | état |
|---|---|---|
| P1 | Ouvre le planning. | fait |
| P2 | Liste les enfants. | partie 4 |
"""


@pytest.fixture(scope="module")
def exigences() -> ModuleType:
    spec = importlib.util.spec_from_file_location("exigences", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["exigences"] = module  # dataclasses look their module up by name
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def project(tmp_path):
    """A project folder with a table of two rows; called with the source of its only test file."""

    def build(source: str, table: str = TABLE) -> Path:
        (tmp_path / "docs").mkdir()
        (tmp_path / "docs" / "exigences.md").write_text(table, encoding="utf-8")
        (tmp_path / "tests").mkdir()
        (tmp_path / "tests" / "test_planning.py").write_text(source, encoding="utf-8")
        return tmp_path

    return build


def run(exigences, root, *options):
    return exigences.main(["--root", str(root), *options])


def test_lists_each_requirement_with_its_tests_and_those_without(exigences, project, capsys):
    root = project(
        "import pytest\n@pytest.mark.exigence('P1')\ndef test_opens(): ...\n"
        "@pytest.mark.exigence('P1')\ndef test_opens_on_the_current_month(): ...\n"
    )
    assert run(exigences, root, "--strict") == 0
    out = capsys.readouterr().out
    assert "P1   fait       tests/test_planning.py::test_opens\n" in out
    assert "tests/test_planning.py::test_opens_on_the_current_month\n" in out
    assert "  partie 4      P2\n" in out
    assert "2 exigences, dont 1 déclarée faite et 1 portée par un test." in out


@pytest.mark.parametrize(
    ("source", "test"),
    [
        ("@pytest.mark.exigence('P1', 'P2')\ndef test_a(): ...", "test_a"),
        ("@pytest.mark.exigence('P1', 'P2')\nasync def test_a(): ...", "test_a"),
        ("@pytest.mark.exigence('P1', 'P2')\nclass TestA:\n    def test_b(self): ...", "TestA"),
        ("class TestA:\n    @pytest.mark.exigence('P1', 'P2')\n    def test_b(self): ...", "TestA::test_b"),
        ("from pytest import mark\n@mark.exigence('P1', 'P2')\ndef test_a(): ...", "test_a"),
        (
            "@pytest.mark.parametrize('x', [pytest.param(1, marks=pytest.mark.exigence('P1', 'P2'))])\n"
            "def test_a(x): ...",
            "test_a",
        ),
    ],
    ids=["function", "coroutine", "class", "method", "bare-mark", "param"],
)
def test_reads_marks_wherever_pytest_does(exigences, project, source, test):
    report = exigences.scan(project(source))
    assert report.errors == []
    assert report.tests_of("P1") == [f"tests/test_planning.py::{test}"]
    assert report.tests_of("P2") == report.tests_of("P1")


def test_reads_the_mark_of_a_module(exigences, project):
    report = exigences.scan(project("import pytest\npytestmark = [pytest.mark.exigence('P1')]\n"))
    assert report.tests_of("P1") == ["tests/test_planning.py"]


def test_fails_on_an_identifier_that_is_in_no_table(exigences, project, capsys):
    root = project("import pytest\n@pytest.mark.exigence('P99')\ndef test_a(): ...\n")
    assert run(exigences, root) == 1
    assert "tests/test_planning.py:2: P99 n’est pas dans docs/exigences.md" in capsys.readouterr().err


def test_forgives_a_done_row_without_test_unless_strict(exigences, project, capsys):
    root = project("import pytest\n@pytest.mark.exigence('P2')\ndef test_a(): ...\n")
    assert run(exigences, root) == 0
    captured = capsys.readouterr()
    assert "  fait          P1\n" in captured.out
    assert "Avec un test, pas encore «\u00a0fait\u00a0»\u00a0: P2" in captured.out
    assert run(exigences, root, "--strict") == 1
    assert "«\u00a0fait\u00a0» sans test\u00a0: P1" in capsys.readouterr().err


@pytest.mark.parametrize("mark", ["exigence(*IDS)", "exigence(P1)", "exigence()", "exigence(ids='P1')"])
def test_fails_on_a_mark_that_cannot_be_read_without_running_it(exigences, project, mark, capsys):
    root = project(f"import pytest\n@pytest.mark.{mark}\ndef test_a(): ...\n")
    assert run(exigences, root) == 1
    assert "tests/test_planning.py:2: " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("| P1 | Encore. | fait |", "P1 est déjà à la ligne 5."),
        ("| P3 | Encore. | bientôt |", "état «\u00a0bientôt\u00a0» inconnu"),
        ("| P3 | Un | de trop. | fait |", "4 cellules au lieu de 3."),
    ],
    ids=["twice", "state", "width"],
)
def test_fails_on_a_broken_row_of_the_table(exigences, project, row, message, capsys):
    root = project("def test_a(): ...\n", TABLE + row + "\n")
    assert run(exigences, root) == 1
    error = capsys.readouterr().err
    assert "exigences.md:7: " in error
    assert message in error


def test_a_bar_inside_a_cell_is_not_a_border(exigences, project):
    report = exigences.scan(project("", TABLE + "| P3 | L’un \\| l’autre. | fait |\n"))
    assert report.errors == []
    assert report.requirements["P3"].state == "fait"


def test_the_table_of_the_project_holds_every_row_once(exigences):
    report = exigences.scan(ROOT)
    assert report.errors == []
    expected = {f"{letter}{number}" for letter, last in ROWS.items() for number in range(1, last + 1)}
    assert set(report.requirements) == expected


def test_the_marks_of_the_project_are_known(exigences):
    assert [(mark.identifier, mark.test) for mark in exigences.scan(ROOT).unknown()] == []


def test_nothing_is_declared_done_without_a_test(exigences):
    assert exigences.scan(ROOT).done_without_test() == []


def test_runs_as_a_script_without_any_package():
    # -S: no site-packages, so that `make exigences` works before the virtual environment exists.
    done = subprocess.run([sys.executable, "-S", str(SCRIPT)], capture_output=True, text=True, check=False)
    assert "exigences, dont" in done.stdout, done.stderr
