"""Links that lead nowhere: to pages taken down or deleted, to files that are gone, to sites that no longer answer."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import FieldDoesNotExist
from wagtail.documents import get_document_model
from wagtail.fields import StreamField
from wagtail.models import Page, ReferenceIndex

from cms_pages.town.models import ExternalLink

#: References that Wagtail keeps for itself.
_OWN_PATHS = ("alias_of", "parent")
_DELETED = {
    "page": ("une page supprimée", "La page n’existe plus."),
    "document": ("un document supprimé", "Le fichier n’existe plus."),
}
_LINK, _KIND, _ID = re.compile(r"<a\s[^>]*>"), re.compile(r'linktype="(page|document)"'), re.compile(r'\bid="(\d+)"')


@dataclass(frozen=True, slots=True)
class BrokenLink:
    """One link: the page on line that holds it, in which field, where it leads and what is wrong."""

    page: Page
    where: str
    target: str
    problem: str


def broken_links() -> list[BrokenLink]:
    """Every broken link of the pages on line, in the order of the tree. A constant number of queries."""
    found = [*_to_pages(), *_deleted(), *_outside()]
    return sorted(found, key=lambda link: (link.page.path, link.where, link.target))


def _sources(rows: list[ReferenceIndex]) -> dict[str, Page]:
    keys = {row.object_id for row in rows}
    pages = Page.objects.live().filter(pk__in=keys).specific(defer=True)
    return {str(page.pk): page for page in pages}


def _to_pages() -> Iterator[BrokenLink]:
    page_type = ContentType.objects.get_for_model(Page)
    between_pages = ReferenceIndex.objects.filter(base_content_type=page_type, to_content_type=page_type)
    rows = list(between_pages.exclude(model_path__in=_OWN_PATHS))
    sources = _sources(rows)
    targets = {str(page.pk): page for page in Page.objects.filter(pk__in={row.to_object_id for row in rows})}
    for row in rows:
        source, target = sources.get(row.object_id), targets.get(row.to_object_id)
        if source is not None and target is not None and not target.live:
            yield BrokenLink(source, _where(source, row), target.title, "La page n’est pas en ligne.")


def _deleted() -> Iterator[BrokenLink]:
    """Pages and files that exist no more: Wagtail forgets who led to them, the texts do not."""
    led: list[tuple[Page, str, str, str]] = []
    for page in Page.objects.live().specific():
        for field in page._meta.get_fields():
            if isinstance(field, StreamField):
                where = str(field.verbose_name)
                content = json.loads(field.value_to_string(page) or "[]")
                led += [(page, where, kind, key) for kind, key in set(_keys_in(content))]
    known = {kind: _known(kind, {key for _page, _where, each, key in led if each == kind}) for kind in _DELETED}
    for page, where, kind, key in led:
        if key not in known[kind]:
            yield BrokenLink(page, where, *_DELETED[kind])


def _known(kind: str, keys: set[str]) -> set[str]:
    model = Page if kind == "page" else get_document_model()
    return {str(key) for key in model.objects.filter(pk__in=keys).values_list("pk", flat=True)}


def _keys_in(content: Any) -> Iterator[tuple[str, str]]:
    """(“page” or “document”, key) of every link in the raw content of a stream: choosers and rich texts."""
    if isinstance(content, dict):
        for name, value in content.items():
            if name in _DELETED and isinstance(value, int):
                yield name, str(value)
            else:
                yield from _keys_in(value)
    elif isinstance(content, list):
        for value in content:
            yield from _keys_in(value)
    elif isinstance(content, str):
        for tag in _LINK.findall(content):
            kind, key = _KIND.search(tag), _ID.search(tag)
            if kind and key:
                yield kind[1], key[1]


def _outside() -> Iterator[BrokenLink]:
    bad = list(ExternalLink.objects.exclude(problem="").order_by("url"))
    pages = {page.pk: page for page in Page.objects.live().filter(pk__in={key for link in bad for key in link.pages})}
    for link in bad:
        for key in link.pages:
            if key in pages:
                yield BrokenLink(pages[key], "", link.url, link.problem)


def _where(page: Page, row: ReferenceIndex) -> str:
    """The French name of the field."""
    name = row.model_path.split(".")[0]
    try:
        return str(getattr(page.specific_class._meta.get_field(name), "verbose_name", name))
    except FieldDoesNotExist:  # removed by a release, and the page not saved since
        return name
