"""The outbox: nothing lost, nothing sent twice, nothing told to the logs."""

import logging
import time
from datetime import UTC, datetime, timedelta
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected
from typing import Any
from unittest.mock import patch

import pytest
from django.core import mail as outbox
from django.core.mail import EmailMultiAlternatives
from django.db import IntegrityError, transaction
from kombu.exceptions import OperationalError

from portal.domain.mails import tasks
from portal.domain.mails.enums import MailKind, MailState
from portal.domain.mails.models import OutgoingMail
from portal.domain.mails.queries import mails_about, recent_mails
from portal.domain.mails.rules import RETRY_DELAYS, retry_delay
from portal.domain.mails.services import NotResendable, deliver_mail, deliver_pending_mails, queue_mail, resend_mail
from tests.domain.accounts.factories import UserFactory
from tests.harness.races import run_together

NOON = datetime(2026, 9, 7, 10, tzinfo=UTC)


def queue(**changes: Any) -> OutgoingMail:
    values: dict[str, Any] = {
        "kind": MailKind.BOOKING_RECEIPT,
        "recipient": "claire@famille.example",
        "subject": "Vos réservations",
        "text": "C’est enregistré.",
        "at": NOON,
    }
    return queue_mail(**values | changes)


def failing(error: Exception) -> Any:
    return patch.object(EmailMultiAlternatives, "send", side_effect=error)


@pytest.mark.django_db
@pytest.mark.exigence("P44", "N8")
def test_a_mail_leaves_after_the_commit_with_both_texts_and_its_number(
    django_capture_on_commit_callbacks: Any, settings: Any
) -> None:
    settings.DEFAULT_FROM_EMAIL = "Portail famille <portail@les-rousses.example>"
    with django_capture_on_commit_callbacks(execute=True):
        row = queue(html="<p>C’est enregistré.</p>")
        assert outbox.outbox == []
    (message,) = outbox.outbox
    assert message.subject == "Vos réservations"
    assert message.body == "C’est enregistré."
    assert message.alternatives == [("<p>C’est enregistré.</p>", "text/html")]
    assert message.from_email == "Portail famille <portail@les-rousses.example>"
    headers = message.message()
    assert headers["X-Portail-Numero"] == str(row.pk)
    assert headers["Message-ID"] == f"<portail-{row.pk}@les-rousses.example>"
    assert headers["Auto-Submitted"] == "auto-generated"
    row.refresh_from_db()
    assert (row.state, row.attempts) == (MailState.SENT, 1)
    assert row.sent_at is not None


