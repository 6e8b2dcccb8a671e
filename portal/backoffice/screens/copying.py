"""« Préparer l’année suivante »: which activities, what would be copied, then the button."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from portal.backoffice.scoping import today
from portal.domain.accounts.models import User
from portal.domain.activities.models import Activity
from portal.domain.bookings.relating import RelationsRefused
from portal.domain.kernel.french import plural, typography
from portal.domain.kernel.school_year import SchoolYear
from portal.domain.setup.copying import PERMISSION, CopyChanged, CopyPlan, copiable, copy_activities, plan_copy

SALT = "setup.copy"


class CopyForm(forms.Form):
    """The activities of one school year, all ticked at first."""

    activities = forms.MultipleChoiceField(
        label="Activités à copier",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Cochez au moins une activité.",
            "invalid_choice": "Une de ces activités n’existe plus : rechargez la page.",
        },
    )

    def __init__(self, *args: Any, rows: list[Activity], **kwargs: Any) -> None:
        super().__init__(*args, initial={"activities": [str(row.pk) for row in rows]}, **kwargs)
        cast(forms.MultipleChoiceField, self.fields["activities"]).choices = [
            (str(row.pk), f"{row.full_name}, {row.structure.name}") for row in rows
        ]

    def keys(self) -> list[int]:
        """The activities chosen, once valid."""
        return [int(key) for key in self.cleaned_data["activities"]]


@require_http_methods(["GET", "HEAD", "POST"])
def copy(request: HttpRequest) -> HttpResponse:
    """Choose, read, press. The address names the school year (`?annee=2026`)."""
    agent = cast(User, request.user)
    if not agent.has_perm(PERMISSION):
        raise PermissionDenied
    if "plan" in request.POST:
        return _apply(request, agent)
    years = sorted({SchoolYear.of(row.starts_on) for row in copiable(agent)}, reverse=True)
    year = _year(request.GET.get("annee", ""), years)
    rows = [row for row in copiable(agent) if SchoolYear.of(row.starts_on) == year]
    form = CopyForm(request.POST if request.method == "POST" else None, rows=rows)
    if request.method == "POST" and form.is_valid():
        return _plan(request, plan_copy(activities=form.keys(), by=agent), form.keys())
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "years": years, "year": year, "rows": rows}
    return render(request, "backoffice/screens/copy_choose.html", context, status=status)


def _apply(request: HttpRequest, agent: User) -> HttpResponse:
    try:
        said = signing.loads(request.POST["plan"], salt=SALT)
    except signing.BadSignature:
        return redirect(request.path)
    keys = said["keys"]
    try:
        made = copy_activities(activities=keys, expected=said["digest"], by=agent, at=timezone.now())
    except CopyChanged as changed:
        return _plan(request, changed.plan, keys, error=typography(str(changed)))
    except RelationsRefused as refused:
        return _plan(request, plan_copy(activities=keys, by=agent), keys, error=typography(str(refused)))
    number = plural(len(made), "activité copiée", "activités copiées")
    words = f"{number}. Vérifiez les dates, puis cochez « proposée aux familles » sur chacune."
    messages.success(request, typography(words))
    return redirect(f"{reverse('activites_activites_modeladmin_index')}?is_offered__exact=0")


def _plan(request: HttpRequest, plan: CopyPlan, keys: list[int], *, error: str = "") -> HttpResponse:
    token = signing.dumps({"keys": keys, "digest": plan.digest}, salt=SALT, compress=True)
    context = {"plan": plan, "token": token, "error": error}
    return render(request, "backoffice/screens/copy_plan.html", context, status=422 if error else 200)


def _year(asked: str, years: list[SchoolYear]) -> SchoolYear | None:
    """The year asked for, else the one in progress, else the last."""
    known = {str(year.start): year for year in years}
    running = SchoolYear.of(today())
    return known.get(asked) or (running if running in years else None) or (years[0] if years else None)


def urls() -> list[URLPattern]:
    """Under `/gestion/activites/copier/`."""
    return [path("activites/copier/", copy, name="activities_copy")]
