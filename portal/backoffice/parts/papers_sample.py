"""The papers of the sample town: most accepted, some to check, some refused; the first family's as on its page."""

import io
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

from portal.backoffice.sample.fillers import Filling
from portal.domain.accounts.models import User
from portal.domain.families.models import Child, ChildLink, Family
from portal.domain.files.checks import SENT_BY_FAMILIES
from portal.domain.files.services import store_file
from portal.domain.kernel.clock import at_paris, paris_date
from portal.domain.papers.enums import Channel, PaperForm, PaperScope, PaperState
from portal.domain.papers.models import Paper, PaperFile, PaperType
from portal.domain.papers.services import last_day_of
from portal.domain.procedures.enums import ProcedureKind, ProcedureState
from portal.domain.procedures.models import Procedure, ProcedureEvent

_PARENT = "4127"
_BATCH = 500
_MORNING = time(10)
#: Papers with a real file: those that an agent opens first.
_WITH_FILE = 40
#: How many families of a hundred have one of their papers to check.
_WAITING = 0.1


def fill(filling: Filling) -> None:
    """Rows by batches; a real file for the first that wait only."""
    types = list(PaperType.objects.filter(is_offered=True, form=PaperForm.FILE, branches=[]).order_by("order", "pk"))
    if not types:
        return
    rows: list[Paper] = []
    seen: set[tuple[int, int]] = set()
    families = Family.objects.filter(archived_at=None).order_by("pk").prefetch_related("child_links__child")
    for family in families.iterator(chunk_size=_BATCH):
        if family.number == _PARENT:
            rows += _first_family(filling, family, types)
            seen |= {(kind.pk, link.child_id) for kind in types for link in family.child_links.all()}
            continue
        waits = filling.draw.random() < _WAITING
        for kind, child in _owners(family, types):
            if child is not None and (kind.pk, child.pk) in seen:
                continue
            if child is not None:
                seen.add((kind.pk, child.pk))
            row = _draw(filling, family, kind, child, waits=waits)
            if row is not None:
                waits = waits and row.state != PaperState.SENT
                rows.append(row)
    Paper.objects.bulk_create(rows, batch_size=_BATCH)
    sent = [row for row in rows if row.state == PaperState.SENT]
    _open_procedures(sent, by=filling.by)
    _give_files(sorted(sent, key=lambda row: row.prepared_at)[:_WITH_FILE], by=filling.by)
    _give_files([row for row in rows if row.family.number == _PARENT and row not in sent], by=filling.by)


def _owners(family: Family, types: list[PaperType]) -> Iterator[tuple[PaperType, Child | None]]:
    for kind in types:
        if kind.scope == PaperScope.FAMILY:
            yield kind, None
            continue
        for link in sorted(family.child_links.all(), key=_link_order):
            yield kind, link.child


def _link_order(link: ChildLink) -> tuple[int, int]:
    return link.order, link.pk


def _draw(filling: Filling, family: Family, kind: PaperType, child: Child | None, *, waits: bool) -> Paper | None:
    luck = filling.draw.random()
    sent_at = filling.at - timedelta(hours=filling.draw.randrange(2, 24 * 9))
    if waits and luck < 0.8:
        return _row(filling, family, kind, child, sent_at)
    if not kind.is_required or luck > 0.94:
        return None
    if luck > 0.91:
        return refused(_row(filling, family, kind, child, sent_at), "La pièce est illisible.", filling, sent_at)
    channel = Channel.COUNTER if luck < 0.15 else Channel.PORTAL
    return _accepted(_row(filling, family, kind, child, sent_at), filling, paris_date(sent_at), channel)


def _row(filling: Filling, family: Family, kind: PaperType, child: Child | None, sent_at: datetime) -> Paper:
    return Paper(
        type=kind,
        family=family,
        child=child,
        state=PaperState.SENT,
        version=3,
        prepared_at=sent_at,
        sent_at=sent_at,
        sent_by=filling.by,
    )


def _accepted(row: Paper, filling: Filling, day: date, channel: Channel) -> Paper:
    row.state, row.channel = PaperState.ACCEPTED, channel
    row.sent_at = row.prepared_at = min(at_paris(day, _MORNING), filling.at)
    row.decided_at, row.decided_by = row.sent_at, filling.by
    row.valid_until = last_day_of(row.type, paris_date(filling.at))
    return row


def refused(row: Paper, reason: str, filling: Filling, decided_at: datetime) -> Paper:
    """Say no to a row that is not written yet."""
    row.state, row.reason = PaperState.REFUSED, reason
    row.decided_at, row.decided_by = max(decided_at, row.prepared_at), filling.by
    return row


def _first_family(filling: Filling, family: Family, types: list[PaperType]) -> Iterator[Paper]:
    """Hugo's insurance refused, the proof of address to check, the rest accepted; Léna's came to the counter."""
    today = paris_date(filling.at)
    for kind, child in _owners(family, types):
        name = child.first_name if child is not None else ""
        row = _row(filling, family, kind, child, filling.at - timedelta(days=1, hours=3))
        if kind.code == "assurance" and name == "Hugo":
            row.sent_at = row.prepared_at = filling.at - timedelta(days=4)
            yield refused(row, "La date de fin n’est pas lisible.", filling, filling.at - timedelta(days=2))
        elif kind.code == "domicile":
            yield row
        elif name == "Noé" or not kind.is_required:
            continue
        else:
            counter = kind.code == "vaccinations"
            day = today - timedelta(days=14)
            yield _accepted(row, filling, day, Channel.COUNTER if counter else Channel.PORTAL)


def _open_procedures(rows: list[Paper], *, by: User) -> None:
    """The démarche of each paper that waits, as the verb would have opened it."""
    procedures = Procedure.objects.bulk_create(
        (
            Procedure(
                family=row.family,
                child=row.child,
                kind=ProcedureKind.DOCUMENT,
                title=row.title,
                state=ProcedureState.RECEIVED,
                opened_at=row.prepared_at,
                subject="papers.paper",
                subject_key=str(row.pk),
            )
            for row in rows
        ),
        batch_size=_BATCH,
    )
    ProcedureEvent.objects.bulk_create(
        (
            ProcedureEvent(procedure=each, at=each.opened_at, by=by, state=ProcedureState.RECEIVED)
            for each in procedures
        ),
        batch_size=_BATCH,
    )


def _give_files(rows: list[Paper], *, by: User) -> None:
    for row in rows:
        upload = SimpleUploadedFile(f"{row.type.code}.png", _picture(row))
        stored = store_file(upload=upload, accepted=SENT_BY_FAMILIES, most=len(upload) + 1, by=by, at=row.prepared_at)
        PaperFile.objects.create(paper=row, file=stored)


def _picture(row: Paper) -> bytes:
    """A page that says that it is an example."""
    page = Image.new("RGB", (420, 594), "white")
    pen = ImageDraw.Draw(page)
    pen.rectangle((20, 20, 400, 574), outline="black")
    lines = ("EXEMPLE", row.type.name, str(row.child or row.family.name), "Document sans valeur")
    for rank, line in enumerate(lines):
        pen.text((48, 60 + 36 * rank), line.replace("’", "'"), fill="black")
    out = io.BytesIO()
    page.save(out, "PNG")
    return out.getvalue()
