"""The absences of the sample town: the first family has one in each state, a few others wait for an agent."""

import io
from collections.abc import Sequence
from datetime import timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

from portal.backoffice.sample.fillers import Filling
from portal.domain.absences.enums import OPEN_STATES, AbsenceState, Cause
from portal.domain.absences.models import Absence, AbsenceDay, AbsenceFile, AbsenceReason
from portal.domain.absences.notifications import title_of
from portal.domain.absences.pricing import days_of, expected_effects, whole_price
from portal.domain.absences.services import keep_effects
from portal.domain.absences.terms import rules_of
from portal.domain.bookings.models import Booking
from portal.domain.families.models import Child, ChildLink, Family
from portal.domain.files.checks import SENT_BY_FAMILIES
from portal.domain.files.services import store_file
from portal.domain.kernel.clock import paris_date
from portal.domain.procedures.enums import ProcedureKind, ProcedureState
from portal.domain.procedures.models import Procedure, ProcedureEvent

_PARENT = "4127"
#: Other families whose declaration waits.
_OTHERS = 6
#: Days looked back for what was booked.
_BACK = 45

_STEPS = {
    AbsenceState.EXPECTED: ProcedureState.YOUR_TURN,
    AbsenceState.SENT: ProcedureState.RECEIVED,
    AbsenceState.ACCEPTED: ProcedureState.ACCEPTED,
    AbsenceState.REFUSED: ProcedureState.REFUSED,
    AbsenceState.LAPSED: ProcedureState.REFUSED,
}


def fill(filling: Filling) -> None:
    """Absences on days already booked; nothing in a town without rules."""
    reasons = list(AbsenceReason.objects.filter(is_offered=True).order_by("order", "pk"))
    if not reasons:
        return
    asking = next((reason for reason in reasons if reason.needs_certificate), reasons[0])
    free = next((reason for reason in reasons if not reason.needs_certificate and not reason.needs_words), asking)
    family = Family.objects.filter(number=_PARENT).first()
    if family is not None:
        children = [link.child for link in family.child_links.select_related("child").order_by("order", "pk")]
        _first_family(filling, family, children, asking, free)
    links = ChildLink.objects.exclude(family__number=_PARENT).filter(family__archived_at=None)
    for link in links.select_related("family", "child").order_by("pk")[: _OTHERS * 4 : 4]:
        stays = _stays(filling, link.family, link.child)
        if stays:
            _declare(filling, link.family, link.child, stays[0], asking, AbsenceState.SENT)


def _first_family(
    filling: Filling, family: Family, children: Sequence[Child], asking: AbsenceReason, free: AbsenceReason
) -> None:
    """The last days wait for a certificate, those before were answered, one is at the desk."""
    wanted = (
        (AbsenceState.EXPECTED, asking),
        (AbsenceState.ACCEPTED, asking),
        (AbsenceState.REFUSED, asking),
        (AbsenceState.LAPSED, asking),
        (AbsenceState.ACCEPTED, free),
    )
    for child in children[:2]:
        stays = _stays(filling, family, child)
        states = wanted if child is children[0] else ((AbsenceState.SENT, asking),)
        for stay, (state, reason) in zip(stays[:: 2 if len(stays) > len(states) else 1], states, strict=False):
            _declare(filling, family, child, stay, reason, state)


def _stays(filling: Filling, family: Family, child: Child) -> list[list[Booking]]:
    """Two booked days at a time, the last first, among activities that take absences."""
    today = paris_date(filling.at)
    rows = Booking.objects.booked().filter(
        family=family, child=child, day__lte=today, day__gt=today - timedelta(days=_BACK)
    )
    found = list(rows.select_related("unit__activity").order_by("-day", "unit"))
    rules = rules_of({row.unit.activity_id for row in found})
    found = [row for row in found if row.unit.activity_id in rules]
    days = sorted({row.day for row in found}, reverse=True)
    pairs = [set(days[rank : rank + 2]) for rank in range(0, len(days), 2)]
    return [[row for row in found if row.day in pair] for pair in pairs]


def _declare(
    filling: Filling,
    family: Family,
    child: Child,
    stay: list[Booking],
    reason: AbsenceReason,
    state: AbsenceState,
) -> None:
    rules = rules_of({row.unit.activity_id for row in stay})
    first, last = min(row.day for row in stay), max(row.day for row in stay)
    today = paris_date(filling.at)
    declared_at = min(filling.at - timedelta(days=max((today - last).days, 0), hours=2), filling.at)
    decided = state not in OPEN_STATES
    decided_at = min(declared_at + timedelta(days=2), filling.at) if decided else None
    delay = min(rule.certificate_days for rule in rules.values())
    absence = Absence.objects.create(
        family=family,
        child=child,
        reason=reason,
        first_day=first,
        last_day=last,
        state=state,
        terms={str(key): rule.terms.to_data() for key, rule in rules.items()},
        certificate_due=max(first + timedelta(days=delay), today) if reason.needs_certificate else None,
        declared_at=declared_at,
        declared_by=filling.by,
        sent_at=declared_at if state not in {AbsenceState.EXPECTED, AbsenceState.LAPSED} else None,
        answer="Le justificatif ne couvre pas ces jours." if state == AbsenceState.REFUSED else "",
        decided_at=decided_at,
        decided_by=filling.by if decided else None,
    )
    AbsenceDay.objects.bulk_create(AbsenceDay(absence=absence, booking=row) for row in stay)
    if decided_at is not None:
        days = days_of(absence)
        effects = {
            AbsenceState.REFUSED: lambda: whole_price(days, Cause.REFUSED),
            AbsenceState.LAPSED: lambda: whole_price(days, Cause.LAPSED),
        }.get(state, lambda: expected_effects(absence, days))()
        keep_effects(absence, days, effects, at=decided_at)
    _open_procedure(filling, absence)
    if reason.needs_certificate and state in {AbsenceState.SENT, AbsenceState.REFUSED}:
        _give_file(filling, absence)


def _open_procedure(filling: Filling, absence: Absence) -> None:
    """The démarche, as the verbs would have moved it."""
    state = _STEPS[AbsenceState(absence.state)]
    procedure = Procedure.objects.create(
        family=absence.family,
        child=absence.child,
        kind=ProcedureKind.ABSENCE,
        title=title_of(absence),
        state=state,
        opened_at=absence.declared_at,
        subject="absences.absence",
        subject_key=str(absence.pk),
    )
    ProcedureEvent.objects.create(
        procedure=procedure,
        at=absence.decided_at or absence.declared_at,
        by=filling.by,
        state=state,
        note=absence.answer,
    )


def _give_file(filling: Filling, absence: Absence) -> None:
    page = Image.new("RGB", (420, 594), "white")
    pen = ImageDraw.Draw(page)
    pen.rectangle((20, 20, 400, 574), outline="black")
    lines = ("EXEMPLE", "Certificat d'absence", f"du {absence.first_day:%d/%m/%Y}", f"au {absence.last_day:%d/%m/%Y}")
    for rank, line in enumerate((*lines, "Document sans valeur")):
        pen.text((48, 60 + 36 * rank), line, fill="black")
    out = io.BytesIO()
    page.save(out, "PNG")
    upload = SimpleUploadedFile("certificat.png", out.getvalue())
    stored = store_file(
        upload=upload, accepted=SENT_BY_FAMILIES, most=len(upload) + 1, by=filling.by, at=absence.declared_at
    )
    AbsenceFile.objects.create(absence=absence, file=stored)
