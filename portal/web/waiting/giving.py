"""« Je propose ma place »: what it does, then one press; and taking it back."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from portal.domain.bookings.codes import UnknownCell
from portal.domain.waiting.models import PlaceGift
from portal.domain.waiting.queries import open_gift
from portal.domain.waiting.services import WaitingRefused, give_place, plan_gift, take_gift_back
from portal.web import clock
from portal.web.family import FamilyRequest, family_required
from portal.web.planning.state import planning_url
from portal.web.waiting.presenting import title_of


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@family_required
def give(request: FamilyRequest, code: str) -> HttpResponse:
    """What happens if the place is offered, then the offer; a day already offered leads to the list."""
    now = clock.now(request)
    try:
        plan = plan_gift(family=request.family, code=code, by=request.user, at=now)
    except UnknownCell as error:
        raise Http404 from error
    refused = plan.refusal.sentence if plan.refusal else ""
    if request.method == "POST":
        try:
            give_place(family=request.family, code=code, by=request.user, at=timezone.now())
        except WaitingRefused as error:
            refused = error.reason
        else:
            messages.success(
                request, _("Votre place est proposée. La journée reste facturée tant que personne ne l’a prise.")
            )
            return redirect("waiting:index")
    elif plan.booking is not None and open_gift(family=request.family, booking=plan.booking) is not None:
        return redirect("waiting:index")
    context = {
        "plan": plan,
        "title": title_of([plan.child_name], plan.label, plan.day),
        "refused": refused,
        "planning_url": planning_url(plan.day),
    }
    return render(request, "waiting/give.html", context, status=422 if refused and request.method == "POST" else 200)


@never_cache
@require_POST
@family_required
def gift(request: FamilyRequest, key: UUID) -> HttpResponse:
    """« Garder ma place »."""
    try:
        take_gift_back(gift=key, family=request.family, by=request.user, at=timezone.now())
    except PlaceGift.DoesNotExist as error:
        raise Http404 from error
    except WaitingRefused as refused:
        messages.warning(request, refused.reason)
    else:
        messages.success(request, _("Vous gardez cette place\u00a0: la journée reste réservée et facturée."))
    return redirect("waiting:index")
