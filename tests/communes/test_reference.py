"""docs/profils.md and what the loader accepts never part."""

import dataclasses
import re
import tomllib

import pytest

from config.places import COMMUNES_DIR, ROOT
from portal.backoffice.profiles.reference import described_tables, reference
from portal.domain.activities import deadlines
from portal.domain.activities.deadlines import Deadline, deadline_from_data

DOC = (ROOT / "docs" / "profils.md").read_text(encoding="utf-8")
#: The tables under this key are the parts of a grid: what they hold is said beside the algorithm.
GRID = "tariffs.versions.grid"
GRIDS_DOC = (ROOT / "docs" / "tariffs.md").read_text(encoding="utf-8")
KINDS: list[type[Deadline]] = [
    deadlines.Always,
    deadlines.Never,
    deadlines.WeekdayBefore,
    deadlines.DaysBefore,
    deadlines.DayOfMonth,
    deadlines.FixedInstant,
    deadlines.RollingOpening,
    deadlines.PerWeekday,
    deadlines.PeriodWindows,
    deadlines.MostRestrictive,
]


def section(kind: str) -> str:
    """What the documentation says of a kind of deadline."""
    return DOC.split(f"### `{kind}`\n", 1)[1].split("\n### ", 1)[0]


def test_the_reference_of_the_documentation_is_the_one_of_the_loader() -> None:
    """To write it again: portail profile_reference, between the two marks."""
    written = DOC.split("<!-- clés : début -->", 1)[1].split("<!-- clés : fin -->", 1)[0]

    assert written.strip() == reference().strip()


def test_every_key_is_documented_with_its_kind_its_default_and_an_example() -> None:
    described = list(described_tables())

    assert {table.heading for table in described} >= {"[commune]", "[[activities.units]]", "[[news.items]]", "[home]"}
    for table in described:
        for key in table.keys:
            assert f"| `{key.name}` | {key.kind.label}" in DOC, f"{table.heading} {key.name}"
            assert key.help.endswith("."), f"{table.heading} {key.name}"
            assert key.example, f"{table.heading} {key.name}"


def test_every_kind_of_deadline_is_documented() -> None:
    written = set(re.findall(r"^### `(\w+)`$", DOC, re.MULTILINE))
    rest = {kind for kind in vars(deadlines).values() if isinstance(kind, type) and issubclass(kind, Deadline)}

    assert {kind.kind for kind in KINDS} <= written
    assert rest - {Deadline} == set(KINDS)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)
def test_the_keys_of_a_deadline_are_documented(kind: type[Deadline]) -> None:
    names = {field.name for field in dataclasses.fields(kind)}  # type: ignore[arg-type]  # every subclass is one

    assert {name for name in names if f"`{name}`" not in section(kind.kind)} == set()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)
def test_the_examples_of_deadlines_say_what_the_documentation_says(kind: type[Deadline]) -> None:
    example = section(kind.kind).split("```toml\n", 1)[1].split("```", 1)[0]
    deadline = deadline_from_data(tomllib.loads(example)["booking_deadline"])

    assert deadline.kind == kind.kind
    assert f"Les familles lisent : « {deadline.sentence()} »" in section(kind.kind)


def test_the_profiles_of_the_project_use_documented_keys_only() -> None:
    """Each profile is read by the loader elsewhere; here, by the documentation."""
    documented = set(re.findall(r"^### `\[+([\w.]+)\]+`$", DOC, re.MULTILINE))
    for profile in COMMUNES_DIR.glob("*/profile.toml"):
        headings = set(re.findall(r"^\[+([\w.]+)\]+", profile.read_text(encoding="utf-8"), re.MULTILINE))
        of_grids = {heading for heading in headings if heading.startswith(f"{GRID}.")}
        assert headings - of_grids <= documented, profile
        assert [each for each in of_grids if f"`{each.rpartition('.')[2]}`" not in GRIDS_DOC] == [], profile
