"""What must hold between the tables of a profile. Values that could not be read are left alone."""

from collections.abc import Iterable
from typing import Any

from portal.backoffice.profiles.days import DayRule
from portal.backoffice.profiles.problems import suggestion
from portal.backoffice.profiles.relations import check_relations
from portal.backoffice.profiles.schema import Place, valid
from portal.backoffice.profiles.tables import (
    ActivityTable,
    ClosureTable,
    LimitTable,
    TariffTable,
    TownTable,
    UnitTable,
)
from portal.domain.activities.enums import Audience, LimitDays, LimitSpan
from portal.domain.kernel.french import plural
from portal.domain.kernel.school_year import SchoolYear

#: A year like another, to compare days that have none. The zone changes nothing to the order of two days.
SOME_YEAR = SchoolYear(2026)


def check_town(town: TownTable, place: Place) -> None:
    """Note in `place` every contradiction of the tables that describe the town."""
    for name in ("services", "structures", "schools", "activity_types", "pools", "tariffs", "activities"):
        if valid(getattr(town, name)):
            unique(getattr(town, name), "code", place)
    for tariff in _tables(town.tariffs):
        _check_tariff(tariff, place)
    for activity in _tables(town.activities):
        _check_activity(activity, town, place)
    check_relations(town, place)
    for closure in _tables(town.closures):
        _check_closure(closure, town, place)


def unique(tables: Iterable[Any], name: str, place: Place) -> None:
    """Refuse two tables with the same value of `name`."""
    seen: set[Any] = set()
    for table in tables:
        value = getattr(table, name)
        if valid(value):
            if value in seen:
                _at(place, table.path, name).refuse(f"« {value} » est déjà pris.", "Donnez à chacun le sien.")
            seen.add(value)


def refer(value: Any, known: Iterable[str], place: Place, what: str) -> None:
    """Refuse a code that no table has."""
    codes = [code for code in known if valid(code)]
    if valid(value) and value not in codes:
        place.refuse(f"« {value} » n’est pas {what} du profil.", suggestion(value, codes))


def _tables(value: Any) -> tuple[Any, ...]:
    return value if valid(value) else ()


def _at(place: Place, path: str, name: str) -> Place:
    """A key of a table that stands at `path`."""
    return Place(place.folder, place.problems, place.file, path).at(name)


def _codes(tables: Any) -> list[str]:
    return [table.code for table in _tables(tables)]


def _check_tariff(tariff: TariffTable, place: Place) -> None:
    if not valid(tariff.versions):
        return
    unique(tariff.versions, "valid_from", place)
    for version in _tables(tariff.versions):
        if valid(version.unit_price, version.grid) and (version.unit_price is None) == (version.grid is None):
            place.at(version.path).refuse(
                "une version a un prix pour tous, ou une grille : l’un des deux.",
                "Écrivez `unit_price = 4.30`, ou une table `[tariffs.versions.grid]`.",
            )


def _check_activity(activity: ActivityTable, town: TownTable, place: Place) -> None:
    for name, tables, what in (
        ("service", town.services, "un service"),
        ("structure", town.structures, "une structure"),
        ("type", town.activity_types, "un type d’activité"),
    ):
        refer(getattr(activity, name), _codes(tables), _at(place, activity.path, name), what)
    for code in _tables(activity.schools):
        refer(code, _codes(town.schools), _at(place, activity.path, "schools"), "une école")
    ages = (activity.min_age, activity.max_age)
    if valid(*ages) and None not in ages and activity.max_age < activity.min_age:
        _at(place, activity.path, "max_age").refuse(
            f"{plural(activity.max_age, 'an')} est inférieur à l’âge minimum, {plural(activity.min_age, 'an')}."
        )
    _check_order(activity, "starts_on", "ends_on", "le dernier jour vient avant le premier.", place)
    _check_order(
        activity,
        "enrolment_opens_on",
        "enrolment_closes_on",
        "les inscriptions ferment avant d’ouvrir.",
        place,
    )
    for window in _tables(activity.enrolment_windows):
        _check_order(window, "opens_on", "closes_on", "les inscriptions ferment avant d’ouvrir.", place)
        needed = {Audience.RESIDENTS.value: "towns", Audience.PAPER.value: "paper"}.get(window.audience)
        if needed and valid(getattr(window, needed)) and not getattr(window, needed):
            _at(place, window.path, needed).refuse("attend de quelles communes, ou avec quelle pièce.")
    if valid(activity.enrolment_windows):
        unique(activity.enrolment_windows, "label", place)
    if valid(activity.units):
        unique(activity.units, "code", place)
    if valid(activity.limits):
        unique(activity.limits, "code", place)
    for limit in _tables(activity.limits):
        _check_limit(limit, activity, place)
    _check_late(activity, place)
    for unit in _tables(activity.units):
        _check_unit(unit, activity, town, place)


