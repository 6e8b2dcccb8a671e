"""What the packages below this one hold: accounts, the journal, mails. They cannot register by themselves."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from portal.domain.accounts.models import User
from portal.domain.audit.models import AuditEntry
from portal.domain.kernel.clock import paris_date
from portal.domain.mails.enums import MailState
from portal.domain.mails.models import OutgoingMail
from portal.domain.privacy.declaring import TO_CONFIRM, deleting, erasure_of, reached
from portal.domain.privacy.registry import Erasure, Fate, PersonalData, Planned, Retention, register

LOG_DAYS, MAIL_DAYS = 365, 365


def _mails(_family: int, user: User) -> Iterator[Mapping[str, Any]]:
    """The mails sent to this account's own address."""
    if user.email:
        for mail in OutgoingMail.objects.filter(recipient__iexact=user.email).order_by("queued_at", "pk"):
            yield {"objet": mail.subject, "écrit le": mail.queued_at.isoformat(), "texte": mail.text}


def _journal(_family: int, user: User) -> Iterator[Mapping[str, Any]]:
    """What this account did, without the values: those are in the parts that hold them."""
    for entry in AuditEntry.objects.filter(by=user).order_by("at", "pk"):
        yield {"le": entry.at.isoformat(), "action": entry.verb, "objet": entry.target}


def _plan_journal(family: int, at: datetime) -> list[Planned]:
    count = AuditEntry.objects.filter(family_key=family).count()
    until = paris_date(at) + timedelta(days=LOG_DAYS)
    return [Planned("lignes du journal", count, Fate.KEPT, "preuve des accès et des actes (CNIL 2021-122)", until)]


def _empty_values(family: int, _by: User, _at: datetime) -> None:
    """The journal keeps that something happened; the values, which may name people, go."""
    AuditEntry.objects.filter(family_key=family).update(before={}, after={})


def connect() -> None:
    """Register accounts, journal and mails."""
    register(
        PersonalData("mails", "Les courriels envoyés", _mails, order=90),
        PersonalData("journal", "Ce que vous avez fait sur le portail", _journal, order=95),
        # Accounts, which `joining` reads, go with their persons, mails with their addresses: see families.privacy.
        erasure_of("account", order=10),
        erasure_of("mails", order=20),
        Erasure("journal", _plan_journal, _empty_values, order=5),
        Retention(
            "audit",
            "Journal des actions",
            f"à partir de l’action ; CNIL, délibération 2021-122 : de 6 mois à 1 an ; {TO_CONFIRM}",
            LOG_DAYS,
            reached(AuditEntry.objects.all(), "at", label=lambda row: f"{row.verb}, {row.target} {row.target_key}"),
            deleting(AuditEntry),
        ),
        Retention(
            "mails",
            "Courriels envoyés",
            f"à partir de l’envoi ; le reçu reste dans le portail ; {TO_CONFIRM}",
            MAIL_DAYS,
            reached(
                OutgoingMail.objects.exclude(state=MailState.QUEUED),
                "queued_at",
                label=lambda row: f"courriel écrit le {paris_date(row.queued_at):%d/%m/%Y}",
            ),
            deleting(OutgoingMail),
        ),
    )
