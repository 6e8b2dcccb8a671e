"""The kinds of values a profile holds. Each reads one value, or says in French why it cannot."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator, URLValidator

from portal.backoffice.profiles.days import DayRule, UnreadableDay, day_rule_from
from portal.backoffice.profiles.problems import suggestion
from portal.backoffice.profiles.schema import INVALID, Kind, Place, Table, label_of, read_table, shown
from portal.domain.activities.deadlines import Deadline, InvalidDeadline, deadline_from_data
from portal.domain.kernel.french import WEEKDAYS
from portal.domain.tariffs.engine.data import InvalidGrid, grid_from_data, grid_to_data
from portal.domain.tariffs.engine.proof import faults

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_PHONE = re.compile(r"0[1-9]( \d{2}){4}")
_MAIL = EmailValidator()
_URL = URLValidator(schemes=["http", "https"])


def text(length: int, *, lines: bool = False) -> Kind:
    """A text of at most `length` characters, on one line unless `lines`."""

    def read(value: Any, place: Place) -> Any:
        if not isinstance(value, str):
            return place.refuse(f"attend un texte entre guillemets, et non {shown(value)}.")
        stripped = value.strip()
        if not stripped:
            return place.refuse("est vide.", "Écrivez un texte, ou retirez la clé.")
        if len(stripped) > length:
            return place.refuse(f"compte {len(stripped)} caractères, {length} au plus.")
        if not lines and "\n" in stripped:
            return place.refuse("tient sur une seule ligne.")
        return stripped

    return Kind(f"texte, {length} caractères au plus", read)


def slug(length: int = 50) -> Kind:
    """A code: small letters without accents, figures, hyphens."""

    def read(value: Any, place: Place) -> Any:
        if not isinstance(value, str) or not _SLUG.fullmatch(value):
            return place.refuse(
                f"{shown(value)} n’est pas un code.",
                "Lettres minuscules sans accent, chiffres et tirets, par exemple « restaurant-scolaire ».",
            )
        if len(value) > length:
            return place.refuse(f"compte {len(value)} caractères, {length} au plus.")
        return value

    return Kind("code (minuscules, chiffres, tirets)", read)


def integer(lowest: int, highest: int) -> Kind:
    """A whole number between two bounds, included."""

    def read(value: Any, place: Place) -> Any:
        if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
            return place.refuse(f"attend un nombre entier de {lowest} à {highest}, et non {shown(value)}.")
        return value

    return Kind(f"nombre entier, de {lowest} à {highest}", read)


def _boolean(value: Any, place: Place) -> Any:
    if not isinstance(value, bool):
        return place.refuse(f"attend true (oui) ou false (non), sans guillemets, et non {shown(value)}.")
    return value


boolean = Kind("true ou false", _boolean)


def choice(values: Mapping[str, str] | Iterable[str]) -> Kind:
    """One of a few words."""
    known = list(values)

    def read(value: Any, place: Place) -> Any:
        if not isinstance(value, str) or value not in known:
            return place.refuse(f"{shown(value)} n’est pas un choix possible.", suggestion(value, known))
        return value

    return Kind(f"au choix : {', '.join(f'`{word}`' for word in known)}", read)


def choices(values: Iterable[str]) -> Kind:
    """Several words of a list."""
    one = choice(values)

    def read(value: Any, place: Place) -> Any:
        if not isinstance(value, list):
            return place.refuse(f"attend une liste entre crochets, et non {shown(value)}.")
        found = [one.read(item, place.at(f"[n°{rank}]")) for rank, item in enumerate(value, 1)]
        return INVALID if INVALID in found else tuple(dict.fromkeys(found))

    return Kind(f"liste, {one.label}", read)


def references(what: str) -> Kind:
    """A list of codes of other tables; that they exist is checked once everything is read."""

    def read(value: Any, place: Place) -> Any:
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            return place.refuse(f"attend une liste de codes entre crochets, et non {shown(value)}.")
        return tuple(dict.fromkeys(value))

    return Kind(f"liste de codes de {what}", read)


def reference(what: str) -> Kind:
    """The code of another table."""

    def read(value: Any, place: Place) -> Any:
        if not isinstance(value, str):
            return place.refuse(f"attend un code entre guillemets, et non {shown(value)}.")
        return value

    return Kind(f"code de {what}", read)


def _weekdays(value: Any, place: Place) -> Any:
    if not isinstance(value, list) or not value:
        return place.refuse('attend au moins un jour entre crochets, par exemple ["lundi", "mardi"].')
    found = []
    for rank, item in enumerate(value, 1):
        if isinstance(item, str) and item.lower() in WEEKDAYS:
            found.append(WEEKDAYS.index(item.lower()) + 1)
        elif isinstance(item, int) and not isinstance(item, bool) and 1 <= item <= 7:
            found.append(item)
        else:
            place.at(f"[n°{rank}]").refuse(
                f"{shown(item)} n’est pas un jour de la semaine.", suggestion(item, WEEKDAYS)
            )
            found.append(INVALID)
    return INVALID if INVALID in found else tuple(sorted(set(found)))


weekdays = Kind('liste de jours, `"lundi"` à `"dimanche"`', _weekdays)


def _price(value: Any, place: Place) -> Any:
    hint = "Écrivez-le en euros, par exemple 4.30."
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return place.refuse(f"attend un prix, et non {shown(value)}.", hint)
    try:
        price = Decimal(str(value).replace(",", "."))
    except InvalidOperation:
        return place.refuse(f"{shown(value)} n’est pas un prix.", hint)
    if not price.is_finite() or price != price.quantize(Decimal("0.01")):
        return place.refuse(f"{shown(value)} : un prix s’arrête au centime.", hint)
    if not 0 <= price < 1_000_000:
        return place.refuse(f"{shown(value)} : un prix va de 0 à 999999.99 €.", hint)
    return price.quantize(Decimal("0.01"))


price = Kind("prix en euros, au centime", _price)


def coordinate(bound: int) -> Kind:
    """A place on Earth, in degrees, to the sixth decimal (a hand’s width)."""

    def read(value: Any, place: Place) -> Any:
        if isinstance(value, bool) or not isinstance(value, int | Decimal) or not -bound <= value <= bound:
            return place.refuse(f"attend des degrés de -{bound} à {bound}, et non {shown(value)}.")
        return Decimal(value).quantize(Decimal("0.000001"))

    return Kind("degrés décimaux, `46.484800`", read)


def _hour(value: Any, place: Place) -> Any:
    found = value
    if isinstance(value, str):
        try:
            found = time.fromisoformat(value)
        except ValueError:
            found = None
    if not isinstance(found, time) or found.second or found.microsecond or found.tzinfo:
        return place.refuse(f"attend une heure comme 07:30, et non {shown(value)}.")
    return found


hour = Kind("heure, `07:30`", _hour)


def _date(value: Any, place: Place) -> Any:
    found = value
    if isinstance(value, str):
        try:
            found = date.fromisoformat(value)
        except ValueError:
            found = None
    if not isinstance(found, date) or isinstance(found, datetime) or not 2000 <= found.year < 2100:
        return place.refuse(f"attend une date comme 2026-09-01, et non {shown(value)}.")
    return found


fixed_date = Kind("date, `2026-09-01`", _date)


def _day(value: Any, place: Place) -> DayRule | Any:
    try:
        return day_rule_from(value)
    except UnreadableDay as error:
        return place.refuse(str(error))


school_day = Kind('jour de l’année scolaire : `"rentree"`, `"fin-des-classes"`, `"09-01"` ou une date', _day)


def _deadline(value: Any, place: Place) -> Deadline | Any:
    try:
        return deadline_from_data(value)
    except InvalidDeadline as error:
        there = place.at(error.path) if error.path else place
        return there.refuse(error.reason)


deadline = Kind("règle de délai (voir plus bas)", _deadline)


def _grid(value: Any, place: Place) -> dict[str, Any] | Any:
    """The data of a grid, as the database keeps it: read, and judged by the proof of the engine."""
    try:
        found = grid_from_data(value, valid_from=date.min)
    except InvalidGrid as error:
        there = place.at(error.path) if error.path else place
        return there.refuse(error.reason)
    wrong = faults(found)
    for fault in wrong:
        place.refuse(str(fault))
    return INVALID if wrong else grid_to_data(found)


grid = Kind("grille tarifaire (voir plus bas)", _grid)


def _mail(value: Any, place: Place) -> Any:
    if not isinstance(value, str):
        return place.refuse(f"attend une adresse mail entre guillemets, et non {shown(value)}.")
    try:
        _MAIL(value)
    except ValidationError:
        return place.refuse(f"{shown(value)} n’est pas une adresse mail.", "Par exemple « enfance@mairie.example ».")
    return value


mail = Kind("adresse mail", _mail)


def _phone(value: Any, place: Place) -> Any:
    if not isinstance(value, str) or not _PHONE.fullmatch(value):
        return place.refuse(
            f"{shown(value)} n’est pas un numéro de téléphone.", "Par paires, par exemple « 01 99 00 12 34 »."
        )
    return value


phone = Kind('téléphone par paires, `"01 99 00 12 34"`', _phone)


def _url(value: Any, place: Place) -> Any:
    try:
        _URL(value)
    except (ValidationError, TypeError, AttributeError):
        return place.refuse(f"{shown(value)} n’est pas une adresse.", "Elle commence par « https:// ».")
    return value


url = Kind("adresse `https://…`", _url)


@dataclass(frozen=True, slots=True)
class TextFile:
    """A text kept beside profile.toml: its name in the folder, and what it says."""

    name: str
    text: str


def _text_file(value: Any, place: Place) -> TextFile | Any:
    if not isinstance(value, str) or not value:
        return place.refuse(f"attend le nom d’un fichier du dossier, et non {shown(value)}.")
    wanted = (place.folder / value).resolve()
    if not wanted.is_relative_to(place.folder.resolve()):
        return place.refuse(f"{shown(value)} sort du dossier du profil.", "Gardez les textes dans ce dossier.")
    if not wanted.is_file():
        return place.refuse(f"le fichier « {value} » n’existe pas.", suggestion(value, _files(place.folder)))
    try:
        content = wanted.read_text(encoding="utf-8").strip()
    except (UnicodeDecodeError, OSError):
        return place.refuse(f"le fichier « {value} » n’est pas un texte en UTF-8.", "Réenregistrez-le en UTF-8.")
    if not content:
        return place.refuse(f"le fichier « {value} » est vide.")
    return TextFile(value, content)


def _files(folder: Path) -> list[str]:
    return [str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()]


text_file = Kind("nom d’un fichier `.md` du dossier", _text_file)


def table(cls: type[Table]) -> Kind:
    """A table inside another."""
    return Kind("table", lambda value, place: read_table(cls, value, place), table=cls)


def tables(cls: type[Table], *, least: int = 0) -> Kind:
    """A list of tables (`[[…]]`)."""

    def read(value: Any, place: Place) -> Any:
        if not isinstance(value, list):
            place.refuse("attend plusieurs tables.", f"Écrivez « [[{place.path}]] » au-dessus de chacune.")
            return ()
        if len(value) < least:
            place.refuse("attend au moins une table.", f"Écrivez « [[{place.path}]] » et ses clés.")
        return tuple(read_table(cls, item, place.at(label_of(item, rank))) for rank, item in enumerate(value, 1))

    return Kind("tables", read, table=cls)


def _lines(value: Any, place: Place) -> Any:
    if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
        return place.refuse(f"attend une liste de lignes entre crochets, et non {shown(value)}.")
    return tuple(item.strip() for item in value)


lines = Kind("liste de lignes de texte", _lines)
