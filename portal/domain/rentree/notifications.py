"""The one mail of a rentrée: what was asked for, child by child, and what became of it."""

from collections.abc import Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any

from django.conf import settings
from django.urls import reverse

from portal.domain.kernel import french
from portal.domain.kernel.money import total
from portal.domain.kernel.school_year import SchoolYear
from portal.domain.language import in_french
from portal.domain.mails.enums import MailKind
from portal.domain.mails.rendering import MailTexts, render_mail
from portal.domain.mails.services import queue_mail
from portal.domain.rentree.enums import LineState
from portal.domain.rentree.models import RentreeLine, RentreeRecap
from portal.domain.rentree.numbers import NUMBER_TO_COME


@in_french()
def compose_recap(*, recap: RentreeRecap, lines: Sequence[RentreeLine]) -> MailTexts | None:
    """The recap of a validation, before its number is known; None when there is nobody to write to."""
    if not recap.sent_to:
        return None
    granted = [line for line in lines if line.state != LineState.REFUSED]
    return render_mail(
        template="rentree",
        context={
            "number": NUMBER_TO_COME,
            "year": SchoolYear(recap.school_year).label,
            "first_name": recap.by.first_name,
            "children": [
                {"name": name, "lines": [_told(line) for line in several]}
                for name, several in groupby(lines, key=lambda line: line.child_name)
            ],
            "granted": len(granted),
            "booked": sum(line.booked for line in granted),
            "cost": total(line.cost for line in granted),
            "planning_url": f"{settings.PORTAL_BASE_URL}{reverse('planning:index')}",
            "recap_url": f"{settings.PORTAL_BASE_URL}{reverse('rentree:recap', args=[NUMBER_TO_COME])}",
        },
    )


def queue_recap(recap: RentreeRecap, mail: MailTexts | None, *, at: datetime) -> None:
    """Give the composed recap its number and hand it over to the outbox."""
    if mail is None:
        return
    queue_mail(
        kind=MailKind.ENROLMENT,
        recipient=recap.sent_to,
        subject=mail.subject.replace(NUMBER_TO_COME, recap.number),
        text=mail.text.replace(NUMBER_TO_COME, recap.number),
        html=mail.html.replace(NUMBER_TO_COME, recap.number),
        reference=recap.number,
        at=at,
    )


def _told(line: RentreeLine) -> dict[str, Any]:
    return {
        "line": line,
        "state": str(LineState(line.state).label),
        "week": [{"unit": unit, "days": french.weekday_names(weekdays)} for unit, weekdays in line.week],
        "left_out": [{**each, "day": date.fromisoformat(each["day"])} for each in line.left_out],
    }
