"""May this person change this cell, now? One answer for the page, the form, the validation and whole periods.

Pure: everything is read from a `BookingContext`. Sentences follow one order: the fact, the rule, the instant, the
way out.
"""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from portal.domain import language
from portal.domain.activities.deadlines import Action, Deadline, State, sentences
from portal.domain.activities.late import is_late
from portal.domain.bookings.codes import CellKey
from portal.domain.bookings.context import BookableUnit, BookingContext, Contact, FamilyChild, ServiceContact
from portal.domain.bookings.enums import Wish
from portal.domain.bookings.limiting import beyond_limit
from portal.domain.kernel.clock import paris_date
from portal.domain.kernel.money import ZERO
from portal.domain.kernel.refusals import Refusal, Rule, WayOut, WayOutKind

#: What an enrolment that books days by itself does not ask: these rules are about changing days on line
#: (guide 002: the year is booked by the enrolment, then changed through the service only).
NOT_ASKED_BY_AN_ENROLMENT = frozenset({Rule.READ_ONLY_ACTIVITY, Rule.NEVER_ONLINE, Rule.NOT_YET_OPEN})


def why_not(
    context: BookingContext,
    *,
    wish: Wish,
    child_id: int,
    unit_id: int,
    day: date,
    at: datetime,
    enrolling: bool = False,
    granted: bool = False,
    places: bool = True,
    limits: bool = True,
) -> Refusal | None:
    """None when the wish is allowed at `at`; else the first reason against it, with its way out.

    In order: right, what the books already say, enrolment, activity read only, incomplete dossier, calendar (before
    opening, after the end, weekday, public holiday, closure, school holiday), dates of the enrolment, deadline, day
    gone, price, limits of the child, places.
    A cancellation asks neither the calendar nor the enrolment: a day that should not have been booked can be given
    back. Places are asked only when the context has a `room`, unless `places` is false; who writes decides under lock.
    After its deadline a day may still be booked late, with a surcharge, where the activity says so (`late_surcharge`
    tells how much): never when `enrolling`.
    Limits are asked unless `limits` is false: who decides several wishes together asks `limiting` itself.
    What the units are to each other is asked by `relations`, which asks this of each of them.

    `enrolling` is for the days that an enrolment books by itself. `granted` is for the service, which passes over the
    deadlines and what is not changed on line, on purpose; all the rest is asked. Raises UnknownCell for a child or a
    unit that the context does not know.
    """
    key = CellKey(child_id, unit_id, day)
    child, unit = context.child(key), context.unit(key)
    if not child.may_book:
        return _no_right(context, child, unit)
    refusal = _books(context, key, wish, child, unit)
    if refusal is not None:
        return refusal
    if not (unit.editable and unit.shown) and not (enrolling or granted):
        return _read_only(context, unit)
    if wish == Wish.ADD and child.pk in context.blocked:
        return context.blocked[child.pk]
    if wish == Wish.ADD:
        refusal = _opening(context, unit, day) or _enrolment_dates(context, key, child, unit)
        if refusal is not None:
            return refusal
    refusal = None if granted else _deadline(context, unit, wish, day, at, enrolling=enrolling)
    if refusal is not None and not (enrolling and refusal.rule in NOT_ASKED_BY_AN_ENROLMENT):
        return refusal
    if day < paris_date(at):
        return _day_past(context, unit)
    if wish == Wish.ADD:
        return (
            _price(context, unit, key)
            or (beyond_limit(context, child_id, day, [unit_id]) if limits else None)
            or (_places(context, unit, day) if places else None)
        )
    return None


def late_surcharge(context: BookingContext, key: CellKey, *, at: datetime) -> Decimal:
    """What booking that day at `at` costs more for being late, in euros; zero in time."""
    quote = context.quote(key, at=at)
    return quote.surcharge if quote is not None else ZERO


def late_price_changed(context: BookingContext, key: CellKey, *, at: datetime) -> Refusal:
    """The refusal of a wish whose surcharge is not the one that was shown: nobody pays more without having seen it."""
    more = late_surcharge(context, key, at=at)
    if more:
        sentence = _(
            "Le délai de ce jour est passé depuis que vous l’avez choisi : il se réserve encore, avec un supplément "
            "de %(more)s. Choisissez-le de nouveau pour accepter ce supplément."
        ) % {"more": language.words().amount(more)}
    else:
        sentence = _("Ce jour se réserve maintenant sans supplément : choisissez-le de nouveau.")
    return Refusal(
        rule=Rule.LATE_PRICE,
        sentence=sentence,
        way_out=WayOut(WayOutKind.START_AGAIN, _("Revenir au planning")),
    )


