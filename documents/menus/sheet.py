"""Menus as CSV: read with every mistake named by its line, written so that reading gives the same weeks back.

One line per dish. Columns: `date` (or `semaine` and `jour` in a cycle), `composante`, `plat`, `choix`, `allergenes`,
`labels`, `texture`, `jour_special`, `ferme`. UTF-8 or Windows-1252, `;` or `,`.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Protocol

from django.db.models import TextChoices
from django.utils import translation

from documents.menus.entries import DayEntry, DishEntry, WeekEntry
from documents.menus.enums import Allergen, Course, Label, Texture
from documents.menus.models.menu import MenuSite
from documents.menus.rules import folded
from documents.menus.services import check_week
from portal.domain.kernel import french
from portal.domain.kernel.calendar import Week

COLUMNS = ("date", "composante", "plat", "choix", "allergenes", "labels", "texture", "jour_special", "ferme")
CYCLE_COLUMNS = ("semaine", "jour", *COLUMNS[1:])
#: Enough for four years of a site; beyond, it is another file.
MOST_LINES = 10_000
MOST_BYTES = 1024 * 1024
LONGEST_CYCLE = 20

#: Before a text that a spreadsheet would take for a formula.
_NOT_A_FORMULA = "\u200b"
_SEPARATORS = re.compile(r"[|+/]|,(?!\d)|;")
_OTHER_WORDS: Mapping[str, str] = {
    "oeuf": "eggs", "oeufs": "eggs", "poisson": "fish", "crustace": "crustaceans", "arachide": "peanuts",
    "cacahuete": "peanuts", "fruit a coque": "nuts", "sulfite": "sulphites", "mollusque": "molluscs",
    "anhydride sulfureux": "sulphites", "ble": "gluten", "lactose": "milk",
}  # fmt: skip
_OTHER_LABELS: Mapping[str, str] = {
    "aoc": "origin", "igp": "origin", "biologique": "organic", "vegetarienne": "vegetarian",
    "maison": "homemade", "vf": "french_meat", "msc": "sustainable_fishing",
}  # fmt: skip
_OTHER_COURSES: Mapping[str, str] = {
    "hors-d'oeuvre": "starter", "plat principal": "main", "garniture": "side", "legume": "side", "legumes": "side",
    "fromage": "dairy", "produit laitier": "dairy", "collation": "snack",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class LineError:
    """What is wrong on a line; the header is line 1, 0 is the file itself."""

    line: int
    message: str

    def __str__(self) -> str:
        return f"ligne {self.line}\u00a0: {self.message}" if self.line else self.message


@dataclass(slots=True)
class Sheet:
    """What a file says, by week (or by rank in the cycle), and everything that is wrong in it."""

    weeks: dict[Week, WeekEntry] = field(default_factory=dict)
    cycle: dict[int, WeekEntry] = field(default_factory=dict)
    errors: list[LineError] = field(default_factory=list)
    lines: int = 0


def decoded(content: bytes) -> str:
    """The text of a file, in UTF-8 (with or without mark) or Windows-1252, whatever its line ends."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


@translation.override("fr")
def read_sheet(text: str, site: MenuSite, *, cycle: bool = False) -> Sheet:
    """Read a CSV for one site. Nothing is written; every mistake is noted with its line.

    `cycle`: days are named by `semaine` (1 to N, without hole) and `jour` instead of `date`.
    """
    return _Reader(site, cycle).read(text)


class _Refused(ValueError):
    """What is wrong with one value, in French."""


@dataclass(slots=True)
class _Day:
    line: int
    special: str = ""
    reason: str = ""
    closed: bool = False
    dishes: list[DishEntry] = field(default_factory=list)
    lines: dict[tuple[str, int], int] = field(default_factory=dict)


class _Rows(Protocol):
    """What csv.reader gives; its own type has no public name."""

    @property
    def line_num(self) -> int: ...

    def __iter__(self) -> Iterator[list[str]]: ...


