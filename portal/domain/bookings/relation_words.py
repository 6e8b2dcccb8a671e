"""What is said when a unit moves, or may not, because of another one."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from django.utils.translation import gettext as _

from portal.domain import language
from portal.domain.bookings.codes import CellKey
from portal.domain.bookings.context import BookableUnit, BookingContext
from portal.domain.bookings.outcomes import Followed
from portal.domain.kernel.refusals import Refusal, Rule, WayOut, WayOutKind

Sentence = Callable[[BookingContext, int, int, int, Refusal | None], Refusal]
"""(context, child, unit, the other one, why the other one may not move) → the refusal."""


def partner(context: BookingContext, _child: int, unit: int, other: int, refusal: Refusal | None) -> Refusal:
    """The one that goes with it cannot be booked: its own reason, named."""
    fact = _("«\u00a0%(unit)s\u00a0» se réserve avec «\u00a0%(other)s\u00a0»") % _pair(context, unit, other)
    return _because(context, fact, refusal, Rule.SOLIDARY)


def partner_kept(context: BookingContext, _child: int, unit: int, other: int, refusal: Refusal | None) -> Refusal:
    """The one that goes with it cannot be cancelled."""
    fact = _("«\u00a0%(unit)s\u00a0» s’annule avec «\u00a0%(other)s\u00a0»") % _pair(context, unit, other)
    return _because(context, fact, refusal, Rule.SOLIDARY)


def not_replaced(context: BookingContext, child: int, unit: int, other: int, refusal: Refusal | None) -> Refusal:
    """What it excludes is there and cannot be cancelled any more."""
    fact = _("Ce jour-là, %(child)s a déjà «\u00a0%(other)s\u00a0», au lieu de «\u00a0%(unit)s\u00a0»") % {
        **_pair(context, unit, other),
        "child": context.children[child].first_name,
    }
    return replace(_because(context, fact, refusal, Rule.EXCLUSIVE), rule=Rule.EXCLUSIVE)


def exclusive(context: BookingContext, child: int, unit: int, other: int, _refusal: Refusal | None) -> Refusal:
    """Both were asked at once, or the other one came first."""
    sentence = _(
        "Ce jour-là, %(child)s a déjà «\u00a0%(other)s\u00a0»\u00a0: "
        "«\u00a0%(unit)s\u00a0» vient à sa place, pas en plus."
    ) % {**_pair(context, unit, other), "child": context.children[child].first_name}
    return Refusal(rule=Rule.EXCLUSIVE, sentence=sentence, way_out=_on_the_planning())


def needs(context: BookingContext, child: int, unit: int, others: Sequence[int]) -> Refusal:
    """What it needs is not there."""
    here = context.units[unit]
    named = [_quoted(here, context.units[other]) for other in others if other in context.units]
    enrolled = [
        other
        for other in others
        if other in context.units and (child, context.units[other].activity_id) in context.enrolments
    ]
    if enrolled:
        named = [_quoted(here, context.units[other]) for other in enrolled]
    others_named = named[0]
    if len(named) > 1:
        others_named = _("%(some)s ou %(last)s") % {"some": ", ".join(named[:-1]), "last": named[-1]}
    words = {"unit": name_beside(here, here), "others": others_named}
    sentence = _("«\u00a0%(unit)s\u00a0» ne se réserve qu’un jour où %(others)s est réservé aussi.") % words
    return Refusal(rule=Rule.DEPENDENT, sentence=sentence, way_out=_on_the_planning())


def orphan_kept(context: BookingContext, _child: int, unit: int, other: int, refusal: Refusal | None) -> Refusal:
    """What needs it cannot be cancelled any more."""
    pair = _pair(context, unit, other)
    fact = _("«\u00a0%(other)s\u00a0» a besoin de «\u00a0%(unit)s\u00a0» et reste réservé") % pair
    return replace(_because(context, fact, refusal, Rule.DEPENDENT), rule=Rule.DEPENDENT)


def overlapping(context: BookingContext, child: int, unit: int, other: int, _refusal: Refusal | None) -> Refusal:
    """The hours cross."""
    there = context.units[other]
    said = language.words()
    sentence = _(
        "Ce jour-là, %(child)s a déjà «\u00a0%(other)s\u00a0», de %(start)s à %(end)s\u00a0: "
        "les horaires se chevauchent."
    ) % {
        "child": context.children[child].first_name,
        "other": there.label,
        "start": said.hour(there.starts_at) if there.starts_at else "",
        "end": said.hour(there.ends_at) if there.ends_at else "",
    }
    return Refusal(rule=Rule.OVERLAPPING, sentence=sentence, way_out=_on_the_planning())


def follower(context: BookingContext, _child: int, unit: int, other: int, refusal: Refusal | None) -> Refusal:
    """It went away for another one, which falls: it stays."""
    fact = _("«\u00a0%(unit)s\u00a0» reste réservé, faute de «\u00a0%(other)s\u00a0»") % _pair(context, unit, other)
    return _because(context, fact, refusal, Rule.EXCLUSIVE)


def replaces(context: BookingContext, child: int, unit: int, others: Sequence[int]) -> str:
    """What choosing a unit that is free would do: “Léna a déjà… Choisir celle-ci la remplace.”"""
    here = context.units[unit]
    named = language.words().join_words([_quoted(here, context.units[other]) for other in others])
    return _("Ce jour-là, %(child)s a déjà %(others)s. Choisir «\u00a0%(unit)s\u00a0» remplace ce choix.") % {
        "child": context.children[child].first_name,
        "others": named,
        "unit": name_beside(here, here),
    }


def followed(context: BookingContext, key: CellKey, because: str, source: int) -> Followed:
    """What changed with another choice: “ajout de « Temps méridien », qui va avec « Repas »”."""
    sentences = {
        "together": _("ajout de «\u00a0%(unit)s\u00a0», qui va avec «\u00a0%(source)s\u00a0»."),
        "together_gone": _("retrait de «\u00a0%(unit)s\u00a0», qui va avec «\u00a0%(source)s\u00a0»."),
        "replaced": _("«\u00a0%(source)s\u00a0» remplace «\u00a0%(unit)s\u00a0»."),
        "orphan": _("retrait de «\u00a0%(unit)s\u00a0», qui a besoin de «\u00a0%(source)s\u00a0»."),
        "back": _("retour de «\u00a0%(unit)s\u00a0», comme avant."),
    }
    here, there = context.units[key.unit_id], context.units[source]
    return Followed(
        code=key.code,
        child_name=context.children[key.child_id].first_name,
        day=key.day,
        sentence=sentences[because] % {"unit": name_beside(here, there), "source": name_beside(there, here)},
    )


def name_beside(unit: BookableUnit, other: BookableUnit) -> str:
    """The name of a unit in a sentence: alone beside one of the same activity, with its activity otherwise."""
    return unit.name if unit.activity_id == other.activity_id else unit.label


def _quoted(here: BookableUnit, other: BookableUnit) -> str:
    return _("«\u00a0%(unit)s\u00a0»") % {"unit": name_beside(other, here)}


def _pair(context: BookingContext, unit: int, other: int) -> dict[str, str]:
    here, there = context.units[unit], context.units[other]
    return {"unit": name_beside(here, there), "other": name_beside(there, here)}


def _because(context: BookingContext, fact: str, refusal: Refusal | None, rule: Rule) -> Refusal:
    """A fact, then the reason of the other one, whose instant and way out stay."""
    if refusal is None:
        return Refusal(rule=rule, sentence=f"{fact}.", way_out=_on_the_planning())
    said = language.words()
    reason = refusal.sentence
    if not any(reason.startswith(child.first_name) for child in context.children.values()):
        reason = said.lower_first(reason)
    return replace(refusal, sentence=said.labelled(fact, reason))


def _on_the_planning() -> WayOut:
    return WayOut(WayOutKind.START_AGAIN, _("Revenir au planning"))
