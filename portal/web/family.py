"""The family in whose name a page is asked: the one door from a signed-in account to `request.family`."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from portal.domain.accounts.models import User
from portal.domain.families.access import NotAllowed, choose_family, reachable_families
from portal.domain.families.models import Family
from portal.domain.families.queries import archived_numbers

SESSION_KEY = "family_id"

P = ParamSpec("P")


class FamilyRequest(HttpRequest):
    """The request of a page under `family_required`: someone is signed in and has a family."""

    user: User
    family: Family
    has_other_families: bool


class _ResolvedRequest(HttpRequest):
    """Any request once its family was looked for."""

    family: Family | None
    has_other_families: bool


def resolve_family(request: HttpRequest) -> Family | None:
    """The family of the signed-in person, read once per request; None for visitors, agents and accounts without one.

    The session remembers the choice of someone who has several; a value that is not theirs, or is not a number, is
    the same as no choice.
    """
    known = cast(_ResolvedRequest, request)
    if not hasattr(request, "family"):
        # An error page may be drawn for a request that never got its session.
        session = getattr(request, "session", None)
        remembered = session.get(SESSION_KEY) if session is not None else None
        chosen = remembered if isinstance(remembered, int) else None
        user = request.user
        families = reachable_families(user=user) if isinstance(user, User) else []
        known.family = choose_family(families, chosen)
        known.has_other_families = len(families) > 1
    return known.family


def family_required(
    view: Callable[Concatenate[FamilyRequest, P], HttpResponse],
) -> Callable[..., HttpResponseBase]:
    """Gives `request.family` to a view. An account without family gets a page that says what to do, with 403.

    So does a person who may look but not do what was asked: the page of error 403.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if resolve_family(request) is None:
            return no_family(request)
        try:
            return view(cast(FamilyRequest, request), *args, **kwargs)
        except NotAllowed as error:
            raise PermissionDenied from error

    return wrapped


def no_family(request: HttpRequest) -> HttpResponse:
    """What an account without family reads: that its dossier was put away, or how to get one."""
    user = request.user
    context: dict[str, Any] = {"archived": archived_numbers(user=user) if isinstance(user, User) else []}
    return render(request, "family/none.html", context, status=403)