def late_only(context: BookingContext, key: CellKey, *, at: datetime) -> Refusal:
    """Why a whole period leaves that day out: each late day is chosen on purpose."""
    more = late_surcharge(context, key, at=at)
    return Refusal(
        rule=Rule.LATE_PRICE,
        sentence=_(
            "Le délai de ce jour est passé. Il se réserve encore sur le planning, un par un, avec un supplément de "
            "%(more)s."
        )
        % {"more": language.words().amount(more)},
        way_out=_another_day(),
    )


def full(unit: BookableUnit, *, pool: int) -> Refusal:
    """The refusal of a day whose places are gone; `pool` is the one that is full."""
    places = unit.pools.get(pool)
    if not places:
        fact = _("Ce jour est complet.")
    elif places == 1:
        fact = _("Ce jour est complet\u00a0: la seule place est prise ou retenue.")
    else:
        fact = _("Ce jour est complet\u00a0: les %(places)s\u00a0places sont prises ou retenues.") % {
            "places": language.words().integer(places)
        }
    other = _("Vous pouvez choisir un autre jour ou contacter %(service)s.") % {"service": unit.service.address}
    return Refusal(rule=Rule.FULL, sentence=f"{fact} {other}", way_out=_another_day())


def changed_meanwhile() -> Refusal:
    """The refusal of a cancellation whose booking is no longer the one that was shown."""
    return Refusal(
        rule=Rule.CHANGED_MEANWHILE,
        sentence=_("Cette réservation a été refaite entre-temps. Vous pouvez l’annuler de nouveau sur le planning."),
        way_out=WayOut(WayOutKind.START_AGAIN, _("Revenir au planning")),
    )


def out_of_reach(first_name: str) -> Refusal:
    """The refusal of a draft's line whose child the family does not see any more."""
    return Refusal(
        rule=Rule.NO_RIGHT,
        sentence=_("%(child)s n’est plus accessible depuis votre dossier.") % {"child": first_name},
        way_out=WayOut(WayOutKind.CONTACT_SERVICE, _("Contacter le service")),
    )


def ways_out(refusal: Refusal, unit: BookableUnit) -> tuple[WayOut, ...]:
    """All that the family can do instead, the best first: the refusal's own way, then the service."""
    contact = contact_service(unit.service)
    own = refusal.way_out
    if own is None:
        return (contact,)
    return (own,) if own.kind == WayOutKind.CONTACT_SERVICE else (own, contact)


def contact_service(service: ServiceContact) -> WayOut:
    """The way out through the people who answer for the activity."""
    params = {"phone": service.phone, "email": service.email}
    return WayOut(
        WayOutKind.CONTACT_SERVICE,
        _("Contacter %(service)s") % {"service": service.named},
        params={key: value for key, value in params.items() if value},
    )


# The questions, in order


def _no_right(context: BookingContext, child: FamilyChild, unit: BookableUnit) -> Refusal:
    return _through_service(
        context,
        Rule.NO_RIGHT,
        _("Pour %(child)s, vous consultez le planning sans pouvoir le modifier\u00a0: ce droit dépend du dossier.")
        % {"child": child.first_name},
        unit,
    )


def _books(
    context: BookingContext, key: CellKey, wish: Wish, child: FamilyChild, unit: BookableUnit
) -> Refusal | None:
    booking = context.booked.get(key)
    if wish == Wish.REMOVE:
        if booking is None:
            return Refusal(
                rule=Rule.NOT_BOOKED,
                sentence=_("Ce jour n’est pas réservé, ou ne l’est plus."),
                way_out=WayOut(WayOutKind.START_AGAIN, _("Revenir au planning")),
            )
        if booking.family_id != context.family_id:
            return _through_service(
                context,
                Rule.NO_RIGHT,
                _("Ce jour a été réservé par un autre foyer, qui seul peut l’annuler."),
                unit,
            )
        return None
    if booking is not None:
        return Refusal(
            rule=Rule.ALREADY_BOOKED,
            sentence=_("Ce jour est déjà réservé pour %(child)s.") % {"child": child.first_name},
            way_out=WayOut(WayOutKind.START_AGAIN, _("Revenir au planning")),
        )
    enrolment = context.enrolment(key)
    words = {"child": child.first_name, "activity": unit.activity_name}
    if enrolment is None:
        return Refusal(
            rule=Rule.NOT_ENROLLED,
            sentence=_(
                "%(child)s n’a pas d’inscription à «\u00a0%(activity)s\u00a0»\u00a0: "
                "l’inscription vient avant les jours."
            )
            % words,
            way_out=WayOut(
                WayOutKind.ENROL,
                _("Inscrire %(child)s") % words,
                params={"child_id": child.pk, "activity_id": unit.activity_id},
            ),
        )
    if not enrolment.accepted:
        return Refusal(
            rule=Rule.NOT_ENROLLED,
            sentence=_(
                "Pour %(child)s, l’inscription à «\u00a0%(activity)s\u00a0» attend la réponse du service\u00a0: "
                "les jours se réservent dès qu’elle est acceptée."
            )
            % words,
            way_out=contact_service(unit.service),
        )
    return None


