"""The weeks ahead and the grid of one of them."""

from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST
from wagtail.admin import messages

from documents.menus import queries
from documents.menus.desk.grid import build_grid, read_grid, weekdays_of, with_memory, with_pasted
from documents.menus.entries import WeekEntry, differences
from documents.menus.models.menu import MenuSite, MenuWeek
from documents.menus.queries import week_code
from documents.menus.services import (
    CellError,
    WeekChanged,
    WeekRefused,
    copy_week,
    publish_week,
    save_week,
    unpublish_week,
    warnings_for,
)
from documents.menus.week_page import site_named
from documents.menus.weeks import week_from_code, within_reach
from portal.domain.kernel import french
from portal.domain.kernel.calendar import DateRange, Week
from portal.domain.kernel.clock import paris_date

PERMISSION = "menus.change_menuweek"
WEEKS_SHOWN = 8
LONGEST_CYCLE = 12


def agent_only(request: HttpRequest) -> None:
    """Refuse, as every screen of the administration does, who may not write menus."""
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied


def site_or_404(code: str) -> tuple[MenuSite, list[MenuSite]]:
    """A site by its code, and all of them."""
    sites = queries.sites()
    site = site_named(sites, code)
    if site is None:
        raise Http404
    return site, sites


def grid_url(site: MenuSite, week: Week) -> str:
    """The address of the grid of a week."""
    return reverse("menus_grid", args=[site.code, week_code(week)])


@require_http_methods(["GET", "HEAD"])
def index(request: HttpRequest) -> HttpResponse:
    """Each site and its weeks: published, draft, missing."""
    agent_only(request)
    today = paris_date(timezone.now())
    now = Week.of(today)
    weeks = [now.shift(number) for number in range(-1, WEEKS_SHOWN)]
    sites = queries.sites()
    rows = {(row.site_id, row.monday): row for row in MenuWeek.objects.filter(monday__gte=weeks[0].monday)}
    missing = {(each.site.pk, week.monday) for each in queries.missing_weeks(today) for week in each.weeks}
    days = DateRange(weeks[0].monday, weeks[-1].sunday)
    table = []
    for site in sites:
        openings = queries.openings_of(site, days)
        table.append(
            {
                "site": site,
                "weeks": [
                    {
                        "week": week,
                        "now": week == now,
                        "row": rows.get((site.pk, week.monday)),
                        "missing": (site.pk, week.monday) in missing,
                        "closed": not openings.served(week.range.days()),
                        "url": grid_url(site, week),
                    }
                    for week in weeks
                ],
            }
        )
    return render(
        request,
        "menus/desk/index.html",
        {"table": table, "weeks": weeks, "reminders": reminders(today), "cycles": range(1, LONGEST_CYCLE + 1)},
    )


def reminders(today: Any) -> list[str]:
    """“Cantine : les menus de 2 des 3 prochaines semaines manquent”, one sentence per site that is late."""
    told = []
    for each in queries.missing_weeks(today):
        mondays = french.join_words(f"du {french.day_month(week.monday)}" for week in each.weeks)
        if len(each.weeks) == 1:
            sentence = f"il manque les menus de la semaine {mondays}."
        else:
            sentence = f"il manque les menus de {len(each.weeks)} semaines, celles {mondays}."
        begun = f" {french.plural(len(each.drafts), 'brouillon')} à publier." if each.drafts else ""
        told.append(french.typography(f"{each.site.name} : {sentence}{begun}"))
    return told


@require_http_methods(["GET", "HEAD", "POST"])
def grid(request: HttpRequest, site: str, week: str) -> HttpResponse:
    """Write a week on one screen. POST saves, publishes, takes back, or lays a pasted table over the grid."""
    agent_only(request)
    found, sites = site_or_404(site)
    wanted = week_from_code(week)
    if wanted is None or not within_reach(wanted, paris_date(timezone.now())):
        raise Http404
    row = queries.week_of_agents(found, wanted)
    stored = queries.entry_for(row)
    version = row.version if row else 0
    if request.method != "POST":
        return _page(request, found, sites, wanted, row, stored, version=version)
    entry = read_grid(request.POST, found, weekdays_of(found, stored))
    version = _number(request.POST.get("version", ""))
    action = request.POST.get("action", "enregistrer")
    if action == "repartir":
        entry, filled = with_pasted(entry, request.POST.get("collage", ""), found, weekdays_of(found, stored))
        entry, _known = with_memory(entry, stored, queries.remembered(dish.name for dish in entry.dishes()))
        notice = f"{french.plural(filled, 'case remplie', 'cases remplies')}. Relisez, puis enregistrez."
        return _page(request, found, sites, wanted, row, entry, version=version, notice=french.typography(notice))
    entry, completed = with_memory(entry, stored, queries.remembered(dish.name for dish in entry.dishes()))
    now = timezone.now()
    try:
        saved = save_week(site=found, week=wanted, entry=entry, version=version, by=request.user, at=now)
        if action == "publier":
            publish_week(week=saved, by=request.user, at=now)
        elif action == "retirer":
            unpublish_week(week=saved, by=request.user, at=now)
    except WeekRefused as refused:
        return _page(request, found, sites, wanted, row, entry, version=version, errors=refused.errors)
    except WeekChanged as changed:
        return _page(
            request, found, sites, wanted, changed.week, entry, version=changed.week.version, meanwhile=changed
        )
    _tell(request, entry, action, [dish.name for dish in completed])
    return redirect(grid_url(found, wanted))


