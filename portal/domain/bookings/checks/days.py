"""Booked days: for a child who is enrolled, by its household, on a day that is served, none of the week missing."""

from datetime import date
from typing import Any

from django.db import connection

from portal.domain.activities.enums import EnrolmentMode
from portal.domain.activities.models import Unit
from portal.domain.activities.opening import ServiceCalendar
from portal.domain.activities.queries import load_calendar, offer_of
from portal.domain.bookings.checks.live_bookings import BOOKING, DAYS, TABLES
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.french import plural
from portal.domain.kernel.refusals import Refusal, Rule
from portal.domain.reconciliation.enums import Severity
from portal.domain.reconciliation.reading import Row, look
from portal.domain.reconciliation.registry import Check, Scene, Seen

# A day that stays booked after its enrolment was taken away was past cancelling: it is right, unless it was booked
# afterwards.
_NOT_ENROLLED = f"""
    SELECT {BOOKING},
           CASE WHEN enrolment.child_id <> booking.child_id THEN 'child'
                WHEN enrolment.activity_id <> unit.activity_id THEN 'activity'
                WHEN enrolment.state NOT IN ('accepted', 'cancelled') THEN 'state'
                WHEN enrolment.state = 'cancelled' AND booking.booked_at > enrolment.decided_at THEN 'gone'
                ELSE 'period' END AS why
      FROM {TABLES}
      JOIN enrolments_enrolment AS enrolment ON enrolment.id = booking.enrolment_id
     WHERE booking.state = 'booked' AND booking.day >= %(since)s
       AND (enrolment.child_id <> booking.child_id
            OR enrolment.activity_id <> unit.activity_id
            OR enrolment.state NOT IN ('accepted', 'cancelled')
            OR enrolment.state = 'cancelled' AND booking.booked_at > enrolment.decided_at
            OR booking.day NOT BETWEEN enrolment.starts_on AND enrolment.ends_on)
"""  # noqa: S608  # our own words

_WHY = {
    "child": "l’inscription est celle d’un autre enfant",
    "activity": "l’inscription est celle d’une autre activité",
    "state": "l’inscription n’est pas acceptée",
    "gone": "réservé après la suppression de l’inscription",
    "period": "hors des dates de l’inscription",
}

_ON_PAIRS = f"""
    SELECT {BOOKING}
      FROM {TABLES}
      JOIN unnest(%(units)s::bigint[], %(days)s::date[]) AS shut (unit_id, day)
        ON shut.unit_id = booking.unit_id AND shut.day = booking.day
     WHERE booking.state = 'booked'
"""  # noqa: S608  # our own words

_LEFT = """
    SELECT 'child.' || booking.child_id || '.family.' || booking.family_id AS key, MIN(booking.day) AS day,
           booking.family_id AS family, booking.child_id AS child, COUNT(*) AS days,
           BOOL_OR(family.archived_at IS NOT NULL) AS archived, BOOL_OR(child.merged_into_id IS NOT NULL) AS merged
      FROM bookings_booking AS booking
      JOIN families_family AS family ON family.id = booking.family_id
      JOIN families_child AS child ON child.id = booking.child_id
      LEFT JOIN families_childlink AS link ON link.child_id = booking.child_id AND link.family_id = booking.family_id
     WHERE booking.state = 'booked' AND booking.day >= %(today)s
       AND (link.id IS NULL OR family.archived_at IS NOT NULL OR child.merged_into_id IS NOT NULL)
     GROUP BY booking.child_id, booking.family_id
"""

# A day that was booked and taken back has its row. One that the enrolment left out was told to the family, and is in
# the journal. Once the week has changed, days are those of the draft that changed it.
_MISSING = """
    SELECT 'enrolment.' || enrolment.id AS key, MIN(served.day) AS day, enrolment.family_id AS family,
           enrolment.child_id AS child, 'enrolments.enrolment' AS subject, enrolment.id AS subject_key,
           activity.short_name AS what, COUNT(*) AS days
      FROM enrolments_enrolment AS enrolment
      JOIN activities_activity AS activity ON activity.id = enrolment.activity_id
      JOIN enrolments_patternday AS pattern ON pattern.enrolment_id = enrolment.id
      JOIN unnest(%(units)s::bigint[], %(days)s::date[]) AS served (unit_id, day)
        ON served.unit_id = pattern.unit_id AND EXTRACT(isodow FROM served.day) = pattern.weekday
       AND served.day BETWEEN enrolment.starts_on AND enrolment.ends_on
      LEFT JOIN bookings_booking AS booking
        ON booking.child_id = enrolment.child_id AND booking.unit_id = served.unit_id AND booking.day = served.day
     WHERE enrolment.state = 'accepted' AND booking.id IS NULL
       AND served.day < COALESCE(
           (SELECT MIN(week.starts_on) FROM enrolments_regularweek AS week WHERE week.enrolment_id = enrolment.id),
           'infinity')
       AND NOT EXISTS (
           SELECT 1 FROM audit_auditentry AS entry
            WHERE entry.target = 'enrolments.enrolment' AND entry.target_key = enrolment.id::text
              AND entry.verb = 'book_enrolment'
              AND entry.after -> 'left_out' ? (enrolment.child_id || '.' || served.unit_id || '.' || served.day))
     GROUP BY enrolment.id, activity.id
"""


def _not_enrolled(scene: Scene) -> Seen:
    return look(_NOT_ENROLLED, {"since": scene.since}, lambda row: f"{row['what']} : {_WHY[row['why']]}.")


