"""The reads behind every planning, every tick and every validation, in SQL.

The ORM says the same in fewer lines, but builds each query anew: for these few, building costs several times what
PostgreSQL takes to answer, on every page of the family door. Tests hold them to the models and to `families.access`.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.db import connection

from portal.domain.activities.deadlines import Deadline, deadline_from_data
from portal.domain.activities.late import LatePath
from portal.domain.activities.limits import limit_of
from portal.domain.activities.opening import Offer
from portal.domain.activities.relations import Edge, Hours, Relations
from portal.domain.bookings.codes import CellKey
from portal.domain.bookings.context import BookableUnit, FamilyChild, LiveBooking, LiveEnrolment, ServiceContact
from portal.domain.bookings.enums import BookingState, CancelledBecause, Wish
from portal.domain.bookings.room import PlaceKey
from portal.domain.bookings.tally import Counted
from portal.domain.enrolments.enums import LIVE_ENROLMENT_STATES, EnrolmentState
from portal.domain.kernel.calendar import DateRange

_CHILDREN = """
    SELECT child.id, child.first_name, child.last_name, child.birth_date, COALESCE(schooling.level, ''),
           link.can_book AND COALESCE(member.can_book, TRUE), link."order"
      FROM families_childlink AS link
      JOIN families_child AS child ON child.id = link.child_id
      LEFT JOIN families_schooling AS schooling
        ON schooling.child_id = child.id AND schooling.school_year = %(school_year)s
      LEFT JOIN (families_familymember AS member JOIN families_adult AS adult ON adult.id = member.adult_id)
        ON member.family_id = link.family_id AND member.can_see AND adult.user_id = %(user)s
     WHERE link.family_id = %(family)s AND link.can_see
       AND (%(user)s::bigint IS NULL OR member.id IS NOT NULL OR EXISTS (
            SELECT 1 FROM families_actingsession AS acting JOIN accounts_user AS agent ON agent.id = acting.agent_id
             WHERE acting.agent_id = %(user)s AND acting.family_id = link.family_id AND acting.ended_at IS NULL
               AND agent.is_active AND agent.is_staff))
     ORDER BY link."order", child.birth_date, child.id
"""

# The same children, each with its live enrolments: whoever books reads both.
_WITH_ENROLMENTS = """
    SELECT child.*, enrolment.id, enrolment.activity_id, enrolment.state, enrolment.starts_on, enrolment.ends_on
      FROM child
      LEFT JOIN (enrolments_enrolment AS enrolment
                 JOIN activities_activity AS activity ON activity.id = enrolment.activity_id)
        ON enrolment.child_id = child.id AND enrolment.state = ANY(%(live)s) AND activity.ends_on >= %(since)s
     ORDER BY child.rank, child.birth_date, child.id, enrolment.id
"""
_PEOPLE = "".join(
    (
        "WITH child (id, first_name, last_name, birth_date, level, may_book, rank) AS (",
        _CHILDREN,
        ")",
        _WITH_ENROLMENTS,
    )
)

_BOOKINGS = """
    SELECT child_id, unit_id, day, state, id, enrolment_id, family_id, tariff_version_id, unit_price,
           place_given_back_at IS NULL
      FROM bookings_booking
     WHERE child_id = ANY(%(children)s::bigint[])
       AND (day BETWEEN %(first)s AND %(last)s OR day = ANY(%(others)s::date[]))
