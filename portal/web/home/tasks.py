"""What waits for the family on its home page, beside the draft: applications above say it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.http import HttpRequest

from portal.domain.families.models import Family


@dataclass(frozen=True, slots=True)
class HomeTask:
    """One line of « À faire maintenant » (components/task.html); an urgent one, which ends in hours, comes first."""

    label: str
    url: str
    icon: str
    note: str = ""
    kind: str = ""
    badge: str = ""
    badge_kind: str = ""
    urgent: bool = False


HomeTasks = Callable[[HttpRequest, Family], Iterable[HomeTask]]

_providers: list[HomeTasks] = []


def register_home_tasks(provider: HomeTasks) -> HomeTasks:
    """Add a source of tasks, asked each time the home page is drawn. Twice the same has no effect."""
    if provider not in _providers:
        _providers.append(provider)
    return provider


def home_tasks(request: HttpRequest, family: Family) -> list[HomeTask]:
    """What every source says, in the order of the sources."""
    return [task for provider in _providers for task in provider(request, family)]
