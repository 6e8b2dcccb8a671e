"""Storing the tables that describe the town: what it offers, when, at what price."""

from decimal import Decimal
from typing import Any

from portal.backoffice.guards import why_pools_stay, why_price_stays, why_unit_stays, why_version_stays
from portal.backoffice.profiles.loading import Loading
from portal.backoffice.profiles.tables import YEAR_MARK, ActivityTable, PoolTable, TariffVersionTable, UnitTable
from portal.backoffice.profiles.tying import load_relations
from portal.domain.accounts.models import TermsVersion
from portal.domain.activities.enums import LateKind, LimitSense
from portal.domain.activities.models import (
    Activity,
    ActivityType,
    BookingLimit,
    CalendarSettings,
    Closure,
    EnrolmentWindow,
    PlacePool,
    Service,
    Structure,
    Unit,
)
from portal.domain.activities.services import seed_calendar
from portal.domain.activities.validators import always
from portal.domain.bookings.capacity import CapacityTooLow, set_capacity
from portal.domain.families.models import School
from portal.domain.kernel.clock import end_of_day, start_of_day
from portal.domain.kernel.french import full_date, plural
from portal.domain.tariffs.models import Tariff, TariffVersion, UnitTariff

#: Civil years seeded around the school year: a look back for the plannings of the past, and the next rentrée.
YEARS_BEFORE, YEARS_AFTER = 1, 1


def load_town(loading: Loading) -> None:
    """Store everything but the parts of `sections`. Problems are noted in `loading`."""
    _load_calendar(loading)
    _load_terms(loading)
    _load_references(loading)
    _load_tariffs(loading)
    for activity in loading.profile.town.activities:
        _load_activity(loading, activity)
    load_relations(loading)
    _load_closures(loading)


def _load_calendar(loading: Loading) -> None:
    table = loading.profile.town.calendar
    loading.store(
        CalendarSettings,
        find={"single": True},
        values={
            "zone": table.zone,
            "public_holidays_region": table.public_holidays_region,
            "allow_overlaps": table.allow_overlaps,
        },
        path=table.path,
    )
    seeded = seed_calendar(
        zone=table.zone,
        from_year=loading.year.start - YEARS_BEFORE,
        to_year=loading.year.start + YEARS_AFTER,
        by=loading.by,
        at=loading.at,
    )
    loading.report.created["jour du calendrier"] += seeded.created
    loading.report.updated["jour du calendrier"] += seeded.updated
    loading.report.note(seeded.notice)
    if seeded.kept:
        loading.report.note(
            f"{plural(seeded.kept, 'date')} du calendrier corrigées par un agent, laissées telles quelles."
        )


def _load_terms(loading: Loading) -> None:
    table = loading.profile.town.terms
    published = TermsVersion.objects.filter(number=table.version).first()
    if published and published.body != table.file.text and published.acceptances.exists():
        loading.refuse(
            f"{table.path}.file",
            f"des familles ont accepté la version {table.version} : son texte ne change plus.",
            f"Remettez le texte d’avant, ou publiez celui-ci avec « version = {table.version + 1} ».",
        )
        return
    loading.store(
        TermsVersion,
        find={"number": table.version},
        values={
            "title": table.title,
            "body": table.file.text,
            "published_at": start_of_day(table.published_on),
        },
        path=table.path,
    )


def _load_references(loading: Loading) -> None:
    """What activities name: services, structures, schools, types, pools."""
    town = loading.profile.town
    plain_models: tuple[tuple[str, Any, tuple[str, ...]], ...] = (
        ("services", Service, ("name", "email", "phone", "opening_hours")),
        ("structures", Structure, ("name", "street", "postcode", "town", "phone", "email", "latitude", "longitude")),
        ("schools", School, ("name",)),
        ("activity_types", ActivityType, ("name", "order")),
    )
    for name, model, fields in plain_models:
        loading.codes[name] = {
            table.code: loading.store(
                model,
                find={"code": table.code},
                values={field: getattr(table, field) for field in fields},
                path=table.path,
            )
            for table in getattr(town, name)
        }
    loading.codes["pools"] = {table.code: _load_pool(loading, table) for table in town.pools}


