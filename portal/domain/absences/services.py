"""The verbs of families. Each locks the family, then the child, then the declaration; places come last.

The child's lock is that of whoever books or cancels for them: what the books say cannot move meanwhile. `deciding`
holds the verbs of agents, `ending` what happens by itself.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import count
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.domain.absences import notifications
from portal.domain.absences.enums import ATTACHABLE_STATES, OPEN_STATES, AbsenceState
from portal.domain.absences.finding import Found, FoundDay, Standing, find_days
from portal.domain.absences.models import Absence, AbsenceDay, AbsenceFile, AbsenceReason
from portal.domain.absences.pricing import days_of, expected_effects
from portal.domain.absences.rules import certificate_due
from portal.domain.accounts.models import User
from portal.domain.audit.services import record
from portal.domain.bookings.giving_back import give_back_places
from portal.domain.families.access import NotAllowed, Right, children_with, lock_in_use, require
from portal.domain.families.locks import lock_children
from portal.domain.families.models import Child, Family
from portal.domain.files.services import erase_file, store_files, too_many_files
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.clock import paris_date
from portal.domain.procedures.enums import ProcedureKind, ProcedureState
from portal.domain.procedures.rules import may_move
from portal.domain.procedures.services import find_procedure, move_procedure, open_procedure

PERMISSION = "absences.decide_absence"
#: Why nothing was written when the declaration is not what was shown.
CHANGED = gettext_lazy("Cette page a changé entre-temps\u00a0: relisez-la avant de continuer.")


class AbsenceRefused(Exception):
    """Nothing was written; `reason` is a sentence ready to show, `field` what it is about: "days", "files"…"""

    def __init__(self, reason: "str | Promise", field: str = "") -> None:
        super().__init__(reason)
        self.reason = str(reason)
        self.field = field


class AlreadyDeclared(Exception):
    """Every one of these days is covered by a declaration: nothing was written. `absence` is that of the first day."""

    def __init__(self, absence: Absence) -> None:
        super().__init__(str(absence.key))
        self.absence = absence


class AbsenceDecided(Exception):
    """Somebody answered meanwhile, or the family changed it: nothing was written."""

    def __init__(self, absence: Absence) -> None:
        super().__init__(absence.state)
        self.absence = absence


@transaction.atomic
def declare_absence(
    *,
    family: Family,
    child: Child,
    days: DateRange,
    codes: Collection[str],
    reason: AbsenceReason,
    by: User,
    at: datetime,
    words: str = "",
    uploads: Sequence["UploadedFile[bytes]"] = (),
    late_reason: str = "",
) -> Absence:
    """Declare that the child does not come on those booked days (`codes` of cells, within `days`).

    The days are read again from the books under the child's lock: one that is declared, cancelled or too late since
    the page was shown is left out; when none is left, nothing is written. The rules of the moment are kept with the
    declaration. It waits for its certificate, for an agent, or is accepted at once where the town says so.
    `late_reason` lets an agent who may decide take days beyond the delay.
    Raises NotAllowed, AlreadyDeclared, AbsenceRefused, FileRefused.
    """
    require_child(family=family, child=child, by=by)
    if late_reason and not by.has_perm(PERMISSION):
        raise PermissionDenied
    lock_in_use(family)
    lock_children([child.pk])
    found = find_days(family=family, child=child, days=days, by=by, at=at)
    taken = _taken(found, codes, late=bool(late_reason))
    if not reason.is_offered:
        raise AbsenceRefused(_("Ce motif n’est plus proposé\u00a0: choisissez-en un autre."), "reason")
    words = " ".join(words.split())[:200]
    if reason.needs_words and not words:
        raise AbsenceRefused(_("Précisez en quelques mots, sans détail médical."), "words")
    if len(uploads) > settings.FAMILY_MAX_UPLOADS:
        raise AbsenceRefused(too_many_files(), "files")
    rules = {key: rule for key, rule in found.rules.items() if any(day.activity_id == key for day in taken)}
    asking = [rule for rule in rules.values() if rule.asks_certificate(reason)]
    first = min(day.day for day in taken)
    expected = bool(asking) and not uploads
    absence = Absence.objects.create(
        family=family,
        child=child,
        reason=reason,
        words=words if reason.needs_words else "",
        first_day=first,
        last_day=max(day.day for day in taken),
        state=AbsenceState.EXPECTED if expected else AbsenceState.SENT,
        terms={str(key): rule.terms.to_data() for key, rule in rules.items()},
        certificate_due=certificate_due(
            first=first, delays=[rule.certificate_days for rule in asking], today=paris_date(at)
        )
        if asking
        else None,
        is_late=any(day.standing is Standing.LATE for day in taken),
        late_reason=" ".join(late_reason.split())[:300],
        declared_at=at,
        declared_by=by,
        sent_at=None if expected else at,
    )
    AbsenceDay.objects.bulk_create(AbsenceDay(absence=absence, booking_id=day.booking) for day in taken)
    automatic = not asking and not absence.is_late and all(rule.is_automatic for rule in rules.values())
    state = ProcedureState.YOUR_TURN if expected else ProcedureState.RECEIVED
    _open_procedure(absence, state, by=by, at=at, acknowledge=False if automatic or expected else None)
    write_down("declare_absence", absence, by=by, at=at, days=len(taken), files=len(uploads))
    if expected:
        notifications.tell_expected(absence, at=at)
    if automatic:
        accept(absence, by=User.objects.system(), at=at)
    with_content(absence, uploads, by=by, at=at)  # last: what fails after a file is written would leave its content
    return absence


@transaction.atomic
def send_certificate(*, absence: Absence, uploads: Sequence["UploadedFile[bytes]"], by: User, at: datetime) -> Absence:
    """Add pages of a certificate: the declaration goes to the service. After the delay it is marked late, and only an
    agent's reason accepts it.

    The same content twice is kept once. Raises NotAllowed, AbsenceRefused once it is answered, FileRefused.
    """
    found = lock_own_absence(absence, by=by)
    if found.state not in ATTACHABLE_STATES:
        raise AbsenceRefused(_("Le service a déjà répondu\u00a0: ce justificatif n’est plus attendu."), "files")
    if not uploads:
        raise AbsenceRefused(_("Choisissez au moins un fichier\u00a0: une photo lisible suffit."), "files")
    if len(uploads) > settings.FAMILY_MAX_UPLOADS:
        raise AbsenceRefused(too_many_files(), "files")
    if found.certificate_due is not None and paris_date(at) > found.certificate_due:
        found.is_late = True
    if found.state == AbsenceState.LAPSED:
        forget_effects(found)
    found.state, found.answer = AbsenceState.SENT, ""
    found.decided_at, found.decided_by = None, None
    found.sent_at = at
    found.version += 1
    found.save()
    move(found, ProcedureState.RECEIVED, by=by, at=at, note="Justificatif transmis.")
    write_down("send_certificate", found, by=by, at=at, files=len(uploads), late=found.is_late)
    with_content(found, uploads, by=by, at=at)
    return found


@transaction.atomic
def remove_certificate(*, absence: Absence, file: int, by: User, at: datetime) -> Absence:
    """Take one page away before anybody answered; a page already gone changes nothing.

    Without any page left, a declaration that needs one waits for it again. Raises NotAllowed, AbsenceRefused.
    """
    found = lock_own_absence(absence, by=by)
    row = found.files.select_related("file").filter(pk=file).first()
    if row is None:
        return found
    if found.state not in OPEN_STATES:
        raise AbsenceRefused(_("Le service a déjà répondu\u00a0: ce justificatif ne se retire plus."), "files")
    _erase_rows([row])
    found.version += 1
    if found.state == AbsenceState.SENT and found.certificate_due is not None and not found.files.exists():
        found.state, found.sent_at = AbsenceState.EXPECTED, None
        move(found, ProcedureState.YOUR_TURN, by=by, at=at, note="Justificatif retiré.")
    found.save(update_fields=["version", "state", "sent_at"])
    write_down("remove_certificate", found, by=by, at=at)
    return found


@transaction.atomic
def withdraw_absence(*, absence: Absence, by: User, at: datetime) -> Absence:
    """Give up a declaration that nobody answered: the child comes, the days are as if nothing had been said.

    The certificate is erased. Withdrawn twice, it is withdrawn once. Raises NotAllowed, AbsenceRefused once answered.
    """
    found = lock_own_absence(absence, by=by)
    if found.state == AbsenceState.WITHDRAWN:
        return found
    if found.state not in OPEN_STATES:
        raise AbsenceRefused(_("Le service a déjà répondu\u00a0: cette absence ne se retire plus ici."))
    forget_content(found, at=at)
    found.state = AbsenceState.WITHDRAWN
    found.version += 1
    found.save()
    AbsenceDay.objects.filter(absence=found).update(holds=False)
    move(found, ProcedureState.CANCELLED, by=by, at=at, note="Retirée par la famille.")
    write_down("withdraw_absence", found, by=by, at=at)
    return found


# -- shared with deciding and ending ----------------------------------------------------------


def require_child(*, family: Family, child: Child, by: User) -> None:
    """Raises NotAllowed unless this person may book for that child in that family."""
    require(user=by, family=family, right=Right.BOOK)
    if not children_with(user=by, family=family, right=Right.BOOK).filter(pk=child.pk).exists():
        raise NotAllowed(Right.BOOK.value)


def lock_absence(key: int) -> Absence:
    """The declaration as it is now, its family, child and itself locked. Raises Absence.DoesNotExist."""
    seen = Absence.objects.select_related("family", "child").get(pk=key)
    # Decisions are taken in archived dossiers too.
    Family.objects.select_for_update(of=("self",), no_key=True).get(pk=seen.family_id)
    lock_children([seen.child_id])
    locked = Absence.objects.select_for_update(of=("self",), no_key=True)
    return locked.select_related("family", "child", "reason", "decided_by").get(pk=key)


def lock_own_absence(absence: Absence, *, by: User) -> Absence:
    """The same for a person who may book for its child in its family. Raises NotAllowed."""
    locked = lock_absence(absence.pk)
    require_child(family=locked.family, child=locked.child, by=by)
    return locked


def accept(absence: Absence, *, by: User, at: datetime) -> None:
    """Accept a locked declaration: effects kept, places of the days to come given back, family told."""
    days = days_of(absence)
    keep_effects(absence, days, expected_effects(absence, days), at=at)
    close(absence, AbsenceState.ACCEPTED, by=by, at=at)
    move(absence, ProcedureState.ACCEPTED, by=by, at=at)
    write_down("accept_absence", absence, by=by, at=at, late=absence.is_late)
    notifications.tell_accepted(absence, days, at=at)
    give_back_places(bookings=[row.booking_id for row in days], by=by, at=at)  # places are locked last


def close(absence: Absence, state: AbsenceState, answer: str = "", *, by: User, at: datetime) -> None:
    """Write the answer on the declaration."""
    absence.state, absence.answer = state, answer
    absence.decided_at, absence.decided_by = at, by
    absence.version += 1
    absence.save()


def keep_effects(absence: Absence, days: Sequence[AbsenceDay], effects: Any, *, at: datetime) -> None:
    """Write what each day costs; `effects` by key of booking."""
    for row in days:
        row.apply(effects[row.booking_id], at=at)
    AbsenceDay.objects.bulk_update(days, ["outcome", "cause", "amount", "explanation", "decided_at"])


def forget_effects(absence: Absence) -> None:
    """As before any decision."""
    rows = list(AbsenceDay.objects.filter(absence=absence))
    for row in rows:
        row.forget_effect()
    AbsenceDay.objects.bulk_update(rows, ["outcome", "cause", "amount", "explanation", "decided_at"])


def move(absence: Absence, state: ProcedureState, *, by: User, at: datetime, note: str = "") -> None:
    """The démarche of this declaration takes a step. What was accepted and is looked at again closes its line, opens
    another: an answer is never turned into its contrary under one number.
    """
    procedure = find_procedure(about=absence)
    if procedure is None:
        return
    if may_move(ProcedureState(procedure.state), state):
        move_procedure(procedure=procedure, state=state, by=by, at=at, note=note)
        return
    move_procedure(procedure=procedure, state=ProcedureState.CANCELLED, by=by, at=at, note=note)
    _open_procedure(absence, state, by=by, at=at, acknowledge=False)


def with_content(absence: Absence, uploads: Sequence["UploadedFile[bytes]"], *, by: User, at: datetime) -> None:
    """Keep these pages; when one is refused, the content of the others goes with their rows."""
    rows = list(absence.files.select_related("file").order_by("order", "pk"))
    order = count(max((row.order for row in rows), default=-1) + 1)
    store_files(
        uploads=uploads,
        attach=lambda stored: AbsenceFile.objects.create(absence=absence, file=stored, order=next(order)),
        held=[row.file.sha256 for row in rows],
        by=by,
        at=at,
    )


def forget_content(absence: Absence, *, at: datetime) -> None:
    """Erase the certificate, the family's words and the reason: what is left is days and prices. The caller saves."""
    _erase_rows(list(absence.files.select_related("file")))
    absence.words, absence.reason, absence.forgotten_at = "", None, at


