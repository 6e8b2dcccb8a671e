"""The menus and the public calendars as open data: JSON, CSV, ICS. Only what is published, and nothing personal."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import translation

from documents.menus.closing import Openings
from documents.menus.entries import WeekEntry
from documents.menus.enums import Allergen, Course, Label, SiteKind
from documents.menus.ics import AllDay, calendar_text
from documents.menus.models.menu import MenuSite, MenuWeek
from documents.menus.presenting import ShownDay, allergen_words, shown_day
from documents.menus.queries import entry_for, week_code
from documents.menus.sheet import written_sheet
from portal.domain.activities.opening import ServiceCalendar
from portal.domain.kernel.calendar import DateRange, Week
from portal.web.identity import SiteIdentity

LICENCE = "etalab-2.0"


def _uid_domain() -> str:
    return urlsplit(settings.PORTAL_BASE_URL).hostname or "portail"


# -- JSON ---------------------------------------------------------------------------------


def weeks_as_json(site: MenuSite, weeks: Iterable[MenuWeek], openings: Openings, *, schema_url: str) -> dict[str, Any]:
    """The document described by `schema()`. French words, whatever the language of who asks."""
    with translation.override("fr"):
        return {
            "$schema": schema_url,
            "license": LICENCE,
            "site": {"code": site.code, "name": site.name, "kind": site.kind, "intro": site.intro},
            "weeks": [_week_as_json(week, openings) for week in weeks],
        }


def _week_as_json(row: MenuWeek, openings: Openings) -> dict[str, Any]:
    entry = entry_for(row)
    weekdays = sorted({*openings.weekdays, *(day.weekday for day in entry.days)})
    return {
        "week": f"{row.week.year}-W{row.week.number:02d}",
        "monday": row.monday.isoformat(),
        "published_at": row.published_at.isoformat(timespec="seconds") if row.published_at else None,
        "changed_at": row.changed_at.isoformat(timespec="seconds"),
        "note": row.note,
        "days": [
            _day_as_json(shown_day(row.monday + timedelta(days=weekday - 1), entry.day(weekday), openings))
            for weekday in weekdays
        ],
    }


def _day_as_json(day: ShownDay) -> dict[str, Any]:
    return {
        "date": day.day.isoformat(),
        "closed": bool(day.closed),
        "reason": day.closed,
        "special": day.special,
        "dishes": [
            {
                "course": dish.course,
                "course_label": dish.course_label,
                "choice": 2 if dish.alternative else 1,
                "name": dish.name,
                "allergens": list(dish.allergens),
                "labels": [code for code, _word in dish.labels],
                "texture": dish.texture,
            }
            for dish in day.dishes
        ],
    }


def schema(address: str) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of the menus."""
    text: dict[str, Any] = {"type": "string"}
    day = {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"}

    def thing(properties: dict[str, Any], **more: Any) -> dict[str, Any]:
        return {
            "type": "object",
            "properties": properties,
            "required": list(properties),
            "additionalProperties": False,
            **more,
        }

    def codes(choices: Any) -> dict[str, Any]:
        return {"type": "array", "items": {"enum": list(choices.values)}, "uniqueItems": True}

    dish = thing(
        {
            "course": {"enum": Course.values},
            "course_label": text,
            "choice": {"enum": [1, 2], "description": "1 : servi ; 2 : l’autre plat, au choix"},
            "name": {"type": "string", "minLength": 1, "maxLength": 120},
            "allergens": codes(Allergen) | {"description": "annexe II du règlement (UE) n° 1169/2011"},
            "labels": codes(Label),
            "texture": text,
        }
    )
    served = thing(
        {
            "date": day,
            "closed": {"type": "boolean"},
            "reason": text,
            "special": text,
            "dishes": {"type": "array", "items": dish},
        }
    )
    instant = {"type": "string", "format": "date-time"}
    week = thing(
        {
            "week": {"type": "string", "pattern": r"^\d{4}-W\d{2}$", "description": "semaine ISO 8601"},
            "monday": day,
            "published_at": {"anyOf": [instant, {"type": "null"}]},
            "changed_at": instant,
            "note": text,
            "days": {"type": "array", "items": served},
        }
    )
    site = thing({"code": text, "name": text, "kind": {"enum": SiteKind.values}, "intro": text})
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": address,
        "title": "Menus publiés par une commune",
        **thing(
            {
                "$schema": {"type": "string", "format": "uri"},
                "license": {"const": LICENCE},
                "site": site,
                "weeks": {"type": "array", "items": week},
            }
        ),
    }


