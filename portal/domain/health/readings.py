"""The only ways by which an agent reads: each leaves one line, which the family sees."""

from datetime import datetime

from django.db import transaction

from portal.domain.accounts.models import User
from portal.domain.families.models import Child
from portal.domain.health.access import require_agent
from portal.domain.health.documents import open_page
from portal.domain.health.enums import ReadingScreen
from portal.domain.health.models import HealthDocument, HealthFile, HealthReading
from portal.domain.health.queries import ChildCare, care_of


@transaction.atomic
def read_sheet(*, child: Child, screen: ReadingScreen, by: User, at: datetime) -> ChildCare:
    """What the town knows of the child's health, the reading noted first. Raises NotAllowed."""
    require_agent(by)
    HealthReading.objects.create(child=child, agent=by, at=at, screen=screen)
    return care_of(child=child, at=at)


@transaction.atomic
def read_document(*, page: HealthFile, screen: ReadingScreen, by: User, at: datetime) -> bytes:
    """The plain content of a page, the reading noted first. Raises NotAllowed."""
    require_agent(by)
    document: HealthDocument = page.document
    HealthReading.objects.create(child=document.child, agent=by, at=at, screen=screen, document_kind=document.kind)
    return open_page(page)