"""

# Whole activities: whether a unit is alone among its own decides how it is called. And what these units go with or
# need, near or far, which a refusal names even when the child is not enrolled there. Each relation is read once, from
# its first unit: one whose first unit is not read has nothing planned on that side.
_UNITS = """
    WITH RECURSIVE wanted (id) AS (
        SELECT id FROM activities_unit
         WHERE activity_id = ANY(%(activities)s::bigint[]) OR id = ANY(%(units)s::bigint[])
         UNION
        SELECT CASE WHEN relation.unit_id = wanted.id THEN relation.other_id ELSE relation.unit_id END
          FROM wanted
          JOIN activities_unitrelation AS relation
            ON relation.unit_id = wanted.id AND relation.kind IN ('solidary', 'dependent')
            OR relation.other_id = wanted.id AND relation.kind = 'solidary')
    SELECT unit.id, unit.name, unit.weekdays, unit.starts_at, unit.ends_at, unit."order",
           COALESCE(unit.booking_deadline, activity.booking_deadline)::text,
           COALESCE(unit.cancellation_deadline, activity.cancellation_deadline)::text,
           activity.id, activity.name, activity.short_name, activity.structure_id, activity.starts_on,
           activity.ends_on, activity.service_days, activity.rules_article, activity.shown_on_planning,
           activity.editable_by_families, activity."order", type."order",
           service.name, service.phone, service.email, service.opening_hours,
           ARRAY(SELECT link.placepool_id FROM activities_unit_pools AS link
                  WHERE link.unit_id = unit.id ORDER BY link.placepool_id),
           ARRAY(SELECT pool.capacity FROM activities_unit_pools AS link
                   JOIN activities_placepool AS pool ON pool.id = link.placepool_id
                  WHERE link.unit_id = unit.id ORDER BY link.placepool_id),
           activity.late_booking_deadline::text, activity.late_kind, activity.late_value,
           COUNT(*) OVER (PARTITION BY activity.id),
           unit.may_overlap
           OR COALESCE((SELECT allow_overlaps FROM activities_calendarsettings ORDER BY id LIMIT 1), FALSE),
           ARRAY(SELECT ARRAY[relation.kind, relation.other_id::text] FROM activities_unitrelation AS relation
                  WHERE relation.unit_id = unit.id ORDER BY relation.id),
           ARRAY(SELECT ARRAY[rule.id::text, rule.sense, rule.count::text, rule.span, rule.among,
                              EXISTS (SELECT FROM activities_bookinglimit_units AS link
                                       WHERE link.bookinglimit_id = rule.id)::text]
                   FROM activities_bookinglimit AS rule
                  WHERE rule.activity_id = activity.id
                    AND (unit.id IN (SELECT unit_id FROM activities_bookinglimit_units AS link
                                      WHERE link.bookinglimit_id = rule.id)
                         OR NOT EXISTS (SELECT FROM activities_bookinglimit_units AS link
                                         WHERE link.bookinglimit_id = rule.id))
                  ORDER BY rule.id)
      FROM activities_activity AS activity
      JOIN activities_unit AS unit ON unit.activity_id = activity.id
      JOIN activities_activitytype AS type ON type.id = activity.type_id
      JOIN activities_service AS service ON service.id = activity.service_id
     WHERE activity.id = ANY(%(activities)s::bigint[])
        OR activity.id IN (SELECT activity_id FROM activities_unit WHERE id IN (SELECT id FROM wanted))
"""

# What counts for the limits of these units, whoever asked for it: what is booked, what a closure took away, and the
# wishes of drafts that live.
_COUNTED = """
    SELECT child_id, unit_id, day, family_id, CASE state WHEN %(booked)s THEN 'booked' ELSE 'excused' END
      FROM bookings_booking
     WHERE child_id = ANY(%(children)s::bigint[]) AND unit_id = ANY(%(units)s::bigint[])
       AND day BETWEEN %(first)s AND %(last)s
       AND (state = %(booked)s OR cancelled_because = %(closure)s)
     UNION ALL
    SELECT line.child_id, line.unit_id, line.day, basket.family_id, 'wished'
      FROM bookings_basketline AS line
      JOIN bookings_basket AS basket ON basket.id = line.basket_id
     WHERE line.child_id = ANY(%(children)s::bigint[]) AND line.unit_id = ANY(%(units)s::bigint[])
       AND line.day BETWEEN %(first)s AND %(last)s
       AND line.wish = %(add)s AND basket.lapsed_at IS NULL AND basket.expires_at > %(at)s