# -- CSV ----------------------------------------------------------------------------------


def weeks_as_csv(weeks: Iterable[MenuWeek], openings: Openings) -> str:
    """The sheet that agents import, with the days that the calendar closes."""
    entries: dict[Week, WeekEntry] = {}
    closed: dict[date, str] = {}
    with translation.override("fr"):
        for row in weeks:
            entry = entry_for(row)
            reasons = {
                day: why for day in row.range.days() if day.isoweekday() in openings.weekdays
                and (why := openings.why_closed(day))
            }  # fmt: skip
            kept = tuple(day for day in entry.days if row.monday + timedelta(days=day.weekday - 1) not in reasons)
            entries[row.week] = WeekEntry(kept, entry.note)
            closed |= reasons
    return written_sheet(entries, closed)


#: Names and words of the national schema « Menus de la restauration collective » (SCDL), version 1.2.3.
SCDL_COLUMNS = (
    "menuCollNom", "menuCollSiret", "menuEtablissementNom", "menuEtablissementSiret", "menuRestaurantNom",
    "menuRestaurantInsee", "menuRestaurantId", "menuRestaurantIdType", "menuRestaurantType", "menuRestaurantConvive",
    "menuDate", "menuRepasType", "menuPlatType", "menuPlatNom", "menuPlatCode", "menuPlatSiqo", "menuPlatLabel",
    "menuPlatPrecision", "menuPlatRegime", "menuPlatAllergene", "menuPlatTexture", "menuPlatNutriscore",
    "menuPlatPrix", "menuPublicationDate", "menuModificationDate", "menuModificationInfo",
)  # fmt: skip
_SCDL_COURSES = {
    Course.STARTER: "entrée", Course.MAIN: "plat principal", Course.SIDE: "garniture",
    Course.DAIRY: "produit laitier", Course.DESSERT: "dessert", Course.SNACK: "autre",
}  # fmt: skip
_SCDL_QUALITY = {
    Label.ORGANIC: "agriculture biologique", Label.ORIGIN: "appellation d’origine protégée",
    Label.LABEL_ROUGE: "label rouge",
}  # fmt: skip


