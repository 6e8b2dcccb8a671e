"""The mail that a family receives for its answer. It repeats no answer: a mailbox may be shared."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import reverse

from portal.domain.accounts.models import User
from portal.domain.families.models import Family
from portal.domain.mails.enums import MailKind
from portal.domain.mails.rendering import render_mail
from portal.domain.mails.services import queue_mail

if TYPE_CHECKING:
    from cms_pages.surveys.models import Answer, FormPage


def send_receipt(*, page: "FormPage", answer: "Answer", user: User, family: Family, at: datetime) -> None:
    """The number, what happens next and until when it can be changed. Nothing when no address is known."""
    recipient = user.email or family.contact_email
    if not recipient:
        return
    texts = render_mail(
        template="form_answer",
        context={
            "first_name": user.first_name,
            "form": page,
            "answer": answer,
            "changed": answer.changed_at is not None,
            "may_change": answer.single,
            "url": f"{settings.PORTAL_BASE_URL}{reverse('surveys:answer', args=[answer.number])}",
        },
    )
    queue_mail(
        kind=MailKind.FORM,
        recipient=recipient,
        subject=texts.subject,
        text=texts.text,
        html=texts.html,
        reference=answer.number,
        at=at,
    )