class _Reader:
    def __init__(self, site: MenuSite, cycle: bool) -> None:
        self.site = site
        self.cycle = cycle
        self.sheet = Sheet()
        self.days: dict[tuple[Week | int, int], _Day] = {}

    def read(self, text: str) -> Sheet:
        if "\x00" in text:
            return self._refuse(0, "ce fichier n’est pas un texte\u00a0: enregistrez le tableau au format CSV.")
        first = text.lstrip("\r\n").partition("\n")[0]
        separator = ";" if first.count(";") >= first.count(",") else ","
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        try:
            self._read(rows)
        except csv.Error:
            self._refuse(rows.line_num, "cette ligne ne se lit pas\u00a0: vérifiez les guillemets.")
        return self._gather()

    def _read(self, rows: _Rows) -> None:
        wanted = CYCLE_COLUMNS if self.cycle else COLUMNS
        header: list[str] | None = None
        for row in rows:
            if not any(value.strip() for value in row):
                continue
            if header is None:
                header = [folded(value).replace(" ", "_") for value in row]
                self._check_header(header, wanted)
                if self.sheet.errors:
                    return
                continue
            self.sheet.lines += 1
            if self.sheet.lines > MOST_LINES:
                self._refuse(
                    rows.line_num, f"le fichier a plus de {french.integer(MOST_LINES)} lignes\u00a0: coupez-le."
                )
                return
            if len(row) > len(header) and any(value.strip() for value in row[len(header) :]):
                self._refuse(
                    rows.line_num, "plus de valeurs que de colonnes\u00a0: entourez de guillemets un texte à virgule."
                )
                continue
            values = {
                name: value.strip().removeprefix(_NOT_A_FORMULA) for name, value in zip(header, row, strict=False)
            }
            self._line(rows.line_num, values)
        if header is None:
            self._refuse(0, "le fichier est vide.")

    def _check_header(self, header: list[str], wanted: Iterable[str]) -> None:
        needed = ("semaine", "jour") if self.cycle else ("date",)
        for name in (*needed, "composante", "plat"):
            if name not in header:
                self._refuse(1, f"la colonne « {name} » manque. Colonnes attendues\u00a0: {', '.join(wanted)}.")
        for name in header:
            if name and name not in wanted:
                self._refuse(1, f"la colonne « {name} » est inconnue. Colonnes possibles\u00a0: {', '.join(wanted)}.")
        for name in sorted({name for name in header if name and header.count(name) > 1}):
            self._refuse(1, f"la colonne « {name} » est écrite deux fois.")

    def _line(self, number: int, values: Mapping[str, str]) -> None:
        try:
            place = self._place(values)
        except _Refused as refused:
            self._refuse(number, str(refused))
            return
        day = self.days.setdefault(place, _Day(number))
        for name, current in (("jour_special", day.special), ("ferme", day.reason)):
            given = french.typography(values.get(name, ""))
            if given and current and given != current:
                self._refuse(number, f"{name}\u00a0: ce jour a déjà « {current} ».")
        day.special = day.special or french.typography(values.get("jour_special", ""))
        if values.get("ferme"):
            day.closed, day.reason = True, day.reason or french.typography(values["ferme"])
        if not values.get("plat"):
            if values.get("composante"):
                self._refuse(number, "plat\u00a0: nommez le plat, ou retirez la ligne.")
            elif not (values.get("ferme") or values.get("jour_special")):
                self._refuse(number, "cette ligne ne dit ni plat, ni fermeture, ni jour particulier.")
            return
        dish = self._dish(number, values)
        if dish is None:
            return
        taken = day.lines.get((dish.course, dish.rank))
        if taken:
            self._refuse(
                number,
                f"{Course(dish.course).label}\u00a0: la ligne {taken} a déjà ce plat. "
                "Pour un « ou », écrivez 2 dans la colonne choix.",
            )
            return
        day.lines[dish.course, dish.rank] = number
        day.dishes.append(dish)

    def _place(self, values: Mapping[str, str]) -> tuple[Week | int, int]:
        if not self.cycle:
            day = _date(values["date"])
            weekday = day.isoweekday()
            self._served(weekday, "date")
            return Week.of(day), weekday
        number, weekday_word = values["semaine"], folded(values["jour"])
        if not (number.isascii() and number.isdigit() and 1 <= int(number) <= LONGEST_CYCLE):
            raise _Refused(f"semaine\u00a0: « {number} » n’est pas un nombre de 1 à {LONGEST_CYCLE}.")
        if weekday_word not in french.WEEKDAYS:
            raise _Refused(f"jour\u00a0: « {values['jour']} » n’est pas un jour, de lundi à dimanche.")
        weekday = french.WEEKDAYS.index(weekday_word) + 1
        self._served(weekday, "jour")
        return int(number), weekday

    def _served(self, weekday: int, column: str) -> None:
        if weekday not in self.site.weekdays:
            raise _Refused(
                f"{column}\u00a0: le {french.weekday_name(weekday)} n’est pas servi à « {self.site.name} » "
                f"({french.weekday_names(self.site.weekdays)})."
            )

    def _dish(self, number: int, values: Mapping[str, str]) -> DishEntry | None:
        found: dict[str, Any] = {}
        for name, read in (
            ("composante", _course), ("choix", _rank), ("allergenes", _allergens), ("labels", _labels),
            ("texture", _texture),
        ):  # fmt: skip
            try:
                found[name] = read(values.get(name, ""))
            except _Refused as refused:
                self._refuse(number, f"{name}\u00a0: {refused}")
        if len(found) < 5:
            return None
        return DishEntry(
            course=str(found["composante"]),
            rank=int(str(found["choix"])),
            name=french.typography(" ".join(values["plat"].split())),
            allergens=found["allergenes"],
            labels=found["labels"],
            texture=str(found["texture"]),
        )

    def _gather(self) -> Sheet:
        """Days into weeks, then what the site itself would refuse, named by its line."""
        weeks: dict[Week | int, list[DayEntry]] = {}
        for (week, weekday), day in self.days.items():
            weeks.setdefault(week, []).append(
                DayEntry(weekday, tuple(day.dishes), day.closed, day.reason, day.special)
            )
        for week, days in weeks.items():
            entry = WeekEntry(tuple(days))
            for error in check_week(self.site, entry):
                known = self.days[week, error.weekday]
                line = known.lines.get(error.cell[1:], known.line) if error.cell else known.line
                self._refuse(line, f"{error.where}\u00a0: {error.message}")
            if isinstance(week, Week):
                self.sheet.weeks[week] = entry
            else:
                self.sheet.cycle[week] = entry
        self.sheet.weeks = dict(sorted(self.sheet.weeks.items()))
        missing = [rank for rank in range(1, max(self.sheet.cycle, default=0) + 1) if rank not in self.sheet.cycle]
        if missing:
            self._refuse(0, f"la semaine {missing[0]} du cycle manque.")
        if not weeks and not self.sheet.errors:
            self._refuse(0, "le fichier n’a que sa ligne de titres.")
        self.sheet.errors.sort(key=lambda error: error.line)
        return self.sheet

    def _refuse(self, line: int, message: str) -> Sheet:
        error = LineError(line, french.typography(message))
        if error not in self.sheet.errors:
            self.sheet.errors.append(error)
        return self.sheet


