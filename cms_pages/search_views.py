"""`/recherche/`: one field, the results of every source, grouped."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cms_pages.search import (
    LONGEST,
    MAX_HITS,
    SHORTEST,
    Hit,
    Piece,
    SearchSource,
    clean_query,
    excerpt_around,
    search_everywhere,
    search_sources,
    words,
)
from cms_pages.search_pages import suggestion
from portal.domain.kernel.clock import paris_date

PER_PAGE = 10
#: Results of each kind when all kinds are shown.
FIRST_ONES = 4


@dataclass(frozen=True, slots=True)
class Result:
    """A result ready to be drawn."""

    hit: Hit
    title: list[Piece]
    excerpt: list[Piece]


@dataclass(frozen=True, slots=True)
class Group:
    """The results of one kind: those shown, how many there are, where all of them are."""

    key: str
    label: str
    count: int
    results: list[Result]
    more_url: str
    full: bool


@login_not_required
@never_cache
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """`?q=` what, `?dans=` one kind only, `?page=`. The words are written nowhere."""
    typed = clean_query(request.GET.get("q", ""))
    wanted = words(typed)
    searched = sum(map(len, wanted)) >= SHORTEST
    context: dict[str, Any] = {
        "query": typed,
        "too_short": bool(request.GET.get("q", "").strip()) and not searched,
        "shortest": SHORTEST,
        "longest": LONGEST,
        "searched": searched,
    }
    if searched:
        context |= _results(request, typed, wanted)
    response = render(request, "search/index.html", context)
    response["X-Robots-Tag"] = "noindex"
    return response


def _results(request: HttpRequest, typed: str, wanted: tuple[str, ...]) -> dict[str, Any]:
    found = search_everywhere(typed, user=request.user, on=paris_date(timezone.now()))
    sources = [source for source in search_sources() if found[source.key]]
    total = sum(map(len, found.values()))
    chosen = next((source for source in sources if source.key == request.GET.get("dans")), None)
    segments = [_segment(_("Tout"), total, _address(typed), current=chosen is None)]
    segments += [
        _segment(str(source.label), len(found[source.key]), _address(typed, source.key), current=source is chosen)
        for source in sources
    ]
    context: dict[str, Any] = {
        "total": total,
        "segments": segments if len(sources) > 1 else [],
        "suggestion": "" if total else suggestion(typed),
    }
    if chosen is None:
        groups = [_group(source, found[source.key], wanted, _address(typed, source.key)) for source in sources]
        return context | {"groups": groups}
    page = Paginator(found[chosen.key], PER_PAGE).get_page(request.GET.get("page"))
    group = Group(
        key=chosen.key,
        label=str(chosen.label),
        count=len(found[chosen.key]),
        results=[_result(hit, wanted) for hit in page],
        more_url="",
        full=len(found[chosen.key]) >= MAX_HITS,
    )
    return context | {"groups": [group], "page": page, "page_query": urlencode({"q": typed, "dans": chosen.key})}


def _group(source: SearchSource, hits: list[Hit], wanted: tuple[str, ...], url: str) -> Group:
    return Group(
        key=source.key,
        label=str(source.label),
        count=len(hits),
        results=[_result(hit, wanted) for hit in hits[:FIRST_ONES]],
        more_url=url if len(hits) > FIRST_ONES else "",
        full=len(hits) >= MAX_HITS,
    )


def _result(hit: Hit, wanted: tuple[str, ...]) -> Result:
    return Result(
        hit=hit,
        title=excerpt_around(hit.title, wanted, length=len(hit.title) or 1),
        excerpt=excerpt_around(hit.excerpt, wanted),
    )


def _segment(label: str, count: int, url: str, *, current: bool) -> dict[str, Any]:
    return {"label": f"{label} ({count})", "url": url, "current": current}


def _address(typed: str, kind: str = "") -> str:
    query = {"q": typed} | ({"dans": kind} if kind else {})
    return f"{reverse('search:index')}?{urlencode(query)}"
