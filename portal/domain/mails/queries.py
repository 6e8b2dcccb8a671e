"""Reading the outbox."""

from collections.abc import Collection

from django.db.models import QuerySet

from portal.domain.mails.models import OutgoingMail


def recent_mails() -> QuerySet[OutgoingMail]:
    """Every mail, the last written first."""
    return OutgoingMail.objects.order_by("-queued_at", "-pk")


def mails_about(*, reference: str) -> QuerySet[OutgoingMail]:
    """The mails about one thing (a receipt number), the first written first. An empty reference has none."""
    if not reference:
        return OutgoingMail.objects.none()
    return OutgoingMail.objects.filter(reference=reference).order_by("queued_at", "pk")


def mails_to(*, recipients: Collection[str]) -> QuerySet[OutgoingMail]:
    """The mails written to these addresses, the last first; without their texts."""
    found = OutgoingMail.objects.filter(recipient__in=sorted(recipients)).order_by("-queued_at", "-pk")
    return found.defer("text", "html")
