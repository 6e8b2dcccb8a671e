"""The recap of the draft, its validation, its removal, the receipt."""

import re
from datetime import datetime

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from portal.domain.bookings.costs import costs_by_child
from portal.domain.bookings.models import Receipt
from portal.domain.bookings.planning import Draft
from portal.domain.bookings.queries import load_draft, month_effect, next_deadlines
from portal.domain.bookings.services import (
    DraftChanged,
    MinimumMissing,
    NothingToConfirm,
    UnknownCell,
    confirm_basket,
    discard_draft,
    extend_draft,
    remove_line,
    resume_draft,
)
from portal.domain.bookings.weekly import weeks_of_draft
from portal.domain.families.access import Right, may
from portal.domain.files.checks import FileType
from portal.domain.files.sending import private_answer
from portal.web import clock
from portal.web.basket.presenting import present_receipt
from portal.web.design.pdf import render_pdf
from portal.web.family import FamilyRequest, family_required
from portal.web.planning.lines import waiting_url
from portal.web.planning.notices import (
    Notice,
    draft_token,
    followed_notice,
    left_out_notice,
    meanwhile_notice,
    recall,
    remember,
)
from portal.web.planning.state import PlanningState, planning_url
from portal.web.planning.words import days_words, name_of

#: Beyond that many lines the costs by child come first and the lines unfold: a phone shows a card for each, and a
#: year of canteen has hundreds.
UNFOLDED = 20
_TOKEN = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}):([0-9]{1,9})")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@family_required
def index(request: FamilyRequest) -> HttpResponse:
    """What would be validated, line by line, with its effect on each month; every button is a POST here."""
    now = clock.now(request)
    if request.method == "POST":
        return _press(request, now)
    draft = load_draft(family=request.family, at=now)
    context = {"draft": draft, "notices": recall(request), "now": now, "planning_url": _back_to(draft, now)}
    if not draft.lines:
        return render(request, "basket/empty.html", context)
    refused = [line for line in draft.lines if line.refusal is not None]
    return render(
        request,
        "basket/index.html",
        {
            **context,
            "costs": costs_by_child(draft.lines),
            "fold_lines": len(draft.lines) > UNFOLDED,
            "effects": month_effect(family=request.family, user=request.user, at=now),
            "refused": refused,
            "missing": [(each, PlanningState(anchor=each.days.first, edit=True).url()) for each in draft.missing],
            "waiting_url": waiting_url(refused),
            "weeks": weeks_of_draft(request.family),
            "may_change": may(user=request.user, family=request.family, right=Right.BOOK),
            "draft_token": draft_token(draft),
            "sent_to": request.user.email or request.family.contact_email,
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@family_required
def clear(request: FamilyRequest) -> HttpResponse:
    """« Tout supprimer »: asks first, on a page of its own; the bookings in the books are not concerned."""
    now = clock.now(request)
    draft = load_draft(family=request.family, at=now)
    if request.method == "POST":
        discard_draft(family=request.family, by=request.user, at=now)
        remember(
            request,
            Notice(
                kind="good",
                title=_("Votre brouillon est supprimé"),
                text=_("Vos réservations déjà enregistrées n’ont pas changé."),
            ),
        )
        return redirect(_back_to(draft, now))
    if not draft.lines:
        return redirect("basket:index")
    return render(request, "basket/clear.html", {"draft": draft, "now": now})


@require_safe
@family_required
def receipt(request: FamilyRequest, number: str) -> HttpResponse:
    """The proof of a validation, as it was; reachable for ever by whoever sees the family."""
    now = clock.now(request)
    found = _receipt(request, number)
    coming = next_deadlines(family=request.family, user=request.user, at=now, limit=1)
    shown = present_receipt(found)
    return render(
        request,
        "basket/receipt.html",
        {
            "receipt": shown,
            "coming": coming[0] if coming else None,
            "coming_days": days_words(coming[0].range) if coming else "",
            "planning_url": planning_url(shown.lines[0].day if shown.lines else timezone.localdate(now)),
        },
    )


@require_safe
@family_required
def receipt_pdf(request: FamilyRequest, number: str) -> HttpResponse:
    """The same on paper."""
    found = _receipt(request, number)
    document = render_pdf("basket/receipt_pdf.html", {"receipt": present_receipt(found), "family": found.family})
    return private_answer(document, name=f"recu-{found.number}.pdf", kind=FileType.PDF)


# A press on a button


def _press(request: FamilyRequest, now: datetime) -> HttpResponse:
    if code := request.POST.get("retirer"):
        try:
            removed = remove_line(family=request.family, code=code, by=request.user, at=now)
        except UnknownCell as error:
            raise Http404 from error
        remember(request, followed_notice(removed.followed))
        return redirect("basket:index")
    match request.POST.get("suite", ""):
        case "valider":
            return _confirm(request, now)
        case "effacer":
            return redirect("basket:clear")
        case "garder":
            extend_draft(family=request.family, by=request.user, at=now)
        case "reprendre":
            resumed = resume_draft(family=request.family, by=request.user, at=now)
            remember(request, left_out_notice(resumed.left_out))
    return redirect("basket:index")


def _confirm(request: FamilyRequest, now: datetime) -> HttpResponse:
    """Validates the draft that the page showed; another one shows the recap again, with what happened."""
    shown = request.POST.get("brouillon", "")
    key, version = _read_token(shown)
    try:
        made = confirm_basket(family=request.family, key=key, version=version, by=request.user, at=now)
    except DraftChanged:
        draft = load_draft(family=request.family, at=now)
        remember(request, meanwhile_notice(draft, shown=shown, mine=name_of(request.user)))
    except MinimumMissing:
        # The recap says which days are missing, in the language of the screen.
        text = _("Il manque des jours\u00a0: ajoutez-les, ou retirez tous ceux de la période. Vos choix sont gardés.")
        remember(request, Notice(kind="wait", title=_("Rien n’a été validé"), text=text))
    except NothingToConfirm as nothing:
        remember(
            request,
            Notice(
                kind="wait",
                title=_("Rien n’a été validé"),
                text=_("Chaque ligne dit pourquoi. Vos choix sont gardés.")
                if nothing.left_out
                else _("Le brouillon est vide."),
            ),
        )
    else:
        return redirect("basket:receipt", number=made.number)
    return redirect("basket:index")


def _read_token(token: str) -> tuple[str, int | None]:
    """Key and version of the draft that the page showed; an unreadable token is a draft that never was."""
    found = _TOKEN.fullmatch(token)
    return (found[1], int(found[2])) if found else ("", None)


def _receipt(request: FamilyRequest, number: str) -> Receipt:
    return get_object_or_404(
        Receipt.objects.visible_to(request.user).select_related("family", "by").distinct(), number=number
    )


def _back_to(draft: Draft, now: datetime) -> str:
    """The planning in edit mode, on the month of the first pending day."""
    first = min((line.day for line in draft.lines), default=timezone.localdate(now))
    return PlanningState(anchor=first, edit=bool(draft.lines)).url()
