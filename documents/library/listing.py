"""The list of documents as a visitor filtered it: by shelves, what is for their family first."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import prefetch_related_objects
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from documents.library import queries
from documents.library.models.documents import DocumentCategory, LibraryDocument, versions_to_show
from portal.domain.activities.models import Service
from portal.domain.kernel.clock import paris_date
from portal.domain.kernel.school_year import SchoolYear

PER_PAGE = 50
OWN = "pour-vous"


@dataclass(slots=True)
class Shelf:
    """Documents under one title."""

    slug: str
    title: str
    documents: list[LibraryDocument] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Choice:
    """One filter: the values that the documents really have, and the one chosen."""

    name: str
    label: str
    everything: str
    options: tuple[tuple[str, str], ...]
    chosen: str = ""


@dataclass(frozen=True, slots=True)
class _Links:
    """What each document is about, by key of the document: services and activities."""

    services: dict[int, set[int]]
    activities: dict[int, set[int]]


def listing_context(request: HttpRequest) -> dict[str, Any]:
    """What the list shows: `shelves`, `page_of`, `filters`, `text`, `query` (the address without its page), `total`.

    A filter that no document has is left aside. The number of queries does not depend on that of documents.
    """
    today = paris_date(timezone.now())
    done = queries.activities_of(request.user, on=today)
    readable = queries.shown_documents(request.user, on=today)
    everything = list(readable.select_related("category").order_by(*_ORDER))
    links = _Links(
        services=_linked("services", "service", everything), activities=_linked("activities", "activity", everything)
    )
    own = {each.pk for each in everything if _is_own(each, links, done)}
    filters = _filters(request, everything, links, own)
    text = request.GET.get("q", "").strip()[:200]
    found = _filtered(everything, filters, links, own)
    if text:
        ranks = {each.pk: rank for rank, each in enumerate(queries.search_among(text, readable))}
        found = sorted((each for each in found if each.pk in ranks), key=lambda each: ranks[each.pk])
    elif not any(choice.chosen for choice in filters):
        found.sort(key=lambda each: each.pk not in own)
    shown = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    prefetch_related_objects(shown.object_list, versions_to_show())
    kept = {choice.name: choice.chosen for choice in filters if choice.chosen} | ({"q": text} if text else {})
    return {
        "shelves": _shelves(shown.object_list, own, text=text, filters=filters),
        "page_of": shown,
        "filters": filters,
        "text": text,
        "query": urlencode(kept),
        "total": len(found),
        "narrowed": bool(kept),
        "today": today,
    }


_ORDER = ("category__order", "category__name", "order", "title", "pk")


def _linked(name: str, target: str, documents: list[LibraryDocument]) -> dict[int, set[int]]:
    """The keys behind a many-to-many field, by document: one query for all."""
    through: Any = LibraryDocument._meta.get_field(name).remote_field.through
    found: dict[int, set[int]] = {each.pk: set() for each in documents}
    rows = through.objects.filter(librarydocument__in=list(found))
    for document, key in rows.values_list("librarydocument_id", f"{target}_id"):
        found[document].add(key)
    return found


def _is_own(document: LibraryDocument, links: _Links, done: frozenset[int]) -> bool:
    """Whether it speaks to this family: addressed to families, or about what one of its children does."""
    return not document.is_public or bool(links.activities[document.pk] & done)


def _filters(
    request: HttpRequest, documents: list[LibraryDocument], links: _Links, own: set[int]
) -> tuple[Choice, ...]:
    shelves = [(each.slug, each.name) for each in _categories(documents)]
    services = Service.objects.filter(pk__in=set().union(*links.services.values())).order_by("name")
    years = [(year.label.replace("/", "-"), year.label) for year in _school_years(documents)]
    planned = [
        ("categorie", _("Catégorie"), _("Toutes les catégories"), shelves),
        ("service", _("Service"), _("Tous les services"), [(each.code, each.name) for each in services]),
        ("annee", _("Année scolaire"), _("Toutes les années"), years),
    ]
    if own and len(own) < len(documents):
        planned.append(("pour", _("Pour qui"), _("Tout le monde"), [(OWN, _("Ma famille"))]))
    return tuple(
        _chosen(Choice(name, label, all_of_them, tuple(options)), request.GET.get(name, ""))
        for name, label, all_of_them, options in planned
        if len(options) > 1 or (name == "pour" and options)
    )


def _chosen(choice: Choice, wanted: str) -> Choice:
    return replace(choice, chosen=wanted if wanted in dict(choice.options) else "")


def _categories(documents: Iterable[LibraryDocument]) -> list[DocumentCategory]:
    """The shelves that hold something, in their order."""
    return list({each.category_id: each.category for each in documents}.values())


def _school_years(documents: Iterable[LibraryDocument]) -> list[SchoolYear]:
    """The school years that the dates of these documents name, last first."""
    days = [day for each in documents for day in (each.valid_from, each.valid_until) if day]
    return sorted({SchoolYear.of(day) for day in days}, reverse=True)


def _filtered(
    documents: list[LibraryDocument], filters: tuple[Choice, ...], links: _Links, own: set[int]
) -> list[LibraryDocument]:
    chosen = {choice.name: choice.chosen for choice in filters if choice.chosen}
    found = documents
    if code := chosen.get("categorie"):
        found = [each for each in found if each.category.slug == code]
    if code := chosen.get("service"):
        service = Service.objects.filter(code=code).values_list("pk", flat=True).first()
        found = [each for each in found if service in links.services[each.pk]]
    if label := chosen.get("annee"):
        year = SchoolYear.from_label(label)
        found = [each for each in found if _holds_in(each, year.first_day, year.last_day)]
    if chosen.get("pour"):
        found = [each for each in found if each.pk in own]
    return list(found)


def _holds_in(document: LibraryDocument, first: date, last: date) -> bool:
    """Whether it holds on some day between two; without dates it always does."""
    return (document.valid_from is None or document.valid_from <= last) and (
        document.valid_until is None or document.valid_until >= first
    )


def _shelves(
    documents: Iterable[LibraryDocument], own: set[int], *, text: str, filters: tuple[Choice, ...]
) -> list[Shelf]:
    """One shelf of results for a search; else what is the family's own first, then by category."""
    if text:
        return [Shelf("resultats", _("Documents trouvés"), list(documents))] if documents else []
    narrowed = any(choice.chosen for choice in filters)
    shelves: dict[str, Shelf] = {}
    for each in documents:
        slug, title = each.category.slug, each.category.name
        if each.pk in own and not narrowed:
            slug, title = OWN, _("Pour votre famille")
        shelves.setdefault(slug, Shelf(slug, title)).documents.append(each)
    return list(shelves.values())
