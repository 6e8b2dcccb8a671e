"""The public list: what may be asked of it, and one page of what was asked."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Count, Prefetch, QuerySet
from django.db.models.functions import ExtractYear
from django.http import HttpRequest
from django.utils.translation import gettext as _
from wagtail.images import get_image_model

if TYPE_CHECKING:
    from news.models import NewsIndexPage, NewsQuerySet

PER_PAGE = 12

#: The pictures of the cards, as templates/news/_card.html asks for them.
CARD_PICTURES = ("fill-400x225", "fill-800x450")


@dataclass(frozen=True, slots=True)
class Choice:
    """One way of narrowing the list: its words, how many items it leaves, where it leads, whether it is taken."""

    label: str
    count: int | None
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """A question with its choices, the first of which is "all"."""

    label: str
    choices: tuple[Choice, ...]


#: Parameter of the address, words of the question, words of "all", field of the item, value and words of a choice.
_QUESTIONS = (
    ("rubrique", "category", "category__slug", "category__name"),
    ("service", "service", "service__code", "service__name"),
    ("archives", "year", "year", "year"),
)


def with_pictures(articles: "QuerySet[Any]") -> "QuerySet[Any]":
    """The items with their pictures in the sizes of cards, in two queries more whatever their number."""
    images = get_image_model().objects.prefetch_renditions(*CARD_PICTURES)
    return articles.prefetch_related(Prefetch("image", queryset=images))


def context(index: "NewsIndexPage", request: HttpRequest) -> dict[str, Any]:
    """`articles` (a page of a paginator), `facets`, `chosen` (words), `query`, `feed_url`, `atom_url`.

    A value that no item has asks for nothing: an old bookmark is no error.
    """
    articles = index.articles().annotate(year=ExtractYear("date"))
    asked = _asked(request, articles)
    shown = _narrowed(articles, asked)
    category = asked.get("rubrique")
    here = index.get_url(request) or "/"
    names = ("category_feed", "category_atom") if category else ("feed", "atom")
    arguments = (category,) if category else ()
    return {
        "articles": Paginator(with_pictures(shown), PER_PAGE).get_page(request.GET.get("page")),
        "facets": _facets(articles, asked, here),
        "narrowed": bool(asked),
        "query": urlencode(asked),
        "all_url": here,
        "feed_url": here + index.reverse_subpage(names[0], args=arguments),
        "atom_url": here + index.reverse_subpage(names[1], args=arguments),
    }


def _asked(request: HttpRequest, articles: "NewsQuerySet") -> dict[str, str]:
    """The parameters that name something items have."""
    asked = {}
    for name, _field, value, _words in _QUESTIONS:
        wanted = request.GET.get(name, "")
        if not wanted or "\x00" in wanted or (name == "archives" and not (wanted.isascii() and wanted.isdigit())):
            continue
        if len(wanted) <= (4 if name == "archives" else 50) and articles.filter(**{value: wanted}).exists():
            asked[name] = wanted
    return asked


def _narrowed(articles: "NewsQuerySet", asked: dict[str, str]) -> "NewsQuerySet":
    fields = {name: value for name, _field, value, _words in _QUESTIONS}
    return articles.filter(**{fields[name]: wanted for name, wanted in asked.items()})


def _facets(articles: "NewsQuerySet", asked: dict[str, str], here: str) -> tuple[Facet, ...]:
    words = {
        "rubrique": (_("Rubriques"), _("Toutes")),
        "service": (_("Services"), _("Tous")),
        "archives": (_("Années"), _("Toutes")),
    }
    facets = []
    for name, _field, value, label in _QUESTIONS:
        others = {other: wanted for other, wanted in asked.items() if other != name}
        counted = (
            _narrowed(articles, others)
            .filter(**{f"{value}__isnull": False})
            .order_by()
            .values_list(value, label)
            .annotate(number=Count("pk"))
        )
        found = sorted(counted, key=lambda row: str(row[1]).casefold(), reverse=name == "archives")
        if len(found) < 2 and name not in asked:
            continue  # one choice is no choice
        heading, everything = words[name]
        choices = [Choice(everything, None, _address(here, others), name not in asked)]
        choices += _choices(found, name, asked, others, here)
        facets.append(Facet(heading, tuple(choices)))
    return tuple(facets)


def _choices(
    found: Iterable[tuple[Any, Any, int]], name: str, asked: dict[str, str], others: dict[str, str], here: str
) -> list[Choice]:
    return [
        Choice(str(label), number, _address(here, others | {name: str(value)}), asked.get(name) == str(value))
        for value, label, number in found
    ]


def _address(here: str, asked: dict[str, str]) -> str:
    return f"{here}?{urlencode(asked)}" if asked else here
