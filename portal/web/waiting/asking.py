"""« Demander une place sur la liste d'attente »: the full days of a child, one press, nothing booked."""

from collections.abc import Iterable
from typing import Any, cast
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from portal.domain.bookings.codes import UnknownCell
from portal.domain.kernel.clock import paris_date
from portal.domain.waiting.asking import Askable, askable_cells
from portal.domain.waiting.services import Joined, WaitingRefused, join_list
from portal.web import clock
from portal.web.family import FamilyRequest, family_required
from portal.web.planning.notices import Notice, left_out_notice, remember
from portal.web.planning.state import planning_url
from portal.web.waiting.presenting import title_of

#: An address that names more is not one of ours.
MOST_ASKED = 60


class JoinForm(forms.Form):
    """Which days, and whether siblings come together or not at all."""

    jour = forms.MultipleChoiceField(
        label=gettext_lazy("Les jours"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": gettext_lazy("Cochez au moins un jour."),
            "invalid_choice": gettext_lazy("Un de ces jours n’est plus proposé\u00a0: cochez à nouveau."),
        },
    )
    ensemble = forms.BooleanField(
        label=gettext_lazy("Frères et sœurs ensemble"),
        required=False,
        help_text=gettext_lazy(
            "Une place n’est proposée que s’il y en a une pour chacun, le même jour. "
            "L’attente peut être plus longue\u00a0: une place seule va à la famille suivante."
        ),
    )

    def __init__(self, *args: Any, cells: Iterable[Askable], **options: Any) -> None:
        super().__init__(*args, **options)
        cells = list(cells)
        days = cast(forms.MultipleChoiceField, self.fields["jour"])
        days.choices = [(cell.code, title_of([cell.child_name], cell.label, cell.day)) for cell in cells]
        by_day: dict[tuple[Any, int], int] = {}
        for cell in cells:
            by_day[(cell.day, cell.unit_id)] = by_day.get((cell.day, cell.unit_id), 0) + 1
        if not any(cell.siblings_together and by_day[(cell.day, cell.unit_id)] > 1 for cell in cells):
            del self.fields["ensemble"]


def join_url(codes: Iterable[str]) -> str:
    """The address of the form, these days ticked."""
    return f"{reverse('waiting:join')}?{urlencode([('jour', code) for code in codes])}"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@family_required
def join(request: FamilyRequest) -> HttpResponse:
    """The days asked for, those of brothers and sisters, the other full days of the month; then the line."""
    now = clock.now(request)
    asked = list(dict.fromkeys(request.GET.getlist("jour")))[:MOST_ASKED]
    if not asked:
        return redirect("waiting:index")
    try:
        found = askable_cells(family=request.family, user=request.user, codes=asked, at=now)
    except UnknownCell as error:
        raise Http404 from error
    back = planning_url(found.day)
    if not found.cells:
        return render(request, "waiting/none.html", {"found": found, "planning_url": back})
    form = JoinForm(request.POST if request.method == "POST" else None, cells=found.cells, initial={"jour": [*asked]})
    if request.method == "POST" and form.is_valid():
        try:
            joined = join_list(
                family=request.family,
                codes=form.cleaned_data["jour"],
                together=form.cleaned_data.get("ensemble", False),
                by=request.user,
                at=timezone.now(),
            )
        except WaitingRefused as refused:
            form.add_error("jour", refused.reason)
        else:
            return _joined(request, joined, back)
    context = {
        "form": form if form.errors else None,
        "asking": form,
        "found": found,
        "today": paris_date(now),
        "planning_url": back,
    }
    return render(request, "waiting/join.html", context, status=422 if form.errors else 200)


def _joined(request: FamilyRequest, joined: Joined, back: str) -> HttpResponse:
    """All the lines when somebody waits; the planning, with the reasons, when nobody needs to."""
    if not joined.entries:
        remember(request, left_out_notice(joined.left_out) or Notice(kind="", title=_("Rien n’a changé")))
        return redirect(back)
    count = len(joined.entries)
    said = ngettext(
        "Votre demande est sur la liste d’attente. Nous vous écrirons si une place se libère.",
        "Vos %(count)s\u00a0demandes sont sur les listes d’attente. Nous vous écrirons si une place se libère.",
        count,
    )
    messages.success(request, said % {"count": count})
    notice = left_out_notice(joined.left_out)
    if notice is not None:
        messages.warning(request, " ".join([f"{notice.title}.", *notice.lines]))
    return redirect("waiting:index")
