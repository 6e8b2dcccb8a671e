"""What must be true of accepted enrolments."""

from portal.domain.reconciliation.enums import Severity
from portal.domain.reconciliation.reading import Row, look
from portal.domain.reconciliation.registry import Check, Scene, Seen, register_checks

_WRONG = """
    SELECT 'enrolment.' || enrolment.id AS key, enrolment.starts_on AS day, enrolment.family_id AS family,
           enrolment.child_id AS child, 'enrolments.enrolment' AS subject, enrolment.id AS subject_key,
           activity.short_name AS what,
           CASE WHEN enrolment.starts_on < activity.starts_on OR enrolment.ends_on > activity.ends_on THEN 'period'
                ELSE 'unit' END AS why
      FROM enrolments_enrolment AS enrolment
      JOIN activities_activity AS activity ON activity.id = enrolment.activity_id
     WHERE enrolment.state = 'accepted' AND enrolment.ends_on >= %(today)s
       AND (enrolment.starts_on < activity.starts_on OR enrolment.ends_on > activity.ends_on
            OR EXISTS (SELECT 1 FROM enrolments_patternday AS pattern
                         JOIN activities_unit AS unit ON unit.id = pattern.unit_id
                        WHERE pattern.enrolment_id = enrolment.id AND unit.activity_id <> enrolment.activity_id))
"""


def _wrong(scene: Scene) -> Seen:
    return look(_WRONG, {"today": scene.today}, _words)


def _words(row: Row) -> str:
    if row["why"] == "period":
        return f"{row['what']} : l’inscription dépasse les dates de l’activité."
    return f"{row['what']} : la semaine habituelle nomme une unité d’une autre activité."


CHECKS = (
    Check(
        code="enrolment_period",
        area="Inscriptions",
        title="Inscriptions qui ne vont pas avec leur activité",
        meaning="Une inscription acceptée dépasse les dates de son activité, ou réserve une unité d’une autre : des "
        "jours "
        "manqueraient, ou seraient facturés ailleurs.",
        advice="Relisez les dates de l’activité, puis l’inscription avec la famille.",
        severity=Severity.LOOK,
        find=_wrong,
        order=100,
    ),
)


def connect() -> None:
    """Register."""
    register_checks(*CHECKS)
