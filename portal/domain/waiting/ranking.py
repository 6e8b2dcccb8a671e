"""Which priorities each entry fulfils: computed again whenever the line is asked, kept to be shown and explained."""

from collections.abc import Collection, Mapping, Sequence

from django.db import connection

from portal.domain.waiting.enums import Criterion
from portal.domain.waiting.models import WaitingEntry
from portal.domain.waiting.rules import PUT_FIRST, in_order, precedence
from portal.domain.waiting.terms import Terms

# What the books say of the household and of the child, for each entry: one query whatever their number.
_FACTS = """
    SELECT entry.id,
           EXISTS (SELECT 1 FROM bookings_booking AS booking
                     JOIN families_childlink AS link ON link.child_id = booking.child_id
                     JOIN activities_unit AS other ON other.id = booking.unit_id
                     JOIN activities_activity AS there ON there.id = other.activity_id
                    WHERE link.family_id = entry.family_id AND booking.child_id <> entry.child_id
                      AND booking.state = 'booked' AND booking.day = entry.day
                      AND there.structure_id = activity.structure_id),
           EXISTS (SELECT 1 FROM bookings_booking AS booking
                     JOIN activities_unit AS other ON other.id = booking.unit_id
                    WHERE booking.child_id = entry.child_id AND other.activity_id = activity.id
                      AND booking.state = 'booked' AND booking.day <> entry.day
                      AND date_trunc('week', booking.day) = date_trunc('week', entry.day)),
           NOT EXISTS (SELECT 1 FROM bookings_booking AS booking
                         JOIN activities_unit AS other ON other.id = booking.unit_id
                        WHERE booking.child_id = entry.child_id AND other.activity_id = activity.id
                          AND booking.state = 'booked'
                          AND date_trunc('month', booking.day) = date_trunc('month', entry.day))
      FROM waiting_waitingentry AS entry
      JOIN activities_unit AS unit ON unit.id = entry.unit_id
      JOIN activities_activity AS activity ON activity.id = unit.activity_id
     WHERE entry.id = ANY(%s::bigint[])
"""

_ORDER = (Criterion.SIBLING, Criterion.REGULAR, Criterion.NEWCOMER)


def rank_again(entries: Collection[WaitingEntry], terms: Mapping[int, Terms]) -> int:
    """Give each entry its priorities as the books are now, in memory and in the database; how many have changed.

    Siblings who come together have those of the best placed of them. Two queries at most.
    """
    asked = [entry.pk for entry in entries if entry.unit_id in terms and terms[entry.unit_id].priorities]
    facts = _facts(asked) if asked else {}
    changed: list[WaitingEntry] = []
    before = {entry.pk: (entry.precedence, entry.met) for entry in entries}
    for entry in entries:
        wanted = terms[entry.unit_id].priorities if entry.unit_id in terms else ()
        entry.met = [criterion for criterion in wanted if criterion in facts.get(entry.pk, ())]
        entry.precedence = PUT_FIRST if entry.put_first_at else precedence(wanted, entry.met)
    for party in in_order(entries):
        best = party.first
        for entry in party.entries:
            entry.precedence, entry.met = best.precedence, best.met
            if before[entry.pk] != (entry.precedence, entry.met):
                changed.append(entry)
    if changed:
        WaitingEntry.objects.bulk_update(changed, ["precedence", "met"])
    return len(changed)


def _facts(keys: Sequence[int]) -> dict[int, set[str]]:
    with connection.cursor() as cursor:
        cursor.execute(_FACTS, [list(keys)])
        return {
            key: {criterion.value for criterion, met in zip(_ORDER, row, strict=True) if met}
            for key, *row in cursor.fetchall()
        }
