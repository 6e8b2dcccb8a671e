"""The shape of the checkout: what one file alone cannot show."""

import configparser
import re
import site
from pathlib import Path

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
