"""The verbs of families. Each locks the family, then the child, then the paper: a child has two households at most,
and an agent decides at the same time as a parent replaces.

`deciding` holds the verbs of agents, `ending` what happens by itself.
"""

from collections.abc import Sequence
from datetime import date, datetime
from itertools import count
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.domain.accounts.models import User
from portal.domain.audit.services import record
from portal.domain.families.access import NotAllowed, Right, children_with, lock_in_use, require
from portal.domain.families.locks import lock_children
from portal.domain.families.models import Child, Family
from portal.domain.files.services import erase_file, store_files, too_many_files
from portal.domain.kernel.clock import paris_date
from portal.domain.papers.enums import OPEN_STATES, PaperForm, PaperScope, PaperState, Validity
from portal.domain.papers.models import Paper, PaperFile, PaperType
from portal.domain.papers.rules import end_of_months, end_of_year_day
from portal.domain.procedures.enums import ProcedureKind, ProcedureState
from portal.domain.procedures.services import find_procedure, move_procedure, open_procedure

#: Why nothing was written when somebody else changed the paper, or the town its text, since the page was shown.
CHANGED = gettext_lazy("Cette page a changé entre-temps\u00a0: relisez-la avant de continuer.")

#: The family still chooses the files.
EDITABLE_STATES = frozenset({PaperState.DRAFT, PaperState.ASKED})


class PaperRefused(Exception):
    """Nothing was written; `reason` is a sentence ready to show, `field` what it is about: "files", "version"…"""

    def __init__(self, reason: "str | Promise", field: str = "") -> None:
        super().__init__(reason)
        self.reason = str(reason)
        self.field = field


class PaperDecided(Exception):
    """Somebody answered meanwhile, or the family changed it: nothing was written."""

    def __init__(self, paper: Paper) -> None:
        super().__init__(paper.state)
        self.paper = paper


@transaction.atomic
def add_files(
    *,
    family: Family,
    type: PaperType,
    child: Child | None,
    uploads: Sequence["UploadedFile[bytes]"],
    by: User,
    at: datetime,
) -> Paper:
    """Prepare a paper with these files, or add them to the one in preparation or « à compléter ».

    The same content twice is kept once: sending the page again changes nothing. Nothing leaves for the service before
    `send_paper`. Raises NotAllowed, PaperRefused, FileRefused.
    """
    require_owner(family=family, child=child, by=by)
    check_scope(type, child, PaperForm.FILE)
    check_uploads(uploads)
    lock_owner(family, child)
    paper = papers_of(type, family, child).filter(state__in=OPEN_STATES).first()
    if paper is not None and paper.state not in EDITABLE_STATES:
        raise PaperRefused(_("Cette pièce est déjà transmise\u00a0: retirez-la pour en envoyer une autre."), "files")
    if paper is None:
        paper = Paper.objects.create(
            type=type, family=family, child=child, state=PaperState.DRAFT, prepared_at=at, sent_by=by
        )
    with_content(paper, uploads, by=by, at=at)
    paper.version += 1
    paper.prepared_at = at
    paper.save(update_fields=["version", "prepared_at"])
    return paper


@transaction.atomic
def hand_in_paper(
    *,
    family: Family,
    type: PaperType,
    child: Child | None,
    uploads: Sequence["UploadedFile[bytes]"],
    by: User,
    at: datetime,
) -> Paper:
    """Add these files and send them at once, as a form that goes with something else does (guide 000).

    What was already prepared goes with them; a paper that the service is looking at is left alone.
    Raises NotAllowed, PaperRefused, FileRefused.
    """
    lock_owner(family, child)
    waiting = papers_of(type, family, child).filter(state=PaperState.SENT).first()
    if waiting is not None:
        return waiting
    paper = add_files(family=family, type=type, child=child, uploads=uploads, by=by, at=at)
    return send_paper(paper=paper, version=paper.version, by=by, at=at)


@transaction.atomic
def remove_file(*, paper: Paper, file: PaperFile, by: User, at: datetime) -> Paper:
    """Take one file out of a paper that is not sent; a file already gone changes nothing.

    Raises NotAllowed, PaperRefused.
    """
    found = lock_own_paper(paper, by=by)
    row = found.files.select_related("file").filter(pk=file.pk).first()
    if row is None:
        return found
    if found.state not in EDITABLE_STATES:
        raise PaperRefused(_("Cette pièce est déjà transmise\u00a0: retirez-la pour en envoyer une autre."), "files")
    _erase_rows([row])
    found.version += 1
    found.save(update_fields=["version"])
    if found.state != PaperState.DRAFT:  # what the service has already seen leaves a trace
        write_down("remove_paper_file", found, by=by, at=at)
    return found


