"""Small pieces of French that several pages of the planning share."""

from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.domain import language
from portal.domain.accounts.models import User
from portal.domain.bookings.planning import Draft, PlanningChild, UpcomingDeadline
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.french import NBSP


def lower_first(text: str) -> str:
    """A name in the middle of a sentence; an acronym (ALAE, CLSH) keeps its capitals."""
    return language.words().lower_first(text)


def upper_first(text: str) -> str:
    """A name at the beginning of a sentence."""
    return f"{text[:1].upper()}{text[1:]}"


def about_child(child: PlanningChild) -> str:
    """« 9 ans, CM1 »."""
    age = ngettext("%(count)s\u00a0an", "%(count)s\u00a0ans", child.age) % {"count": child.age}
    age = age if child.age >= 1 else _("moins d’un an")
    return ", ".join(filter(None, (age, child.level)))


def additions(count: int) -> str:
    """« 3 ajouts »."""
    return ngettext("%(count)s\u00a0ajout", "%(count)s\u00a0ajouts", count) % {"count": count}


def removals(count: int) -> str:
    """« 1 annulation »."""
    return ngettext("%(count)s\u00a0annulation", "%(count)s\u00a0annulations", count) % {"count": count}


def describe_changes(draft: Draft) -> str:
    """« 3 ajouts, 1 annulation »; of a draft whose lines have all become impossible, that."""
    if draft.lines and not draft.count:
        return _("aucun changement possible")
    parts = []
    if draft.additions:
        parts.append(additions(draft.additions))
    if draft.removals:
        parts.append(removals(draft.removals))
    return ", ".join(parts)


def days_words(days: DateRange) -> str:
    """« la journée du 14 septembre », « les journées du 14 au 18 septembre »: what a deadline is about."""
    words = language.words().date_range(days.first, days.last)
    if days.first == days.last:
        return _("la journée du %(day)s") % {"day": language.words().day_month(days.first)}
    return _("les journées %(days)s") % {"days": words}


def ends_words(deadline: UpcomingDeadline) -> str:
    """What may still be done until a deadline: « Dernier moment pour réserver ou annuler », or one of the two."""
    if deadline.may_book and deadline.may_cancel:
        return _("Dernier moment pour réserver ou annuler")
    return _("Dernier moment pour réserver") if deadline.may_book else _("Dernier moment pour annuler")


def name_of(user: User) -> str:
    """How a draft names who changed it last."""
    return user.first_name or str(user)


def changes(count: int) -> str:
    """« 4 changements »."""
    return ngettext("%(count)s\u00a0changement", "%(count)s\u00a0changements", count) % {"count": count}


def spoken(draft: Draft) -> str:
    """What a screen reader hears after a tick: « 3 ajouts, 1 annulation, 16,50 € de plus »."""
    if not draft.count:
        return _("Brouillon vide\u00a0: rien à valider.")
    amount = language.words().amount(abs(draft.amount))
    if draft.amount > 0:
        money = _("%(amount)s de plus") % {"amount": amount}
    elif draft.amount < 0:
        money = _("%(amount)s de moins") % {"amount": amount}
    else:
        money = _("sans changement de prix")
    return f"{describe_changes(draft)}, {money}"


def late_words(surcharge: Decimal) -> str:
    """« + 2,00 € » of a day booked late; nothing in time."""
    return f"+{NBSP}{language.words().amount(surcharge)}" if surcharge else ""