def _read_only(context: BookingContext, unit: BookableUnit) -> Refusal:
    return _through_service(
        context, Rule.READ_ONLY_ACTIVITY, _("Les jours de cette activité ne se changent pas en ligne."), unit
    )


def _opening(context: BookingContext, unit: BookableUnit, day: date) -> Refusal | None:
    known = (unit.pk, day)
    if known not in context.known:
        refusal = context.calendar.refusal(unit.offer, day)
        context.known[known] = refusal and replace(refusal, way_out=_another_day())
    return context.known[known]


def _enrolment_dates(context: BookingContext, key: CellKey, child: FamilyChild, unit: BookableUnit) -> Refusal | None:
    enrolment = context.enrolment(key)
    if enrolment is None or enrolment.starts_on <= key.day <= enrolment.ends_on:
        return None
    if key.day < enrolment.starts_on:
        sentence = _("Pour %(child)s, l’inscription commence le %(day)s.")
        limit = enrolment.starts_on
    else:
        sentence = _("Pour %(child)s, l’inscription s’est terminée le %(day)s.")
        limit = enrolment.ends_on
    words = {"child": child.first_name, "day": language.words().full_date(limit)}
    return Refusal(rule=Rule.OUTSIDE_ENROLMENT, sentence=sentence % words, way_out=_another_day())


def _deadline(
    context: BookingContext, unit: BookableUnit, wish: Wish, day: date, at: datetime, *, enrolling: bool
) -> Refusal | None:
    window = context.window(unit, wish, day)
    if window.allows(at):
        return None
    deadline = unit.deadline(wish)
    late = context.late_window(unit, day) if wish == Wish.ADD and not enrolling else None
    if unit.offer.late is not None and late is not None and window.state(at) is State.CLOSED:
        if is_late(late, at):
            return None
        deadline = unit.offer.late.deadline  # the last instant that was allowed is that of the late path
    action = Action.CANCEL if wish == Wish.REMOVE else Action.BOOK
    if unit.one_rule:
        action = Action.CHANGE
    # The same words for all the children and units that share the rule.
    known = (deadline, action, unit.offer.article, unit.service, day, at)
    if known not in context.known:
        context.known[known] = _deadline_refusal(context, unit, deadline, action, day, at)
    return context.known[known]


def _deadline_refusal(
    context: BookingContext, unit: BookableUnit, deadline: Deadline, action: Action, day: date, at: datetime
) -> Refusal | None:
    refusal = sentences.refusal(
        deadline,
        day,
        at,
        context.calendar,
        action=action,
        article=unit.offer.article,
        language=language.spoken(),
    )
    if refusal is None:
        return None
    if refusal.rule == Rule.NOT_YET_OPEN:
        return replace(refusal, way_out=WayOut(WayOutKind.COME_BACK_LATER, _("Choisir un autre jour en attendant")))
    contact = _contact(context, unit.service)
    return replace(refusal, sentence=f"{refusal.sentence} {contact.sentence}", way_out=contact.way_out)


def _day_past(context: BookingContext, unit: BookableUnit) -> Refusal:
    return _through_service(context, Rule.DAY_PAST, _("Ce jour est passé."), unit)


def _price(context: BookingContext, unit: BookableUnit, key: CellKey) -> Refusal | None:
    if context.price(key) is not None:
        return None
    return _through_service(context, Rule.NO_PRICE, _("Aucun tarif n’est encore publié pour ce jour."), unit)


def _places(context: BookingContext, unit: BookableUnit, day: date) -> Refusal | None:
    if context.room is None:
        return None
    pools = context.room.full_pools(unit.pools, day)
    return full(unit, pool=pools[0]) if pools else None


# Words


def _through_service(context: BookingContext, rule: Rule, sentence: str, unit: BookableUnit) -> Refusal:
    contact = _contact(context, unit.service)
    return Refusal(rule=rule, sentence=f"{sentence} {contact.sentence}", way_out=contact.way_out)


def _contact(context: BookingContext, service: ServiceContact) -> Contact:
    if service not in context.contacts:
        sentence = _("Vous pouvez contacter %(service)s.") % {"service": service.address}
        context.contacts[service] = Contact(sentence, contact_service(service))
    return context.contacts[service]


def _another_day() -> WayOut:
    return WayOut(WayOutKind.CHOOSE_OTHER_DAY, _("Choisir un autre jour"))
