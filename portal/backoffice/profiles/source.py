"""From a folder to a profile: find it, read its TOML, list everything that is wrong."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from portal.backoffice.profiles import checks
from portal.backoffice.profiles.problems import Problem, ProfileRefused, suggestion
from portal.backoffice.profiles.schema import INVALID, Place, keys_of, read_table
from portal.backoffice.profiles.sections import registered_sections
from portal.backoffice.profiles.tables import TownTable

FILE_NAME = "profile.toml"


@dataclass(frozen=True, slots=True)
class Profile:
    """What a folder says: the town, and the parts of the applications above by name of section."""

    folder: Path
    town: TownTable
    sections: Mapping[str, Any] = field(default_factory=dict)


def find_profile(name: str, folders: Iterable[Path]) -> Path:
    """The folder of a profile, given by its path or by its name in one of `folders`.

    Raises ProfileRefused when there is none, with the profiles that exist.
    """
    candidates = [Path(name), *(Path(folder) / name for folder in folders)]
    for candidate in candidates:
        if (candidate / FILE_NAME).is_file():
            return candidate
    known = sorted(path.parent.name for folder in folders for path in Path(folder).glob(f"*/{FILE_NAME}"))
    if any(candidate.is_dir() for candidate in candidates):
        reason = f"ce dossier n’a pas de fichier {FILE_NAME}."
    else:
        reason = "ce dossier n’existe pas."
    raise ProfileRefused([Problem(name, "", reason, suggestion(Path(name).name, known))])


def read_profile(folder: Path) -> Profile:
    """The profile of a folder. Raises ProfileRefused with everything that is wrong in it."""
    data = _toml(folder)
    problems: list[Problem] = []
    place = Place(folder, problems, FILE_NAME)
    sections = registered_sections()
    town_keys = {found.name for found in keys_of(TownTable)}
    known = town_keys | {section.name for section in sections}
    for name in data:
        if name not in known:
            place.at(name).refuse("clé inconnue.", suggestion(name, known))
    town = read_table(TownTable, {name: value for name, value in data.items() if name in town_keys}, place)
    values: dict[str, Any] = {}
    for section in sections:
        if section.name in data:
            values[section.name] = section.kind.read(data[section.name], place.at(section.name))
        elif section.required:
            place.at(section.name).refuse("manque.", f"Exemple : {section.example}")
    profile = Profile(folder, town, values)
    checks.check_town(town, place)
    for section in sections:
        if values.get(section.name, INVALID) is not INVALID:
            section.check(profile, values[section.name], place.at(section.name))
    if problems:
        raise ProfileRefused(dict.fromkeys(problems))
    return profile


def _toml(folder: Path) -> dict[str, Any]:
    path = folder / FILE_NAME
    try:
        content = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise ProfileRefused(
            [Problem(FILE_NAME, f"ligne {line}", "le fichier n’est pas en UTF-8.", "Réenregistrez-le en UTF-8.")]
        ) from error
    except OSError as error:
        raise ProfileRefused([Problem(str(path), "", f"illisible : {error.strerror}.")]) from error
    try:
        return tomllib.loads(content, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise ProfileRefused([_syntax_problem(content, error)]) from error


def _syntax_problem(content: str, error: tomllib.TOMLDecodeError) -> Problem:
    """Python 3.11 and 3.12 only give the place inside an English sentence; 3.14 will give it apart."""
    text = str(error)
    line_number = content.count("\n") + 1
    if "(at line " in text:
        line_number = int(text.partition("(at line ")[2].partition(",")[0])
    lines = content.splitlines()
    written = lines[line_number - 1].strip() if 0 < line_number <= len(lines) else ""
    detail = text.partition(" (at ")[0]
    return Problem(
        FILE_NAME,
        f"ligne {line_number}",
        f"cette ligne n’est pas du TOML : « {written} »."
        if written
        else "le fichier s’arrête au milieu d’une valeur.",
        f"L’analyseur dit : {detail}. Vérifiez les guillemets, les crochets et le signe « = ».",
    )
