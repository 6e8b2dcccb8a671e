"""An old address of somebody recorded twice leads to the record that remains.

Notices, mails and démarches keep the address that they had on the day; a merge puts one of two records away. Only a
page that answers 404 asks, so that ordinary pages cost nothing. Whoever may not see the record that remains still
reads 404, as for a record that never existed.
"""

from collections.abc import Callable

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import NoReverseMatch, reverse

from portal.domain.accounts.models import User
from portal.domain.families.models import Adult, Child, Family

Lookup = Callable[[User | AnonymousUser, int], int | None]


def _child_left(user: User | AnonymousUser, key: int) -> int | None:
    """The key of the child that absorbed this one, if this person may see it."""
    seen = Child.objects.visible_to(user).filter(merged_from=key)
    return seen.values_list("pk", flat=True).first()


def _adult_left(user: User | AnonymousUser, key: int) -> int | None:
    """The key of the adult that absorbed this one, if this person shares a family with them."""
    seen = Adult.objects.filter(merged_from=key, memberships__family__in=Family.objects.visible_to(user))
    return seen.values_list("pk", flat=True).first()


#: What addresses of families call a person, and how the one who remains is found.
_NAMED: dict[str, Lookup] = {"child_id": _child_left, "adult_id": _adult_left}


class MergedPeopleMiddleware:
    """Sends who reads an old address to the same page of the record that remains; forms are not sent again."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer, or a redirection in the place of a 404."""
        response = self.get_response(request)
        if response.status_code != 404 or request.method not in {"GET", "HEAD"}:
            return response
        return _moved(request) or response


def _moved(request: HttpRequest) -> HttpResponse | None:
    match = request.resolver_match
    if match is None or not match.view_name:
        return None
    kwargs = dict(match.kwargs)
    found = {
        name: left
        for name, lookup in _NAMED.items()
        if isinstance(kwargs.get(name), int) and (left := lookup(request.user, kwargs[name])) is not None
    }
    if not found:
        return None
    try:
        path = reverse(match.view_name, args=match.args, kwargs={**kwargs, **found})
    except NoReverseMatch:
        return None
    query = request.META.get("QUERY_STRING", "")
    return HttpResponseRedirect(f"{path}?{query}" if query else path)
