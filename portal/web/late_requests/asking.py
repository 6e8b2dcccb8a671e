"""« Demander au service »: the refused cell prefilled, the other refused days of the month, the reason."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from portal.domain import language
from portal.domain.bookings.codes import CellKey, UnknownCell
from portal.domain.bookings.enums import Wish
from portal.domain.kernel.clock import paris_date
from portal.domain.late_requests.asking import Asking, askable_days
from portal.domain.late_requests.services import RequestRefused, send_request
from portal.domain.late_requests.terms import answer_sentence
from portal.web import clock
from portal.web.family import FamilyRequest, family_required
from portal.web.late_requests.forms import AskForm
from portal.web.planning.state import is_plausible, planning_url
from portal.web.planning.ways_out import ways

#: Where a refusal of the domain is written on the form.
_FIELDS = {"days": "jour", "reason": "motif"}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@family_required
def ask(request: FamilyRequest, code: str) -> HttpResponse:
    """The form of one refused cell; why not, when it cannot be asked for."""
    now = clock.now(request)
    try:
        if not is_plausible(CellKey.parse(code).day, today=paris_date(now)):
            raise Http404
        asking = askable_days(family=request.family, user=request.user, code=code, at=now)
    except UnknownCell as error:
        raise Http404 from error
    back = planning_url(asking.key.day)
    if asking.refusal is not None:
        context = {"asking": asking, "title": _title(asking), "back_url": back} | {
            "ways": ways([], service=asking.service, planning_url=back)
        }
        return render(request, "late_requests/none.html", context, status=422 if request.method == "POST" else 200)
    form = AskForm(
        request.POST if request.method == "POST" else None,
        days=asking.days,
        wish=asking.wish,
        initial={"jour": [code]},
    )
    if request.method == "POST" and form.is_valid():
        try:
            sent = send_request(
                family=request.family,
                codes=form.cleaned_data["jour"],
                reason=form.cleaned_data["motif"],
                by=request.user,
                at=timezone.now(),
            )
        except RequestRefused as refused:
            form.add_error(_FIELDS.get(refused.field), refused.reason)
        else:
            messages.success(
                request, _("Votre demande est envoyée au service. Rien n’est encore changé sur le planning.")
            )
            return redirect("late_requests:detail", sent.key)
    return render(request, "late_requests/ask.html", _context(asking, form, back), status=422 if form.errors else 200)


def _context(asking: Asking, form: AskForm, back: str) -> dict[str, Any]:
    pressed = next((each for each in asking.days if each.key == asking.key), None)
    return {
        "asking": asking,
        "title": _title(asking),
        "pressed": pressed,
        "form": form if form.errors else None,
        "demand": form,
        "answer": answer_sentence(asking.terms.answer_days) if asking.terms.answer_days else "",
        "cancelling": asking.wish == Wish.REMOVE,
        "back_url": back,
    }


def _title(asking: Asking) -> str:
    """“Hugo, cantine, lundi 14 septembre”."""
    words = language.words()
    day = words.weekday_day_month(asking.key.day)
    return f"{asking.child_name}, {words.lower_first(asking.label)}, {day}"
