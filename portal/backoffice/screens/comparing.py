"""Two versions of a tariff over the bookings of a month: totals, how many families pay more, the largest changes."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO
from typing import cast

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from portal.backoffice.scoping import families_for, is_limited, today, whole_town_only
from portal.backoffice.screens.journal_file import spreadsheet_text
from portal.domain.accounts.models import User
from portal.domain.audit.services import record
from portal.domain.kernel.calendar import DateRange, shift_month
from portal.domain.kernel.french import long_date, month_year
from portal.domain.setup.comparing import Comparison, FamilyChange, compare_grids
from portal.domain.setup.grids import READ
from portal.domain.tariffs.engine import Grid
from portal.domain.tariffs.models import Tariff, TariffVersion

#: Families on a page; the numbers count all of them, the file has all of them.
SHOWN = 40
_SEES_FAMILIES = "families.view_family"


@dataclass(frozen=True, slots=True)
class Line:
    """One family in the table; `name` says nothing of who it is to an agent who may not see families."""

    name: str
    before: Decimal
    after: Decimal
    change: Decimal
    uses: int


@dataclass(frozen=True, slots=True)
class Compared:
    """What a page shows of a comparison. `month` as the address writes it (“2026-10”)."""

    comparison: Comparison
    lines: tuple[Line, ...]
    month: str
    month_words: str
    more: int


def may_compare(agent: User) -> bool:
    """Whether this agent may price what the whole town booked."""
    return agent.has_perm(READ) and not is_limited(agent)


def last_month(day: date) -> str:
    """The month before, as an address writes it."""
    return f"{shift_month(day.replace(day=1), -1):%Y-%m}"


def compared(
    agent: User, tariff: Tariff, before: Grid, after: Grid, month: str = "", shown: int | None = SHOWN
) -> Compared:
    """The comparison over that month (last month for none), with the first `shown` families that change."""
    first = _month(month) or _month(last_month(today())) or today()
    days = DateRange(first, shift_month(first, 1) - timedelta(days=1))
    found = compare_grids(tariff=tariff, before=before, after=after, month=days)
    changed = [each for each in found.families if each.change]
    kept = changed[:shown]
    lines = tuple(_line(each, rank, names) for names in [_names(agent, kept)] for rank, each in enumerate(kept, 1))
    return Compared(found, lines, f"{first:%Y-%m}", month_year(first), len(changed) - len(lines))


@require_safe
@whole_town_only
def compare(request: HttpRequest, key: int) -> HttpResponse:
    """Two versions of a tariff (`?avant=`, `?apres=`) over a month (`?mois=`)."""
    agent, tariff = _opened(request, key)
    versions = list(tariff.versions.order_by("valid_from"))
    if len(versions) < 2:
        raise Http404
    before = _chosen(request.GET.get("avant", ""), versions, versions[-2])
    after = _chosen(request.GET.get("apres", ""), versions, versions[-1])
    context = {
        "tariff": tariff,
        "versions": versions,
        "before": before,
        "after": after,
        "comparison": compared(agent, tariff, before.as_grid(), after.as_grid(), request.GET.get("mois", "")),
    }
    return render(request, "backoffice/screens/grid_comparison.html", context)


@require_POST
@whole_town_only
def download(request: HttpRequest, key: int) -> HttpResponse:
    """The same, every family that changes, as a file: UTF-8 with its mark, “;”. Its download is in the journal."""
    agent, tariff = _opened(request, key)
    versions = list(tariff.versions.order_by("valid_from"))
    if len(versions) < 2:
        raise Http404
    before = _chosen(request.POST.get("avant", ""), versions, versions[-2])
    after = _chosen(request.POST.get("apres", ""), versions, versions[-1])
    found = compared(agent, tariff, before.as_grid(), after.as_grid(), request.POST.get("mois", ""), shown=None)
    told = {"before": str(before.valid_from), "after": str(after.valid_from), "month": found.month}
    record(verb="export_comparison", target=tariff, by=agent, at=timezone.now(), after=told)
    out = StringIO()
    out.write("\ufeff")
    csv.writer(out, delimiter=";").writerows(_written(found, before, after))
    answer = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="comparaison-{tariff.code}-{found.month}.csv"'
    answer["Cache-Control"] = "no-store"
    return answer


def _opened(request: HttpRequest, key: int) -> tuple[User, Tariff]:
    agent = cast(User, request.user)
    if not may_compare(agent):
        raise Http404
    return agent, get_object_or_404(Tariff, pk=key)


def _chosen(asked: str, versions: list[TariffVersion], default: TariffVersion) -> TariffVersion:
    return next((each for each in versions if str(each.pk) == asked), default)


def _month(text: str) -> date | None:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}", text):
        return None
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return None


def _names(agent: User, changes: list[FamilyChange]) -> dict[int, str]:
    """Who they are, for an agent who may see families."""
    if not agent.has_perm(_SEES_FAMILIES):
        return {}
    rows = families_for(agent).filter(pk__in=[each.family for each in changes])
    return {key: f"{name} (n° {number})" for key, name, number in rows.values_list("pk", "name", "number")}


def _line(change: FamilyChange, rank: int, names: dict[int, str]) -> Line:
    name = names.get(change.family, f"Famille {rank}")
    return Line(name, change.before, change.after, change.change, change.uses)


def _written(found: Compared, before: TariffVersion, after: TariffVersion) -> Iterator[list[str]]:
    yield [
        "famille",
        f"grille du {long_date(before.valid_from)}",
        f"grille du {long_date(after.valid_from)}",
        "écart",
        "réservations",
    ]
    for line in found.lines:
        yield [spreadsheet_text(line.name), *map(_euros, (line.before, line.after, line.change)), str(line.uses)]


def _euros(amount: Decimal) -> str:
    """A number that a French spreadsheet reads."""
    return f"{amount:.2f}".replace(".", ",")
