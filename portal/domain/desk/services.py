"""What agents do with a request beside answering it. These verbs are for agents: others get PermissionDenied.

The caller has checked that the agent may see the request.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse

from portal.domain.accounts.models import User
from portal.domain.audit.services import record
from portal.domain.desk.models import NOTE_LENGTH, DeskPreference, RequestAssignment, RequestNote
from portal.domain.families.models import Family
from portal.domain.kernel.clock import paris_date, to_paris
from portal.domain.mails.enums import MailKind
from portal.domain.mails.models import OutgoingMail
from portal.domain.mails.rendering import render_mail
from portal.domain.mails.services import queue_mail

#: From when the daily mail leaves: at the opening of the service.
DIGEST_FROM = time(7)


class NoteRefused(Exception):
    """Nothing was written. The message, in French, says what to change."""


@transaction.atomic
def take_request(*, source: str, item: int, family: Family | None, by: User, at: datetime) -> RequestAssignment:
    """Say « je m’en occupe », also in the place of a colleague; saying it twice changes nothing."""
    _require_agent(by)
    named = {"source": source, "item": item}
    found, created = RequestAssignment.objects.get_or_create(
        **named, defaults={"family": family, "agent": by, "at": at}
    )
    if created:
        _note_taken(found, None, by, at)
        return found
    found = RequestAssignment.objects.select_for_update(of=("self",)).select_related("agent").get(**named)
    if found.agent_id == by.pk:
        return found
    before = found.agent
    found.agent, found.at = by, at
    found.save(update_fields=["agent", "at"])
    _note_taken(found, before, by, at)
    return found


@transaction.atomic
def release_request(*, source: str, item: int, by: User, at: datetime) -> bool:
    """Say « je ne m’en occupe plus ». False when this agent was not the one who took care of it."""
    _require_agent(by)
    rows = RequestAssignment.objects.select_for_update().filter(source=source, item=item, agent=by)
    found = rows.first()
    if found is None:
        return False
    record(
        verb="release_request",
        target=found,
        by=by,
        at=at,
        family_key=found.family_id,
        before={"source": source, "item": item, "agent": str(by)},
    )
    found.delete()
    return True


@transaction.atomic(savepoint=False)
def settle_request(*, source: str, item: int, by: User, at: datetime) -> bool:
    """It is answered or withdrawn: nobody takes care of it any more, its notes stay. False when nobody did.

    `by` is whoever settled it, a parent as well as an agent.
    """
    found = RequestAssignment.objects.select_for_update().filter(source=source, item=item).first()
    if found is None:
        return False
    record(
        verb="settle_request",
        target=found,
        by=by,
        at=at,
        family_key=found.family_id,
        before={"source": source, "item": item, "agent": str(found.agent)},
    )
    found.delete()
    return True


@transaction.atomic
def write_note(*, source: str, item: int, family: Family | None, text: str, by: User, at: datetime) -> RequestNote:
    """Note a word for colleagues. The journal says that it was written, not what it says.

    The last note of this agent on this request is not written again: a form sent twice. Raises NoteRefused.
    """
    _require_agent(by)
    words = text.replace("\x00", "").strip()
    if not words:
        raise NoteRefused("Écrivez la note avant de l’ajouter.")
    if len(words) > NOTE_LENGTH:
        raise NoteRefused(f"Une note compte {NOTE_LENGTH} caractères au plus.")
    mine = RequestNote.objects.filter(source=source, item=item, by=by).order_by("-at", "-pk").first()
    if mine is not None and mine.text == words:
        return mine
    note = RequestNote.objects.create(source=source, item=item, family=family, text=words, by=by, at=at)
    record(
        verb="write_request_note",
        target=note,
        by=by,
        at=at,
        family_key=note.family_id,
        after={"source": source, "item": item},
    )
    return note


@transaction.atomic
def remove_note(*, note: int, source: str, item: int, by: User, at: datetime) -> bool:
    """Take one's own note away. False when it is a colleague's, or of another request."""
    _require_agent(by)
    found = RequestNote.objects.select_for_update().filter(pk=note, source=source, item=item, by=by).first()
    if found is None:
        return False
    record(
        verb="remove_request_note",
        target=found,
        by=by,
        at=at,
        family_key=found.family_id,
        before={"source": source, "item": item},
    )
    found.delete()
    return True


@transaction.atomic
def set_preferences(*, shortcuts: bool, digest: bool, by: User, at: datetime) -> DeskPreference:
    """What this agent wants of the desk."""
    _require_agent(by)
    row, _created = DeskPreference.objects.select_for_update().get_or_create(agent=by)
    before = {"shortcuts": row.shortcuts, "digest": row.digest}
    after = {"shortcuts": shortcuts, "digest": digest}
    if before == after:
        return row
    row.shortcuts, row.digest = shortcuts, digest
    row.save(update_fields=["shortcuts", "digest"])
    record(verb="set_desk_preferences", target=row, by=by, at=at, before=before, after=after)
    return row


@dataclass(frozen=True, slots=True)
class DigestLine:
    """A kind of requests, how many wait, since which day the oldest does."""

    label: str
    count: int
    since: date


@transaction.atomic
def send_digest(*, agent: User, lines: Sequence[DigestLine], address: str, at: datetime) -> OutgoingMail | None:
    """The mail of the day: how many, since when, a link. Once a day at most, none when nothing waits.

    Only numbers: no name of a family, nothing of a child. `address` is the portal's own.
    """
    preference = DeskPreference.objects.select_for_update().filter(agent=agent, digest=True).first()
    if preference is None or not is_digest_due(preference, at=at):
        return None
    preference.digest_on = paris_date(at)
    preference.save(update_fields=["digest_on"])
    if not lines or not agent.email:
        return None
    texts = render_mail(
        template="desk_digest",
        context={
            "lines": lines,
            "total": sum(line.count for line in lines),
            "queue_url": address + reverse("desk_queue"),
            "preferences_url": address + reverse("desk_preferences"),
        },
    )
    return queue_mail(
        kind=MailKind.DIGEST, recipient=agent.email, subject=texts.subject, text=texts.text, html=texts.html, at=at
    )


def is_digest_due(preference: DeskPreference, *, at: datetime) -> bool:
    """Whether the mail of this day is still to be sent: a working day, from the opening of the service."""
    here = to_paris(at)
    return here.isoweekday() < 6 and here.time() >= DIGEST_FROM and preference.digest_on != here.date()


def _require_agent(by: User) -> None:
    if not (by.is_active and by.is_staff):
        raise PermissionDenied


def _note_taken(found: RequestAssignment, before: User | None, by: User, at: datetime) -> None:
    record(
        verb="take_request",
        target=found,
        by=by,
        at=at,
        family_key=found.family_id,
        before={"agent": str(before)} if before else None,
        after={"source": found.source, "item": found.item, "agent": str(by)},
    )
