"""What families are told of a closure: the days that they lose or find again, and what it does to their bill."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.conf import settings
from django.urls import reverse

from portal.domain.bookings.codes import CellKey
from portal.domain.bookings.context import ServiceContact
from portal.domain.bookings.models import Receipt
from portal.domain.bookings.outcomes import LeftOut
from portal.domain.bookings.receipts import NUMBER_TO_COME
from portal.domain.closures.models import ClosedBooking, DeclaredClosure
from portal.domain.closures.planning import Cancelled, Dropped, Plan
from portal.domain.kernel import french
from portal.domain.kernel.money import total
from portal.domain.kernel.refusals import Refusal, Rule
from portal.domain.mails.enums import MailKind
from portal.domain.mails.rendering import MailTexts, render_mail
from portal.domain.notices.enums import NoticeKind
from portal.domain.notices.services import Reach, Telling, tell_families

__all__ = ["ServiceContact", "compose", "left_out", "tell_closed", "tell_lifted"]


def when(declaration: DeclaredClosure) -> str:
    """« le mercredi 11 novembre 2026 », « du 10 au 12 novembre 2026 »."""
    if declaration.starts_on == declaration.ends_on:
        return f"le {french.long_date(declaration.starts_on)}"
    return french.date_range_year(declaration.starts_on, declaration.ends_on)


def left_out(plan: Plan, dropped: Dropped) -> LeftOut:
    """A wish of a draft that the closure takes out, as a receipt keeps it."""
    line = dropped.line
    reason = french.typography(plan.wanted.reason.strip().rstrip("."))
    return LeftOut(
        code=CellKey(line.child_id, line.unit_id, line.day).code,
        child_name=line.child.first_name,
        label=dropped.label,
        day=line.day,
        wish=line.wish,
        refusal=Refusal(Rule.CLOSED_DAY, f"Fermé{french.NBSP}: {reason}."),
    )


def compose(
    declaration: DeclaredClosure,
    *,
    cancelled: Sequence[Cancelled],
    wishes: Sequence[Dropped],
    receipt: Receipt | None,
    service: ServiceContact,
) -> MailTexts:
    """The mail of one family, before the number of its receipt is known."""
    return render_mail(
        template="closure",
        context={
            "declaration": declaration,
            "when": when(declaration),
            "cancelled": cancelled,
            "credits": total(each.credit for each in cancelled),
            "wishes": wishes,
            "receipt": receipt,
            "service": service,
            "planning_url": _absolute(_planning(declaration)),
        },
    )


def tell_closed(
    declaration: DeclaredClosure,
    reach: Mapping[int, Reach],
    composed: Mapping[int, MailTexts],
    losses: Mapping[int, tuple[Sequence[Cancelled], Sequence[Dropped]]],
    receipts: Mapping[int, Receipt],
    *,
    at: datetime,
) -> None:
    """Hand over what was composed, with its number."""
    tellings = []
    for family, mail in composed.items():
        receipt = receipts.get(family)
        number = receipt.number if receipt is not None else ""
        tellings.append(
            Telling(
                family=family,
                title=french.typography(f"Fermeture {when(declaration)} : {declaration.reason}")[:200],
                text=_closed_words(*losses[family], message=declaration.message),
                path=reverse("basket:receipt", args=[number]) if number else _planning(declaration),
                mail=MailTexts(
                    mail.subject, mail.text.replace(NUMBER_TO_COME, number), mail.html.replace(NUMBER_TO_COME, number)
                ),
                reference=number or f"fermeture-{declaration.pk}",
            )
        )
    tell_families(tellings=tellings, reach=reach, kind=NoticeKind.CLOSURE, mail_kind=MailKind.CLOSURE, at=at)


def tell_lifted(
    declaration: DeclaredClosure, reach: Mapping[int, Reach], days: Sequence[ClosedBooking], *, at: datetime
) -> None:
    """The days are open again, nothing is booked: each family chooses."""
    tellings = []
    for family in reach:
        mine = [each.booking for each in days if each.booking.family_id == family]
        title = french.typography(f"Ouvert finalement {when(declaration)}")
        words = french.typography(
            f"{french.plural(len(mine), 'jour annulé', 'jours annulés')} pour cette fermeture "
            f"({declaration.reason}). Rien n’est réservé de nouveau : choisissez vos jours sur le planning. "
            "Si le délai est passé, contactez le service."
        )
        mail = render_mail(
            template="closure_lifted",
            context={
                "declaration": declaration,
                "title": title,
                "when": when(declaration),
                "bookings": mine,
                "planning_url": _absolute(_planning(declaration)),
            },
        )
        tellings.append(
            Telling(family, title[:200], words[:500], _planning(declaration), mail, f"fermeture-{declaration.pk}")
        )
    tell_families(tellings=tellings, reach=reach, kind=NoticeKind.CLOSURE, mail_kind=MailKind.CLOSURE, at=at)


def _closed_words(cancelled: Sequence[Cancelled], dropped: Sequence[Dropped], *, message: str) -> str:
    parts = []
    if cancelled:
        number = french.plural(len(cancelled), "réservation annulée", "réservations annulées")
        amount = french.amount(total(each.credit for each in cancelled))
        parts.append(f"{number}, {amount} qui ne vous seront pas facturés.")
    wishes = [each for each in dropped if each.is_wish]
    if wishes:
        parts.append(f"{french.plural(len(wishes), 'jour retiré', 'jours retirés')} de votre brouillon.")
    if message:
        parts.append(message)
    text = french.typography(" ".join(parts))
    return text if len(text) <= 500 else f"{text[:499].rsplit(' ', 1)[0]}…"


def _planning(declaration: DeclaredClosure) -> str:
    return f"{reverse('planning:index')}?mois={declaration.starts_on:%Y-%m}"


def _absolute(path: str) -> str:
    return f"{settings.PORTAL_BASE_URL}{path}"
