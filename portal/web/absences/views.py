"""The family's declarations: all of them, one followed step by step, its certificate."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from portal.domain import language
from portal.domain.absences.enums import ATTACHABLE_STATES, AbsenceState, Outcome
from portal.domain.absences.models import Absence, AbsenceDay
from portal.domain.absences.pricing import days_of, expected_effects
from portal.domain.absences.queries import find_absence, list_absences
from portal.domain.absences.readings import read_certificate
from portal.domain.absences.rules import Effect
from portal.domain.absences.services import (
    AbsenceRefused,
    remove_certificate,
    send_certificate,
    withdraw_absence,
)
from portal.domain.families.access import NotAllowed, Right, children_with
from portal.domain.files.refusal import FileRefused
from portal.domain.files.sending import stored_answer
from portal.domain.kernel.money import ZERO
from portal.domain.privacy.retention import find_kept
from portal.domain.procedures.services import find_procedure
from portal.web import clock
from portal.web.family import FamilyRequest, family_required
from portal.web.uploads import FilesForm

#: Kind and icon of the badge of a state.
LOOKS = {
    AbsenceState.EXPECTED: ("bad", "clip"),
    AbsenceState.SENT: ("plan", "clock"),
    AbsenceState.ASKED: ("bad", "alert"),
    AbsenceState.ACCEPTED: ("good", "check"),
    AbsenceState.REFUSED: ("bad", "cross"),
    AbsenceState.LAPSED: ("wait", "euro"),
    AbsenceState.WITHDRAWN: ("", "none"),
}
_YOUR_TURN = frozenset({AbsenceState.EXPECTED, AbsenceState.ASKED})


@never_cache
@require_safe
@family_required
def index(request: FamilyRequest) -> HttpResponse:
    """What waits for the family first, then all the declarations, the last first."""
    rows = list_absences(user=request.user, family=request.family)
    mine = [row for row in rows if row.state in _YOUR_TURN]
    context = {
        "waiting": [item_of(row) for row in mine],
        "others": [item_of(row) for row in rows if row not in mine],
        "may_declare": children_with(user=request.user, family=request.family, right=Right.BOOK).exists(),
    }
    return render(request, "absences/index.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@family_required
def detail(request: FamilyRequest, key: UUID) -> HttpResponse:
    """One declaration: where it is, what each day costs, its certificate, what happened."""
    absence = _find(request, key)
    form = FilesForm()
    if request.method == "POST":
        form = FilesForm(request.POST, request.FILES)
        answer = _act(request, absence, form)
        if answer is not None:
            return answer
    days = days_of(absence)
    editable = children_with(user=request.user, family=request.family, right=Right.BOOK).filter(pk=absence.child_id)
    procedure = find_procedure(about=absence)
    context: dict[str, Any] = {
        "absence": absence,
        "title": title_of(absence),
        "badge": LOOKS[AbsenceState(absence.state)],
        "days": _told(absence, days),
        "files": list(absence.files.select_related("file").order_by("order", "pk")),
        "readings": list(absence.readings.select_related("agent").order_by("-at", "-pk")),
        "editable": editable.exists(),
        "attachable": absence.state in ATTACHABLE_STATES,
        "urgent": absence.state in ATTACHABLE_STATES - {AbsenceState.SENT},
        "certificate": form,
        "form": form if form.errors else None,
        "procedure": procedure,
        "events": list(procedure.events.order_by("-at", "-pk")) if procedure else [],
        "kept": find_kept("absence_certificates"),
        "now": clock.now(request),
    }
    return render(request, "absences/detail.html", context, status=422 if form.errors else 200)


@never_cache
@require_safe
@family_required
def download(request: FamilyRequest, key: UUID, file_id: int) -> HttpResponse:
    """A page of a certificate, as it is kept. An agent in the family's space needs the right to read it, and the
    reading is noted; not while looking at another date, where nothing is written.
    """
    absence = _find(request, key)
    pages = list(absence.files.select_related("file").order_by("order", "pk"))
    if request.user.is_staff:
        acting = getattr(request, "acting", None)
        if acting is not None and acting.viewed_at is not None:
            raise NotAllowed("certificate")
        try:
            pages = read_certificate(absence=absence, by=request.user, at=timezone.now())
        except PermissionDenied as error:
            raise Http404 from error
    page = next((each for each in pages if each.pk == file_id), None)
    if page is None:
        raise Http404
    return stored_answer(page.file)


def title_of(absence: Absence) -> str:
    """« Hugo, absence du 14 au 16 septembre 2026 »."""
    words = language.words()
    if absence.first_day == absence.last_day:
        days = words.long_date(absence.first_day)
        return _("%(child)s, absence le %(days)s") % {"child": absence.child.first_name, "days": days}
    days = words.date_range_year(absence.first_day, absence.last_day)
    return _("%(child)s, absence %(days)s") % {"child": absence.child.first_name, "days": days}


def item_of(absence: Absence) -> dict[str, object]:
    """A row of components/tasks.html."""
    state = AbsenceState(absence.state)
    kind, icon = LOOKS[state]
    note = absence.reason.name if absence.reason else ""
    if state in _YOUR_TURN and absence.certificate_due:
        note = _("à envoyer jusqu’au %(day)s") % {"day": language.words().full_date(absence.certificate_due)}
    return {
        "label": title_of(absence),
        "url": reverse("absences:detail", args=[absence.key]),
        "icon": "heart",
        "kind": kind if state in _YOUR_TURN else "",
        "note": note,
        "badge": absence.get_state_display(),
        "badge_kind": kind,
        "badge_icon": "" if icon == "none" else icon,
    }


def _find(request: FamilyRequest, key: UUID) -> Absence:
    """Of this family and for this person, else 404."""
    found = find_absence(user=request.user, family=request.family, key=key)
    if found is None:
        raise Http404
    return found


def _act(request: FamilyRequest, absence: Absence, form: FilesForm) -> HttpResponse | None:
    """Do what the button says, then show the page as it is; None leaves it with its errors."""
    step, _separator, number = request.POST.get("suite", "").partition("-")
    now = timezone.now()
    try:
        if step == "envoyer":
            if not form.is_valid():
                return None
            send_certificate(absence=absence, uploads=form.cleaned_data["files"], by=request.user, at=now)
            messages.success(request, _("Le justificatif est transmis. Le service vous répond ici et par mail."))
        elif step == "enlever" and number.isascii() and number.isdigit() and len(number) < 19:
            remove_certificate(absence=absence, file=int(number), by=request.user, at=now)
        elif step == "retirer":
            withdraw_absence(absence=absence, by=request.user, at=now)
            messages.success(request, _("L’absence est retirée\u00a0: l’enfant est attendu ces jours-là."))
    except (AbsenceRefused, FileRefused) as refused:
        if step == "envoyer":
            form.add_error("files", str(refused))
            return None
        messages.error(request, str(refused))
    return redirect(request.path)


def _told(absence: Absence, days: list[AbsenceDay]) -> dict[str, Any]:
    """Each day with what it costs, or would cost if the absence were accepted, and what that changes in all."""
    sure = absence.state in {AbsenceState.ACCEPTED, AbsenceState.REFUSED, AbsenceState.LAPSED}
    effects: dict[int, Effect] = expected_effects(absence, days) if absence.is_open else {}
    rows, change = [], ZERO
    for row in days:
        outcome, amount = row.outcome, row.amount
        effect = effects.get(row.booking_id)
        if effect is not None:
            outcome, amount = effect.outcome, effect.amount
        price = row.booking.unit_price
        if amount is not None and outcome != Outcome.VOID:
            change += amount - price
        unit = row.booking.unit
        rows.append(
            {
                "day": row.booking.day,
                "label": unit.activity.short_name if unit.name == unit.activity.short_name else f"{unit}",
                "price": price,
                "amount": amount,
                "outcome": Outcome(outcome).label if outcome else "",
                "free": outcome == Outcome.FREE,
                "why": list(row.explanation) if sure else list(effect.explanation[-1:]) if effect else [],
            }
        )
    return {"rows": rows, "change": change, "sure": sure, "known": sure or absence.is_open}
