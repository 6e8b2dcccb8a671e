"""What families are told of a request: days, the answer and the price; never what they wrote themselves."""

from collections.abc import Sequence
from datetime import date, datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from portal.domain import language
from portal.domain.bookings.enums import Wish
from portal.domain.bookings.models import Receipt
from portal.domain.kernel.french import NBSP, amount, join_words, labelled, weekday_day_month
from portal.domain.late_requests.models import LateDay, LateRequest
from portal.domain.notices.enums import NoticeKind
from portal.domain.notices.services import notify_family

#: Days named in one sentence; beyond, they are counted on the page of the request.
_NAMED = 4


def title_of(request: LateRequest) -> str:
    """“Réservation hors délai demandée : Hugo, Cantine”, in French: it goes to démarches and mails."""
    return f"{what_of(request)} demandée{NBSP}: {request.child.first_name}, {request.activity.short_name}"[:250]


def what_of(request: LateRequest) -> str:
    """“Réservation” or “Annulation”."""
    return "Annulation" if request.wish == Wish.REMOVE else "Réservation"


def days_words(days: Sequence[LateDay]) -> str:
    """“lundi 14 septembre et mardi 15 septembre”; from the fifth day on, only the first ones are named."""
    named = [weekday_day_month(day) for day in dict.fromkeys(each.day for each in days)]
    if len(named) > _NAMED:
        named = [*named[: _NAMED - 1], f"{len(named) - _NAMED + 1}{NBSP}autres jours"]
    return join_words(named)


def day_refused(day: date, sentence: str) -> str:
    """A reason, about one day of several, in the language of the page."""
    return language.words().labelled(language.words().weekday_day_month(day).capitalize(), sentence)


def tell_accepted(
    request: LateRequest, accepted: Sequence[LateDay], refused: Sequence[LateDay], receipt: Receipt, *, at: datetime
) -> None:
    """By a notice; the mail is the receipt. Without a receipt sent to anybody, by mail too."""
    money = amount(abs(receipt.total))
    done = "Annulé" if request.wish == Wish.REMOVE else "Réservé"
    price = f"{money} en moins" if request.wish == Wish.REMOVE else money
    parts = [f"{done}{NBSP}: {days_words(accepted)}, {price}, reçu n°{NBSP}{receipt.number}."]
    if refused:
        parts += [f"Refusé{NBSP}: {days_words(refused)}.", labelled("Motif", request.answer)]
    title = "Acceptée en partie" if refused else "Acceptée"
    _tell(request, f"{title}{NBSP}: {title_of(request)}", " ".join(parts), at=at, mail=not receipt.sent_to)


def tell_refused(request: LateRequest, *, at: datetime) -> None:
    _tell(request, f"Refusée{NBSP}: {title_of(request)}", labelled("Motif", request.answer), at=at)


def tell_asked(request: LateRequest, text: str, *, at: datetime) -> None:
    _tell(request, f"Le service vous demande une précision{NBSP}: {title_of(request)}", text, at=at)


def tell_lapsed(request: LateRequest, days: Sequence[LateDay], *, at: datetime) -> None:
    state = "La demande est close" if not request.is_open else "Les autres jours attendent encore une réponse"
    unchanged = "reste réservé" if request.wish == Wish.REMOVE else "n’est pas réservé"
    text = f"{days_words(days).capitalize()}{NBSP}: le service n’a pas répondu à temps, le jour {unchanged}. {state}."
    _tell(request, f"Sans réponse{NBSP}: {title_of(request)}", text, at=at)


def request_path(request: LateRequest) -> str:
    """Where the family follows it."""
    return reverse("late_requests:detail", kwargs={"key": request.key})


def _tell(request: LateRequest, title: str, text: str, *, at: datetime, mail: bool = True) -> None:
    notify_family(
        family=request.family,
        kind=NoticeKind.BOOKING,
        title=title[:200],
        text=text,
        at=at,
        path=request_path(request),
        child=request.child,
        mail=mail,
    )


def title_for_reader(request: LateRequest) -> str:
    """The same title in the language of the page."""
    words = {"child": request.child.first_name, "activity": request.activity.short_name}
    if request.wish == Wish.REMOVE:
        return _("%(child)s, annulation demandée, %(activity)s") % words
    return _("%(child)s, réservation demandée, %(activity)s") % words
