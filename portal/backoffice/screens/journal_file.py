"""The journal as a file to open in a spreadsheet, line by line whatever its length. Its download is in the journal."""

import csv
import heapq
from collections.abc import Iterator
from datetime import datetime
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from portal.backoffice.screens.journal import label_of, model_of, told_names, value_words
from portal.backoffice.screens.journal_filters import Asked, read_asked, readable_by
from portal.domain.accounts.models import User
from portal.domain.audit.models import AuditEntry
from portal.domain.audit.services import record
from portal.domain.audit.words import VERBS
from portal.domain.families.models import ChildLink, Family
from portal.domain.families.scope import of_children
from portal.domain.health.access import may_read_as_agent
from portal.domain.health.models import HealthReading
from portal.domain.kernel.clock import paris_date, to_paris

READ = "audit.view_auditentry"
HEADINGS = ("le", "par", "au nom du dossier", "action", "objet", "clé", "dossier", "avant", "après")
#: What a spreadsheet would take for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_CHUNK = 2_000
Line = tuple[datetime, int, int, tuple[str, ...]]


class _Echo:
    """What the csv module writes is what is sent."""

    def write(self, text: str) -> str:
        return text


@require_POST
@permission_required(READ, raise_exception=True)
def download(request: HttpRequest) -> HttpResponseBase:
    """The lines asked for, the oldest first, readings of health for who may see them: UTF-8 with its mark, “;”."""
    agent, at = cast(User, request.user), timezone.now()
    try:
        asked = read_asked({name: value for name, value in request.POST.items() if isinstance(value, str)})
    except ValueError:
        messages.warning(request, "Ce filtre n’existe pas\u00a0: rien n’a été téléchargé.")
        return redirect("journal_modeladmin_index")
    record(verb="export_journal", target=agent, by=agent, at=at, after=_said(asked))
    answer = StreamingHttpResponse(_written(_lines(agent, asked, until=at)), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="journal-{to_paris(at):%Y-%m-%d}.csv"'
    answer["Cache-Control"] = "no-store"
    return answer


def _said(asked: Asked) -> dict[str, Any]:
    """What was asked for, as the journal keeps it."""
    said = {
        "agent": asked.agent,
        "number": asked.dossier,
        "action": asked.action,
        "from": asked.first.isoformat() if asked.first else "",
        "to": asked.last.isoformat() if asked.last else "",
    }
    return {name: value for name, value in said.items() if value}


def _written(lines: Iterator[Line]) -> Iterator[str]:
    writer = csv.writer(_Echo(), delimiter=";")
    yield "\ufeff" + str(writer.writerow(HEADINGS))
    for _at, _kind, _key, cells in lines:
        yield str(writer.writerow([spreadsheet_text(cell) for cell in cells]))


def spreadsheet_text(cell: str) -> str:
    """The text of a cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _lines(agent: User, asked: Asked, *, until: datetime) -> Iterator[Line]:
    """What this agent may read, in order of time, without holding it."""
    parts = [_entries(agent, asked, until)]
    if may_read_as_agent(agent) and not asked.action:
        parts.append(_readings(agent, asked, until))
    return heapq.merge(*parts)


def _entries(agent: User, asked: Asked, until: datetime) -> Iterator[Line]:
    rows = asked.among(readable_by(agent, AuditEntry.objects.filter(at__lte=until), on=paris_date(until)))
    if asked.action:
        rows = rows.filter(verb=asked.action)
    rows = rows.annotate(family_number=_number("family_key"), acting_number=_number("acting_family_key"))
    for entry in _streamed(rows.select_related("by")):
        model = model_of(entry)
        yield (
            entry.at,
            0,
            entry.pk,
            (
                _clock(entry.at),
                str(entry.by),
                entry.acting_number or "",
                VERBS.get(entry.verb, entry.verb),
                str(model._meta.verbose_name) if model else entry.target,
                entry.target_key,
                entry.family_number or "",
                _values(entry, entry.before),
                _values(entry, entry.after),
            ),
        )


def _readings(agent: User, asked: Asked, until: datetime) -> Iterator[Line]:
    """Who opened a sheet or a document of health: what was read is not told."""
    links = ChildLink.objects.filter(child=OuterRef("child")).order_by("pk").values("family__number")
    if asked.dossier:  # a child of two households is told under the one asked for
        links = links.filter(family__in=asked.family)
    rows = HealthReading.objects.filter(of_children(agent, "child", on=paris_date(until)), at__lte=until).annotate(
        family_number=Subquery(links[:1])
    )
    if asked.dossier:
        rows = rows.filter(child__in=ChildLink.objects.filter(family__in=asked.family).values("child"))
    rows = Asked(agent=asked.agent, first=asked.first, last=asked.last).among(rows, author="agent")
    for reading in _streamed(rows.select_related("agent")):
        cells = (_clock(reading.at), str(reading.agent), "", "lecture de données de santé", reading.what)
        yield reading.at, 1, reading.pk, (*cells, str(reading.child_id), reading.family_number or "", "", "")


def _streamed(rows: QuerySet[Any]) -> Iterator[Any]:
    return rows.order_by("at", "pk").iterator(chunk_size=_CHUNK)


def _number(key: str) -> Subquery:
    return Subquery(Family.objects.filter(pk=OuterRef(key)).values("number")[:1])


def _clock(at: datetime) -> str:
    return f"{to_paris(at):%Y-%m-%d %H:%M:%S}"


def _values(entry: AuditEntry, told: dict[str, Any]) -> str:
    """“état : réservé, jour : 14 septembre 2026”."""
    model = model_of(entry)
    words = ((label_of(model, name), value_words(told.get(name))) for name in told_names(model, told, {}))
    return ", ".join(f"{label}\u00a0: {value}" for label, value in words)
