"""What every answer carries."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.views.decorators.clickjacking import xframe_options_exempt
from wagtail.views import serve

from config.middleware import ClosedByDefaultMiddleware, ContentSecurityPolicyMiddleware, dotted_name


def policy_of(path: str) -> dict[str, str]:
    """The content policy that a page at this address gets, by directive."""
    middleware = ContentSecurityPolicyMiddleware(lambda request: HttpResponse("page"))
    header = middleware(RequestFactory().get(path)).headers["Content-Security-Policy"]
    return dict(directive.split(" ", 1) for directive in header.split("; "))


@pytest.mark.parametrize("path", ["/", "/famille/planning/", "/gestionnaire/", "/compte/connexion/"])
def test_pages_for_families_run_no_inline_code(path: str) -> None:
    policy = policy_of(path)

    assert policy["default-src"] == "'self'"
    assert "unsafe" not in str(policy)
    assert policy["frame-ancestors"] == policy["object-src"] == "'none'"


def test_the_agents_door_allows_what_wagtail_writes_in_the_page_and_nothing_from_elsewhere() -> None:
    policy = policy_of("/gestion/pages/3/edit/")

    assert policy["script-src"] == policy["style-src"] == "'self' 'unsafe-inline'"
    assert policy["frame-ancestors"] == "'self'"
    assert "http" not in str(policy)
    assert "unsafe-eval" not in str(policy)


def own_view(request: HttpRequest) -> HttpResponse:
    return HttpResponse("mine")


def test_a_view_that_says_nothing_is_closed_and_wagtails_pages_are_open(rf: RequestFactory) -> None:
    middleware = ClosedByDefaultMiddleware(own_view)
    request = rf.get("/ailleurs/")
    request.user = type("Stranger", (), {"is_authenticated": False})()

    refused = middleware.process_view(request, own_view, (), {})

    assert refused is not None
    assert refused.status_code == 302
    assert middleware.process_view(request, serve, (), {}) is None


def test_decorated_views_keep_their_name() -> None:
    assert dotted_name(xframe_options_exempt(own_view)) == f"{__name__}.own_view"


def test_a_session_that_ended_sends_the_whole_page_to_sign_in_and_back() -> None:
    request = RequestFactory().post(
        "/famille/planning/cocher/",
        headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/famille/planning/?mois=2026-09"},
    )
    request.user = AnonymousUser()

    answer = ClosedByDefaultMiddleware(own_view).process_view(request, own_view, (), {})

    assert answer is not None
    assert answer.headers["HX-Redirect"] == "/compte/connexion/?next=/famille/planning/%3Fmois%3D2026-09"
