"""What an agent asks of the journal, and what of it that agent may read. The list and the file obey the same."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.admin import ListFilter
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse

from portal.domain.accounts.models import User
from portal.domain.audit.models import AuditEntry
from portal.domain.audit.words import VERBS
from portal.domain.custody.services import READ_PERMISSION as READ_JUDGEMENT
from portal.domain.families.models import Family
from portal.domain.families.scope import is_limited, of_families
from portal.domain.health.access import may_read_as_agent
from portal.domain.kernel.clock import end_of_day, start_of_day

PARAMETERS = ("agent", "dossier", "action", "du", "au")
#: What is not for whoever reads the journal: which lines, and who may read them all the same.
RESERVED: tuple[tuple[Q, Callable[[User], bool]], ...] = (
    # A line does not say which child it is about: an agent who welcomes only some reads them on each child's sheet.
    (Q(target__startswith="health."), lambda agent: may_read_as_agent(agent) and not is_limited(agent)),
    (Q(verb="read_judgement"), lambda agent: agent.has_perm(READ_JUDGEMENT)),
)
_DIGITS = 18


@dataclass(frozen=True, slots=True)
class Asked:
    """Which lines are asked for; None and empty ask for nothing."""

    agent: int | None = None
    dossier: str = ""
    action: str = ""
    first: date | None = None
    last: date | None = None

    @property
    def family(self) -> QuerySet[Family]:
        """The dossier of that number."""
        return Family.objects.filter(number=self.dossier)

    def among(self, entries: QuerySet[Any], *, author: str = "by", family: str = "family_key") -> QuerySet[Any]:
        """Those of the rows that are asked for, whatever the action; `author` and `family` are their paths."""
        if self.agent is not None:
            entries = entries.filter(**{author: self.agent})
        if self.dossier:
            entries = entries.filter(**{f"{family}__in": self.family.values("pk")})
        if self.first is not None:
            entries = entries.filter(at__gte=start_of_day(self.first))
        if self.last is not None:
            entries = entries.filter(at__lt=end_of_day(self.last))
        return entries


def read_asked(given: Mapping[str, str]) -> Asked:
    """What the form says. Raises ValueError on what makes no sense."""
    agent, dossier, action = given.get("agent", ""), given.get("dossier", "").strip(), given.get("action", "")
    for number in (agent, dossier):
        if number and not (number.isascii() and number.isdigit() and len(number) <= _DIGITS):
            raise ValueError(number)
    if action and action not in VERBS:
        raise ValueError(action)
    first, last = (date.fromisoformat(text) if (text := given.get(name, "")) else None for name in ("du", "au"))
    for day in filter(None, (first, last)):
        if not 2000 <= day.year < 2100:
            raise ValueError(day)
    return Asked(int(agent) if agent else None, dossier, action, first, last)


def entries_within(agent: User, on: date) -> Q:
    """The lines about families that exist for this agent, and what the agent did that is about no family."""
    about = of_families(agent, "family_key", on=on)
    return about | Q(family_key=None, by=agent) if about else about


def readable_by(agent: User, entries: QuerySet[AuditEntry], *, on: date) -> QuerySet[AuditEntry]:
    """The lines that this agent may read."""
    return allowed(agent, entries).filter(entries_within(agent, on))


def allowed(agent: User, entries: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
    """Those that the agent's role allows, of families that exist for them."""
    for lines, may_read in RESERVED:
        if not may_read(agent):
            entries = entries.exclude(lines)
    return entries


class AskedFilter(ListFilter):
    """One small form: who, which dossier, what, between which days."""

    title = "qui, quoi, quand"
    template = "backoffice/screens/journal_filter.html"

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        for name in PARAMETERS:
            if name in params:
                value = params.pop(name)
                self.used_parameters[name] = str(value[-1] if isinstance(value, list) else value)
        try:
            self.asked = read_asked(self.used_parameters)
        except ValueError as error:
            raise IncorrectLookupParameters from error
        self.export_url = reverse("desk_journal_file")

    def has_output(self) -> bool:
        return True

    def expected_parameters(self) -> list[str]:
        return list(PARAMETERS)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        found = self.asked.among(queryset)
        return found.filter(verb=self.asked.action) if self.asked.action else found

    def choices(self, changelist: Any) -> list[Any]:
        """Prepare what the form of the template shows and carries along."""
        ours = set(PARAMETERS)
        self.kept = [(name, value) for name, value in changelist.params.items() if name not in ours]
        self.typed = {name: self.used_parameters.get(name, "") for name in PARAMETERS}
        self.agents = User.objects.filter(is_staff=True).order_by("last_name", "first_name", "username")
        self.actions = sorted(VERBS.items(), key=lambda item: item[1])
        return []
