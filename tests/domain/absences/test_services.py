"""What families do: declare from the books, send a certificate, withdraw."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from portal.domain.absences.deciding import accept_absence, ask_absence_again
from portal.domain.absences.ending import lapse_absences
from portal.domain.absences.enums import AbsenceState, Cause, Outcome
from portal.domain.absences.finding import Standing, find_days
from portal.domain.absences.models import Absence, AbsenceDay
from portal.domain.absences.pricing import price_effect, price_effects
from portal.domain.absences.services import (
    AbsenceRefused,
    AlreadyDeclared,
    declare_absence,
    remove_certificate,
    send_certificate,
    withdraw_absence,
)
from portal.domain.audit.models import AuditEntry
from portal.domain.bookings.enums import BookingState
from portal.domain.bookings.models import Booking
from portal.domain.families.access import NotAllowed
from portal.domain.families.models import ChildLink
from portal.domain.files.models import StoredFile
from portal.domain.files.refusal import FileRefused
from portal.domain.kernel.calendar import DateRange
from portal.domain.mails.models import OutgoingMail
from portal.domain.notices.models import Notice
from portal.domain.procedures.models import Procedure
from tests.domain.absences.conftest import AT, FRIDAY, MONDAY, NEXT_MONDAY, THURSDAY, TUESDAY, WEEK
from tests.domain.absences.factories import ReasonFactory, RuleFactory, certificate
from tests.domain.bookings.factories import Household, book, household

pytestmark = pytest.mark.exigence("B4")

DAYS = DateRange(MONDAY, NEXT_MONDAY)


def declare(home: Household, reason: Any, days: Sequence[date] = WEEK, **options: Any) -> Absence:
    values = {"by": home.parent, "at": AT, "days": DAYS} | options
    return declare_absence(family=home.family, child=home.child, codes=home.codes(days), reason=reason, **values)


def test_days_come_from_the_books_with_what_may_be_done_of_each(home: Household, illness: Any) -> None:
    book(home, [date(2026, 9, 11)])
    declare(home, illness, [FRIDAY])

    found = find_days(
        family=home.family, child=home.child, days=DateRange(date(2026, 9, 11), NEXT_MONDAY), by=home.parent, at=AT
    )

    assert [(day.day, day.standing) for day in found.days] == [
        (date(2026, 9, 11), Standing.LATE),
        (MONDAY, Standing.OPEN),
        (TUESDAY, Standing.OPEN),
        (THURSDAY, Standing.OPEN),
        (FRIDAY, Standing.DECLARED),
        (NEXT_MONDAY, Standing.CANCELLABLE),
    ]


def test_a_declaration_waits_for_its_certificate_then_for_the_service(home: Household, illness: Any) -> None:
    absence = declare(home, illness)

    assert absence.state == AbsenceState.EXPECTED
    assert absence.certificate_due == MONDAY + timedelta(days=8)
    assert Procedure.objects.get().get_state_display() == "à vous de jouer"

    sent = send_certificate(absence=absence, uploads=[certificate()], by=home.parent, at=AT)

    assert (sent.state, sent.is_late, sent.files.count()) == (AbsenceState.SENT, False, 1)
    assert Procedure.objects.get().title == "Absence de Hugo du 14 au 18\u00a0septembre"
    assert all("aladie" not in f"{notice.title} {notice.text}" for notice in Notice.objects.all())
    assert all("aladie" not in mail.text for mail in OutgoingMail.objects.all())
    assert all("aladie" not in str(entry.after) for entry in AuditEntry.objects.all())


def test_with_its_certificate_it_goes_to_the_service_at_once(home: Household, illness: Any) -> None:
    absence = declare(home, illness, uploads=[certificate(), certificate()])

    assert (absence.state, absence.files.count(), absence.days.count()) == (AbsenceState.SENT, 1, 4)


def test_no_certificate_and_an_automatic_rule_accept_at_once(home: Household, school: Any) -> None:
    RuleFactory(type=None, activity=home.unit.activity, is_automatic=True, charged_percent=50)

    absence = declare(home, school)

    assert absence.state == AbsenceState.ACCEPTED
    effects = price_effects(Booking.objects.filter(child=home.child))
    assert {(each.outcome, str(each.amount)) for each in effects.values()} == {(Outcome.REDUCED, "2.15")}
    assert Booking.objects.filter(state=BookingState.BOOKED).count() == 5


def test_a_day_no_longer_booked_or_declared_twice_is_left_out(home: Household, illness: Any) -> None:
    first = declare(home, illness, [MONDAY])
    Booking.objects.filter(day=TUESDAY).update(state=BookingState.CANCELLED, cancelled_at=AT, cancelled_by=home.parent)

    second = declare(home, illness, WEEK)

    assert [row.booking.day for row in second.days.order_by("booking__day")] == [THURSDAY, FRIDAY]
    with pytest.raises(AlreadyDeclared) as again:
        declare(home, illness, [MONDAY])
    assert again.value.absence == first
    with pytest.raises(AbsenceRefused, match="ne sont plus réservés"):
        declare(home, illness, [TUESDAY])
    with pytest.raises(AbsenceRefused, match="annulez-les sur le planning"):
        declare(home, illness, [NEXT_MONDAY])
    with pytest.raises(AbsenceRefused, match="Cochez"):
        declare(home, illness, [])


def test_beyond_the_delay_only_an_agent_with_a_reason(home: Household, illness: Any, agent: Any) -> None:
    late = AT + timedelta(days=6)
    with pytest.raises(AbsenceRefused, match="délai"):
        declare(home, illness, [MONDAY], at=late)
    from django.core.exceptions import PermissionDenied

    with pytest.raises(PermissionDenied):
        declare(home, illness, [MONDAY], at=late, late_reason="Hospitalisation.")


def test_other_households_and_persons_without_the_right_declare_nothing(home: Household, illness: Any) -> None:
    stranger = household(home.unit)
    with pytest.raises(NotAllowed):
        declare(home, illness, by=stranger.parent)
    ChildLink.objects.create(family=stranger.family, child=home.child, can_see=True, can_book=True)
    found = find_days(family=stranger.family, child=home.child, days=DAYS, by=stranger.parent, at=AT)
    assert found.days == []
    ChildLink.objects.filter(family=home.family).update(can_book=False)
    with pytest.raises(NotAllowed):
        declare(home, illness)
    assert not Absence.objects.exists()


def test_words_are_asked_where_the_reason_says_so_and_kept_nowhere_else(home: Household, illness: Any) -> None:
    with pytest.raises(AbsenceRefused, match="sans détail médical"):
        declare(home, ReasonFactory(other=True))
    assert declare(home, ReasonFactory(other=True), [MONDAY], words="Mariage").words == "Mariage"
    assert declare(home, illness, [TUESDAY], words="il a la grippe").words == ""


@pytest.mark.parametrize("content", [b"<html><script>", b"MZ\x90\x00", b"", b"%PDF-1.7 broken"])
def test_a_hostile_file_declares_nothing_and_leaves_nothing(home: Household, illness: Any, content: bytes) -> None:
    with pytest.raises(FileRefused):
        declare(home, illness, uploads=[certificate(), SimpleUploadedFile("certificat.pdf", content)])
    assert not Absence.objects.exists()
    assert not StoredFile.objects.exists()


def test_a_certificate_is_drawn_again_without_its_place(home: Household, illness: Any) -> None:
    import io

    from PIL import Image

    out = io.BytesIO()
    picture = Image.new("RGB", (30, 40), "white")
    exif = picture.getexif()
    exif[0x010F] = "TELEPHONE"
    picture.save(out, "JPEG", exif=exif)

    absence = declare(home, illness, uploads=[SimpleUploadedFile("photo.jpg", out.getvalue())])

    with absence.files.get().file.content.open() as kept:
        assert b"TELEPHONE" not in kept.read()


def test_a_late_certificate_is_marked_and_a_lapsed_declaration_may_be_revived(home: Household, illness: Any) -> None:
    absence = declare(home, illness)
    after = AT + timedelta(days=9)

    assert lapse_absences(AT + timedelta(days=7)) == 0
    assert lapse_absences(after) == 1
    assert lapse_absences(after) == 0
    booking = Booking.objects.get(day=MONDAY)
    effect = price_effect(booking)
    assert effect is not None
    assert (effect.cause, effect.change) == (Cause.LAPSED, 0)

    absence.refresh_from_db()
    sent = send_certificate(absence=absence, uploads=[certificate()], by=home.parent, at=after)

    assert (sent.state, sent.is_late) == (AbsenceState.SENT, True)
    assert price_effect(booking) is None


def test_removing_the_last_page_waits_for_a_certificate_again(home: Household, illness: Any) -> None:
    absence = declare(home, illness, uploads=[certificate()])

    found = remove_certificate(absence=absence, file=absence.files.get().pk, by=home.parent, at=AT)

    assert found.state == AbsenceState.EXPECTED
    assert not StoredFile.objects.exists()
    assert remove_certificate(absence=absence, file=1, by=home.parent, at=AT).version == found.version


def test_withdrawn_while_undecided_forgets_the_certificate_and_frees_the_days(
    home: Household, illness: Any, agent: Any
) -> None:
    absence = declare(home, illness, uploads=[certificate()])

    withdrawn = withdraw_absence(absence=absence, by=home.parent, at=AT)

    assert (withdrawn.state, withdrawn.reason, withdrawn.files.count()) == (AbsenceState.WITHDRAWN, None, 0)
    assert not AbsenceDay.objects.in_force().exists()
    assert withdraw_absence(absence=absence, by=home.parent, at=AT).version == withdrawn.version
    again = declare(home, illness, uploads=[certificate()])
    asked = ask_absence_again(absence=again.pk, version=again.version, message="Il manque une page.", by=agent, at=AT)
    completed = send_certificate(absence=asked, uploads=[certificate(shade=3)], by=home.parent, at=AT)
    accept_absence(absence=again.pk, version=completed.version, by=agent, at=AT)
    with pytest.raises(AbsenceRefused, match="déjà répondu"):
        withdraw_absence(absence=again, by=home.parent, at=AT)
    with pytest.raises(AbsenceRefused, match="déjà répondu"):
        send_certificate(absence=again, uploads=[certificate()], by=home.parent, at=AT)