"""

_PLACES = """
    SELECT pool_id, day, capacity - taken - held
      FROM bookings_dayplaces
     WHERE pool_id = ANY(%(pools)s::bigint[])
       AND (day BETWEEN %(first)s AND %(last)s OR day = ANY(%(others)s::date[]))
       AND (%(all)s OR capacity <= taken + held OR day = ANY(%(wished)s::date[]))
"""


def read_children(*, family: int, user: int | None, school_year: int) -> dict[int, FamilyChild]:
    """The children of the family whom the person may see, in its order; without person, whom the household may see.

    An agent who acts for the family sees them as its holder would (`families.access`).
    """
    rows = _fetch(_CHILDREN, {"family": family, "user": user, "school_year": school_year})
    return {row[0]: FamilyChild(*row[:-1]) for row in rows}


def read_people(
    *, family: int, user: int | None, school_year: int, since: date
) -> tuple[dict[int, FamilyChild], list[LiveEnrolment]]:
    """The same children with their live enrolments in activities that end on `since` or later, in one query."""
    children: dict[int, FamilyChild] = {}
    enrolments = []
    values = {
        "family": family,
        "user": user,
        "school_year": school_year,
        "live": sorted(LIVE_ENROLMENT_STATES),
        "since": since,
    }
    for pk, *child, _rank, enrolment, activity, state, starts_on, ends_on in _fetch(_PEOPLE, values):
        children.setdefault(pk, FamilyChild(pk, *child))
        if enrolment is not None:
            accepted = state == EnrolmentState.ACCEPTED
            enrolments.append(LiveEnrolment(enrolment, pk, activity, accepted, starts_on, ends_on))
    return children, sorted(enrolments, key=lambda each: each.pk)


def read_bookings(
    *, children: Collection[int], days: DateRange, others: Collection[date]
) -> tuple[dict[CellKey, LiveBooking], frozenset[CellKey]]:
    """What is booked on these days, and what was cancelled and not booked again."""
    booked: dict[CellKey, LiveBooking] = {}
    cancelled: set[CellKey] = set()
    for child, unit, day, state, *columns in _fetch(
        _BOOKINGS, {"children": [*children], "first": days.first, "last": days.last, "others": [*others]}
    ):
        key = CellKey(child, unit, day)
        if state == BookingState.BOOKED:
            booked[key] = LiveBooking(*columns)
        else:
            cancelled.add(key)
    return booked, frozenset(cancelled - booked.keys())


def read_units(*, activities: Collection[int], units: Collection[int]) -> tuple[dict[int, BookableUnit], Relations]:
    """All the units of these activities, of the activities of these units and of those they go with or need; what
    they are to each other.
    """
    found: dict[int, BookableUnit] = {}
    edges: list[Edge] = []
    hours: dict[int, Hours] = {}
    limited: dict[int, list[list[str]]] = {}
    for *row, may_overlap, related, rules in _fetch(_UNITS, {"activities": [*activities], "units": [*units]}):
        unit = _unit(row)
        found[unit.pk] = unit
        hours[unit.pk] = Hours(unit.starts_at, unit.ends_at, unit.offer.weekdays, may_overlap)
        edges += [Edge(kind, unit.pk, int(other)) for kind, other in related]
        limited[unit.pk] = rules
    return _with_limits(found, limited), Relations.of(edges, hours)


def _with_limits(
    units: dict[int, BookableUnit], limited: Mapping[int, Sequence[Sequence[str]]]
) -> dict[int, BookableUnit]:
    """The same units with the limits that count them."""
    columns: dict[str, Sequence[str]] = {rule[0]: rule for rules in limited.values() for rule in rules}
    if not columns:
        return units
    limits = {}
    for pk, (_pk, sense, count, span, among, chosen) in columns.items():
        counted = [units[unit] for unit, rules in limited.items() if any(rule[0] == pk for rule in rules)]
        counted.sort(key=lambda unit: unit.rank)
        limits[pk] = limit_of(
            int(pk),
            sense,
            int(count),
            span,
            among,
            {unit.pk: unit.name for unit in counted},
            counted[0].offer.period,
            counted[0].activity_short_name,
            chosen=chosen == "true",
        )
    return {pk: replace(unit, limits=tuple(limits[rule[0]] for rule in limited[pk])) for pk, unit in units.items()}


def read_counted(
    *, family: int, children: Collection[int], units: Collection[int], days: DateRange, at: datetime
) -> Counted:
    """What counts for the limits of these units on these days, for these children, in every household of theirs."""
    booked: dict[CellKey, int] = {}
    excused: set[CellKey] = set()
    mine: set[CellKey] = set()
    elsewhere: set[CellKey] = set()
    rows = _fetch(
        _COUNTED,
        {
            "children": [*children],
            "units": [*units],
            "first": days.first,
            "last": days.last,
            "at": at,
            "booked": BookingState.BOOKED,
            "closure": CancelledBecause.CLOSURE,
            "add": Wish.ADD,
        },
    )
    for child, unit, day, household, how in rows:
        key = CellKey(child, unit, day)
        if how == "booked":
            booked[key] = household
        elif how == "excused":
            excused.add(key)
        elif household == family:
            mine.add(key)
        else:
            elsewhere.add(key)
    return Counted(booked, frozenset(excused), frozenset(mine), frozenset(elsewhere))


def read_places(
    *,
    pools: Collection[int],
    days: DateRange,
    others: Collection[date],
    wished: Collection[date],
    everything: bool,
) -> dict[PlaceKey, int | None]:
    """Places left in the rows that exist: the full ones and those of the days wished for, or everything."""
    rows = _fetch(
        _PLACES,
        {
            "pools": [*pools],
            "first": days.first,
            "last": days.last,
            "others": [*others],
            "wished": [*wished],
            "all": everything,
        },
    )
    return {(pool, day): left for pool, day, left in rows}


def has_draft(*, family: int) -> bool:
    """Whether the family has a draft at all."""
    return bool([*_fetch("SELECT 1 FROM bookings_basket WHERE family_id = %(family)s", {"family": family})])


def label_of(activity: str, unit: str, *, alone: bool) -> str:
    """What families call a unit: its activity's short name, and its own when the activity has several."""
    return activity if alone else f"{activity}, {unit[:1].lower()}{unit[1:]}"


