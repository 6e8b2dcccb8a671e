"""Enrolments: the list by child, the choice of an activity, the form, and what was recorded."""

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from portal.domain.activities.models import Unit
from portal.domain.activities.queries import offer_of, rules_sentence
from portal.domain.bookings.services import EnrolmentOutcome, enrol_and_book
from portal.domain.enrolments.models import Enrolment
from portal.domain.enrolments.queries import ChildOffers, Offer, list_offers
from portal.domain.enrolments.services import EnrolmentRefused
from portal.domain.kernel.clock import paris_date
from portal.domain.kernel.refusals import Rule
from portal.domain.tariffs.queries import quote_activity
from portal.web.enrolments.forms import EnrolmentForm
from portal.web.family import FamilyRequest, family_required

OUTCOME_KEY = "enrolment_outcome"


@require_safe
@family_required
def index(request: FamilyRequest) -> HttpResponse:
    """Every child with what they are enrolled in; `?enfant=` shows one."""
    children = list_offers(family=request.family, user=request.user, at=timezone.now())
    chosen = request.GET.get("enfant", "")
    shown = [child for child in children if str(child.child.pk) == chosen] or children
    return render(
        request,
        "enrolments/index.html",
        {"children": children, "shown": shown, "chosen": chosen if len(shown) < len(children) else ""},
    )


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
    form = EnrolmentForm(request.POST or None, offer=offer)
    if request.method == "POST" and form.is_valid():
        try:
            outcome = enrol_and_book(
                family=request.family,
                child=offers.child,
                activity=offer.activity,
                starts_on=form.entry_day,
                pattern=form.pattern,
                by=request.user,
                at=timezone.now(),
            )
        except EnrolmentRefused as refused:
            on_the_day = refused.refusal.rule in {Rule.OUTSIDE_ENROLMENT, Rule.DAY_PAST, Rule.AGE}
            form.add_error("starts_on" if on_the_day else None, refused.refusal.sentence)
        else:
            request.session[OUTCOME_KEY] = _outcome_data(outcome)
            return redirect("enrolments:detail", outcome.enrolment.pk)
    return render(request, "enrolments/enrol.html", _form_context(request, offers, offer, form))


@require_safe
@family_required
def detail(request: FamilyRequest, enrolment_id: int) -> HttpResponse:
    """One enrolment; just after its recording, what was booked and what was left aside."""
    enrolment = get_object_or_404(
        Enrolment.objects.visible_to(request.user)
        .select_related("activity__type", "activity__structure", "activity__service", "child")
        .prefetch_related("pattern_days__unit"),
        pk=enrolment_id,
    )
    rules = _rules_of(enrolment.activity.units.select_related("activity").order_by("order", "pk"))
    outcome = request.session.get(OUTCOME_KEY)
    if outcome is not None and outcome["enrolment"] != enrolment.pk:
        outcome = None
    return render(
        request,
        "enrolments/detail.html",
        {"enrolment": enrolment, "outcome": outcome, "week": _week_of(enrolment), "rules": rules},
    )


def _offers_of(request: FamilyRequest, child_id: int) -> ChildOffers:
    found = list_offers(family=request.family, user=request.user, at=timezone.now(), child=child_id)
    if not found:
        raise Http404
    return found[0]


def _form_context(request: HttpRequest, offers: ChildOffers, offer: Offer, form: EnrolmentForm) -> dict[str, Any]:
    day = max(paris_date(timezone.now()), offer.activity.starts_on)
    return {
        "child": offers.child,
        "level": offers.level,
        "offer": offer,
        "activity": offer.activity,
        "form": form,
        "quotes": quote_activity(activity=offer.activity, day=day),
        "rules": _rules_of(offer.units),
    }


def _rules_of(units: Iterable[Unit]) -> list[str]:
    """The règlement's sentences about booking and cancelling, each once."""
    return list(dict.fromkeys(rules_sentence(offer_of(unit)) for unit in units))


def _outcome_data(outcome: EnrolmentOutcome) -> dict[str, Any]:
    return {
        "enrolment": outcome.enrolment.pk,
        "booked": outcome.booked,
        "cost": str(outcome.cost),
        "left_out": [
            {"day": left.day.isoformat(), "label": left.label, "reason": left.refusal.sentence}
            for left in outcome.left_out
        ],
    }


def _week_of(enrolment: Enrolment) -> list[tuple[str, list[int]]]:
    days = sorted(enrolment.pattern_days.all(), key=lambda each: (each.unit.order, each.unit_id, each.weekday))
    return [(unit.name, [each.weekday for each in group]) for unit, group in groupby(days, key=lambda each: each.unit)]