def _load_pool(loading: Loading, table: PoolTable) -> PlacePool | None:
    existing = PlacePool.objects.filter(code=table.code).first()
    if existing is None:
        return loading.store(
            PlacePool,
            find={"code": table.code},
            values={"name": table.name, "capacity": table.capacity},
            path=table.path,
        )
    if existing.capacity != table.capacity:
        try:
            days = set_capacity(pool=existing, capacity=table.capacity, by=loading.by, at=loading.at)
        except CapacityTooLow as error:
            loading.refuse(f"{table.path}.capacity", str(error))
            return existing
        loading.report.note(
            f"{existing.name} : {table.capacity if table.capacity is not None else 'sans limite'} par jour, "
            f"{plural(days, 'jour')} mis à jour."
        )
    return loading.store(PlacePool, find={"code": table.code}, values={"name": table.name}, path=table.path)


def _load_tariffs(loading: Loading) -> None:
    stored = loading.codes.setdefault("tariffs", {})
    for table in loading.profile.town.tariffs:
        tariff = loading.store(
            Tariff,
            find={"code": table.code},
            values={"name": table.name, "rate_label": table.rate_label},
            path=table.path,
        )
        stored[table.code] = tariff
        if tariff is None:
            continue
        for version in table.versions:
            _load_version(loading, tariff, version)
        if loading.prune:
            _prune_versions(loading, tariff, table.versions)


def _load_version(loading: Loading, tariff: Tariff, table: TariffVersionTable) -> None:
    existing = TariffVersion.objects.filter(tariff=tariff, valid_from=table.valid_from).first()
    if existing and (reason := why_price_stays(version=existing, price=table.unit_price, grid=table.grid)):
        loading.refuse(
            f"{table.path}.{'grid' if table.unit_price is None else 'unit_price'}",
            f"{reason} Il ne change plus.",
            "Ajoutez une version avec une date plus récente.",
        )
        return
    loading.store(
        TariffVersion,
        find={"tariff": tariff, "valid_from": table.valid_from},
        values={
            "unit_price": table.unit_price,
            "grid": table.grid,
            "deliberation": table.deliberation,
            "deliberation_url": table.deliberation_url,
        },
        path=table.path,
    )


def _prune_versions(loading: Loading, tariff: Tariff, kept: tuple[TariffVersionTable, ...]) -> None:
    dates = {version.valid_from for version in kept}
    for version in TariffVersion.objects.filter(tariff=tariff).exclude(valid_from__in=dates).order_by("valid_from"):
        if reason := why_version_stays(version):
            loading.refuse(
                f"tariffs[{tariff.code}].versions",
                f"version du {full_date(version.valid_from)} : {reason} Elle ne peut pas disparaître.",
                "Remettez-la dans le profil.",
            )
        else:
            loading.remove(version)


def activity_code(code: str, start: int) -> str:
    """The code of an activity of the profile in one school year: “restaurant-2026”."""
    return f"{code}-{start}"


