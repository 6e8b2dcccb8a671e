"""What every answer goes through: closed by default, and one content policy per door."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase
from django_htmx.http import HttpResponseClientRedirect

#: Views of Wagtail that anybody may open. Its pages have their own rules of privacy,
#: which `serve` applies; ours say so themselves with `login_not_required`.
PUBLIC_WAGTAIL_VIEWS = frozenset(
    {
        "wagtail.views.serve",
        "wagtail.views.authenticate_with_password",
        "wagtail.documents.views.serve.serve",
        "wagtail.documents.views.serve.authenticate_with_password",
        "wagtail.images.views.serve.ServeView",
    }
)


def dotted_name(view: Callable[..., Any]) -> str:
    """The import path of a view, whether function or class."""
    view = getattr(view, "view_class", view)
    return f"{view.__module__}.{view.__qualname__}"


class ClosedByDefaultMiddleware(LoginRequiredMiddleware):
    """Every view asks for a signed-in person, except the few that say they are public."""

    def process_view(
        self, request: HttpRequest, view_func: Callable[..., Any], view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        """Let public views through without a look at who asks: their answer may be kept. The rest is Django's rule."""
        if dotted_name(view_func) in PUBLIC_WAGTAIL_VIEWS or not getattr(view_func, "login_required", True):
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)

    def handle_no_permission(self, request: HttpRequest, view_func: Callable[..., Any]) -> HttpResponseBase:
        """To the sign-in page, and back. A piece of a page, asked by htmx, sends the whole page there and back."""
        if "HX-Request" not in request.headers:
            return super().handle_no_permission(request, view_func)
        shown = urlsplit(request.headers.get("HX-Current-URL", ""))
        page = shown.path + (f"?{shown.query}" if shown.query else "")
        return HttpResponseClientRedirect(redirect_to_login(page or "/", settings.LOGIN_URL).url)


class PrivatePagesMiddleware:
    """A page made for somebody signed in is stored nowhere: neither by a proxy, nor on a shared computer's disk.

    Public pages too: their top shows who reads. A view that says how it may be kept is left alone.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer, marked unless its view said otherwise."""
        response = self.get_response(request)
        # Wagtail sends its files as public ones: who guards a file says here that it is for some.
        if getattr(request, "keep_private", False) or (
            not response.has_header("Cache-Control") and request.user.is_authenticated
        ):
            response["Cache-Control"] = "private, no-store"
        return response


class ContentSecurityPolicyMiddleware(CSPMiddleware):
    """The strict policy everywhere, Wagtail's under the agents' door."""

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        """Replace the policy under `/gestion/`; a view's own decorators still win."""
        parts = super().get_policy_parts(request, response, report_only)
        if parts.config is None and not report_only and request.path_info.startswith(settings.BACKOFFICE_PREFIX):
            parts.config = settings.BACKOFFICE_CONTENT_SECURITY_POLICY
        return parts
