"""A sheet of menus, read dry first, stored when the agent confirms."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods
from wagtail.admin import messages

from documents.menus import queries
from documents.menus.desk.views import agent_only, grid_url
from documents.menus.entries import DayEntry, WeekEntry, differences
from documents.menus.models.menu import MenuSite, MenuWeek
from documents.menus.queries import week_code
from documents.menus.services import WeekChanged, publish_week, save_week, stored_entry
from documents.menus.sheet import COLUMNS, MOST_BYTES, Sheet, decoded, read_sheet
from documents.menus.week_page import site_named
from portal.domain.accounts.models import User
from portal.domain.kernel import french
from portal.domain.kernel.calendar import DateRange, Week


@dataclass(frozen=True, slots=True)
class Planned:
    """What the import would do to one week. `changes` counts cells that differ from what is there."""

    week: Week
    entry: WeekEntry
    version: int
    state: str
    dishes: int
    changes: int
    url: str

    @property
    def field(self) -> str:
        return f"version-{week_code(self.week)}"

    @property
    def period(self) -> str:
        return french.date_range_year(self.week.monday, self.week.day(5))


def without_automatic(site: MenuSite, weeks: Mapping[Week, WeekEntry]) -> dict[Week, WeekEntry]:
    """The weeks without the closures that the calendar says by itself: they are not an agent's, and may change.

    One query for the calendar of all the weeks.
    """
    if not weeks:
        return {}
    openings = queries.openings_of(site, DateRange(min(weeks).monday, max(weeks).sunday))

    def kept(week: Week, day: DayEntry) -> DayEntry:
        same = day.closed and day.reason == openings.why_closed(week.day(day.weekday))
        return replace(day, closed=False, reason="") if same else day

    return {week: WeekEntry(tuple(kept(week, day) for day in entry.days), entry.note) for week, entry in weeks.items()}


def plan(site: MenuSite, weeks: Mapping[Week, WeekEntry]) -> list[Planned]:
    """Each week of a sheet beside what is stored, in three queries."""
    mondays = [week.monday for week in weeks]
    rows = {
        row.monday: row
        for row in MenuWeek.objects.filter(site=site, monday__in=mondays).prefetch_related("days__dishes")
    }
    planned = []
    for week, entry in weeks.items():
        row = rows.get(week.monday)
        before = queries.entry_for(row)
        changes = len(differences(entry, before))
        state = "nouvelle" if row is None else "inchangée" if before.days == entry.days else "remplacée"
        planned.append(
            Planned(week, entry, row.version if row else 0, state, len(entry.dishes()), changes, grid_url(site, week))
        )
    return planned


@transaction.atomic
def store(
    *, site: MenuSite, weeks: Mapping[Week, WeekEntry], versions: Mapping[Week, int] | None, publish: bool,
    by: User, at: datetime,
) -> int:  # fmt: skip
    """Write every week of a sheet, all or none; gives their number. The note of a week that was there is kept.

    Raises WeekChanged when a week is not at the version that was shown (`versions`; None writes over everything).
    """
    for week, entry in weeks.items():
        row = MenuWeek.objects.filter(site=site, monday=week.monday).first()
        kept = WeekEntry(entry.days, row.note) if row else entry
        saved = save_week(
            site=site, week=week, entry=kept, version=versions.get(week, 0) if versions is not None else None,
            by=by, at=at, verb="import_menus",
        )  # fmt: skip
        if publish and stored_entry(saved).days:
            publish_week(week=saved, by=by, at=at)
    return len(weeks)


@require_http_methods(["GET", "HEAD", "POST"])
def import_menus(request: HttpRequest) -> HttpResponse:
    """Choose a file; read what it would do; confirm. Nothing is written before the last step."""
    agent_only(request)
    sites = queries.sites()
    context = {"sites": sites, "columns": COLUMNS, "chosen": request.POST.get("lieu", request.GET.get("lieu", ""))}
    if request.method != "POST":
        return render(request, "menus/desk/import.html", context)
    site = site_named(sites, request.POST.get("lieu", "")) if request.POST.get("lieu") else None
    text, problem = _text_of(request)
    if site is None:
        problem = problem or "Choisissez le lieu de ces menus."
    if problem or site is None:
        return render(request, "menus/desk/import.html", context | {"problem": problem}, status=422)
    sheet = read_sheet(text, site)
    if sheet.errors:
        return _refused(request, context, site, sheet)
    weeks = without_automatic(site, sheet.weeks)
    planned = plan(site, weeks)
    context |= {"site": site, "planned": planned, "text": text, "lines": sheet.lines}
    if "confirmer" not in request.POST:
        return render(request, "menus/desk/import.html", context)
    versions = {each.week: _version(request.POST.get(each.field, "")) for each in planned}
    publish = "publier" in request.POST
    try:
        count = store(site=site, weeks=weeks, versions=versions, publish=publish, by=request.user, at=timezone.now())
    except WeekChanged as changed:
        author = changed.week.changed_by or "Un agent"
        problem = french.typography(
            f"{author} a modifié la semaine du {french.day_month(changed.week.monday)} entre-temps : rien n’a été "
            "écrit. Voici ce que ferait l’import maintenant."
        )
        return render(request, "menus/desk/import.html", context | {"problem": problem}, status=409)
    state = "en ligne" if publish else "en brouillon, sauf celles qui étaient déjà en ligne"
    messages.success(request, french.typography(f"{french.plural(count, 'semaine')} : {state}."))
    return redirect("menus_desk")


def _refused(request: HttpRequest, context: dict[str, object], site: MenuSite, sheet: Sheet) -> HttpResponse:
    found = {"site": site, "errors": sheet.errors[:100], "more": max(0, len(sheet.errors) - 100)}
    return render(request, "menus/desk/import.html", context | found, status=422)


def _text_of(request: HttpRequest) -> tuple[str, str]:
    """The text of the file, or of the form that confirms; and what is wrong with it."""
    if "confirmer" in request.POST:
        return request.POST.get("texte", ""), ""
    file = request.FILES.get("fichier")
    if file is None:
        return "", "Choisissez un fichier CSV."
    if file.size > MOST_BYTES:
        return "", f"Ce fichier est trop lourd : {MOST_BYTES // 1024}\u00a0Ko au plus.".replace(" :", "\u00a0:")
    return decoded(file.read()), ""


def _version(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1
