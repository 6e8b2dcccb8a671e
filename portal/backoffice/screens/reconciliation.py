"""« Rapprochement »: what must be true of the books, check by check, and what was found that is not.

The books are those of the whole town: numbers of receipts, places shared by several structures. Half of them says
nothing, so that the page does not exist for an agent who is limited to some places.
"""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import wraps
from io import StringIO
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.components import Component

from portal.backoffice.desk.family import READ
from portal.backoffice.scoping import whole_town_only
from portal.domain.accounts.models import User
from portal.domain.audit.services import record
from portal.domain.files.checks import FileType
from portal.domain.files.sending import private_answer
from portal.domain.kernel.clock import paris_date, to_paris
from portal.domain.kernel.french import plural, typography
from portal.domain.reconciliation import queries
from portal.domain.reconciliation.models import MOST_WORDS, Finding
from portal.domain.reconciliation.registry import Check, find_check
from portal.domain.reconciliation.running import is_running
from portal.domain.reconciliation.services import (
    PERMISSION,
    ReasonMissing,
    RepairRefused,
    Running,
    ask_run,
    may_reconcile,
    repair,
    set_aside,
    take_back,
)

PER_PAGE = 50
HEADINGS = (
    "contrôle", "gravité", "jour", "constat", "enfant", "dossier", "vu la première fois", "état", "motif", "repère",
)  # fmt: skip
#: What a spreadsheet would take for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
#: Where the object of a finding is read: screen, permission, words.
_SCREENS = {
    "bookings.booking": ("inscriptions_reservations", "bookings.view_booking", "La réservation"),
    "bookings.receipt": ("inscriptions_recus", "bookings.view_receipt", "Le reçu"),
    "enrolments.enrolment": ("inscriptions_inscriptions", "enrolments.view_enrolment", "L’inscription"),
}


