"""The lines of full days as agents read them: who waits, at which rank and why; a place proposed out of order."""

from datetime import date, datetime
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from portal.backoffice.desk.registry import FileSection, register_file_section
from portal.backoffice.scoping import Within, offered, today
from portal.domain.accounts.models import User
from portal.domain.activities.models import Structure
from portal.domain.families.models import Family
from portal.domain.kernel import french
from portal.domain.kernel.clock import paris_date
from portal.domain.waiting.by_hand import PERMISSION, offer_by_hand
from portal.domain.waiting.enums import Criterion, EntryState
from portal.domain.waiting.models import MOST_WORDS, WaitingEntry
from portal.domain.waiting.outcomes import OfferRefused, WaitingRefused
from portal.domain.waiting.queries import days_with_lines, labels_of, line_of_day, ranks_of, waiting_entries

#: The lines about a child and a place of this agent.
_WITHIN = Within(child="child", structure="unit__activity__structure")
_SHOWN = 12


def connect() -> None:
    """Register the page, its menu entry and the section of a family's file."""
    register_file_section("waiting", file_section, order=73)
    hooks.register("register_admin_urls", addresses)
    hooks.register("register_admin_menu_item", menu)


class ReasonForm(forms.Form):
    """Why this child passes before others."""

    motif = forms.CharField(
        label="Pourquoi",
        max_length=MOST_WORDS,
        help_text="Gardé au journal. La famille ne le lit pas.",
        error_messages={"required": "Écrivez pourquoi cet enfant passe avant les autres."},
    )


@never_cache
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The days to come that have a line; then those of one day, unit by unit, in their order."""
    agent = _agent(request)
    now = timezone.now()
    structures = list(offered(agent, Structure.objects.order_by("name", "pk")))
    asked = request.GET.get("structure", "")
    chosen = next((each for each in structures if str(each.pk) == asked), None)
    rows = waiting_entries().filter(_WITHIN(agent, today()))
    if chosen is not None:
        rows = rows.filter(unit__activity__structure=chosen)
    days = days_with_lines(rows, since=paris_date(now))
    day = _day(request.GET.get("jour", ""), days)
    context: dict[str, Any] = {
        "days": [(each, count, french.weekday_day_month(each)) for each, count in days],
        "day": day,
        "heading": french.long_date(day) if day else "",
        "groups": _groups(rows, day) if day else [],
        "structures": structures,
        "chosen": chosen,
        "now": now,
    }
    return render(request, "backoffice/desk/waiting.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def propose(request: HttpRequest, key: int) -> HttpResponse:
    """Ask why, then propose the place, or put the child first for the next one."""
    agent = _agent(request)
    row = waiting_entries().filter(_WITHIN(agent, today()), pk=key, state=EntryState.WAITING).first()
    if row is None:
        raise Http404
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            offer = offer_by_hand(entry=key, reason=form.cleaned_data["motif"], by=agent, at=timezone.now())
        except OfferRefused as refused:
            form.add_error(None, refused.refusal.sentence)
        except WaitingRefused as refused:
            form.add_error("motif" if refused.field == "reason" else None, refused.reason)
        else:
            messages.success(request, _done(row, offer is not None))
            return redirect(f"{reverse('desk_waiting')}?jour={row.day.isoformat()}")
    rank, length = ranks_of([row.pk]).get(row.pk, (0, 0))
    context = {
        "row": row,
        "label": labels_of({row.unit_id})[row.unit_id],
        "day": french.long_date(row.day),
        "rank": rank,
        "length": length,
        "form": form,
    }
    return render(request, "backoffice/desk/waiting_propose.html", context, status=422 if form.errors else 200)


def file_section(agent: User, family: Family, at: datetime) -> FileSection | None:
    """What the family waits for, for agents who see the lines."""
    if not agent.has_perm(PERMISSION):
        return None
    rows = waiting_entries().filter(_WITHIN(agent, today()), family=family, day__gte=paris_date(at))
    found = list(rows.order_by("day", "pk")[:_SHOWN])
    labels, ranks = labels_of({row.unit_id for row in found}), ranks_of([row.pk for row in found])
    facts = tuple(
        (f"{row.child.first_name}, {labels[row.unit_id]}, {french.weekday_day_month(row.day)}", _state(row, ranks))
        for row in found
    )
    return FileSection(title="Listes d’attente", facts=facts or (("Listes d’attente", "aucune demande"),))


def _agent(request: HttpRequest) -> User:
    agent = cast(User, request.user)
    if not agent.has_perm(PERMISSION):
        raise PermissionDenied
    return agent


def _day(text: str, days: list[tuple[date, int]]) -> date | None:
    """The day asked for when it has a line, else the first that has one."""
    return next((day for day, _ in days if day.isoformat() == text), days[0][0] if days else None)


def _groups(rows: Any, day: date) -> list[dict[str, Any]]:
    """The lines of a day by unit, as they would be served."""
    entries = line_of_day(rows, day)
    labels, ranks = labels_of({entry.unit_id for entry in entries}), ranks_of([entry.pk for entry in entries])
    units: dict[int, list[dict[str, Any]]] = {}
    for entry in entries:
        units.setdefault(entry.unit_id, []).append(
            {
                "entry": entry,
                "rank": ranks[entry.pk][0] if entry.pk in ranks else None,
                "state": _state(entry, ranks),
                "why": _why(entry),
                "since": french.instant(entry.joined_at),
            }
        )
    return [
        {"label": labels[unit], "structure": found[0]["entry"].unit.activity.structure.name, "rows": found}
        for unit, found in sorted(units.items(), key=lambda item: labels[item[0]])
    ]


def _state(entry: WaitingEntry, ranks: dict[int, tuple[int, int]]) -> str:
    if entry.state == EntryState.OFFERED and entry.offer is not None:
        exchange = ", échange" if entry.offer.gift_id else ""
        return f"place proposée jusqu’au {french.near_instant(entry.offer.last_minute)}{exchange}"
    rank, length = ranks.get(entry.pk, (0, 0))
    return f"{french.ordinal(rank)} sur {length}"


def _why(entry: WaitingEntry) -> list[str]:
    said = [str(Criterion(criterion).label) for criterion in entry.met]
    if entry.put_first_at is not None:
        said.insert(0, "passe en tête, décidé par le service")
    if entry.group is not None:
        said.append("frères et sœurs ensemble")
    if entry.passed_reason:
        said.append(f"passée{french.NBSP}: {entry.passed_reason}")
    return said


def _done(row: WaitingEntry, proposed: bool) -> str:
    name = row.child.first_name
    if proposed:
        return f"Une place est proposée à {name}. La famille est prévenue."
    return french.typography(f"Aucune place n’est libre : {name} passe en tête et aura la prochaine.")


def addresses() -> list[URLPattern]:
    return [
        path("listes-d-attente/", index, name="desk_waiting"),
        path("listes-d-attente/<int:key>/proposer/", propose, name="desk_waiting_propose"),
    ]


class _Item(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(PERMISSION))


def menu() -> MenuItem:
    return _Item(
        "Qui attend une place", reverse("desk_waiting"), name="listes-d-attente", icon_name="list-ol", order=104
    )
