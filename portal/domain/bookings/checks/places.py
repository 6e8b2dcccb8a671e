"""The places of each day: what is counted is what is there, nothing is held for nobody."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError

from portal.domain.accounts.models import User
from portal.domain.bookings.checks.live_bookings import PLACES
from portal.domain.bookings.counting import TAKEN, RecountRefused, held, recount_day
from portal.domain.bookings.expiry import release_stuck_draft
from portal.domain.kernel.french import plural
from portal.domain.reconciliation.enums import Severity
from portal.domain.reconciliation.models import Finding
from portal.domain.reconciliation.reading import Row, look
from portal.domain.reconciliation.registry import Check, Repair, RepairRefused, Scene, Seen

#: Beat releases what has lapsed every minute: what is still there that long after is forgotten.
GRACE = timedelta(minutes=15)

_WRONG = """
    SELECT 'pool.' || pool.id || '.' || COALESCE(places.day, counted.day) AS key,
           COALESCE(places.day, counted.day) AS day, 'activities.placepool' AS subject, pool.id AS subject_key,
           pool.name AS what, COALESCE(places.{column}, 0) AS told, COALESCE(counted.places, 0)::int AS counted,
           places.id IS NULL AS missing
      FROM (SELECT * FROM bookings_dayplaces WHERE day BETWEEN %(first)s AND %(last)s) AS places
      FULL JOIN ({counted}) AS counted ON counted.pool_id = places.pool_id AND counted.day = places.day
      JOIN activities_placepool AS pool ON pool.id = COALESCE(places.pool_id, counted.pool_id)
     WHERE COALESCE(places.{column}, 0) <> COALESCE(counted.places, 0)
"""

_CROWDED = """
    SELECT 'pool.' || pool.id || '.' || gone.day AS key, gone.day, 'activities.placepool' AS subject,
           pool.id AS subject_key, pool.name AS what, gone.places::int AS gone,
           CASE WHEN places.id IS NULL THEN pool.capacity ELSE places.capacity END AS capacity
      FROM (SELECT pool_id, day, SUM(places) AS places
              FROM (({taken}) UNION ALL ({held})) AS each GROUP BY pool_id, day) AS gone
      JOIN activities_placepool AS pool ON pool.id = gone.pool_id
      LEFT JOIN bookings_dayplaces AS places ON places.pool_id = gone.pool_id AND places.day = gone.day
     WHERE gone.places > CASE WHEN places.id IS NULL THEN pool.capacity ELSE places.capacity END
"""

_STUCK = """
    SELECT 'basket.' || basket.id AS key, MIN(line.day) AS day, basket.family_id AS family,
           'bookings.basket' AS subject, basket.id AS subject_key, COUNT(*) AS lines
      FROM bookings_basket AS basket
      JOIN bookings_basketline AS line ON line.basket_id = basket.id AND line.holding
     WHERE basket.lapsed_at IS NOT NULL OR basket.expires_at <= %(before)s
     GROUP BY basket.id
"""

#: No day is booked after that.
_LAST = date(9999, 1, 1)


def _taken(scene: Scene) -> Seen:
    return look(_WRONG.format(column="taken", counted=TAKEN), _span(scene), _taken_words)


def _taken_words(row: Row) -> str:
    booked = f"{row['counted']} d’après les réservations"
    if row["missing"]:
        return f"{row['what']} : aucune place comptée, {booked}."
    return f"{row['what']} : {plural(row['told'], 'place prise', 'places prises')} au compteur, {booked}."


def _held(scene: Scene) -> Seen:
    return look(_WRONG.format(column="held", counted=held()), _span(scene), _held_words)


def _held_words(row: Row) -> str:
    told = plural(row["told"], "place retenue", "places retenues")
    return f"{row['what']} : {told} au compteur, {row['counted']} d’après les brouillons et les places proposées."


def _crowded(scene: Scene) -> Seen:
    return look(_CROWDED.format(taken=TAKEN, held=held()), _span(scene), _crowded_words)


def _crowded_words(row: Row) -> str:
    gone = plural(row["gone"], "place prise ou retenue", "places prises ou retenues")
    return f"{row['what']} : {gone} pour {plural(row['capacity'], 'place')}."


def _stuck(scene: Scene) -> Seen:
    return look(_STUCK, {"before": scene.at - GRACE}, _stuck_words)


def _stuck_words(row: Row) -> str:
    lines = plural(row["lines"], "place")
    return f"Un brouillon abandonné retient encore {lines}."


def _span(scene: Scene) -> dict[str, Any]:
    return {"first": scene.since, "last": _LAST}


def _recount(finding: Finding, by: User, at: datetime) -> None:
    if finding.day is None:
        raise RepairRefused("Ce constat ne porte sur aucun jour.")
    try:
        recount_day(pool=int(finding.subject_key), day=finding.day, by=by, at=at)
    except RecountRefused as refused:
        raise RepairRefused(str(refused)) from refused


def _release(finding: Finding, _by: User, at: datetime) -> None:
    try:
        release_stuck_draft(basket=int(finding.subject_key), at=at)
    except IntegrityError as error:
        # The counters of its days hold less than the draft does: given back, they would fall below zero.
        why = "Un compteur de ces jours est faux : recomptez-le d’abord, puis rendez les places."
        raise RepairRefused(why) from error


RECOUNT = Repair(
    "Recompter ce jour",
    "Le compteur de ce jour reprend ce que disent les réservations, les brouillons et les places proposées. "
    "Aucune réservation ne change.",
    _recount,
)

CHECKS = (
    Check(
        code="places_taken",
        area=PLACES,
        title="Places prises",
        meaning="Le compteur d’un jour ne dit pas autant de places prises qu’il y a de réservations : des familles "
        "pourraient lire « complet » à tort, ou trop de jours se réserver.",
        advice="Recomptez le jour. Si le constat revient, signalez-le : quelque chose écrit sans compter.",
        severity=Severity.LOOK,
        find=_taken,
        repair=RECOUNT,
        order=10,
    ),
    Check(
        code="places_held",
        area=PLACES,
        title="Places retenues",
        meaning="Le compteur d’un jour retient plus ou moins de places que les brouillons en cours, les places "
        "proposées et celles gardées pour une liste d’attente.",
        advice="Recomptez le jour.",
        severity=Severity.LOOK,
        find=_held,
        repair=RECOUNT,
        order=11,
    ),
    Check(
        code="over_capacity",
        area=PLACES,
        title="Trop d’enfants pour les places",
        meaning="Un jour compte plus d’enfants réservés, ou de places retenues, que de places.",
        advice="Prévenez la structure. Ajoutez des places ce jour-là, ou voyez avec les familles qui peut changer de "
        "jour.",
        severity=Severity.LOOK,
        find=_crowded,
        order=12,
    ),
    Check(
        code="lapsed_holds",
        area=PLACES,
        title="Brouillons abandonnés qui retiennent des places",
        meaning="Un brouillon dont le temps est passé aurait dû rendre ses places dans la minute.",
        advice="Rendez les places : les choix de la famille restent dans son brouillon. Si cela se répète, le travail "
        "de "
        "fond du portail ne tourne pas : prévenez qui tient le serveur.",
        severity=Severity.LOOK,
        find=_stuck,
        repair=Repair(
            "Rendre ces places",
            "Les places reviennent à tous. Les choix de la famille restent dans son brouillon.",
            _release,
        ),
        order=13,
    ),
)
