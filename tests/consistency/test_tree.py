"""The shape of the checkout: what one file alone cannot show."""

import configparser
import re
import site
from pathlib import Path

import pytest

from config.places import ROOT
from scripts import lint_files, lint_templates

TOP_LEVEL = ("cms_pages", "documents", "news", "portal", "tariffs_simulator")


def test_site_is_a_folder_and_pythons_own_module_stays() -> None:
    assert Path(str(site.__file__)).name == "site.py"
    assert not Path(str(site.__file__)).is_relative_to(ROOT / "site")
    assert list(lint_files.shadowed_module()) == []


def test_files_stay_short_enough_to_read_in_one_go() -> None:
    assert list(lint_files.long_files()) == []


def test_no_file_is_named_after_nothing() -> None:
    assert list(lint_files.vague_names()) == []


def test_whoever_silences_a_tool_says_why() -> None:
    assert list(lint_files.unexplained_silences()) == []


@pytest.mark.parametrize(
    "comment",
    [
        "# noqa",
        "# noqa  # everything, because",
        "# noqa: S603",
        "# noqa:S603  # stuck together",
        "# noqa: S603 - our own words",
        "# noqa: S603  -- our own words",
        "# noqa: S603 our own words",
        "# noqa: S603  #",
        "# noqa: S603  # type: ignore[misc]",
        "# noqa: S603, S607",
        "# ruff: noqa",
        "# ruff: noqa: RUF009",
        "# type: ignore",
        "# type: ignore  # untyped",
        "# type: ignore[misc]",
        "# type: ignore[misc] # one space",
        "#type:ignore[misc]  # untyped",
        "# pragma: no cover",
        "# our own words  # noqa: S603",
    ],
)
def test_a_silence_without_reason_is_found_where_it_stands(comment: str) -> None:
    assert list(lint_files.silences_without_reason(f"\nrun()  {comment}\n")) == [(2, comment)]


@pytest.mark.parametrize(
    "line",
    [
        "run()  # noqa: S603  # our own words",
        "run()  # noqa: S603, S607  # our own words",
        "run()  # type: ignore[misc]  # untyped",
        "run()  # type: ignore[arg-type, misc]  # untyped",
        "run()  # type: ignore[misc]  # noqa: S603  # ours, and untyped",
        "run()  # pragma: no cover  # the system's own",
        "# ruff: noqa: RUF009  # `key()` declares a field",
        'run("# noqa")',
        "run()  # no quality without a reason",
    ],
)
def test_a_silence_with_its_reason_is_left_alone(line: str) -> None:
    assert list(lint_files.silences_without_reason(f"{line}\n")) == []


def test_requirements_are_pinned_with_hashes_and_name_no_index() -> None:
    assert list(lint_files.requirement_files()) == []


def test_every_package_has_its_place_in_the_layers() -> None:
    contracts = configparser.ConfigParser()
    contracts.read(ROOT / ".importlinter")
    placed = set(contracts["importlinter"]["root_packages"].split())
    layered = set(re.findall(r"\w+", contracts["importlinter:contract:whole"]["layers"]))
    found = {path.parent.name for path in ROOT.glob("*/__init__.py")} | {"config"}

    assert placed == layered == found == {*TOP_LEVEL, "config"}


def test_templates_and_messages_obey_the_rules_of_the_house() -> None:
    faults = [
        str(fault)
        for path in lint_templates.files([])
        for fault in (
            lint_templates.lint_messages(path) if path.suffix == ".py" else lint_templates.lint_template(path)
        )
    ]

    assert faults == []


def test_each_domain_package_says_what_it_owns() -> None:
    for path in (ROOT / "portal" / "domain").glob("*/__init__.py"):
        docstring = path.read_text().split('"""')[1:2]
        assert docstring, f"{path.relative_to(ROOT)} has no docstring"
        assert docstring[0].strip(), f"{path.relative_to(ROOT)} has an empty docstring"