@transaction.atomic
def send_paper(*, paper: Paper, version: int, note: str = "", by: User, at: datetime) -> Paper:
    """Send to the service what was prepared: it waits for an answer, and what was accepted before still holds.

    Sent twice, it is sent once. Raises NotAllowed, PaperRefused (`CHANGED` when it is not what was shown).
    """
    found = lock_own_paper(paper, by=by)
    if found.state == PaperState.WITHDRAWN:
        raise PaperRefused(CHANGED, "version")
    if found.state not in EDITABLE_STATES:
        return found
    if found.version != version:
        raise PaperRefused(CHANGED, "version")
    if not found.type.is_offered:
        raise PaperRefused(_("Cette pièce n’est plus demandée."))
    if not found.files.exists():
        raise PaperRefused(_("Choisissez au moins un fichier\u00a0: une photo lisible suffit."), "files")
    found.state, found.reason, found.note = PaperState.SENT, "", " ".join(note.split())[:300]
    found.sent_at, found.sent_by = at, by
    found.decided_at, found.decided_by = None, None
    found.version += 1
    found.save()
    if not move(found, ProcedureState.RECEIVED, by=by, at=at):
        _open_procedure(found, ProcedureState.RECEIVED, by=by, at=at)
    write_down("send_paper", found, by=by, at=at, files=found.files.count())
    return found


@transaction.atomic
def withdraw_paper(*, paper: Paper, by: User, at: datetime) -> None:
    """Give up a paper that has no answer yet: its files are erased. What was only prepared leaves nothing.

    Withdrawn twice, it is withdrawn once. Raises NotAllowed, PaperRefused once it is answered.
    """
    try:
        found = lock_own_paper(paper, by=by)
    except Paper.DoesNotExist:
        return
    if found.state == PaperState.WITHDRAWN:
        return
    if found.state not in OPEN_STATES:
        raise PaperRefused(_("Le service a déjà répondu\u00a0: cette pièce ne se retire plus."))
    if found.state == PaperState.DRAFT:
        erase_paper(found)
        return
    erase_files(found)
    found.state = PaperState.WITHDRAWN
    found.version += 1
    found.save(update_fields=["state", "version"])
    move(found, ProcedureState.CANCELLED, by=by, at=at, note=_("Retirée par la famille."))
    write_down("withdraw_paper", found, by=by, at=at)


@transaction.atomic
def agree_to_rules(
    *,
    family: Family,
    type: PaperType,
    child: Child | None,
    version: str,
    by: User,
    at: datetime,
) -> Paper:
    """Accept a text of the town: the row keeps who, when and which version. A new version will be asked again.

    Raises NotAllowed, PaperRefused (`CHANGED` when the town published another version since it was shown).
    """
    require_owner(family=family, child=child, by=by)
    lock_owner(family, child)
    current = PaperType.objects.get(pk=type.pk)
    check_scope(current, child, PaperForm.AGREEMENT)
    if version != current.text_version:
        raise PaperRefused(CHANGED, "version")
    today = paris_date(at)
    accepted = papers_of(current, family, child).filter(state=PaperState.ACCEPTED)
    already = next((row for row in accepted if row.text_version == version and row.holds_on(today)), None)
    if already is not None:
        return already
    replace_accepted(current, family, child)
    paper = Paper.objects.create(
        type=current,
        family=family,
        child=child,
        state=PaperState.ACCEPTED,
        text_version=version,
        prepared_at=at,
        sent_at=at,
        sent_by=by,
        decided_at=at,
        valid_until=last_day_of(current, today),
    )
    _open_procedure(paper, ProcedureState.RECORDED, by=by, at=at)
    write_down("agree_to_rules", paper, by=by, at=at, text_version=version)
    return paper


# -- shared with deciding and ending ----------------------------------------------------------


def require_owner(*, family: Family, child: Child | None, by: User) -> None:
    """Raises NotAllowed unless this person may change that family, and that child in it."""
    require(user=by, family=family, right=Right.EDIT)
    if child is not None and not children_with(user=by, family=family, right=Right.EDIT).filter(pk=child.pk).exists():
        raise NotAllowed(Right.EDIT.value)


def lock_owner(family: Family, child: Child | None) -> None:
    """The locks of every verb here, always in this order: the dossier, then the child that two households share.

    Raises NotAllowed when the dossier is archived.
    """
    lock_in_use(family)
    lock_children([child.pk] if child is not None else [])


def lock_paper(key: int) -> Paper:
    """The paper as it is now, its owner and itself locked. Raises Paper.DoesNotExist."""
    seen = Paper.objects.select_related("family", "child").get(pk=key)
    # Papers end in archived dossiers too.
    Family.objects.select_for_update(of=("self",), no_key=True).get(pk=seen.family_id)
    lock_children([seen.child_id] if seen.child_id is not None else [])
    locked = Paper.objects.select_for_update(of=("self",), no_key=True)
    return locked.select_related("type", "family", "child", "decided_by").get(pk=key)