def _date(text: str) -> date:
    parts = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", text)
    french_parts = re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", text)
    try:
        if parts:
            found = date(int(parts[1]), int(parts[2]), int(parts[3]))
        elif french_parts:
            found = date(int(french_parts[3]), int(french_parts[2]), int(french_parts[1]))
        else:
            raise ValueError
        if not 2000 <= found.year < 2100:
            raise ValueError
    except ValueError:
        raise _Refused(f"date\u00a0: « {text} » n’est pas une date comme 2026-11-09 ou 09/11/2026.") from None
    return found


def _words(choices: type[TextChoices], others: Mapping[str, str] = {}) -> dict[str, str]:
    known = {folded(str(choice.label)): str(choice.value) for choice in choices}
    return known | {str(choice.value): str(choice.value) for choice in choices} | dict(others)


def _one(text: str, choices: type[TextChoices], others: Mapping[str, str], what: str) -> str:
    known = _words(choices, others)
    found = known.get(folded(text))
    if found is None:
        possible = ", ".join(str(choice.label) for choice in choices)
        raise _Refused(f"« {text} » n’est pas {what}. Choix possibles\u00a0: {possible}.")
    return found


def _several(choices: type[TextChoices], others: Mapping[str, str], what: str) -> Callable[[str], tuple[str, ...]]:
    def read(text: str) -> tuple[str, ...]:
        parts = [part.strip() for part in _SEPARATORS.split(text) if part.strip()]
        return tuple(_one(part, choices, others, what) for part in parts)

    return read


_allergens = _several(Allergen, _OTHER_WORDS, "un des quatorze allergènes")
_labels = _several(Label, _OTHER_LABELS, "un label")


def _course(text: str) -> str:
    if not text:
        raise _Refused("dites laquelle\u00a0: entrée, plat, accompagnement, laitage, dessert ou goûter.")
    return _one(text, Course, _OTHER_COURSES, "une composante")


def _rank(text: str) -> int:
    if text in ("", "1"):
        return 1
    if text == "2" or folded(text) == "ou":
        return 2
    raise _Refused(f"« {text} » n’est pas 1 (servi) ou 2 (au choix).")


def _texture(text: str) -> str:
    return _one(text, Texture, {"lisses": "smooth", "mixee": "smooth"}, "une texture") if text else ""


@translation.override("fr")
def written_sheet(weeks: Mapping[Week, WeekEntry], closed: Mapping[date, str] | None = None) -> str:
    """The weeks as CSV in French words, `;` between columns. Reading it for the same site gives them back.

    `closed` adds the days that the calendar closes, for those who read the file without the portal.
    """
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    automatic = dict(closed or {})
    for week, entry in sorted(weeks.items()):
        for day in entry.days:
            on = week.monday + timedelta(days=day.weekday - 1)
            automatic.pop(on, None)
            writer.writerows(_lines_of(day, on))
    for on, reason in sorted(automatic.items()):
        writer.writerow([on.isoformat(), "", "", "", "", "", "", "", _plain(reason)])
    return out.getvalue()


def _lines_of(day: DayEntry, on: date) -> Iterable[list[str]]:
    reason = day.reason if day.closed else ""
    if not day.dishes:
        yield [on.isoformat(), "", "", "", "", "", "", _plain(day.special), _plain(reason)]
    for number, dish in enumerate(day.dishes):
        yield [
            on.isoformat(),
            str(Course(dish.course).label),
            _plain(dish.name),
            str(dish.rank),
            "|".join(str(Allergen(value).label) for value in dish.allergens),
            "|".join(str(Label(value).label) for value in dish.labels),
            str(Texture(dish.texture).label) if dish.texture else "",
            _plain(day.special) if number == 0 else "",
            _plain(reason) if number == 0 else "",
        ]


def _plain(text: str) -> str:
    """A text that a spreadsheet will not take for a formula."""
    return f"{_NOT_A_FORMULA}{text}" if text[:1] in ("=", "+", "-", "@") else text