def _unit(row: Sequence[Any]) -> BookableUnit:
    (pk, name, weekdays, starts_at, ends_at, order, booking, cancellation, *row_of_activity) = row
    (activity_id, activity, short_name, structure_id, starts_on, ends_on, service_days, *rest) = row_of_activity
    (article, shown, editable, activity_order, type_order, *contact, pools, limits, late, kind, value, siblings) = rest
    return BookableUnit(
        offer=Offer(
            unit_id=pk,
            activity_id=activity_id,
            structure_id=structure_id,
            starts_on=starts_on,
            ends_on=ends_on,
            service_days=service_days,
            weekdays=frozenset(weekdays),
            booking=_deadline(booking),
            cancellation=_deadline(cancellation),
            article=article,
            late=None if late is None else LatePath(_deadline(late), kind, value),
        ),
        name=name,
        label=label_of(short_name, name, alone=siblings == 1),
        activity_name=activity,
        activity_short_name=short_name,
        shown=shown,
        editable=editable,
        pools=dict(zip(pools, limits, strict=True)),
        service=ServiceContact(*contact),
        rank=(type_order, activity_order, activity_id, order, pk),
        starts_at=starts_at,
        ends_at=ends_at,
    )


@lru_cache(maxsize=512)
def _deadline(text: str) -> Deadline:
    """The rule that the database holds as JSON: a town has few, and they are values."""
    return deadline_from_data(json.loads(text))


def _fetch(sql: str, values: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        yield from cursor.fetchall()