def write_down(verb: str, absence: Absence, *, by: User, at: datetime, **facts: Any) -> None:
    """A line of the journal: days, never a reason nor a word of a certificate."""
    record(
        verb=verb,
        target=absence,
        by=by,
        at=at,
        family_key=absence.family_id,
        after={
            "child": absence.child.first_name,
            "from": absence.first_day.isoformat(),
            "to": absence.last_day.isoformat(),
            **facts,
        },
    )


def _taken(found: Found, codes: Collection[str], *, late: bool) -> list[FoundDay]:
    """The wished days that may be declared. Raises AlreadyDeclared, AbsenceRefused when there is none."""
    wished = [day for day in found.days if day.code in codes]
    allowed = {Standing.OPEN, Standing.LATE} if late else {Standing.OPEN}
    taken = [day for day in wished if day.standing in allowed and day.activity_id in found.rules]
    if taken:
        return taken
    declared = [day.absence for day in wished if day.standing is Standing.DECLARED]
    if declared and len(declared) == len(wished):
        raise AlreadyDeclared(Absence.objects.get(key=declared[0]))
    if not codes:
        raise AbsenceRefused(_("Cochez au moins un jour d’absence."), "days")
    if any(day.standing is Standing.CANCELLABLE for day in wished):
        raise AbsenceRefused(_("Ces jours s’annulent encore sans frais\u00a0: annulez-les sur le planning."), "days")
    if any(day.standing is Standing.LATE for day in wished):
        raise AbsenceRefused(_("Le délai pour déclarer ces jours est passé\u00a0: contactez le service."), "days")
    raise AbsenceRefused(_("Ces jours ne sont plus réservés, ou ne se déclarent pas ici."), "days")


def _open_procedure(
    absence: Absence, state: ProcedureState, *, by: User, at: datetime, acknowledge: bool | None
) -> None:
    open_procedure(
        family=absence.family,
        child=absence.child,
        kind=ProcedureKind.ABSENCE,
        title=notifications.title_of(absence),
        state=state,
        by=by,
        at=at,
        about=absence,
        acknowledge=acknowledge,
    )


def _erase_rows(rows: Sequence[AbsenceFile]) -> None:
    for row in rows:
        stored = row.file
        row.delete()
        erase_file(stored)
