"""What time it is for a page: now, or the instant at which an agent looks at the portal of a family."""

from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone


def now(request: HttpRequest | None) -> datetime:
    """The instant that decides what is shown. What is written carries `timezone.now()`: nothing is, meanwhile."""
    acting = getattr(request, "acting", None)
    viewed: datetime | None = acting.viewed_at if acting is not None else None
    return viewed or timezone.now()
