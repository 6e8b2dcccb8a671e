"""Choosing service, type, activity and children on one page, then enrolling those children in one validation."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from portal.domain.activities.models import Activity, ActivityType, Service
from portal.domain.bookings.aids import grants_left
from portal.domain.bookings.services import ChildAnswer, EnrolmentWish, enrol_children
from portal.domain.enrolments.models import Enrolment
from portal.domain.enrolments.queries import ChildOffers, Offer, list_offers
from portal.domain.families.models import Child
from portal.domain.kernel.clock import paris_date
from portal.domain.kernel.refusals import Rule
from portal.domain.pricing.queries import quote_children
from portal.domain.quotients.queries import quotient_on
from portal.domain.transport.enrolling import writing_stops
from portal.domain.transport.queries import lines_of
from portal.domain.transport.rules import Line
from portal.web import clock
from portal.web.enrolments.forms import EnrolmentForm
from portal.web.enrolments.outcomes import keep_answers, kept_answers
from portal.web.enrolments.papers import MissingPapersForm, missing_papers
from portal.web.enrolments.rules import rules_of
from portal.web.enrolments.waiting import things_to_do
from portal.web.family import FamilyRequest, family_required

#: Refusals about the day of entry: they stand beside it.
ABOUT_THE_DAY = frozenset({Rule.OUTSIDE_ENROLMENT, Rule.DAY_PAST, Rule.AGE, Rule.NOT_YET_OPEN, Rule.ENROLMENT_CLOSED})


@dataclass(slots=True)
class Choice:
    """The cascade as the address has it: what is chosen at each step, and what is left to choose from."""

    service: str
    type: str
    activity: str
    children: list[str]
    services: list[Service] = field(default_factory=list)
    types: list[ActivityType] = field(default_factory=list)
    activities: list[Activity] = field(default_factory=list)
    missing: str = ""

    @classmethod
    def read(cls, data: QueryDict, offers: Sequence[ChildOffers]) -> "Choice":
        """What the address asks for; a choice that the one above excludes is no choice, a single one is made."""
        choice = cls(data.get("service", ""), data.get("type", ""), data.get("activite", ""), data.getlist("enfant"))
        known = {str(each.child.pk) for each in offers}
        choice.children = [key for key in choice.children if key in known] or (list(known) if len(known) == 1 else [])
        # What was chosen before the children stays chosen: the form says which of them it does not suit.
        activities = {
            offer.activity.pk: offer.activity
            for each in offers
            for offer in each.open_offers
            if not choice.children
            or str(each.child.pk) in choice.children
            or choice.activity == offer.activity.code
            or choice.type == offer.activity.type.code
        }
        everything = sorted(
            activities.values(), key=lambda each: (each.type.order, each.order, each.starts_on, each.pk)
        )
        choice.services = sorted({each.service for each in everything}, key=lambda each: each.name)
        choice.service = _kept(choice.service, [each.code for each in choice.services])
        inside = [each for each in everything if choice.service in ("", each.service.code)]
        choice.types = sorted({each.type for each in inside}, key=lambda each: (each.order, each.name))
        choice.type = _kept(choice.type, [each.code for each in choice.types])
        choice.activities = [each for each in inside if choice.type in ("", each.type.code)]
        choice.activity = _kept(choice.activity, [each.code for each in choice.activities])
        return choice

    @property
    def url(self) -> str:
        """The form that this choice leads to."""
        query = QueryDict(mutable=True)
        query["activite"] = self.activity
        query.setlist("enfant", self.children)
        return f"{reverse('enrolments:together')}?{query.urlencode()}"


def _kept(value: str, known: list[str]) -> str:
    if value in known:
        return value
    return known[0] if len(known) == 1 else ""


@never_cache
@require_safe
@family_required
def start(request: FamilyRequest) -> HttpResponse:
    """Service, type, activity and children, each step narrowing the next; « Continuer » leads to the form."""
    offers = list_offers(family=request.family, user=request.user, at=clock.now(request))
    choice = Choice.read(request.GET, offers)
    if "suite" in request.GET:
        if choice.activity and choice.children:
            return redirect(choice.url)
        choice.missing = _("Choisissez une activité.") if not choice.activity else _("Choisissez au moins un enfant.")
    closed = {
        (offer.activity.pk, offer.refusal.sentence): offer.refusal.sentence
        for each in offers
        if not choice.children or str(each.child.pk) in choice.children
        for offer in each.offers
        if offer.refusal is not None and choice.type in ("", offer.activity.type.code)
    }
    context = {"offers": offers, "choice": choice, "closed": list(dict.fromkeys(closed.values()))}
    return render(request, "enrolments/start.html", context)


@dataclass(slots=True)
class Row:
    """One child on the form: open to them with its part of the form, or why not, or already enrolled."""

    child: ChildOffers
    offer: Offer | None
    enrolment: Enrolment | None
    form: EnrolmentForm | None = None
    ticked: bool = False


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@family_required
def together(request: FamilyRequest) -> HttpResponse:
    """The form of `?activite=` for the children of the family, and its recording, all or nothing for each child."""
    at = clock.now(request)
    code = request.GET.get("activite", "")
    rows = _rows(request, code, at=at)
    activity = next((row.offer.activity for row in rows if row.offer), None) or next(
        (row.enrolment.activity for row in rows if row.enrolment), None
    )
    if activity is None:
        raise Http404
    open_rows = [row for row in rows if row.form is not None]
    ticked = [row for row in open_rows if row.ticked]
    papers = MissingPapersForm(
        request.POST if request.method == "POST" else None,
        request.FILES if request.method == "POST" else None,
        lines=missing_papers(request, [row.child.child for row in open_rows], activity, at=at),
        # Before anybody is chosen, what each of them would have to join is marked as such.
        enrolling=[row.child.child.pk for row in (ticked or open_rows)],
    )
    if request.method == "POST":
        valid = [row.form.is_valid() for row in ticked if row.form is not None]
        if papers.is_valid() and not ticked:
            papers.add_error(None, _("Choisissez au moins un enfant."))
        if not papers.errors and all(valid):
            sent = papers.hand_in(request, at=at)
            answers = [] if papers.errors else _enrol(request, activity, ticked, at=at)
            if any(answer.outcome is not None for answer in answers):
                keep_answers(request, activity, answers, sent)
                return redirect("enrolments:done")
            _say_refusals(ticked, answers)
    every = [*(row.form for row in ticked if row.form is not None), papers]
    faulty = next((form for form in every if form.errors), None)
    context = form_context(request, activity, rows, papers, at=at) | {"forms": every, "form": faulty}
    return render(request, "enrolments/together.html", context, status=422 if faulty else 200)


@never_cache
@require_safe
@family_required
def done(request: FamilyRequest) -> HttpResponse:
    """What became of each child of the last validation."""
    kept = kept_answers(request)
    if kept is None:
        return redirect("enrolments:index")
    held = [each["key"] for each in kept["answers"] if each["outcome"] and each["outcome"]["held"]]
    children = Child.objects.filter(links__family=request.family, pk__in=held).order_by("pk").distinct()
    activity = Activity.objects.filter(code=kept["code"]).values_list("pk", flat=True).first()
    waiting = things_to_do(request, children, activity, at=clock.now(request)) if held and activity else []
    return render(request, "enrolments/done.html", {**kept, "waiting": waiting})


def _rows(request: FamilyRequest, code: str, *, at: datetime) -> list[Row]:
    data = request.POST if request.method == "POST" else request.GET
    asked = set(data.getlist("enfant"))
    rows = []
    lines: list[Line] | None = None
    for each in list_offers(family=request.family, user=request.user, at=at):
        offer = next((one for one in each.offers if one.activity.code == code), None)
        enrolment = next((one for one in each.enrolments if one.activity.code == code), None)
        row = Row(each, offer, enrolment)
        if offer is not None and offer.refusal is None:
            row.ticked = str(each.child.pk) in asked
            bound = request.POST if request.method == "POST" and row.ticked else None
            lines = lines_of(offer.activity.pk) if lines is None else lines
            row.form = EnrolmentForm(bound, offer=offer, lines=lines, prefix=f"e{each.child.pk}")
        if offer is not None or enrolment is not None:
            rows.append(row)
    open_rows = [row for row in rows if row.form is not None]
    if request.method != "POST" and not asked and len(open_rows) == 1:
        open_rows[0].ticked = True
    return rows


def _enrol(request: FamilyRequest, activity: Activity, ticked: Sequence[Row], *, at: datetime) -> list[ChildAnswer]:
    wishes = [
        EnrolmentWish(
            row.child.child,
            row.form.entry_day,
            row.form.pattern,
            then=writing_stops(row.form.stops, by=request.user, at=at) if row.form.lines else None,
        )
        for row in ticked
        if row.form is not None
    ]
    return enrol_children(family=request.family, activity=activity, wishes=wishes, by=request.user, at=at)


def _say_refusals(ticked: Sequence[Row], answers: Sequence[ChildAnswer]) -> None:
    for row, answer in zip(ticked, answers, strict=False):  # no answer when a paper was refused first
        if row.form is not None and answer.refusal is not None:
            on_the_day = answer.refusal.rule in ABOUT_THE_DAY
            row.form.add_error("starts_on" if on_the_day else None, answer.refusal.sentence)


def form_context(
    request: FamilyRequest, activity: Activity, rows: Sequence[Row], papers: MissingPapersForm, *, at: datetime
) -> dict[str, Any]:
    """What the form shows beside its fields: price with the family's quotient, rules, windows."""
    day = max(paris_date(at), activity.starts_on)
    offer = next((row.offer for row in rows if row.offer), None)
    open_rows = [row for row in rows if row.form is not None]
    return {
        "activity": activity,
        "rows": rows,
        "papers_form": papers,
        "rules": rules_of(activity),
        "offer": offer,
        "required": any(each.required for each in papers.fields.values()),
        "waiting": things_to_do(
            request,
            [row.child.child for row in open_rows],
            activity.pk,
            at=at,
            given_here=list(papers.lines.values()),
        ),
        **prices(request, activity, [row.child.child for row in open_rows or rows], day=day),
    }


def prices(request: FamilyRequest, activity: Activity, children: Sequence[Child], *, day: date) -> dict[str, Any]:
    """What each unit costs these children on that day: said once when it costs them the same, else child by child.

    Without a known quotient the price is the highest, said as such when the grid looks at it.
    """
    found = quote_children(
        family=request.family,
        children=children,
        activity=activity,
        day=day,
        grants=grants_left(request.family),
    )
    per_child = len({each.amounts for each in found}) > 1
    return {
        "prices": found if per_child else found[:1],
        "per_child": per_child,
        "standings": [standing.sentence for each in found for standing in each.standings],
        "quotient": quotient_on(request.family, day),
        "quotient_matters": any(
            quote.price is not None and quote.price.lacks_knowledge for each in found for quote in each.quotes
        ),
    }
