"""What a reminder says: until when, for which days, for whom, and where to choose."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.urls import reverse

from portal.domain.accounts.models import User
from portal.domain.families.models import Family
from portal.domain.kernel import french
from portal.domain.mails.rendering import render_mail
from portal.domain.notices.enums import NoticeKind
from portal.domain.notices.services import notify_users
from portal.domain.reminders.queries import Needing
from portal.domain.reminders.rules import DueClosing

#: What a notice holds.
LONGEST = 500


@dataclass(frozen=True, slots=True)
class Line:
    """One deadline, in words."""

    activity: str
    days: str
    children: str
    until: str
    drafted: bool

    def __str__(self) -> str:
        draft = ", dans votre brouillon à valider" if self.drafted else ""
        return f"{self.activity}, {self.days} ({self.children}){draft} : jusqu’au {self.until}."


def tell(told: Sequence[tuple[DueClosing, Sequence[Needing]]], *, user: User, family: Family, at: datetime) -> None:
    """One notice and one mail for all of it, the first to close first."""
    lines = [_line(closing, needing) for closing, needing in told]
    first = told[0][0]
    title = _title(told)
    path = f"{reverse('planning:index')}?mois={first.days.first:%Y-%m}&modifier=1"
    texts = render_mail(
        template="reminder",
        context={
            "title": title,
            "lines": lines,
            "drafted": any(line.drafted for line in lines),
            "url": f"{settings.PORTAL_BASE_URL}{path}",
            "preferences_url": f"{settings.PORTAL_BASE_URL}{reverse('notifications:preferences')}",
        },
    )
    notify_users(
        users=[user],
        family=family,
        kind=NoticeKind.REMINDER,
        title=title,
        text=_cut([french.typography(str(line)) for line in lines]),
        path=path,
        at=at,
        texts=texts,
    )


def _line(closing: DueClosing, needing: Sequence[Needing]) -> Line:
    names = dict.fromkeys(each.first_name for each in needing)
    return Line(
        activity=closing.label,
        days=_days(closing.days.first, closing.days.last),
        children=french.join_words(names),
        until=french.near_instant(closing.last_shown),
        drafted=all(each.drafted for each in needing),
    )


def _title(told: Sequence[tuple[DueClosing, Sequence[Needing]]]) -> str:
    """« Cantine : à réserver avant le jeudi 10 septembre à 23 h 59 »: a date, since nobody knows when it is read."""
    until = french.near_instant(told[0][0].last_shown)
    labels = list(dict.fromkeys(closing.label for closing, _ in told))
    what = labels[0] if len(labels) == 1 else "Jours à choisir"
    verb = "à valider" if all(each.drafted for _, needing in told for each in needing) else "à réserver"
    return french.typography(f"{what} : {verb} avant le {until}" if len(labels) == 1 else f"{what} avant le {until}")


def _days(first: date, last: date) -> str:
    if first == last:
        return f"le {french.weekday_day_month(first)}"
    return french.date_range(first, last)


def _cut(lines: Sequence[str]) -> str:
    """Whole lines, as many as a notice holds: the page and the mail have the rest."""
    text = ""
    for line in lines:
        if len(text) + len(line) + 1 > LONGEST:
            break
        text = f"{text} {line}".strip()
    return text
