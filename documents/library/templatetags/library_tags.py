"""The library in any template: what a file is in words, and the documents put forward."""

from datetime import date

from django import template
from django.utils import timezone
from django.utils.translation import ngettext

from documents.library import queries
from documents.library.models import DocumentVersion, LibraryDocument
from portal.domain.files.checks import weight
from portal.domain.kernel.clock import paris_date
from portal.web.public_content import kept

register = template.Library()


@register.filter
def file_facts(version: DocumentVersion) -> str:
    """“PDF, 180 Ko, 12 pages”: what a reader wants to know before downloading."""
    facts = [str(version.file_type.label), weight(version.size)]
    if version.pages:
        facts.append(ngettext("%(number)s page", "%(number)s pages", version.pages) % {"number": version.pages})
    return ", ".join(facts)


@register.filter
def published_day(version: DocumentVersion) -> date:
    """The day on which a version was published, in Paris."""
    return paris_date(version.published_at)


@register.simple_tag
def home_documents(limit: int = 5) -> list[LibraryDocument]:
    """`{% home_documents 4 as documents %}`: the public documents that agents put forward, read once a minute."""
    now = timezone.now()
    return kept(
        f"library.home.{limit}",
        lambda: queries.home_documents(limit, on=paris_date(now)),
        during=f"{now:%Y%m%d%H%M}",
    )