def _load_activity(loading: Loading, table: ActivityTable) -> None:
    codes = loading.codes
    parts = [codes["services"].get(table.service), codes["structures"].get(table.structure)]
    parts.append(codes["activity_types"].get(table.type))
    starts_on, ends_on = (day.on(loading.year, loading.zone) for day in (table.starts_on, table.ends_on))
    if ends_on < starts_on:
        loading.refuse(
            f"{table.path}.ends_on",
            f"l’activité finit le {full_date(ends_on)}, avant de commencer le {full_date(starts_on)}.",
        )
        return
    if None in parts:
        return  # said where that part stands
    service, structure, kind = parts
    booking = table.booking_deadline.to_data() if table.booking_deadline else always()
    cancellation = table.cancellation_deadline.to_data() if table.cancellation_deadline else booking
    opens, closes = table.enrolment_opens_on, table.enrolment_closes_on
    activity = loading.store(
        Activity,
        find={"code": activity_code(table.code, loading.year.start)},
        values={
            "name": table.name.replace(YEAR_MARK, loading.year.label),
            "short_name": table.short_name.replace(YEAR_MARK, loading.year.label),
            "service": service,
            "structure": structure,
            "type": kind,
            "order": table.order,
            "starts_on": starts_on,
            "ends_on": ends_on,
            "service_days": table.service_days,
            "min_age": table.min_age,
            "max_age": table.max_age,
            "age_reference": table.age_reference,
            "levels": list(table.levels),
            "school_codes": list(table.schools),
            "enrolment_mode": table.enrolment_mode,
            "validation_mode": table.validation_mode,
            "enrolment_opens_at": start_of_day(opens.on(loading.year, loading.zone)) if opens else None,
            "enrolment_closes_at": end_of_day(closes.on(loading.year, loading.zone)) if closes else None,
            "shown_on_planning": table.shown_on_planning,
            "editable_by_families": table.editable_by_families,
            "booking_deadline": booking,
            "cancellation_deadline": cancellation,
            **_late(table),
            "removal_deadline": table.removal_deadline.to_data() if table.removal_deadline else always(),
            "rules_article": table.rules_article,
        },
        path=table.path,
    )
    codes.setdefault("activities", {})[table.code] = activity
    if activity is None:
        return
    for order, unit in enumerate(table.units, 1):
        _load_unit(loading, activity, unit, order)
    _load_limits(loading, activity, table)
    _leftover_units(loading, activity, table)
    _load_windows(loading, activity, table)


def _late(table: ActivityTable) -> dict[str, Any]:
    """How days are booked late, as the activity keeps it; that the keys agree is checked before."""
    if table.late_booking_deadline is None:
        return {"late_booking_deadline": None, "late_kind": "", "late_value": None}
    by_amount = table.late_amount is not None
    return {
        "late_booking_deadline": table.late_booking_deadline.to_data(),
        "late_kind": LateKind.AMOUNT if by_amount else LateKind.PERCENT,
        "late_value": table.late_amount if by_amount else Decimal(table.late_percent or 0),
    }


def _load_limits(loading: Loading, activity: Activity, table: ActivityTable) -> None:
    """The numbers of days of the profile; one that it does not name any more stays, unless `prune`."""
    units = loading.codes.get("units", {})
    by_code = {unit.code: units[unit.path] for unit in table.units if unit.path in units}
    for limit in table.limits:
        if any(code not in by_code for code in limit.units):
            continue  # said where that unit stands
        most = limit.at_most is not None
        loading.store(
            BookingLimit,
            find={"activity": activity, "code": limit.code},
            values={
                "sense": LimitSense.AT_MOST if most else LimitSense.AT_LEAST,
                "count": limit.at_most if most else limit.at_least,
                "span": limit.span,
                "among": limit.among,
            },
            links={"units": [by_code[code] for code in limit.units]},
            path=limit.path,
        )
    codes = {limit.code for limit in table.limits}
    for lost in BookingLimit.objects.filter(activity=activity).exclude(code__in=codes).order_by("pk"):
        if loading.prune:
            loading.remove(lost)
        else:
            loading.report.note(f"Le nombre de jours « {lost} » n’est pas dans le profil : conservé.")