def _left(scene: Scene) -> Seen:
    return look(_LEFT, {"today": scene.today}, _left_words)


def _left_words(row: Row) -> str:
    days = plural(row["days"], "jour réservé", "jours réservés")
    if row["merged"]:
        return f"{days} à venir pour une fiche d’enfant réunie à une autre."
    if row["archived"]:
        return f"{days} à venir par un dossier archivé."
    return f"{days} à venir par un foyer auquel l’enfant n’est plus rattaché."


def _closed(scene: Scene) -> Seen:
    return _shut(scene, closed=True)


def _not_served(scene: Scene) -> Seen:
    return _shut(scene, closed=False)


def _shut(scene: Scene, *, closed: bool) -> Seen:
    """Bookings on days that their unit does not serve, by a closure or otherwise: `activities.opening` says which,
    once for each unit and day, and why.
    """
    why = {pair: found for pair, found in _refusals(scene).items() if (found.rule is Rule.CLOSED_DAY) == closed}
    if not why:
        return Seen()
    values = {"units": [unit for unit, _day in why], "days": [day for _unit, day in why]}
    return look(_ON_PAIRS, values, lambda row: f"{row['what']}. {why[row['unit'], row['day']].sentence}")


def _refusals(scene: Scene) -> dict[tuple[int, date], Refusal]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT unit_id, day FROM bookings_booking WHERE state = 'booked' AND day >= %s", [scene.since]
        )
        pairs = cursor.fetchall()
    if not pairs:
        return {}
    days = [day for _unit, day in pairs]
    calendar = load_calendar(DateRange(min(days), max(days)))
    offers = {unit.pk: offer_of(unit) for unit in Unit.objects.select_related("activity")}
    return {(unit, day): found for unit, day in pairs if (found := calendar.refusal(offers[unit], day)) is not None}


def _missing(scene: Scene) -> Seen:
    units = list(
        Unit.objects.filter(activity__ends_on__gt=scene.today)
        .exclude(activity__enrolment_mode=EnrolmentMode.OPEN)
        .select_related("activity")
    )
    if not units:
        return Seen()
    last = max(unit.activity.ends_on for unit in units)
    days = DateRange(scene.today, last)
    served = _served(units, load_calendar(days), days)
    values: dict[str, Any] = {"units": [unit for unit, _ in served], "days": [day for _, day in served]}
    return look(_MISSING, values, _missing_words)


def _served(units: list[Unit], calendar: ServiceCalendar, days: DateRange) -> list[tuple[int, date]]:
    return [(unit.pk, day) for unit in units for day in calendar.served_days(offer_of(unit), days) if day > days.first]


def _missing_words(row: Row) -> str:
    days = plural(row["days"], "jour habituel n’est pas réservé", "jours habituels ne sont pas réservés")
    return f"{row['what']} : {days}, et la famille ne les a pas annulés."


CHECKS = (
    Check(
        code="not_enrolled",
        area=DAYS,
        title="Jours réservés sans inscription",
        meaning="Un jour est réservé alors qu’aucune inscription acceptée ne le couvre.",
        advice="Ouvrez le dossier : acceptez l’inscription qui manque, ou annulez le jour avec la famille avant de "
        "facturer.",
        severity=Severity.BLOCKING,
        find=_not_enrolled,
        order=20,
    ),
    Check(
        code="not_served",
        area=DAYS,
        title="Jours réservés qui ne sont pas servis",
        meaning="Un jour est réservé alors que l’unité n’est pas ouverte ce jour-là : le calendrier ou les jours de "
        "l’activité ont changé depuis la réservation.",
        advice="Corrigez le calendrier s’il est faux. Sinon, fermez ce jour depuis « Fermetures » : les réservations "
        "sont annulées, les familles prévenues.",
        severity=Severity.BLOCKING,
        find=_not_served,
        order=21,
    ),
    Check(
        code="closed_day",
        area=DAYS,
        title="Jours réservés malgré une fermeture",
        meaning="Une fermeture couvre ce jour, et la réservation n’a pas été annulée par elle : la famille attend un "
        "service qui n’aura pas lieu.",
        advice="Rouvrez ces jours puis fermez-les de nouveau depuis « Fermetures » : la fermeture annule et prévient.",
        severity=Severity.BLOCKING,
        find=_closed,
        order=22,
    ),
    Check(
        code="left_household",
        area=DAYS,
        title="Réservations d’un foyer que l’enfant a quitté",
        meaning="Des jours à venir sont réservés par un foyer auquel l’enfant n’est plus rattaché, par un dossier "
        "archivé, "
        "ou pour une fiche réunie à une autre : personne ne les voit plus sur un planning, et ils seraient facturés.",
        advice="Rattachez l’enfant au foyer, ou annulez ces jours avec la famille.",
        severity=Severity.BLOCKING,
        find=_left,
        order=23,
    ),
    Check(
        code="week_missing",
        area=DAYS,
        title="Semaine habituelle incomplète",
        meaning="Une inscription réserve la semaine habituelle jusqu’à la fin de l’activité, mais des jours servis à "
        "venir "
        "n’ont ni réservation ni annulation. Souvent, le calendrier a ouvert un jour après l’inscription.",
        advice="Prévenez la famille : ces jours se réservent sur son planning, dans les délais du règlement.",
        severity=Severity.LOOK,
        find=_missing,
        order=24,
    ),
)
