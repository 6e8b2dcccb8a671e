"""Finding a family, reading its whole file on one screen, entering its space."""

from datetime import datetime
from typing import Any, cast

from django.contrib.auth.decorators import permission_required
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from portal.backoffice.desk.registry import FileSection, file_actions, file_sections
from portal.backoffice.scoping import Within, families_for, family_for, is_limited, only_seen, today
from portal.backoffice.screens.families import account_of, rights_of
from portal.backoffice.screens.history import READ as READ_JOURNAL
from portal.backoffice.screens.history import HistoryLine, last_lines
from portal.backoffice.screens.journal_filters import allowed
from portal.domain.accounts.models import User
from portal.domain.audit.models import AuditEntry
from portal.domain.families.acting import ACT, ActingRefused, start_acting
from portal.domain.families.search import LONGEST, find_families
from portal.domain.kernel.clock import PARIS
from portal.domain.procedures.models import Procedure

READ = "families.view_family"
SHOWN, HISTORY = 25, 20


@require_safe
@permission_required(READ, raise_exception=True)
def search(request: HttpRequest) -> HttpResponse:
    """Families by any name, number, mail, telephone or a child's birth date (“12/03/2018”), `SHOWN` at most."""
    agent = cast(User, request.user)
    asked = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST]
    among = families_for(agent) if is_limited(agent) else None
    found = find_families(asked, limit=SHOWN + 1, among=among) if asked else []
    prefetch_related_objects([each.family for each in found], "members__adult", "child_links__child")
    context = {"asked": asked, "found": found[:SHOWN], "more": len(found) > SHOWN}
    return render(request, "backoffice/desk/search.html", context)


@require_safe
@permission_required(READ, raise_exception=True)
def file(request: HttpRequest, number: str) -> HttpResponse:
    """Who they are, what they asked, what each area tells this agent, and the last lines of the journal."""
    agent = cast(User, request.user)
    family = family_for(agent, number=number)
    history: list[HistoryLine] = []
    if agent.has_perm(READ_JOURNAL):
        known = [family.pk, *family.merged_from.values_list("pk", flat=True)]
        history = last_lines(allowed(agent, AuditEntry.objects.filter(family_key__in=known)))
    members = family.members.select_related("adult__user").order_by("pk")
    links = list(family.child_links.select_related("child").order_by("order", "pk"))
    seen = {child.pk for child in only_seen(agent, [link.child for link in links])}
    asked = Procedure.objects.filter(Within(child="child", family="family")(agent, today()), family=family)
    return render(
        request,
        "backoffice/desk/family.html",
        {
            "family": family,
            "adults": [(member, account_of(member.adult), rights_of(member)) for member in members],
            "children": [(link, rights_of(link), link.child_id in seen) for link in links],
            "procedures": asked.order_by("-opened_at", "-pk")[:HISTORY],
            "sections": [_drawn(request, section) for section in file_sections(agent, family, timezone.now())],
            "history": history,
            "absorbed": list(family.merged_from.order_by("number").values_list("number", flat=True)),
            "actions": file_actions(agent, family, timezone.now()),
            "may_act": family.archived_at is None and agent.has_perm(ACT),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required((READ, ACT), raise_exception=True)
def act(request: HttpRequest, number: str) -> HttpResponse:
    """Why, and perhaps at which date the portal is looked at; then the family's home."""
    family = family_for(cast(User, request.user), number=number)
    reason, instant, error = request.POST.get("motif", ""), request.POST.get("instant", ""), ""
    if request.method == "POST":
        try:
            viewed = _instant(instant) if instant else None
            start_acting(
                family=family, reason=reason, by=cast(User, request.user), at=timezone.now(), viewed_at=viewed
            )
            return redirect("/famille/")
        except ActingRefused as refused:
            error = str(refused)
        except (ValueError, OverflowError):
            error = "Écrivez une date et une heure, ou laissez vide pour agir maintenant."
    context = {"family": family, "reason": reason, "instant": instant, "error": error}
    return render(request, "backoffice/desk/act.html", context, status=422 if error else 200)


def _instant(text: str) -> datetime:
    """“2026-09-21T00:00”, Paris time, between 2000 and 2100. Raises ValueError."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is not None or not 2000 <= instant.year < 2100:
        raise ValueError(text)
    return instant.replace(tzinfo=PARIS)


def _drawn(request: HttpRequest, section: FileSection) -> dict[str, Any]:
    """A section with its inside already drawn: its names never meet those of the page."""
    inside = render_to_string(section.template, dict(section.context), request) if section.template else ""
    return {
        "title": section.title,
        "inside": inside,
        "facts": section.facts,
        "url": section.url,
        "url_label": section.url_label,
    }
