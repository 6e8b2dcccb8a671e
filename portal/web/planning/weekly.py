"""The regular week of an enrolment, changed from a day on: what would change, then the draft."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from portal.domain import language
from portal.domain.bookings.services import UnknownCell, WeekPlan, WeekRefused, change_week, plan_week
from portal.domain.bookings.weekly import may_have_week
from portal.domain.enrolments.models import Enrolment
from portal.domain.enrolments.weeks import NamedWeek, Pattern, load_weeks, named_weeks
from portal.domain.families.access import Right, children_with
from portal.domain.kernel.clock import paris_date
from portal.web import clock
from portal.web.family import FamilyRequest, family_required
from portal.web.forms import NamedErrorsMixin, NativeDateInput
from portal.web.planning.notices import followed_notice, left_out_notice, remember

UNIT = "jours_"


class WeekForm(NamedErrorsMixin, forms.Form):
    """From which day, which weekdays of each unit, and whether days changed by hand change too."""

    du = forms.DateField(label=gettext_lazy("À partir du"), widget=NativeDateInput(attrs={"class": "short"}))
    tout = forms.BooleanField(
        label=gettext_lazy("Changer aussi les jours que nous avons choisis un par un"), required=False
    )

    def __init__(self, data: Any = None, *, enrolment: Enrolment, pattern: Pattern, first: date) -> None:
        units = list(enrolment.activity.units.order_by("order", "pk"))
        super().__init__(data, initial={"du": first})
        self.units = units
        self.fields["du"].widget.attrs |= {"min": first.isoformat(), "max": enrolment.ends_on.isoformat()}
        self.fields["du"].help_text = _("les jours d’avant ne changent pas")
        self.fields["tout"].help_text = _("sinon, ils restent comme ils sont")
        words = language.words()
        for unit in units:
            self.fields[f"{UNIT}{unit.pk}"] = forms.MultipleChoiceField(
                label=_("Chaque semaine")
                if len(units) == 1
                else _("Chaque semaine\u00a0: %(unit)s") % {"unit": unit.name.lower()},
                choices=[(str(day), words.short_weekday(day)) for day in sorted(unit.weekdays)],
                required=False,
                initial=[str(day) for day in sorted(pattern.get(unit.pk, ()))],
                widget=forms.CheckboxSelectMultiple(attrs={"class": "week-days"}),
                error_messages={"invalid_choice": _("Choisissez des jours parmi ceux qui sont proposés")},
            )

    @property
    def weeks(self) -> list[forms.BoundField]:
        """The fields of the week, unit by unit."""
        return [self[f"{UNIT}{unit.pk}"] for unit in self.units]

    @property
    def wish(self) -> Mapping[str, Any]:
        """For the verbs; only after `is_valid()`."""
        return {
            "starts_on": self.cleaned_data["du"],
            "pattern": {
                unit.pk: frozenset(int(day) for day in self.cleaned_data[f"{UNIT}{unit.pk}"]) for unit in self.units
            },
            "exceptions_too": self.cleaned_data["tout"],
        }


@dataclass(frozen=True, slots=True)
class WeekRow:
    """An enrolment whose week may be changed, with its weeks."""

    enrolment: Enrolment
    weeks: tuple[NamedWeek, ...]


@never_cache
@require_safe
@family_required
def weeks(request: FamilyRequest) -> HttpResponse:
    """The enrolments whose regular week this person may change."""
    today = paris_date(clock.now(request))
    rows = list(_enrolments(request).order_by("child", "activity__order", "pk"))
    shown = [WeekRow(each, named_weeks(each)) for each in rows if may_have_week(each, today=today)]
    return render(request, "planning/weeks.html", {"rows": shown})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@family_required
def week(request: FamilyRequest, enrolment_id: int) -> HttpResponse:
    """The form; with an answer in the address, what it would change; pressed, the draft takes it."""
    now = clock.now(request)
    enrolment = get_object_or_404(_enrolments(request), pk=enrolment_id)
    if not may_have_week(enrolment, today=paris_date(now)):
        raise Http404
    data = request.POST if request.method == "POST" else request.GET if "du" in request.GET else None
    first = _first_day(enrolment, now)
    current = load_weeks([enrolment])[enrolment.pk].on(first)
    form = WeekForm(data, enrolment=enrolment, pattern=current, first=first)
    plan = None
    if form.is_bound and form.is_valid():
        wish = dict(form.wish, family=request.family, enrolment=enrolment, by=request.user, at=now)
        try:
            if request.method == "POST":
                return _change(request, enrolment, wish)
            plan = plan_week(**wish)
        except WeekRefused as refused:
            form.add_error("du" if refused.field else None, refused.reason)
        except UnknownCell as error:
            raise Http404 from error
    return _show(request, enrolment, form, plan)


def _change(request: FamilyRequest, enrolment: Enrolment, wish: Mapping[str, Any]) -> HttpResponse:
    change = change_week(**wish)
    remember(request, left_out_notice(change.left_out), followed_notice(change.followed))
    if change.draft.lines:
        return redirect("basket:index")
    messages.success(request, _("La semaine habituelle est changée. Aucun jour n’était à réserver ni à annuler."))
    return redirect("enrolments:detail", enrolment.pk)


def _show(request: FamilyRequest, enrolment: Enrolment, form: WeekForm, plan: WeekPlan | None) -> HttpResponse:
    context = {"enrolment": enrolment, "form": form, "plan": plan, "weeks": named_weeks(enrolment)}
    return render(request, "planning/week_change.html", context, status=422 if form.errors else 200)


def _enrolments(request: FamilyRequest) -> Any:
    """Those of this household, for children for whom this person may book; all others do not exist."""
    mine = children_with(user=request.user, family=request.family, right=Right.BOOK)
    rows = Enrolment.objects.accepted().filter(family=request.family, child__in=mine.values("pk"))
    return rows.select_related("child", "activity__structure")


def _first_day(enrolment: Enrolment, now: datetime) -> date:
    """The Monday of next week, or the first day of the enrolment when it is later."""
    today = paris_date(now)
    monday = today + timedelta(days=8 - today.isoweekday())
    return min(max(monday, enrolment.starts_on), enrolment.ends_on)
