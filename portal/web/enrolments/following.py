"""After an enrolment: taking it away, answering the service, its confirmation on paper."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.domain import language
from portal.domain.activities.deadlines import Action, deadline_from_data, sentences
from portal.domain.bookings.context import ServiceContact
from portal.domain.bookings.models import Booking
from portal.domain.bookings.removal import Removal
from portal.domain.bookings.services import cancel_enrolment, plan_removal
from portal.domain.enrolments.deciding import EnrolmentDecided, WordsMissing, answer_enrolment
from portal.domain.enrolments.enums import EnrolmentState
from portal.domain.enrolments.models import Enrolment
from portal.domain.enrolments.services import EnrolmentRefused
from portal.domain.enrolments.weeks import named_weeks
from portal.domain.families.access import Right, children_with
from portal.domain.files.checks import FileType
from portal.domain.files.sending import private_answer
from portal.domain.kernel.clock import paris_date
from portal.domain.kernel.money import total
from portal.web import clock
from portal.web.design.pdf import render_pdf
from portal.web.enrolments.forms import AnswerForm
from portal.web.family import FamilyRequest, family_required


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@family_required
def remove(request: FamilyRequest, enrolment_id: int) -> HttpResponse:
    """What goes and what stays, with amounts, then the removal; or why it is not possible and what to do instead."""
    enrolment = find_enrolment(request, enrolment_id)
    if request.method == "POST":
        try:
            done = cancel_enrolment(enrolment=enrolment, by=request.user, at=clock.now(request))
        except EnrolmentRefused as refused:
            return _show_plan(request, Removal(enrolment, refused.refusal), status=422)
        messages.success(request, _("C’est enregistré. Une confirmation vous est envoyée par mail."))
        return redirect("basket:receipt", done.receipt.number) if done.receipt else redirect("enrolments:index")
    if enrolment.state == EnrolmentState.CANCELLED:
        return redirect("enrolments:detail", enrolment.pk)
    return _show_plan(request, plan_removal(enrolment=enrolment, by=request.user, at=clock.now(request)))


def _show_plan(request: FamilyRequest, plan: Removal, *, status: int = 200) -> HttpResponse:
    context = {
        "plan": plan,
        "enrolment": plan.enrolment,
        "requested": plan.enrolment.state == EnrolmentState.REQUESTED,
        "rule": removal_sentence(plan.enrolment),
    }
    return render(request, "enrolments/remove.html", context, status=status)


@require_POST
@family_required
def answer(request: FamilyRequest, enrolment_id: int) -> HttpResponse:
    """The answer to the question of the service."""
    enrolment = find_enrolment(request, enrolment_id)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return render(
            request, "enrolments/answer.html", {"enrolment": enrolment, "form": form, "answer_form": form}, status=422
        )
    try:
        answer_enrolment(
            enrolment=enrolment, answer=form.cleaned_data["answer"], by=request.user, at=clock.now(request)
        )
    except (EnrolmentDecided, WordsMissing):
        messages.warning(request, _("Cette demande n’attend plus de réponse\u00a0: voici où elle en est."))
    else:
        messages.success(request, _("Votre réponse est transmise. Le service vous répond ici et par mail."))
    return redirect("enrolments:detail", enrolment.pk)


@require_safe
@family_required
def confirmation(request: FamilyRequest, enrolment_id: int) -> HttpResponse:
    """The confirmation on paper of an accepted enrolment; 404 for any other."""
    enrolment = find_enrolment(request, enrolment_id)
    if enrolment.state != EnrolmentState.ACCEPTED:
        raise Http404
    today = paris_date(clock.now(request))
    first, *later = named_weeks(enrolment)
    week = [first, *(each for each in later if each.starts_on <= today)][-1]
    booked = Booking.objects.booked().filter(enrolment=enrolment, family=enrolment.family_id)
    prices = list(booked.order_by("day").values_list("unit_price", flat=True))
    document = render_pdf(
        "enrolments/confirmation_pdf.html",
        {
            "enrolment": enrolment,
            "family": enrolment.family,
            "week": week.units,
            "booked": len(prices),
            "cost": total(prices),
            "removal_rule": removal_sentence(enrolment),
            "service": ServiceContact(enrolment.activity.service.name),
            "at": clock.now(request),
        },
    )
    return private_answer(document, name=f"inscription-{enrolment.pk}.pdf", kind=FileType.PDF, inline=True)


def find_enrolment(request: FamilyRequest, enrolment_id: int) -> Enrolment:
    """Of a child whom this person may see, else 404."""
    rows = Enrolment.objects.visible_to(request.user).select_related(
        "activity__type", "activity__structure", "activity__service", "child", "family", "requested_by"
    )
    return get_object_or_404(rows, pk=enrolment_id)


def may_change(request: FamilyRequest, enrolment: Enrolment) -> bool:
    """Whether this person may book for the child in the household that enrolled, the one whose space this is."""
    if enrolment.family_id != request.family.pk:
        return False
    mine = children_with(user=request.user, family=request.family, right=Right.BOOK)
    return mine.filter(pk=enrolment.child_id).exists()


def removal_sentence(enrolment: Enrolment) -> str:
    """“L’inscription s’annule jusqu’à 23 h 59, 8 jours avant.”, in the language being spoken."""
    rule = deadline_from_data(enrolment.activity.removal_deadline)
    return sentences.rule(rule, Action.CANCEL_ENROLMENT, language=language.spoken())