def reconciler(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """For those whose role opens it, and who work for the whole town."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if not request.user.has_perm(PERMISSION):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return never_cache(whole_town_only(wrapped))


@dataclass(frozen=True, slots=True)
class Link:
    """A place where a finding is looked at closer."""

    url: str
    words: str


@require_safe
@reconciler
def index(request: HttpRequest) -> HttpResponse:
    """The last run, and every check in words: nothing to say, or so many findings, the new ones apart."""
    run = queries.last_run()
    areas: dict[str, list[queries.State]] = {}
    states = queries.states(run)
    for state in states:
        areas.setdefault(state.check.area, []).append(state)
    context = {
        "run": run,
        "running": is_running(),
        "areas": list(areas.items()),
        "todo": [state for state in states if state.open or state.beyond or state.failed],
        "open": sum(state.open + state.beyond for state in states),
        "new": sum(state.new for state in states),
        "failed": sum(state.failed for state in states),
    }
    return render(request, "backoffice/reconciliation/index.html", context)


@require_POST
@reconciler
def run_now(request: HttpRequest) -> HttpResponse:
    """« Vérifier maintenant »: in the background, one at a time."""
    try:
        ask_run(by=cast(User, request.user), at=timezone.now())
    except Running:
        messages.warning(
            request, typography("Une vérification est déjà en cours : rechargez la page dans un instant.")
        )
    else:
        words = "La vérification est lancée. Rechargez la page dans un instant pour lire ce qu’elle trouve."
        messages.success(request, words)
    return redirect("reconciliation_index")


@require_safe
@reconciler
def check(request: HttpRequest, code: str) -> HttpResponse:
    """One check: what a finding means, what to do, and the findings, page by page (`?vue=cote`: those set aside)."""
    found, run = _check(code), queries.last_run()
    (state,) = (each for each in queries.states(run) if each.check.code == code)
    aside = request.GET.get("vue") == "cote"
    page = Paginator(queries.findings_of(code, aside=aside), PER_PAGE).get_page(request.GET.get("page"))
    new_from = queries.new_from(run) if run is not None else None
    context = {
        "check": found,
        "state": state,
        "aside": aside,
        "page": page,
        "rows": [
            (each, new_from is not None and each.first_seen_at >= new_from, _links(request, each)) for each in page
        ],
    }
    return render(request, "backoffice/reconciliation/check.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@reconciler
def finding(request: HttpRequest, key: int) -> HttpResponse:
    """One finding: looked at closer, repaired where a verb may, set aside with a reason or taken back."""
    found = queries.finding_of(key)
    if found is None:
        if request.method == "POST":
            messages.warning(request, typography("Ce constat a disparu depuis : rien n’a été changé."))
            return redirect("reconciliation_index")
        raise Http404
    about = _check(found.check_code)
    if request.method != "POST":
        return _show(request, found, about)
    try:
        said = _act(request, found)
    except ReasonMissing as missing:
        return _show(request, found, about, field=typography(str(missing)))
    except RepairRefused as refused:
        return _show(request, found, about, error=typography(str(refused)))
    except Finding.DoesNotExist:
        said = ""
        messages.warning(request, typography("Ce constat a disparu depuis : rien n’a été changé."))
    if said:
        messages.success(request, typography(said))
    return redirect("reconciliation_check", about.code)


@require_POST
@reconciler
def download(request: HttpRequest) -> HttpResponseBase:
    """Every finding as a file to open in a spreadsheet: UTF-8 with its mark, “;”. The journal keeps who took it."""
    agent, at = cast(User, request.user), timezone.now()
    record(verb="export_findings", target=agent, by=agent, at=at)
    out = StringIO()
    out.write("\ufeff")
    writer = csv.writer(out, delimiter=";")
    writer.writerow(HEADINGS)
    for cells in _cells():
        writer.writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells])
    name = f"rapprochement-{to_paris(at):%Y-%m-%d}.csv"
    return private_answer(out.getvalue().encode(), name=name, kind=FileType.CSV)


def _cells() -> Iterator[tuple[str, ...]]:
    for about, row in queries.all_findings():
        yield (
            about.title,
            str(about.severity.label),
            row.day.isoformat() if row.day else "",
            row.sentence,
            str(row.child or ""),
            row.family.number if row.family else "",
            paris_date(row.first_seen_at).isoformat(),
            "mis de côté" if row.set_aside_at else "à traiter",
            row.reason,
            row.key,
        )


def _act(request: HttpRequest, found: Finding) -> str:
    """The one verb that was pressed, and what to say once it is done."""
    by, at = cast(User, request.user), timezone.now()
    if "reparer" in request.POST:
        repair(finding=found.pk, by=by, at=at)
        return "C’est fait. La prochaine vérification dira si le constat a disparu."
    if "reprendre" in request.POST:
        take_back(finding=found.pk, by=by, at=at)
        return "Ce constat est de nouveau à traiter."
    set_aside(finding=found.pk, reason=request.POST.get("motif", ""), by=by, at=at)
    return "Ce constat est mis de côté. Il reviendra s’il change."


def _show(request: HttpRequest, found: Finding, about: Check, *, field: str = "", error: str = "") -> HttpResponse:
    context = {
        "check": about,
        "finding": found,
        "links": _links(request, found),
        "typed": request.POST.get("motif", ""),
        "most": MOST_WORDS,
        "field_error": field,
        "error": error,
    }
    status = 422 if field or error else 200
    return render(request, "backoffice/reconciliation/finding.html", context, status=status)


def _links(request: HttpRequest, found: Finding) -> list[Link]:
    """Where this agent may look: the family's file, the object itself, the bookings of the day."""
    links = []
    if found.family is not None and request.user.has_perm(READ):
        number = found.family.number
        links.append(Link(reverse("desk_family", args=[number]), f"Dossier n°\u00a0{number}"))
    if found.subject in _SCREENS:
        screen, permission, words = _SCREENS[found.subject]
        if request.user.has_perm(permission):
            links.append(Link(reverse(f"{screen}_modeladmin_inspect", args=[found.subject_key]), words))
    if found.day is not None and request.user.has_perm("bookings.view_booking"):
        address = reverse("inscriptions_reservations_modeladmin_index")
        links.append(Link(f"{address}?jour={found.day.isoformat()}", "Les réservations du jour"))
    return links


def _check(code: str) -> Check:
    found = find_check(code)
    if found is None:
        raise Http404
    return found


class NewFindings(Component):
    """On the first page of those who work on it: how many findings are new, with the way there."""

    name = "new_findings"
    template_name = "backoffice/reconciliation/home.html"
    order = 10

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        count = queries.count_new()
        return {"count": count, "words": plural(count, "nouveau constat", "nouveaux constats")}


class _Item(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return may_reconcile(cast(User, request.user))


def menu_item() -> MenuItem:
    """« Rapprochement », after what concerns money."""
    return _Item("Rapprochement", reverse("reconciliation_index"), name="rapprochement", icon_name="check", order=155)


def greet(request: HttpRequest, panels: list[Any]) -> None:
    """Put the new findings on the first page of those who work on them."""
    if may_reconcile(cast(User, request.user)):
        panels.insert(0, NewFindings())


def urls() -> list[URLPattern]:
    """Under `/gestion/rapprochement/`."""
    return [
        path("rapprochement/", index, name="reconciliation_index"),
        path("rapprochement/verifier/", run_now, name="reconciliation_run"),
        path("rapprochement/fichier/", download, name="reconciliation_file"),
        path("rapprochement/constats/<int:key>/", finding, name="reconciliation_finding"),
        path("rapprochement/<slug:code>/", check, name="reconciliation_check"),
    ]
