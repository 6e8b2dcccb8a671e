"""How long each kind is kept: the delays, the list before erasing, the slip for the archives."""

import csv
from io import StringIO
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from portal.backoffice.scoping import whole_town_only
from portal.domain.accounts.models import User
from portal.domain.files.checks import FileType
from portal.domain.files.sending import private_answer
from portal.domain.kernel.clock import paris_date
from portal.domain.kernel.french import plural
from portal.domain.privacy.retention import (
    BATCH,
    CHANGE,
    ERASE,
    LEAST_DAYS,
    MOST_DAYS,
    Kept,
    find_kept,
    list_due,
    list_kept,
)
from portal.domain.privacy.services import ListChanged, erase_expired, set_retention

VIEW = "privacy.view_retentionrule"
#: A spreadsheet would run a cell that begins so.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class DelayForm(forms.Form):
    """The delay of a kind."""

    days = forms.IntegerField(label="Durée, en jours", min_value=LEAST_DAYS, max_value=MOST_DAYS)
    automatic = forms.BooleanField(label="Effacer chaque jour sans confirmation", required=False)

    def __init__(self, *args: Any, kept: Kept, **kwargs: Any) -> None:
        super().__init__(*args, initial={"days": kept.days, "automatic": kept.automatic}, **kwargs)
        if not kept.retention.automatic:
            del self.fields["automatic"]


@permission_required(VIEW, raise_exception=True)
@whole_town_only
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Every kind with its delay and how many have reached it."""
    now = timezone.now()
    lines = [(kept, len(list_due(kept=kept, at=now))) for kept in list_kept()]
    return render(request, "backoffice/privacy/retention_index.html", {"lines": lines, "batch": BATCH})


@permission_required(VIEW, raise_exception=True)
@whole_town_only
@require_http_methods(["GET", "HEAD", "POST"])
def detail(request: HttpRequest, code: str) -> HttpResponse:
    """One kind: its delay, the list of what is due, and erasing exactly that list."""
    kept, now, agent = _kept(code), timezone.now(), request.user
    assert isinstance(agent, User)  # noqa: S101  # permission_required let an account in
    erases = request.method == "POST" and "effacer" in request.POST
    form = DelayForm(request.POST if request.method == "POST" and not erases else None, kept=kept)
    if erases:
        _erase(request, code, agent)
        return redirect("retention_detail", code)
    if request.method == "POST" and form.is_valid():
        set_retention(
            code=code,
            days=form.cleaned_data["days"],
            automatic=form.cleaned_data.get("automatic", False),
            by=agent,
            at=now,
        )
        messages.success(request, "La durée est enregistrée.")
        return redirect("retention_detail", code)
    due = list_due(kept=kept, at=now)
    context = {
        "kept": kept,
        "due": due,
        "keys": ",".join(str(expired.key) for expired in due),
        "form": form,
        "may_change": agent.has_perm(CHANGE),
        "may_erase": agent.has_perm(ERASE),
        "is_partial": len(due) == BATCH,
    }
    return render(
        request, "backoffice/privacy/retention_detail.html", context, status=422 if request.method == "POST" else 200
    )


@permission_required(VIEW, raise_exception=True)
@whole_town_only
@require_safe
def slip(request: HttpRequest, code: str, kind: str) -> HttpResponse:
    """The bordereau d’élimination, before erasing: CSV, or a page to print and have signed."""
    kept = _kept(code)
    due = list_due(kept=kept, at=timezone.now())
    if kind == "csv":
        return private_answer(_csv(kept, due).encode(), name=f"bordereau-{code}.csv", kind=FileType.CSV)
    if kind == "html":
        context = {"kept": kept, "due": due, "on": paris_date(timezone.now())}
        return render(request, "backoffice/privacy/retention_slip.html", context)
    raise Http404


def _kept(code: str) -> Kept:
    kept = find_kept(code)
    if kept is None:
        raise Http404
    return kept


def _csv(kept: Kept, due: list[Any]) -> str:
    out = StringIO()
    out.write("\ufeff")
    writer = csv.writer(out, delimiter=";")
    writer.writerow(["nature", "durée en jours", "objet", "dossier", "clé", "à effacer depuis le"])
    for expired in due:
        cells = [
            kept.retention.title,
            kept.days,
            expired.label,
            expired.family,
            expired.key,
            expired.since.isoformat(),
        ]
        writer.writerow([_plain(str(cell)) for cell in cells])
    return out.getvalue()


def _plain(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _erase(request: HttpRequest, code: str, agent: User) -> None:
    keys = [int(key) for key in request.POST.get("cles", "").split(",") if key.isascii() and key.isdigit()]
    try:
        erased = erase_expired(code=code, keys=keys, by=agent, at=timezone.now())
    except ListChanged:
        messages.warning(request, "La liste a changé depuis : rien n’a été effacé. Relisez-la, puis confirmez.")
    else:
        messages.success(request, f"{plural(erased, 'ligne')} effacée{'s' if erased > 1 else ''}.")