def _tell(request: HttpRequest, entry: WeekEntry, action: str, completed: list[str]) -> None:
    done = {
        "publier": "Les menus sont en ligne.",
        "retirer": "La semaine est un brouillon : les familles ne la voient plus.",
    }.get(action, "C’est enregistré.")
    messages.success(request, french.typography(done))
    if completed:
        names = french.join_words(completed)
        messages.info(
            request, french.typography(f"Allergènes et labels repris de la dernière saisie, à relire : {names}.")
        )
    if action == "publier":
        for warning in warnings_for(entry):
            messages.warning(request, warning)


def _number(text: str) -> int:
    """A version as the form sends it; a nonsense is a version that never was."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1


def _page(
    request: HttpRequest,
    site: MenuSite,
    sites: list[MenuSite],
    week: Week,
    row: MenuWeek | None,
    entry: WeekEntry,
    *,
    version: int,
    errors: list[CellError] | None = None,
    meanwhile: WeekChanged | None = None,
    notice: str = "",
) -> HttpResponse:
    openings = queries.openings_of(site, week.range)
    built = build_grid(site, week, entry, openings, errors or [])
    today = paris_date(timezone.now())
    memory = queries.remembered()
    sources = list(
        MenuWeek.objects.filter(site__in=[each.pk for each in sites], monday__lt=week.monday + timedelta(weeks=12))
        .exclude(site=site, monday=week.monday)
        .select_related("site")
        .order_by("-monday", "site__order")[:40]
    )
    context = {
        "site": site,
        "sites": [{"label": each.tab, "url": grid_url(each, week), "current": each == site} for each in sites],
        "week": week,
        "period": french.date_range_year(week.monday, week.day(5)),
        "row": row,
        "version": version,
        "grid": built,
        "empty": not entry.days,
        "meanwhile": meanwhile,
        "conflicts": [
            {"where": CellError("", difference.cell[0], difference.cell).where, "difference": difference}
            for difference in (differences(entry, meanwhile.entry) if meanwhile else [])
        ],
        "notice": notice,
        "warnings": warnings_for(entry) if entry.days else [],
        "previous": _step(site, week.shift(-1), today),
        "next": _step(site, week.shift(1), today),
        "sources": sources,
        "memory": {
            key: {"allergenes": list(known.allergens), "labels": list(known.labels)} for key, known in memory.items()
        },
        "names": sorted(known.name for known in memory.values()),
    }
    status = 200 if errors is None and meanwhile is None else 409 if meanwhile else 422
    return render(request, "menus/desk/grid.html", context, status=status)


def _step(site: MenuSite, week: Week, today: Any) -> dict[str, str] | None:
    if not within_reach(week, today):
        return None
    return {"label": french.day_month(week.monday), "url": grid_url(site, week)}


@require_POST
def copy_here(request: HttpRequest, site: str, week: str) -> HttpResponse:
    """Take up another week in one that is still empty."""
    agent_only(request)
    found, sites = site_or_404(site)
    wanted = week_from_code(week)
    source = (
        MenuWeek.objects.select_related("site")
        .filter(pk=_number(request.POST.get("source", "")), site__in=[each.pk for each in sites])
        .first()
    )
    if wanted is None or not within_reach(wanted, paris_date(timezone.now())):
        raise Http404
    if source is None:
        messages.error(request, "Choisissez la semaine à reprendre.")
        return redirect(grid_url(found, wanted))
    written, _left = copy_week(site=found, source=source, weeks=[wanted], by=request.user, at=timezone.now())
    if written:
        messages.success(request, french.typography(f"Semaine reprise : {source}. C’est un brouillon, relisez-le."))
    else:
        messages.error(request, "Cette semaine contient déjà des plats : videz-la avant d’en reprendre une autre.")
    return redirect(grid_url(found, wanted))


@require_POST
def copy_cycle(request: HttpRequest) -> HttpResponse:
    """Fill the empty weeks ahead of a site with those of N weeks before: the cycle of many kitchens."""
    agent_only(request)
    site, _sites = site_or_404(request.POST.get("lieu", ""))
    back, ahead = _number(request.POST.get("cycle", "")), _number(request.POST.get("semaines", ""))
    if not (1 <= back <= LONGEST_CYCLE and 1 <= ahead <= LONGEST_CYCLE):
        messages.error(
            request, f"Écrivez deux nombres de 1 à {LONGEST_CYCLE} : la longueur du cycle et les semaines à remplir."
        )
        return redirect("menus_desk")
    now = Week.of(paris_date(timezone.now()))
    written: list[Week] = []
    for number in range(1, ahead + 1):
        target = now.shift(number)
        source = MenuWeek.objects.filter(site=site, monday=target.shift(-back).monday).first()
        if source is not None:
            done, _left = copy_week(site=site, source=source, weeks=[target], by=request.user, at=timezone.now())
            written += done
    if written:
        mondays = french.join_words(french.day_month(week.monday) for week in written)
        messages.success(
            request,
            french.typography(
                f"{french.plural(len(written), 'brouillon')} : semaines du {mondays}. Relisez, publiez."
            ),
        )
    else:
        messages.warning(request, "Rien à recopier : ces semaines sont déjà remplies, ou le cycle n’a pas de menus.")
    return redirect("menus_desk")
