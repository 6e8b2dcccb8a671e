"""Reading the library: what is shown to whom, and what is found."""

from datetime import date
from typing import cast

from django.contrib.auth.models import AnonymousUser
from django.db.models import OuterRef, Subquery
from wagtail.search.backends import get_search_backend

from documents.library.models.documents import DocumentVersion, LibraryDocument, LibraryDocumentQuerySet
from portal.domain.accounts.models import User
from portal.domain.enrolments.models import Enrolment
from portal.domain.families.models import Child

FOUND = 50
_EXCERPT = 20_000


def shown_documents(user: User | AnonymousUser | None, *, on: date) -> LibraryDocumentQuerySet:
    """What lists show to this visitor on that day."""
    return cast(LibraryDocumentQuerySet, LibraryDocument.objects.shown_on(on).readable_by(user, on=on))


def activities_of(user: User | AnonymousUser | None, *, on: date) -> frozenset[int]:
    """The activities in which the children of this person are enrolled on that day or later: one query."""
    if not isinstance(user, User):
        return frozenset()
    enrolled = Enrolment.objects.accepted().filter(child__in=Child.objects.visible_to(user), ends_on__gte=on)
    return frozenset(enrolled.values_list("activity_id", flat=True))


def search(text: str, user: User | AnonymousUser | None, on: date) -> list[LibraryDocument]:
    """The documents this visitor may read whose title, description, category or words answer, best first.

    All words must be found, whatever their French ending. At most 50, with their versions; `found_rank` is the higher
    the better.
    """
    if not text.strip():
        return []
    return search_among(text, shown_documents(user, on=on))


def search_among(text: str, documents: LibraryDocumentQuerySet) -> list[LibraryDocument]:
    """The same among documents already chosen. The search only knows keys: who may read is asked before."""
    keys = list(documents.values_list("pk", flat=True))
    if not keys:
        return []
    among = LibraryDocument.objects.filter(pk__in=keys).with_versions()
    results = get_search_backend().search(text.replace("\x00", " ")[:200], among, operator="and")
    return list(results.annotate_score("found_rank")[:FOUND])


def words_of(documents: list[LibraryDocument]) -> dict[int, str]:
    """The beginning of the words of each document's version in force, by key: one query."""
    last = DocumentVersion.objects.filter(document=OuterRef("pk")).order_by("-number").values("text")[:1]
    rows = LibraryDocument.objects.filter(pk__in=[each.pk for each in documents]).annotate(said=Subquery(last))
    return {key: (said or "")[:_EXCERPT] for key, said in rows.values_list("pk", "said")}


def home_documents(limit: int, *, on: date) -> list[LibraryDocument]:
    """The public documents that agents put forward, in order."""
    shown = LibraryDocument.objects.shown_on(on).for_everybody().filter(on_home=True)
    return list(shown.order_by("order", "category__order", "title", "pk").with_versions()[:limit])