def lock_own_paper(paper: Paper, *, by: User) -> Paper:
    """The same for a person who may change it: in its family, or in the other household of its child."""
    locked = lock_paper(paper.pk)
    _require_paper(locked, by=by)
    return locked


def _require_paper(paper: Paper, *, by: User) -> None:
    if paper.child is None:
        require(user=by, family=paper.family, right=Right.EDIT)
        return
    households = Family.objects.filter(child_links__child=paper.child).order_by("pk")
    if not any(
        children_with(user=by, family=household, right=Right.EDIT).filter(pk=paper.child.pk).exists()
        for household in households
    ):
        raise NotAllowed(Right.EDIT.value)


def papers_of(kind: PaperType, family: Family, child: Child | None) -> QuerySet[Paper]:
    """The papers of that type of one owner, the last first: a child's count for both its households."""
    rows = Paper.objects.filter(type=kind, child=child)
    if child is None:
        rows = rows.filter(family=family)
    return rows.select_related("type", "family", "child").order_by("-prepared_at", "-pk")


def check_scope(kind: PaperType, child: Child | None, form: PaperForm) -> None:
    """Raises PaperRefused when this is not asked, or not in that way."""
    if not kind.is_offered or kind.form != form or (kind.scope == PaperScope.CHILD) != (child is not None):
        raise PaperRefused(_("Cette pièce n’est plus demandée."))


def check_uploads(uploads: Sequence["UploadedFile[bytes]"]) -> None:
    """Raises PaperRefused when there is none, or too many."""
    if not uploads:
        raise PaperRefused(_("Choisissez au moins un fichier\u00a0: une photo lisible suffit."), "files")
    if len(uploads) > settings.FAMILY_MAX_UPLOADS:
        raise PaperRefused(too_many_files(), "files")


def with_content(paper: Paper, uploads: Sequence["UploadedFile[bytes]"], *, by: User, at: datetime) -> None:
    """Keep these files with the paper; when one is refused, the content of the others goes with their rows."""
    rows = list(paper.files.select_related("file").order_by("order", "pk"))
    order = count(max((row.order for row in rows), default=-1) + 1)
    store_files(
        uploads=uploads,
        attach=lambda stored: PaperFile.objects.create(paper=paper, file=stored, order=next(order)),
        held=[row.file.sha256 for row in rows],
        by=by,
        at=at,
    )


def last_day_of(kind: PaperType, accepted_on: date) -> date | None:
    """Until when a paper of this type holds by default; None without end, or when the date is written on it."""
    if kind.validity == Validity.MONTHS and kind.valid_months:
        return end_of_months(accepted_on, kind.valid_months)
    if kind.validity == Validity.DAY_OF_YEAR and kind.valid_month and kind.valid_day:
        return end_of_year_day(accepted_on, kind.valid_month, kind.valid_day)
    return None


def replace_accepted(kind: PaperType, family: Family, child: Child | None, *, but: int = 0) -> None:
    """What held until now gives way. The owner is locked."""
    papers_of(kind, family, child).filter(state=PaperState.ACCEPTED).exclude(pk=but or 0).order_by().update(
        state=PaperState.REPLACED
    )


def move(paper: Paper, state: ProcedureState, *, by: User, at: datetime, note: str = "") -> bool:
    """The démarche of this paper takes a step; False when it has none."""
    procedure = find_procedure(about=paper)
    if procedure is None:
        return False
    move_procedure(procedure=procedure, state=state, by=by, at=at, note=note)
    return True


def _open_procedure(paper: Paper, state: ProcedureState, *, by: User, at: datetime) -> None:
    open_procedure(
        family=paper.family,
        child=paper.child,
        kind=ProcedureKind.DOCUMENT,
        title=paper.title,
        state=state,
        by=by,
        at=at,
        about=paper,
    )


def open_recorded(paper: Paper, *, by: User, at: datetime) -> None:
    """A paper that an agent recorded is a line of the démarches too."""
    _open_procedure(paper, ProcedureState.RECORDED, by=by, at=at)


def erase_files(paper: Paper) -> None:
    """Erase the files of a paper, their content once it is committed."""
    _erase_rows(list(paper.files.select_related("file")))


def erase_paper(paper: Paper) -> None:
    """Erase a paper with its files."""
    erase_files(paper)
    paper.delete()


def _erase_rows(rows: Sequence[PaperFile]) -> None:
    for row in rows:
        stored = row.file
        row.delete()
        erase_file(stored)


def write_down(verb: str, paper: Paper, *, by: User, at: datetime, **facts: Any) -> None:
    """A line of the journal, without a word of the files."""
    after = {
        "type": paper.type.code,
        "child": paper.child_id,
        "state": paper.state,
        "channel": paper.channel,
        "valid_until": paper.valid_until.isoformat() if paper.valid_until else None,
        **facts,
    }
    record(verb=verb, target=paper, by=by, at=at, family_key=paper.family_id, after=after)
