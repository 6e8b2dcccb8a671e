"""Enrolments: the list by child, the choice of an activity, the form of one child, and what was recorded."""

from itertools import groupby
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from portal.domain.bookings.services import enrol_and_book
from portal.domain.bookings.weekly import may_have_week
from portal.domain.enrolments.enums import LIVE_ENROLMENT_STATES
from portal.domain.enrolments.models import Enrolment
from portal.domain.enrolments.queries import ChildOffers, list_offers
from portal.domain.enrolments.services import EnrolmentRefused
from portal.domain.enrolments.weeks import named_weeks
from portal.domain.kernel.clock import paris_date
from portal.domain.rentree.queries import carried_to, coming_rentree
from portal.domain.transport.enrolling import writing_stops
from portal.domain.transport.queries import lines_of
from portal.web import clock
from portal.web.enrolments.following import may_change, removal_sentence
from portal.web.enrolments.forms import AnswerForm, EnrolmentForm
from portal.web.enrolments.outcomes import OUTCOME_KEY, outcome_data
from portal.web.enrolments.papers import MissingPapersForm, missing_papers
from portal.web.enrolments.rules import rules_of
from portal.web.enrolments.together import ABOUT_THE_DAY, Row, form_context
from portal.web.enrolments.waiting import things_to_do
from portal.web.family import FamilyRequest, family_required
from portal.web.transport.views import buses_of


@require_safe
@family_required
def index(request: FamilyRequest) -> HttpResponse:
    """Every child with what they are enrolled in, by type; `?enfant=` shows one."""
    children = list_offers(family=request.family, user=request.user, at=clock.now(request))
    chosen = request.GET.get("enfant", "")
    shown = [child for child in children if str(child.child.pk) == chosen] or children
    return render(
        request,
        "enrolments/index.html",
        {
            "children": children,
            "shown": [(each, _by_type(each)) for each in shown],
            "chosen": chosen if len(shown) < len(children) else "",
            "may_enrol": any(each.offers for each in children),
            "rentree": coming_rentree(at=clock.now(request)),
        },
    )


def _by_type(each: ChildOffers) -> list[tuple[Any, list[Enrolment]]]:
    return [(kind, list(several)) for kind, several in groupby(each.enrolments, key=lambda one: one.activity.type)]


@require_safe
@family_required
def choose(request: FamilyRequest, child_id: int) -> HttpResponse:
    """The activities open to the child, by type, and those that are not, with the reason."""
    offers = _offers_of(request, child_id)
    closed = [offer for offer in offers.offers if offer.refusal is not None]
    return render(
        request,
        "enrolments/choose.html",
        {
            "child": offers.child,
            "groups": [
                (kind, list(group)) for kind, group in groupby(offers.open_offers, key=lambda each: each.activity.type)
            ],
            "enrolments": offers.enrolments,
            "closed": closed,
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@family_required
def enrol(request: FamilyRequest, child_id: int, code: str) -> HttpResponse:
    """The form of one activity for one child, and its recording."""
    offers = _offers_of(request, child_id)
    already = next((each for each in offers.enrolments if each.activity.code == code), None)
    if already is not None:
        # Sent twice, or done meanwhile by the other parent: what exists is the answer.
        return redirect("enrolments:detail", already.pk)
    offer = next((each for each in offers.offers if each.activity.code == code), None)
    if offer is None:
        raise Http404
    at = clock.now(request)
    carried = carried_to(child=offers.child, activity=offer.activity)
    again = carried is not None and "comme" in request.GET
    lines = lines_of(offer.activity.pk)
    form = EnrolmentForm(
        request.POST if request.method == "POST" else None,
        offer=offer,
        lines=lines,
        week=carried.pattern if again else {},
    )
    papers = MissingPapersForm(
        request.POST if request.method == "POST" else None,
        request.FILES if request.method == "POST" else None,
        lines=missing_papers(request, [offers.child], offer.activity, at=at),
        enrolling=[child_id],
    )
    if request.method == "POST" and all([form.is_valid(), papers.is_valid()]):
        papers.hand_in(request, at=at)
        if not papers.errors:
            try:
                outcome = enrol_and_book(
                    family=request.family,
                    child=offers.child,
                    activity=offer.activity,
                    starts_on=form.entry_day,
                    pattern=form.pattern,
                    by=request.user,
                    at=at,
                    then=writing_stops(form.stops, by=request.user, at=at) if lines else None,
                )
            except EnrolmentRefused as refused:
                on_the_day = refused.refusal.rule in ABOUT_THE_DAY
                form.add_error("starts_on" if on_the_day else None, refused.refusal.sentence)
            else:
                request.session[OUTCOME_KEY] = outcome_data(outcome)
                return redirect("enrolments:detail", outcome.enrolment.pk)
    row = Row(offers, offer, None, form, ticked=True)
    context = form_context(request, offer.activity, [row], papers, at=at)
    return render(
        request, "enrolments/enrol.html", context | {"row": row, "form": form, "carried": carried, "again": again}
    )


@require_safe
@family_required
def detail(request: FamilyRequest, enrolment_id: int) -> HttpResponse:
    """One enrolment; just after its recording, what was booked and what was left aside."""
    enrolment = get_object_or_404(
        Enrolment.objects.visible_to(request.user).select_related(
            "activity__type", "activity__structure", "activity__service", "child"
        ),
        pk=enrolment_id,
    )
    outcome = request.session.get(OUTCOME_KEY)
    if outcome is not None and outcome["enrolment"] != enrolment.pk:
        outcome = None
    mine = enrolment.state in LIVE_ENROLMENT_STATES and may_change(request, enrolment)
    return render(
        request,
        "enrolments/detail.html",
        {
            "enrolment": enrolment,
            "outcome": outcome,
            "weeks": named_weeks(enrolment),
            "may_change_week": mine and may_have_week(enrolment, today=paris_date(clock.now(request))),
            "rules": rules_of(enrolment.activity),
            "waiting": things_to_do(request, [enrolment.child], enrolment.activity_id, at=clock.now(request))
            if mine and enrolment.held_since is not None
            else [],
            "buses": buses_of(enrolment, today=paris_date(clock.now(request)), mine=mine),
            "may_remove": mine,
            "removal_rule": removal_sentence(enrolment),
            "answer_form": AnswerForm() if mine and enrolment.asked_at is not None else None,
        },
    )


def _offers_of(request: FamilyRequest, child_id: int) -> ChildOffers:
    found = list_offers(family=request.family, user=request.user, at=clock.now(request), child=child_id)
    if not found:
        raise Http404
    return found[0]
