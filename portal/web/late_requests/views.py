"""One request, followed: where it stands, its days, what was said, what may still be done."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from portal.domain.bookings.enums import Wish
from portal.domain.families.access import Right, children_with
from portal.domain.late_requests.enums import DayState, RequestState
from portal.domain.late_requests.models import LateDay, LateRequest
from portal.domain.late_requests.notifications import title_for_reader
from portal.domain.late_requests.queries import find_request
from portal.domain.late_requests.services import RequestRefused, days_of, reply_to_service, withdraw_request
from portal.domain.procedures.services import find_procedure
from portal.web import clock
from portal.web.family import FamilyRequest, family_required
from portal.web.late_requests.forms import ReplyForm
from portal.web.planning.state import planning_url

#: Kind and icon of the badge of a state.
LOOKS = {
    RequestState.SENT: ("plan", "clock"),
    RequestState.ASKED: ("bad", "alert"),
    RequestState.ACCEPTED: ("good", "check"),
    RequestState.PARTLY: ("wait", "check"),
    RequestState.REFUSED: ("bad", "cross"),
    RequestState.WITHDRAWN: ("", "none"),
    RequestState.LAPSED: ("wait", "clock"),
}
_DAY_LOOKS = {
    DayState.OPEN: ("plan", "clock"),
    DayState.ACCEPTED: ("good", "check"),
    DayState.REFUSED: ("bad", "cross"),
    DayState.WITHDRAWN: ("", "none"),
    DayState.LAPSED: ("wait", "clock"),
}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@family_required
def detail(request: FamilyRequest, key: UUID) -> HttpResponse:
    """A POST withdraws it, or answers what the service asked."""
    found = find_request(user=request.user, family=request.family, key=key)
    if found is None:
        raise Http404
    form = ReplyForm()
    if request.method == "POST":
        if request.POST.get("suite") != "retirer":
            form = ReplyForm(request.POST)
        answer = _act(request, found, form)
        if answer is not None:
            return answer
    editable = children_with(user=request.user, family=request.family, right=Right.BOOK).filter(pk=found.child_id)
    procedure = find_procedure(about=found)
    days = days_of(found)
    context: dict[str, Any] = {
        "found": found,
        "title": title_for_reader(found),
        "badge": LOOKS[RequestState(found.state)],
        "days": [_row(row) for row in days],
        "cancelling": found.wish == Wish.REMOVE,
        "words": list(found.words.select_related("by").order_by("at", "pk")),
        "editable": editable.exists(),
        "reply": form,
        "form": form if form.errors else None,
        "receipt_url": reverse("basket:receipt", args=[found.receipt.number]) if found.receipt else "",
        "procedure": procedure,
        "planning_url": planning_url(days[0].day) if days else reverse("planning:index"),
        "now": clock.now(request),
    }
    return render(request, "late_requests/detail.html", context, status=422 if form.errors else 200)


def _act(request: FamilyRequest, found: LateRequest, form: ReplyForm) -> HttpResponse | None:
    """The press of a button; None when the page is shown again with what is wrong."""
    try:
        if request.POST.get("suite") == "retirer":
            withdraw_request(request=found.key, family=request.family, by=request.user, at=timezone.now())
            messages.success(request, _("Votre demande est retirée. Rien ne change sur le planning."))
            return redirect("late_requests:detail", found.key)
        if not form.is_valid():
            return None
        text = form.cleaned_data["texte"]
        reply_to_service(request=found.key, family=request.family, text=text, by=request.user, at=timezone.now())
    except RequestRefused as refused:
        messages.warning(request, refused.reason)
        return redirect("late_requests:detail", found.key)
    messages.success(request, _("Votre réponse est envoyée au service."))
    return redirect("late_requests:detail", found.key)


def _row(row: LateDay) -> dict[str, Any]:
    kind, icon = _DAY_LOOKS[DayState(row.state)]
    unit = row.unit
    label = unit.activity.short_name if unit.name == unit.activity.short_name else f"{unit}"
    return {"row": row, "label": label, "badge": str(row.get_state_display()), "kind": kind, "icon": icon}
