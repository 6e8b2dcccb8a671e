"""The menus taken away: PDF, ICS, JSON, CSV, and the public calendars. Nothing here asks who reads."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.http import conditional_page, require_safe

from documents.menus import open_data, queries
from documents.menus.closing import Openings
from documents.menus.enums import SiteKind
from documents.menus.ics import calendar_text
from documents.menus.models.menu import MenuSite, MenuWeek
from documents.menus.presenting import shown_week
from documents.menus.queries import PAST_WEEKS, menus_address, published_weeks, week_code
from documents.menus.week_page import heading, site_named
from documents.menus.weeks import WEEKS_FORWARD, month_from, week_from_code
from portal.domain import language
from portal.domain.activities.models import Structure
from portal.domain.activities.queries import load_calendar
from portal.domain.kernel.calendar import DateRange, monday_of
from portal.domain.kernel.clock import paris_date
from portal.domain.kernel.school_year import SchoolYear
from portal.web.design.pdf import render_pdf
from portal.web.identity import current_identity

_TEN_MINUTES = 600

View = Callable[..., HttpResponse]


def _public(view: View) -> View:
    """Anybody reads, from any site, and asks again after ten minutes."""
    return login_not_required(require_safe(conditional_page(view)))


def _open(content: str, content_type: str, name: str = "") -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response["Cache-Control"] = f"public, max-age={_TEN_MINUTES}"
    response["Access-Control-Allow-Origin"] = "*"
    if name:
        response["Content-Disposition"] = f'inline; filename="{name}"'
    return response


def _json(data: dict[str, Any], content_type: str = "application/json") -> HttpResponse:
    return _open(json.dumps(data, ensure_ascii=False, indent=1), content_type)


def _site(code: str) -> MenuSite:
    """The site of this code, while the menus are on line."""
    site = site_named(queries.sites(), code)
    if site is None or not menus_address():
        raise Http404
    return site


def _published(site: MenuSite) -> tuple[list[MenuWeek], Openings]:
    """What a site publishes: five weeks back, and everything ahead."""
    monday = monday_of(_today())
    days = DateRange(monday - timedelta(weeks=PAST_WEEKS), monday + timedelta(weeks=WEEKS_FORWARD))
    return published_weeks(site, days), queries.openings_of(site, days)


def _today() -> date:
    return paris_date(timezone.now())


@_public
def menus_ics(request: HttpRequest, site: str) -> HttpResponse:
    """The menus for an agenda, to subscribe to."""
    found = _site(site)
    weeks, openings = _published(found)
    page_url = request.build_absolute_uri(f"{menus_address()}{found.code}/")
    text = open_data.weeks_as_ics(found, weeks, openings, page_url=page_url)
    return _open(text, "text/calendar; charset=utf-8", f"menus-{found.code}.ics")


@_public
def menus_json(request: HttpRequest, site: str) -> HttpResponse:
    """The menus as JSON, described by /menus/schema.json."""
    found = _site(site)
    weeks, openings = _published(found)
    schema_url = request.build_absolute_uri(reverse("menus:schema"))
    return _json(open_data.weeks_as_json(found, weeks, openings, schema_url=schema_url))


@_public
def menus_csv(request: HttpRequest, site: str) -> HttpResponse:
    """The menus as the sheet that agents import."""
    found = _site(site)
    text = open_data.weeks_as_csv(*_published(found))
    # The mark at the beginning is how spreadsheets know UTF-8.
    return _open(f"\ufeff{text}", "text/csv; charset=utf-8", f"menus-{found.code}.csv")


@_public
def menus_scdl(request: HttpRequest, site: str) -> HttpResponse:
    """The menus in the national schema; not found until the town's SIRET is known, which the schema demands."""
    found = _site(site)
    town = current_identity(request)
    if not town.legal.siret:
        raise Http404
    weeks, openings = _published(found)
    text = open_data.weeks_as_scdl(found, town, weeks, openings)
    return _open(text, "text/csv; charset=utf-8", f"menus-{found.code}-scdl.csv")


@_public
def schema(request: HttpRequest) -> HttpResponse:
    """The JSON Schema of the menus."""
    address = request.build_absolute_uri(reverse("menus:schema"))
    return _json(open_data.schema(address), "application/schema+json")


@_public
def week_pdf(request: HttpRequest, site: str, week: str) -> HttpResponse:
    """One week on paper, with the allergens of each dish."""
    found, wanted = _site(site), week_from_code(week)
    if wanted is None:
        raise Http404
    weeks = published_weeks(found, wanted.range)
    if not weeks:
        raise Http404
    title = language.words().date_range_year(wanted.monday, wanted.day(max(5, *found.weekdays)))
    return _pdf(request, found, weeks, wanted.range, f"Semaine {title}", f"menus-{found.code}-{week_code(wanted)}")


@_public
def month_pdf(request: HttpRequest, site: str, year: int, month: int) -> HttpResponse:
    """The weeks of a month on paper."""
    found, days = _site(site), month_from(year, month)
    weeks = published_weeks(found, days) if days else []
    if days is None or not weeks:
        raise Http404
    title = language.words().month_year(days.first)
    return _pdf(request, found, weeks, days, title.capitalize(), f"menus-{found.code}-{year}-{month:02d}")


def _pdf(
    request: HttpRequest, site: MenuSite, weeks: list[MenuWeek], days: DateRange, title: str, name: str
) -> HttpResponse:
    """The tables of some weeks. Days outside of `days` are left out: a week may belong to two months."""
    openings = queries.openings_of(site, DateRange(weeks[0].monday, weeks[-1].range.last))
    with translation.override("fr"):
        tables = []
        for row in weeks:
            shown = shown_week(row.week, queries.entry_for(row), openings, courses=site.courses)
            kept = [day for day in shown.days if day.day in days]
            if kept:
                tables.append({"shown": shown, "days": kept, "first": kept[0].day, "last": kept[-1].day})
        content = render_pdf(
            "menus/menus_pdf.html",
            {
                "site": current_identity(request),
                "site_identity": current_identity(request),
                "menu_site": site,
                "heading": heading(site),
                "title": title,
                "tables": tables,
                "nursery": site.kind == SiteKind.NURSERY,
                "courses": site.ordered_courses(),
            },
        )
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    response["Cache-Control"] = f"public, max-age={_TEN_MINUTES}"
    return response


# -- public calendars ---------------------------------------------------------------------


@_public
def calendar_ics(request: HttpRequest, name: str) -> HttpResponse:
    """Holidays or closures for an agenda, from the running school year to the end of the next."""
    return _calendar(request, name, "ics")


@_public
def calendar_json(request: HttpRequest, name: str) -> HttpResponse:
    """The same as JSON."""
    return _calendar(request, name, "json")


def _calendar(request: HttpRequest, name: str, form: str) -> HttpResponse:
    if name not in open_data.CALENDARS:
        raise Http404
    year = SchoolYear.of(_today())
    days = DateRange(year.first_day, year.next.last_day)
    structures = dict(Structure.objects.values_list("pk", "name")) if name == "fermetures" else {}
    with translation.override("fr"):
        events = open_data.calendar_events(name, load_calendar(days), days, structures)
        title = f"{open_data.CALENDARS[name]}, {current_identity(request).name}"
        if form == "json":
            return _json(open_data.calendar_as_json(title, events))
        text = calendar_text(title, events)
    return _open(text, "text/calendar; charset=utf-8", f"{name}.ics")