def weeks_as_scdl(site: MenuSite, town: SiteIdentity, weeks: Iterable[MenuWeek], openings: Openings) -> str:
    """The menus in the national schema: one line per dish served, comma between columns."""
    out = io.StringIO()
    writer = csv.DictWriter(out, SCDL_COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    with translation.override("fr"):
        for row in weeks:
            entry = entry_for(row)
            for day in entry.days:
                on = row.monday + timedelta(days=day.weekday - 1)
                for dish in shown_day(on, day, openings).dishes:
                    labels = [Label(code) for code, _word in dish.labels]
                    others = [
                        str(label.label)
                        for label in labels
                        if label not in _SCDL_QUALITY and label != Label.VEGETARIAN
                    ]
                    writer.writerow(
                        {
                            "menuCollNom": town.name,
                            "menuCollSiret": "".join(town.legal.siret.split()),
                            "menuEtablissementNom": site.producer or town.name,
                            "menuRestaurantNom": site.name,
                            "menuRestaurantId": site.code,
                            "menuRestaurantIdType": "autre",
                            "menuRestaurantType": "crèche" if site.kind == SiteKind.NURSERY else "élémentaire",
                            "menuRestaurantConvive": "tous",
                            "menuDate": on.isoformat(),
                            "menuRepasType": "goûter" if dish.course == Course.SNACK else "déjeuner",
                            "menuPlatType": _SCDL_COURSES[Course(dish.course)],
                            "menuPlatNom": dish.name,
                            "menuPlatSiqo": _listed(
                                _SCDL_QUALITY[label] for label in labels if label in _SCDL_QUALITY
                            ),
                            "menuPlatLabel": " ; ".join(others),
                            "menuPlatPrecision": day.special,
                            "menuPlatRegime": _listed(["végétarien"] if Label.VEGETARIAN in labels else []),
                            "menuPlatAllergene": _listed(allergen_words(dish.allergens)),
                            "menuPlatTexture": _listed([dish.texture] if dish.texture else []),
                            "menuPublicationDate": row.published_at.isoformat() if row.published_at else "",
                            "menuModificationDate": row.changed_at.isoformat(),
                        }
                    )
    return out.getvalue()


def _listed(words: Iterable[str]) -> str:
    """`["lait","gluten"]`, or nothing."""
    found = [f'"{word}"' for word in words]
    return f"[{','.join(found)}]" if found else ""


# -- ICS ----------------------------------------------------------------------------------


def weeks_as_ics(site: MenuSite, weeks: Iterable[MenuWeek], openings: Openings, *, page_url: str) -> str:
    """One event per day with a meal or a reason not to have one."""
    with translation.override("fr"):
        events = [event for row in weeks for event in _week_events(site, row, openings, page_url)]
        return calendar_text(f"Menus, {site.name}", events, description=site.intro, url=page_url)


def _week_events(site: MenuSite, row: MenuWeek, openings: Openings, page_url: str) -> Iterable[AllDay]:
    entry = entry_for(row)
    for weekday in sorted({*openings.weekdays, *(day.weekday for day in entry.days)}):
        day = shown_day(row.monday + timedelta(days=weekday - 1), entry.day(weekday), openings)
        if not (day.dishes or day.closed):
            continue
        yield AllDay(
            uid=f"menu-{site.code}-{day.day.isoformat()}@{_uid_domain()}",
            first=day.day,
            last=day.day,
            summary=f"Pas de repas\u00a0: {day.closed}" if day.closed else _summary(day),
            description="" if day.closed else _description(day),
            url=f"{page_url}{week_code(row.week)}/#{day.anchor}" if page_url else "",
            changed_at=row.changed_at,
            categories=("Menus",),
        )


def _summary(day: ShownDay) -> str:
    mains = [dish for dish in day.dishes if dish.course == Course.MAIN] or list(day.dishes[:1])
    words = " ou ".join(dish.name for dish in mains)
    return f"{day.special}\u00a0: {words}" if day.special else words


def _description(day: ShownDay) -> str:
    lines = []
    for dish in day.dishes:
        more = [*dish.label_words, *([dish.texture] if dish.texture else [])]
        contains = allergen_words(dish.allergens)
        detail = f" ({', '.join(more)})" if more else ""
        line = f"{'ou ' if dish.alternative else ''}{dish.name}{detail}"
        lines.append(f"{line}. Allergènes\u00a0: {', '.join(contains) if contains else 'aucun indiqué'}.")
    return "\n".join(lines)


# -- public calendars ---------------------------------------------------------------------

CALENDARS = {
    "vacances-scolaires": "Vacances scolaires",
    "jours-feries": "Jours fériés",
    "fermetures": "Fermetures",
}


def calendar_events(name: str, calendar: ServiceCalendar, days: DateRange, structures: dict[int, str]) -> list[AllDay]:
    """The events of one public calendar within `days`, in order.

    Closures of one activity are left out: they concern those enrolled, not the public.
    """
    domain = _uid_domain()
    if name == "vacances-scolaires":
        found = [
            AllDay(
                f"vacances-{holiday.days.first.isoformat()}@{domain}",
                holiday.days.first,
                holiday.days.last,
                holiday.name,
            )
            for holiday in calendar.holidays
        ]
    elif name == "jours-feries":
        found = [
            AllDay(f"ferie-{day.isoformat()}@{domain}", day, day, holiday)
            for day, holiday in calendar.public_holidays.items()
        ]
    else:
        found = [
            AllDay(
                f"fermeture-{closure.structure_id or 'commune'}-{closure.days.first.isoformat()}@{domain}",
                closure.days.first,
                closure.days.last,
                f"{structures.get(closure.structure_id or 0, 'Tous les services')}\u00a0: {closure.reason}",
            )
            for closure in calendar.closures
            if closure.activity_id is None
        ]
    kept = {event.uid: event for event in found if DateRange(event.first, event.last).overlaps(days)}
    return sorted(kept.values(), key=lambda event: (event.first, event.summary))


def calendar_as_json(title: str, events: Sequence[AllDay]) -> dict[str, Any]:
    """`{"title", "license", "periods": [{"name", "first", "last"}]}`, both days included."""
    return {
        "title": title,
        "license": LICENCE,
        "periods": [
            {"name": event.summary, "first": event.first.isoformat(), "last": event.last.isoformat()}
            for event in events
        ],
    }