def _check_limit(limit: LimitTable, activity: ActivityTable, place: Place) -> None:
    """One number, of a period that has a meaning, over units of the activity."""
    for code in _tables(limit.units):
        refer(code, _codes(activity.units), _at(place, limit.path, "units"), "une unité de l’activité")
    if not valid(limit.at_most, limit.at_least, limit.span, limit.among):
        return
    if (limit.at_most is None) == (limit.at_least is None):
        _at(place, limit.path, "at_most").refuse(
            "attend un nombre, au plus ou au moins.", "Donnez `at_most` ou `at_least`, pas les deux."
        )
        return
    name, count = ("at_most", limit.at_most) if limit.at_most is not None else ("at_least", limit.at_least)
    most = {LimitSpan.WEEK.value: 7, LimitSpan.MONTH.value: 31}.get(limit.span)
    if most is not None and count > most:
        _at(place, limit.path, name).refuse(f"{count} : il n’y a que {most} jours dans cette période.")
    if name == "at_least" and limit.span == LimitSpan.DAY:
        _at(place, limit.path, "span").refuse("un minimum se compte par semaine, par mois ou par période.")
    if limit.span == LimitSpan.HOLIDAY and limit.among in (LimitDays.ALL, LimitDays.SCHOOL):
        _at(place, limit.path, "among").refuse(
            "par période de vacances, les jours comptés sont de vacances.", "Écrivez `holidays`, `short` ou `summer`."
        )


def _check_late(activity: ActivityTable, place: Place) -> None:
    """A late deadline has one surcharge, and a surcharge has its deadline."""
    late, amount, percent = activity.late_booking_deadline, activity.late_amount, activity.late_percent
    if not valid(late, amount, percent):
        return
    if late is None:
        for name in ("late_amount", "late_percent"):
            if getattr(activity, name) is not None:
                _at(place, activity.path, name).refuse(
                    "un supplément de retard va avec son délai.", "Ajoutez `late_booking_deadline`."
                )
    elif (amount is None) == (percent is None):
        _at(place, activity.path, "late_booking_deadline").refuse(
            "attend un supplément, en euros ou en %.", "Donnez `late_amount` ou `late_percent`, pas les deux."
        )
    elif amount == 0:
        _at(place, activity.path, "late_amount").refuse(
            "un supplément de retard n’est pas nul.", "Sans supplément, allongez plutôt `booking_deadline`."
        )


def _check_unit(unit: UnitTable, activity: ActivityTable, town: TownTable, place: Place) -> None:
    refer(unit.tariff, _codes(town.tariffs), _at(place, unit.path, "tariff"), "un tarif")
    for code in _tables(unit.pools):
        refer(code, _codes(town.pools), _at(place, unit.path, "pools"), "une réserve de places")
    hours = (unit.starts_at, unit.ends_at)
    if valid(*hours) and None not in hours and unit.ends_at <= unit.starts_at:
        _at(place, unit.path, "ends_at").refuse("l’heure de fin suit l’heure de début.")
    tariff = next((tariff for tariff in _tables(town.tariffs) if tariff.code == unit.tariff), None)
    if tariff is None or not valid(activity.starts_on, town.calendar):
        return
    prices = [version.valid_from for version in _tables(tariff.versions)]
    # A fixed first day can be compared; a day of the year must be priced whatever the year, hence from long ago.
    first = activity.starts_on.fixed
    if prices and valid(*prices) and first is not None and min(prices) > first:
        _at(place, unit.path, "tariff").refuse(
            f"le tarif « {tariff.code} » n’a pas de prix au premier jour de l’activité, le {first:%d/%m/%Y}.",
            "Ajoutez-lui une version plus ancienne.",
        )


def _check_order(table: Any, first: str, last: str, reason: str, place: Place) -> None:
    """Two days of one table, in order, whenever both are of the same sort (fixed, or of the year)."""
    start, end = getattr(table, first), getattr(table, last)
    if not valid(start, end) or start is None or end is None or (start.fixed is None) != (end.fixed is None):
        return
    if _some(end) < _some(start):
        _at(place, table.path, last).refuse(reason)


def _some(day: DayRule) -> Any:
    return day.on(SOME_YEAR, "A")


def _check_closure(closure: ClosureTable, town: TownTable, place: Place) -> None:
    if valid(closure.structure, closure.activity) and closure.structure and closure.activity:
        _at(place, closure.path, "activity").refuse(
            "une fermeture concerne une structure ou une activité, pas les deux.", "Gardez l’une des deux clés."
        )
    if closure.structure:
        refer(closure.structure, _codes(town.structures), _at(place, closure.path, "structure"), "une structure")
    if closure.activity:
        refer(closure.activity, _codes(town.activities), _at(place, closure.path, "activity"), "une activité")
    _check_order(closure, "starts_on", "ends_on", "le dernier jour vient avant le premier.", place)
