"""The family in whose name a page is asked: the one door from a signed-in account to `request.family`."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from portal.domain.accounts.models import User
from portal.domain.families.access import NotAllowed, find_family
from portal.domain.families.models import Family

SESSION_KEY = "family_id"

P = ParamSpec("P")


class FamilyRequest(HttpRequest):
    """The request of a page under `family_required`: someone is signed in and has a family."""

    user: User
    family: Family


def resolve_family(request: HttpRequest) -> Family | None:
    """The family of the signed-in person, read once per request; None for visitors, agents and accounts without one.

    The session remembers the choice of someone who has several; a value that is not theirs, or is not a number, is
    the same as no choice.
    """
    if not hasattr(request, "family"):
        # An error page may be drawn for a request that never got its session.
        session = getattr(request, "session", None)
        chosen = session.get(SESSION_KEY) if session is not None else None
        user = request.user
        request.family = (  # type: ignore[attr-defined]  # the name that FamilyRequest declares
            find_family(user=user, chosen=chosen if isinstance(chosen, int) else None)
            if isinstance(user, User)
            else None
        )
    return cast(FamilyRequest, request).family


def family_required(
    view: Callable[Concatenate[FamilyRequest, P], HttpResponse],
) -> Callable[..., HttpResponseBase]:
    """Gives `request.family` to a view. An account without family gets a page that says what to do, with 403.

    So does a person who may look but not do what was asked: the page of error 403.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if resolve_family(request) is None:
            return _no_family(request)
        try:
            return view(cast(FamilyRequest, request), *args, **kwargs)
        except NotAllowed as error:
            raise PermissionDenied from error

    return wrapped


def _no_family(request: HttpRequest) -> HttpResponse:
    context: dict[str, Any] = {}
    return render(request, "family/none.html", context, status=403)