@pytest.mark.django_db
def test_a_change_that_is_rolled_back_leaves_no_mail(django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        queue()
        transaction.set_rollback(True)
    assert outbox.outbox == []
    assert not OutgoingMail.objects.exists()


@pytest.mark.django_db
def test_a_queue_that_is_down_loses_nothing(django_capture_on_commit_callbacks: Any) -> None:
    with (
        patch.object(tasks.deliver, "apply_async", side_effect=OperationalError("redis is away")),
        django_capture_on_commit_callbacks(execute=True),
    ):
        queue()
    assert outbox.outbox == []
    assert deliver_pending_mails(at=NOON) == 1
    assert len(outbox.outbox) == 1


@pytest.mark.django_db
def test_delivering_twice_sends_once() -> None:
    row = queue()
    assert deliver_mail(mail=row.pk, at=NOON) is True
    assert deliver_mail(mail=row.pk, at=NOON) is False
    assert deliver_pending_mails(at=NOON + timedelta(days=30)) == 0
    assert len(outbox.outbox) == 1


@pytest.mark.django_db
def test_a_mail_that_does_not_exist_is_no_error() -> None:
    assert deliver_mail(mail=404, at=NOON) is False


@pytest.mark.django_db
def test_each_failure_waits_longer_then_gives_up() -> None:
    row, at = queue(), NOON
    with failing(SMTPServerDisconnected("gone")):
        for expected in RETRY_DELAYS:
            assert deliver_mail(mail=row.pk, at=at) is False
            row.refresh_from_db()
            assert (row.state, row.next_attempt_at) == (MailState.QUEUED, at + expected)
            assert deliver_pending_mails(at=row.next_attempt_at - timedelta(seconds=1)) == 0
            at = row.next_attempt_at
        deliver_mail(mail=row.pk, at=at)
    row.refresh_from_db()
    assert row.state == MailState.FAILED
    assert row.attempts == len(RETRY_DELAYS) + 1
    assert "SMTPServerDisconnected" in row.last_error
    assert deliver_pending_mails(at=at + timedelta(days=1)) == 0


@pytest.mark.django_db
def test_a_failure_then_a_success() -> None:
    row = queue()
    with failing(SMTPServerDisconnected("gone")):
        deliver_mail(mail=row.pk, at=NOON)
    assert deliver_pending_mails(at=NOON + timedelta(minutes=1)) == 1
    row.refresh_from_db()
    assert (row.state, row.attempts, row.last_error) == (MailState.SENT, 2, "")


@pytest.mark.django_db
@pytest.mark.parametrize(("code", "state"), [(550, MailState.FAILED), (451, MailState.QUEUED)])
def test_an_address_refused_for_good_is_not_tried_again(code: int, state: MailState) -> None:
    row = queue()
    with failing(SMTPRecipientsRefused({"claire@famille.example": (code, b"no")})):
        deliver_mail(mail=row.pk, at=NOON)
    row.refresh_from_db()
    assert row.state == state


@pytest.mark.django_db
def test_one_bad_mail_does_not_hold_the_others() -> None:
    bad, good = queue(recipient="casse@famille.example"), queue()
    real = EmailMultiAlternatives.send

    def send(self: EmailMultiAlternatives, *args: Any, **kwargs: Any) -> int:
        if self.to == ["casse@famille.example"]:
            raise OSError("reset")
        return real(self, *args, **kwargs)

    with patch.object(EmailMultiAlternatives, "send", send):
        assert deliver_pending_mails(at=NOON) == 1
    assert OutgoingMail.objects.get(pk=bad.pk).state == MailState.QUEUED
    assert OutgoingMail.objects.get(pk=good.pk).state == MailState.SENT


@pytest.mark.django_db
def test_logs_hold_neither_address_nor_text(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="portal")
    row = queue()
    with failing(SMTPRecipientsRefused({"claire@famille.example": (451, b"try later")})):
        deliver_mail(mail=row.pk, at=NOON)
    deliver_mail(mail=row.pk, at=NOON + timedelta(hours=1))
    assert len(caplog.records) == 2
    assert "claire" not in caplog.text
    assert "enregistré" not in caplog.text


@pytest.mark.django_db(transaction=True)
@pytest.mark.race
def test_two_workers_send_one_mail() -> None:
    row = queue_without_task()
    real = EmailMultiAlternatives.send

    def slow_send(self: EmailMultiAlternatives, *args: Any, **kwargs: Any) -> int:
        # A mail server takes its time: without the lock, the others would read a mail still queued.
        time.sleep(0.3)
        return real(self, *args, **kwargs)

    with patch.object(EmailMultiAlternatives, "send", slow_send):
        results = run_together(*[lambda: deliver_mail(mail=row.pk, at=NOON)] * 4)
    assert sorted(results) == [False, False, False, True]
    assert len(outbox.outbox) == 1


def queue_without_task() -> OutgoingMail:
    with patch.object(tasks.deliver, "apply_async"):
        return queue()


@pytest.mark.django_db
def test_the_subject_is_one_line_whatever_it_was_made_of() -> None:
    row = queue(subject="Vos réservations\r\nBcc: tous@famille.example " + "x" * 300)
    assert "\n" not in row.subject
    assert len(row.subject) == 200
    assert deliver_mail(mail=row.pk, at=NOON) is True
    assert outbox.outbox[0].recipients() == ["claire@famille.example"]


@pytest.mark.django_db
def test_a_mail_has_a_recipient() -> None:
    with pytest.raises(ValueError, match="recipient"):
        queue(recipient="")


@pytest.mark.django_db
@pytest.mark.exigence("P44")
def test_a_sent_mail_is_sent_again_under_a_new_number(django_capture_on_commit_callbacks: Any) -> None:
    agent = UserFactory.create(agent=True)
    row = queue(html="<p>oui</p>", reference="2026-09-00318")
    deliver_mail(mail=row.pk, at=NOON)
    with django_capture_on_commit_callbacks(execute=True):
        again = resend_mail(mail=row.pk, by=agent, at=NOON + timedelta(days=2))
    assert again.pk != row.pk
    assert [message.body for message in outbox.outbox] == ["C’est enregistré."] * 2
    row.refresh_from_db()
    assert row.sent_at == NOON
    assert list(mails_about(reference="2026-09-00318")) == [row, again]
    assert recent_mails()[0] == again


@pytest.mark.django_db
def test_a_failed_mail_is_put_back_in_the_queue(django_capture_on_commit_callbacks: Any) -> None:
    agent = UserFactory.create(agent=True)
    row = queue()
    OutgoingMail.objects.update(state=MailState.FAILED, attempts=8)
    with django_capture_on_commit_callbacks(execute=True):
        again = resend_mail(mail=row.pk, by=agent, at=NOON)
    assert again.pk == row.pk
    assert OutgoingMail.objects.get().state == MailState.SENT


@pytest.mark.django_db
def test_a_waiting_mail_is_not_doubled() -> None:
    row = queue()
    assert resend_mail(mail=row.pk, by=UserFactory.create(agent=True), at=NOON) == row
    assert OutgoingMail.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("kind", [MailKind.ACTIVATION, MailKind.PASSWORD_RESET])
def test_a_personal_link_is_never_sent_again_by_an_agent(kind: MailKind) -> None:
    row = queue(kind=kind)
    with pytest.raises(NotResendable):
        resend_mail(mail=row.pk, by=UserFactory.create(agent=True), at=NOON)


@pytest.mark.django_db
def test_a_sent_mail_carries_its_date() -> None:
    with pytest.raises(IntegrityError, match="mail_sent_has_a_date"):
        OutgoingMail.objects.create(
            kind=MailKind.ACCOUNT,
            recipient="a@famille.example",
            subject="s",
            text="t",
            state=MailState.SENT,
            queued_at=NOON,
            next_attempt_at=NOON,
        )


def test_delays_grow_and_stay_under_the_life_of_an_activation_link() -> None:
    assert list(RETRY_DELAYS) == sorted(RETRY_DELAYS)
    assert sum(RETRY_DELAYS, timedelta()) < timedelta(hours=24)
    assert retry_delay(len(RETRY_DELAYS) + 1) is None


@pytest.mark.django_db
def test_the_minute_task_takes_what_is_due() -> None:
    queue_without_task()
    tasks.deliver_pending()
    assert len(outbox.outbox) == 1