def _load_windows(loading: Loading, activity: Activity, table: ActivityTable) -> None:
    """The windows of the profile; one that it does not name any more is removed, as dates are."""
    for window in table.enrolment_windows:
        opens, closes = window.opens_on, window.closes_on
        loading.store(
            EnrolmentWindow,
            find={"activity": activity, "label": window.label},
            values={
                "audience": window.audience,
                "towns": list(window.towns),
                "paper_code": window.paper,
                "opens_at": start_of_day(opens.on(loading.year, loading.zone)) if opens else None,
                "closes_at": end_of_day(closes.on(loading.year, loading.zone)) if closes else None,
                "entry_rule": window.entry_rule.to_data() if window.entry_rule else None,
            },
            path=window.path,
        )
    names = {window.label for window in table.enrolment_windows}
    for lost in EnrolmentWindow.objects.filter(activity=activity).exclude(label__in=names).order_by("pk"):
        if loading.prune:
            loading.remove(lost)
        else:
            loading.report.note(f"La fenêtre d’inscription « {lost} » n’est pas dans le profil : conservée.")


def _load_unit(loading: Loading, activity: Activity, table: UnitTable, order: int) -> None:
    pools = [pool for code in table.pools if (pool := loading.codes["pools"].get(code)) is not None]
    if len(pools) < len(table.pools):
        return  # said where that pool stands
    tariff = loading.codes["tariffs"].get(table.tariff)
    first = TariffVersion.objects.filter(tariff=tariff).order_by("valid_from").first() if tariff else None
    if tariff is not None and (first is None or first.valid_from > activity.starts_on):
        loading.refuse(
            f"{table.path}.tariff",
            f"le tarif « {table.tariff} » n’a pas de prix au premier jour de l’activité, "
            f"le {full_date(activity.starts_on)}.",
            "Ajoutez-lui une version plus ancienne.",
        )
        return
    existing = Unit.objects.filter(activity=activity, code=table.code).first()
    if existing and (reason := why_pools_stay(unit=existing, pools=pools)):
        loading.refuse(f"{table.path}.pools", reason, "Gardez ces réserves pour cette année scolaire.")
        return
    unit = loading.store(
        Unit,
        find={"activity": activity, "code": table.code},
        values={
            "name": table.name,
            "order": order * 10,
            "weekdays": list(table.weekdays),
            "starts_at": table.starts_at,
            "ends_at": table.ends_at,
            "may_overlap": table.may_overlap,
            "booking_deadline": table.booking_deadline.to_data() if table.booking_deadline else None,
            "cancellation_deadline": table.cancellation_deadline.to_data() if table.cancellation_deadline else None,
        },
        links={"pools": pools},
        path=table.path,
    )
    if unit is not None:
        loading.codes.setdefault("units", {})[table.path] = unit
    if unit is not None and tariff is not None:
        loading.store(UnitTariff, find={"unit": unit}, values={"tariff": tariff}, path=f"{table.path}.tariff")


def _leftover_units(loading: Loading, activity: Activity, table: ActivityTable) -> None:
    """Units of the activity that the profile does not name: kept and said, or removed with `prune`."""
    codes = {unit.code for unit in table.units}
    for unit in Unit.objects.filter(activity=activity).exclude(code__in=codes).order_by("order", "pk"):
        if not loading.prune:
            loading.report.note(f"L’unité « {unit} » n’est pas dans le profil : conservée.")
        elif reason := why_unit_stays(unit):
            loading.refuse(
                f"{table.path}.units",
                f"{unit.code} : {reason} Elle ne peut pas disparaître.",
                "Remettez-la dans le profil.",
            )
        else:
            loading.remove(unit)


def _load_closures(loading: Loading) -> None:
    for table in loading.profile.town.closures:
        starts_on = table.starts_on.on(loading.year, loading.zone)
        ends_on = table.ends_on.on(loading.year, loading.zone) if table.ends_on else starts_on
        structure = loading.codes["structures"].get(table.structure)
        activity = loading.codes.get("activities", {}).get(table.activity)
        loading.store(
            Closure,
            find={"starts_on": starts_on, "structure": structure, "activity": activity},
            values={"reason": table.reason, "ends_on": ends_on},
            path=table.path,
        )
