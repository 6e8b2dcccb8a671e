"""Enrolment requests that await an agent: the ones that the activity does not accept by itself."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db.models import QuerySet

from portal.backoffice.desk.registry import AlreadyDecided, Panel, Waiting, register_queue
from portal.backoffice.desk.sources import RowQueue
from portal.domain.accounts.models import User
from portal.domain.bookings.deciding import ChildLeft, accept_enrolment, rehearse
from portal.domain.bookings.outcomes import LeftOut
from portal.domain.dossier.gate import missing_for
from portal.domain.enrolments.deciding import (
    REASONS,
    EnrolmentDecided,
    WordsMissing,
    ask_enrolment_again,
    refuse_enrolment,
    waiting_enrolments,
)
from portal.domain.enrolments.enums import EnrolmentState
from portal.domain.enrolments.models import Enrolment
from portal.domain.families.queries import load_schoolings
from portal.domain.kernel import french
from portal.domain.kernel.school_year import SchoolYear, age_on

#: Days left out that the panel names one by one.
_NAMED = 5


def connect() -> None:
    """Register the queue of this area."""
    register_queue(EnrolmentsQueue())


class EnrolmentsQueue(RowQueue):
    """Requests that neither the dossier nor the family keeps waiting."""

    code = "enrolments"
    label = "Inscriptions"
    order = 5
    subject = "enrolments.enrolment"
    child = "child"
    arrived = "requested_at"
    structure = "activity__structure"

    def _awaiting(self, agent: User) -> QuerySet[Enrolment]:
        return waiting_enrolments(agent)

    def _told(self, rows: Sequence[Enrolment]) -> list[Waiting]:
        return [
            Waiting(
                source=self.code,
                key=row.pk,
                title=f"Inscription{french.NBSP}: {row.activity.short_name}",
                family_name=row.family.name,
                family_number=row.family.number,
                arrived_at=row.requested_at,
                child_name=row.child.first_name,
            )
            for row in rows
        ]

    def panel(self, agent: User, key: int, *, data: Mapping[str, Any] | None = None, at: datetime) -> Panel | None:
        """The child, what is asked for, and what accepting would book at this instant."""
        row = self._rows(agent).select_related("activity__structure", "requested_by").filter(pk=key).first()
        if row is None:
            return None
        return Panel(
            title=f"{row.activity.name}{french.NBSP}: {row.child}",
            sent=f"demandée le {french.instant(row.requested_at)} par {row.requested_by}",
            family=row.family,
            facts=[*_facts(row, at), *_effect(row, at)],
            accept_label="Accepter cette inscription",
            reasons=REASONS,
        )

    def accept(self, key: int, *, cleaned: Mapping[str, Any], by: User, at: datetime) -> None:
        """Raises AlreadyDecided, also when the child left the household."""
        try:
            accept_enrolment(enrolment=key, by=by, at=at)
        except EnrolmentDecided as decided:
            raise AlreadyDecided(decided_words(decided.enrolment)) from decided
        except ChildLeft as left:
            raise AlreadyDecided(
                "L’enfant n’est plus dans ce dossier : rien n’est écrit. Refusez la demande, avec ce motif."
            ) from left
        except Enrolment.DoesNotExist as gone:
            raise AlreadyDecided("Cette demande n’existe plus.") from gone

    def refuse(self, key: int, *, reason: str, by: User, at: datetime) -> None:
        """Raises AlreadyDecided."""
        self._say(lambda: refuse_enrolment(enrolment=key, reason=reason, by=by, at=at))

    def ask_again(self, key: int, *, message: str, by: User, at: datetime) -> None:
        """Raises AlreadyDecided."""
        self._say(lambda: ask_enrolment_again(enrolment=key, message=message, by=by, at=at))

    def _say(self, verb: Any) -> None:
        try:
            verb()
        except EnrolmentDecided as decided:
            raise AlreadyDecided(decided_words(decided.enrolment)) from decided
        except WordsMissing as missing:
            raise AlreadyDecided(str(missing)) from missing
        except Enrolment.DoesNotExist as gone:
            raise AlreadyDecided("Cette demande n’existe plus.") from gone


def decided_words(enrolment: Enrolment) -> str:
    """Who said what, and when."""
    if enrolment.state == EnrolmentState.REQUESTED:
        waits = "la réponse de la famille" if enrolment.asked_at is not None else "le dossier de la famille"
        return f"Cette demande attend maintenant {waits}."
    family = enrolment.state == EnrolmentState.CANCELLED or enrolment.decided_by is None
    who = "la famille" if family else str(enrolment.decided_by)
    when = f", {french.instant(enrolment.decided_at)}" if enrolment.decided_at else ""
    return f"Cette demande n’attend plus{french.NBSP}: {enrolment.get_state_display()}, {who}{when}."


def _facts(row: Enrolment, at: datetime) -> list[tuple[str, str]]:
    """Who, what, when."""
    year = SchoolYear.of(row.activity.starts_on).start
    schooling = load_schoolings(children=[row.child_id], school_year=year).get(row.child_id)
    age = french.plural(age_on(row.child.birth_date, row.starts_on), "an")
    facts = [
        ("Enfant", f"{row.child}, {age} au {french.full_date(row.starts_on)}"),
        ("École", f"{schooling.school}, {schooling.level}" if schooling else "non renseignée pour cette année"),
        ("Activité", f"{row.activity.name}, {row.activity.structure}"),
        ("Période demandée", french.date_range_year(row.starts_on, row.ends_on)),
    ]
    days = row.pattern_days.select_related("unit").order_by("unit__order", "unit", "weekday")
    for unit, several in groupby(days, key=lambda each: each.unit):
        facts.append((f"Jours habituels, {unit.name}", french.weekday_names([each.weekday for each in several])))
    if row.answer:
        facts += [("Votre question", row.reason), ("Réponse de la famille", row.answer)]
    return facts


def _effect(row: Enrolment, at: datetime) -> list[tuple[str, str]]:
    """What accepting does now, and what is missing from the dossier."""
    lacking = missing_for(family=row.family, child=row.child, activity_id=row.activity_id, at=at)
    words = french.join_words(french.lower_first(name) for name in lacking)
    facts = [("Dossier", f"incomplet{french.NBSP}: {words}" if lacking else "complet")]
    rehearsal = rehearse(row, at=at)
    if rehearsal is None:
        return [*facts, ("Accepter", "ouvre l’inscription ; la famille réserve ensuite ses jours")]
    booked = french.plural(rehearsal.days, "jour réservé", "jours réservés")
    facts.append(("Accepter maintenant", booked))
    if rehearsal.left_out:
        facts.append(("Laissés de côté", _named(rehearsal.left_out)))
    return facts


def _named(left_out: Sequence[LeftOut]) -> str:
    """“jeudi 10 septembre (délai passé…), … et 3 autres”."""
    named = [f"{french.long_date(each.day)}, {each.label}" for each in left_out[:_NAMED]]
    others = len(left_out) - len(named)
    return " ; ".join(named) + (f" ; et {french.plural(others, 'autre')}" if others else "")
