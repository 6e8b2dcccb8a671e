"""What the town ties together is booked together, what it sets apart is not; from today on, since ties may change."""

from collections.abc import Callable, Mapping

from portal.domain.activities.models import CalendarSettings, Unit, UnitRelation
from portal.domain.activities.relations import Edge, Hours, Relations
from portal.domain.bookings.checks.live_bookings import BOOKING, DAYS, TABLES
from portal.domain.reconciliation.enums import Severity
from portal.domain.reconciliation.reading import Row, look
from portal.domain.reconciliation.registry import Check, Scene, Seen

_ALONE = f"""
    SELECT {BOOKING}, others.short_name || ', ' || other.name AS other
      FROM {TABLES}
      JOIN unnest(%(units)s::bigint[], %(others)s::bigint[]) AS pair (unit_id, other_id)
        ON pair.unit_id = booking.unit_id
      JOIN activities_unit AS other ON other.id = pair.other_id
      JOIN activities_activity AS others ON others.id = other.activity_id
     WHERE booking.state = 'booked' AND booking.day >= %(today)s
       AND NOT EXISTS (SELECT 1 FROM bookings_booking AS twin
                        WHERE twin.child_id = booking.child_id AND twin.day = booking.day
                          AND twin.unit_id = pair.other_id AND twin.state = 'booked')
"""  # noqa: S608  # our own words

_BOTH = f"""
    SELECT {BOOKING}, others.short_name || ', ' || other.name AS other
      FROM {TABLES}
      JOIN unnest(%(units)s::bigint[], %(others)s::bigint[]) AS pair (unit_id, other_id)
        ON pair.unit_id = booking.unit_id
      JOIN bookings_booking AS twin
        ON twin.child_id = booking.child_id AND twin.day = booking.day AND twin.unit_id = pair.other_id
       AND twin.state = 'booked'
      JOIN activities_unit AS other ON other.id = pair.other_id
      JOIN activities_activity AS others ON others.id = other.activity_id
     WHERE booking.state = 'booked' AND booking.day >= %(today)s
"""  # noqa: S608  # our own words

_NEEDING = f"""
    SELECT {BOOKING}
      FROM {TABLES}
     WHERE booking.state = 'booked' AND booking.day >= %(today)s AND booking.unit_id = ANY(%(units)s::bigint[])
       AND NOT EXISTS (SELECT 1 FROM bookings_booking AS base
                         JOIN unnest(%(units)s::bigint[], %(others)s::bigint[]) AS pair (unit_id, other_id)
                           ON pair.other_id = base.unit_id
                        WHERE pair.unit_id = booking.unit_id AND base.child_id = booking.child_id
                          AND base.day = booking.day AND base.state = 'booked')
"""  # noqa: S608  # our own words

Pairs = Mapping[int, frozenset[int]]


def relations() -> Relations:
    """Every tie of the town, hours that cross among them unless the town allows that: three queries."""
    free = CalendarSettings.objects.filter(allow_overlaps=True).exists()
    edges = [Edge(*row) for row in UnitRelation.objects.order_by("pk").values_list("kind", "unit_id", "other_id")]
    hours = {
        unit.pk: Hours(unit.starts_at, unit.ends_at, frozenset(unit.weekdays), unit.may_overlap or free)
        for unit in Unit.objects.order_by("pk")
    }
    return Relations.of(edges, hours)


def _solidary(scene: Scene) -> Seen:
    groups = {unit: group - {unit} for unit, group in relations().solidary.items()}
    return _look(_ALONE, groups, scene, lambda row: f"{row['what']} : réservé sans {row['other']}.", twice=True)


def _exclusive(scene: Scene) -> Seen:
    return _look(_BOTH, relations().exclusive, scene, lambda row: f"{row['what']} : réservé avec {row['other']}.")


def _need(scene: Scene) -> Seen:
    return _look(_NEEDING, relations().needs, scene, _need_words, twice=True)


def _need_words(row: Row) -> str:
    return f"{row['what']} : réservé sans rien de ce dont il a besoin."


def _overlap(scene: Scene) -> Seen:
    return _look(
        _BOTH, relations().overlapping, scene, lambda row: f"{row['what']} : mêmes heures que {row['other']}."
    )


def _look(query: str, found: Pairs, scene: Scene, say: Callable[[Row], str], *, twice: bool = False) -> Seen:
    """Ask about these pairs, each from both its sides when `twice`, else from the first."""
    pairs = [(unit, other) for unit, others in found.items() for other in others if twice or unit < other]
    if not pairs:
        return Seen()
    values = {"units": [unit for unit, _ in pairs], "others": [other for _, other in pairs], "today": scene.today}
    return look(query, values, say)


CHECKS = (
    Check(
        code="tie_solidary",
        area=DAYS,
        title="Unités qui vont ensemble, réservées l’une sans l’autre",
        meaning="La commune a lié ces unités : elles se réservent et s’annulent ensemble. L’une des deux manque.",
        advice="Réservez celle qui manque ou annulez l’autre, en agissant pour la famille.",
        severity=Severity.BLOCKING,
        find=_solidary,
        order=30,
    ),
    Check(
        code="tie_exclusive",
        area=DAYS,
        title="Unités qui s’excluent, réservées toutes les deux",
        meaning="La commune n’accepte qu’une de ces deux unités par enfant et par jour : la famille paierait deux "
        "fois.",
        advice="Annulez l’une des deux, en agissant pour la famille.",
        severity=Severity.BLOCKING,
        find=_exclusive,
        order=31,
    ),
    Check(
        code="tie_need",
        area=DAYS,
        title="Unités réservées sans ce dont elles ont besoin",
        meaning="Cette unité ne se réserve qu’avec une autre, comme le bus avec le centre. L’autre n’est pas "
        "réservée.",
        advice="Réservez ce qui manque ou annulez cette unité, en agissant pour la famille.",
        severity=Severity.BLOCKING,
        find=_need,
        order=32,
    ),
    Check(
        code="tie_overlap",
        area=DAYS,
        title="Un enfant à deux endroits à la même heure",
        meaning="Deux unités réservées le même jour pour un enfant se chevauchent, alors que la commune ne l’accepte "
        "pas. "
        "Les horaires ont peut-être changé depuis.",
        advice="Corrigez les horaires des unités, ou voyez avec la famille où l’enfant ira.",
        severity=Severity.LOOK,
        find=_overlap,
        order=33,
    ),
)
