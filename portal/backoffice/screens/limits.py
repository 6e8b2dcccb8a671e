"""« Périmètre des agents »: who works for the whole town, who for some places, said by the administration."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from portal.domain.accounts.models import User
from portal.domain.activities.models import Structure
from portal.domain.scope.queries import list_agents
from portal.domain.scope.services import LimitRefused, limit_agent, may_limit


class LimitForm(forms.Form):
    """The places of an agent; none is the whole town, which is said in so many words rather than by forgetting."""

    WHOLE, SOME = "commune", "structures"

    reach = forms.ChoiceField(
        label="Cet agent voit",
        choices=[(WHOLE, "toute la commune"), (SOME, "seulement les structures cochées ci-dessous")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez ce que voit cet agent."},
    )
    structures = forms.ModelMultipleChoiceField(
        Structure.objects.none(),
        label="Structures",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Une de ces structures n’existe plus\u00a0: rechargez la page."},
    )

    def __init__(self, *args: Any, agent: User, **kwargs: Any) -> None:
        places = [limit.structure_id for limit in agent.limits.all()]
        initial = {"reach": self.SOME if places else self.WHOLE, "structures": places}
        super().__init__(*args, initial=initial, **kwargs)
        field = cast("forms.ModelMultipleChoiceField[Structure]", self.fields["structures"])
        field.queryset = Structure.objects.order_by("name", "pk")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("reach") == self.SOME and not data.get("structures") and "structures" not in self.errors:
            self.add_error("structures", "Cochez au moins une structure, ou choisissez toute la commune.")
        return data

    def places(self) -> list[Structure]:
        """What is wished, once valid."""
        return list(self.cleaned_data["structures"]) if self.cleaned_data["reach"] == self.SOME else []


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The agents in service, their roles, their places."""
    _require(request)
    agents = [
        (agent, sorted(group.name for group in agent.groups.all()), [each.structure for each in agent.limits.all()])
        for agent in list_agents()
    ]
    return render(request, "backoffice/screens/limits.html", {"agents": agents, "me": request.user})


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, key: int) -> HttpResponse:
    """What one agent sees; superusers and oneself cannot be limited, and the page says why."""
    by = _require(request)
    agent = get_object_or_404(list_agents(), pk=key)
    form = LimitForm(request.POST if request.method == "POST" else None, agent=agent)
    if request.method == "POST" and form.is_valid():
        try:
            changed = limit_agent(agent=agent, structures=form.places(), by=by, at=timezone.now())
        except LimitRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "Le périmètre est enregistré." if changed else "Rien n’a changé.")
            return redirect("agent_limits")
    context = {"agent": agent, "form": form, "fixed": agent.is_superuser or agent == by, "mine": agent == by}
    return render(
        request, "backoffice/screens/limit_agent.html", context, status=422 if request.method == "POST" else 200
    )


def _require(request: HttpRequest) -> User:
    agent = cast(User, request.user)
    if not may_limit(agent):
        raise PermissionDenied
    return agent


def urls() -> list[URLPattern]:
    """Under `/gestion/perimetres/`."""
    return [
        path("perimetres/", index, name="agent_limits"),
        path("perimetres/<int:key>/", edit, name="agent_limit"),
    ]
