"""The bus lines of a town, as its profile says them; and the stops of the sample town's children."""

# ruff: noqa: RUF009  # `key()` declares a field, as `dataclasses.field()` does: nothing is shared between instances

from dataclasses import dataclass
from datetime import date, time
from typing import Any

from portal.backoffice.parts.transport_sample import fill
from portal.backoffice.profiles import kinds
from portal.backoffice.profiles.checks import unique
from portal.backoffice.profiles.loading import Loading
from portal.backoffice.profiles.problems import suggestion
from portal.backoffice.profiles.schema import Place, Table, key, valid
from portal.backoffice.profiles.sections import Section, register_section
from portal.backoffice.profiles.source import Profile
from portal.backoffice.roles import Role, grant
from portal.backoffice.sample.fillers import Filler, register_filler
from portal.domain.transport.models import BusLine, BusStop, LineUnit, StopTime


@dataclass(frozen=True, kw_only=True)
class TimesTable(Table):
    weekdays: tuple[int, ...] = key(kinds.weekdays, "Les jours de ces heures.", example='["mercredi"]')
    outward: time | None = key(kinds.hour, "L’heure à l’aller.", example='"11:35"', default=None)
    homeward: time | None = key(kinds.hour, "L’heure au retour.", example='"17:50"', default=None)


@dataclass(frozen=True, kw_only=True)
class StopTable(Table):
    code: str = key(kinds.slug(80), "Son code, qui ne change plus.", example='"place-du-marche"')
    name: str = key(kinds.text(100), "Son nom.", example='"Place du Marché"')
    place: str = key(kinds.text(200), "Où il est exactement.", example='"devant la halle"', default="")
    terminus: bool = key(
        kinds.boolean, "Si c’est le lieu d’accueil, que personne ne choisit.", example="true", default=False
    )
    starts_on: date | None = key(kinds.fixed_date, "Son premier jour.", example="2026-09-01", default=None)
    ends_on: date | None = key(kinds.fixed_date, "Son dernier jour.", example="2027-07-02", default=None)
    times: tuple[TimesTable, ...] = key(
        kinds.tables(TimesTable, least=1), "Ses heures de passage.", example="[[bus_lines.stops.times]]"
    )


@dataclass(frozen=True, kw_only=True)
class LineTable(Table):
    code: str = key(kinds.slug(80), "Son code, qui ne change plus.", example='"mercredi"')
    name: str = key(kinds.text(100), "Son nom.", example='"Bus du mercredi"')
    destination: str = key(kinds.text(100), "Où elle mène.", example='"Centre de loisirs"')
    notes: tuple[str, ...] = key(
        kinds.lines,
        "Ce que les familles doivent savoir, une phrase par ligne.",
        example='["Le bus n’attend pas."]',
        default=(),
    )
    units: tuple[str, ...] = key(
        kinds.references("`activities` et d’unité, « activité/unité »"),
        "Les unités à réserver pour la prendre ; une unité n’a qu’une ligne, dont elle donne jours, délais et places.",
        example='["bus-mercredis/bus"]',
    )
    starts_on: date | None = key(kinds.fixed_date, "Son premier jour.", example="2026-09-01", default=None)
    ends_on: date | None = key(kinds.fixed_date, "Son dernier jour.", example="2027-07-02", default=None)
    stops: tuple[StopTable, ...] = key(
        kinds.tables(StopTable, least=2), "Ses arrêts, dans l’ordre de l’aller.", example="[[bus_lines.stops]]"
    )


def connect() -> None:
    """Register the section and the filler of this part."""
    register_section(
        Section(
            name="bus_lines",
            kind=kinds.tables(LineTable),
            help="Les lignes de bus, leurs arrêts et leurs heures.",
            example="[[bus_lines]]",
            order=73,
            check=_check,
            load=_load,
        )
    )
    register_filler(Filler("transport", 73, fill))
    models = ("busline", "busstop")
    full = [f"transport.{action}_{model}" for model in models for action in ("view", "add", "change", "delete")]
    grant(Role.MANAGEMENT, "transport.list_riders", "transport.pass_stop_deadline", *full)
    grant(Role.ACTIVITIES, "transport.list_riders", *(f"transport.view_{model}" for model in models))


def _check(profile: Profile, table: tuple[LineTable, ...], place: Place) -> None:
    if not valid(table):
        return
    unique(table, "code", place)
    known = _unit_paths(profile)
    seen: set[str] = set()
    for line in table:
        if valid(line.stops):
            unique(line.stops, "code", place)
        here = Place(place.folder, place.problems, place.file, line.path).at("units")
        for code in line.units if valid(line.units) else ():
            if code not in known:
                here.refuse(f"« {code} » n’est pas une unité du profil.", suggestion(code, known))
            elif code in seen:
                here.refuse(f"« {code} » est déjà servie par une autre ligne.")
            seen.add(code)
        for stop in line.stops if valid(line.stops) else ():
            _check_times(stop, place)


def _check_times(stop: StopTable, place: Place) -> None:
    days: set[int] = set()
    for times in stop.times if valid(stop.times) else ():
        here = Place(place.folder, place.problems, place.file, times.path)
        if not valid(times.weekdays, times.outward, times.homeward):
            continue
        if times.outward is None and times.homeward is None:
            here.refuse("donne l’heure de l’aller (`outward`), celle du retour (`homeward`), ou les deux.")
        if days & set(times.weekdays):
            here.at("weekdays").refuse("un jour a déjà ses heures à cet arrêt.")
        days |= set(times.weekdays)


def _unit_paths(profile: Profile) -> dict[str, str]:
    """“activity/unit” → where the unit stands in the file."""
    town = profile.town
    return {
        f"{activity.code}/{unit.code}": unit.path
        for activity in (town.activities if valid(town.activities) else ())
        for unit in (activity.units if valid(activity.units) else ())
        if valid(activity.code, unit.code)
    }


def _load(loading: Loading, table: tuple[LineTable, ...]) -> None:
    paths, units = _unit_paths(loading.profile), loading.codes.get("units", {})
    for order, line in enumerate(table):
        stored = loading.store(
            BusLine,
            find={"code": line.code},
            values={
                "name": line.name,
                "destination": line.destination,
                "notes": "\n".join(line.notes),
                "order": order,
                "starts_on": line.starts_on,
                "ends_on": line.ends_on,
            },
            path=line.path,
        )
        if stored is None:
            continue
        for code in line.units:
            unit = units.get(paths.get(code, ""))
            if unit is not None:  # what could not be stored is already refused
                LineUnit.objects.update_or_create(unit=unit, defaults={"line": stored})
        for rank, stop in enumerate(line.stops):
            _load_stop(loading, stored, stop, rank)


def _load_stop(loading: Loading, line: BusLine, table: StopTable, rank: int) -> None:
    values: dict[str, Any] = {
        "name": table.name,
        "place": table.place,
        "is_terminus": table.terminus,
        "order": rank,
        "starts_on": table.starts_on,
        "ends_on": table.ends_on,
    }
    stop = loading.store(BusStop, find={"line": line, "code": table.code}, values=values, path=table.path)
    if stop is None:
        return
    wanted = {weekday: (times.outward, times.homeward) for times in table.times for weekday in times.weekdays}
    StopTime.objects.filter(stop=stop).exclude(weekday__in=wanted).delete()
    for weekday, (outward, homeward) in wanted.items():
        StopTime.objects.update_or_create(
            stop=stop, weekday=weekday, defaults={"outward": outward, "homeward": homeward}
        )
