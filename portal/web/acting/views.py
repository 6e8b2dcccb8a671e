"""The way out of a family's space."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from portal.domain.accounts.models import User
from portal.domain.families.acting import stop_acting


@require_POST
def stop(request: HttpRequest) -> HttpResponse:
    """Close the agent's session and go back to the family's file; sent again, it goes to the agents' door."""
    if not isinstance(request.user, User) or not request.user.is_staff:
        return redirect("/")
    session = stop_acting(by=request.user, at=timezone.now())
    return redirect(f"/gestion/familles/{session.family.number}/" if session is not None else "/gestion/")
