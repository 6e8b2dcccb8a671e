"""Which deadlines are due to be told, and to whom, in SQL: one query for each, whatever the number of families."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from portal.domain.activities.deadlines import Deadline, Window
from portal.domain.activities.models import Activity
from portal.domain.activities.queries import load_calendar
from portal.domain.bookings.agenda import BEYOND, HORIZON
from portal.domain.bookings.context import BookableUnit
from portal.domain.bookings.enums import Wish
from portal.domain.bookings.rows import read_places, read_units
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.clock import paris_date, to_utc
from portal.domain.reminders.models import ReminderSettings
from portal.domain.reminders.rules import MOST_IN_A_ROW, DueClosing, is_due

# A person who may book for a child enrolled there, whose family chose nothing for that period (a day given back was a
# choice) or kept a draft that nobody validates. Nobody who is choosing right now, nobody told already, nobody who let
# several reminders go by without a booking since. Days booked and days given back are asked apart: the first are most
# of the table and have an index of their own.
_NEEDING = """
    SELECT account.id, link.family_id, child.id, child.first_name, draft.kept
      FROM enrolments_enrolment AS enrolment
      JOIN families_child AS child ON child.id = enrolment.child_id
      JOIN families_childlink AS link
        ON link.child_id = child.id AND link.can_see AND link.can_book AND link.is_notified
      JOIN families_family AS family ON family.id = link.family_id AND family.archived_at IS NULL
      JOIN families_familymember AS member
        ON member.family_id = family.id AND member.can_see AND member.can_book AND member.is_notified
      JOIN families_adult AS adult ON adult.id = member.adult_id
      JOIN accounts_user AS account ON account.id = adult.user_id AND account.is_active
     CROSS JOIN LATERAL (
           SELECT EXISTS (
                  SELECT 1 FROM bookings_basket AS basket
                    JOIN bookings_basketline AS line ON line.basket_id = basket.id
                    JOIN unnest(%(wishes)s::text[], %(cell_units)s::bigint[], %(cell_days)s::date[])
                         AS closing(wish, unit_id, day)
                      ON closing.wish = line.wish AND closing.unit_id = line.unit_id AND closing.day = line.day
                   WHERE basket.family_id = family.id AND line.child_id = child.id) AS kept) AS draft
     WHERE enrolment.activity_id = %(activity)s AND enrolment.state = 'accepted'
       AND enrolment.starts_on <= %(last)s AND enrolment.ends_on >= %(first)s
       AND (%(user)s::bigint IS NULL OR account.id = %(user)s)
       AND NOT EXISTS (SELECT 1 FROM bookings_basket AS live
                        WHERE live.family_id = family.id AND live.lapsed_at IS NULL AND live.expires_at > %(at)s)
       AND NOT EXISTS (SELECT 1 FROM reminders_deadlinereminder AS said
                        WHERE said.user_id = account.id AND said.activity_id = %(activity)s
                          AND (said.closes_at = %(closes)s OR said.period_start = %(period_first)s))
       AND (draft.kept OR %(bookable)s
            AND (%(anybody)s OR (
                 NOT EXISTS (
                 SELECT 1 FROM bookings_booking AS booked
                  WHERE booked.child_id = child.id AND booked.unit_id = ANY(%(units)s::bigint[])
                    AND booked.day BETWEEN %(period_first)s AND %(period_last)s AND booked.state = 'booked')
                 AND NOT EXISTS (
                 SELECT 1 FROM bookings_booking AS given_back
                  WHERE given_back.child_id = child.id AND given_back.unit_id = ANY(%(units)s::bigint[])
                    AND given_back.day BETWEEN %(period_first)s AND %(period_last)s AND given_back.state <> 'booked')))
            AND (SELECT COUNT(*) FROM reminders_deadlinereminder AS ignored
                  WHERE ignored.user_id = account.id AND ignored.activity_id = %(activity)s
                    AND ignored.told_at > COALESCE(
                        (SELECT MAX(last.booked_at) FROM bookings_booking AS last
                          WHERE last.child_id = child.id AND last.unit_id = ANY(%(units)s::bigint[])),
                        '-infinity')) < %(most)s)
     ORDER BY account.id, link.family_id, link."order", child.id
"""


@dataclass(frozen=True, slots=True)
class Needing:
    """A child for whom a person should be told about a closing; `drafted`: their choice waits in a draft."""

    user_id: int
    family_id: int
    child_id: int
    first_name: str
    drafted: bool


def load_settings() -> ReminderSettings:
    """The town's settings, those of the start when it has none."""
    return ReminderSettings.objects.first() or ReminderSettings()  # one row by constraint


def due_closings(*, at: datetime, settings: ReminderSettings) -> list[DueClosing]:
    """The deadlines of all activities that are due to be told at `at`, soonest first: four queries, no family read.

    Days are looked for as far as the home announces them (`agenda.HORIZON`).
    """
    today = paris_date(at)
    days = DateRange(today, today + HORIZON + BEYOND)
    activities = Activity.objects.filter(
        editable_by_families=True, shown_on_planning=True, ends_on__gte=today, starts_on__lte=days.last
    )
    units, _relations = read_units(activities=list(activities.values_list("pk", flat=True)), units=())
    calendar = load_calendar(days, {unit.offer.structure_id for unit in units.values()})
    windows: dict[tuple[Deadline, date], Window] = {}
    found: dict[tuple[int, datetime], dict[Wish, list[tuple[int, date]]]] = defaultdict(dict)
    for unit in units.values():
        for day in calendar.served_days(unit.offer, days):
            for wish in Wish:
                rule = (unit.deadline(wish), day)
                if rule not in windows:
                    windows[rule] = rule[0].window(day, calendar)
                window = windows[rule]
                if window.closes is None or window.last_shown is None or not window.allows(at):
                    continue
                if is_due(window.last_shown, at=at, hour=settings.hour):
                    cells = found[unit.activity_id, to_utc(window.closes)]
                    cells.setdefault(wish, []).append((unit.pk, day))
    full = _full_cells(units, found.values())
    return [
        _closing(activity, closes, cells, units, full)
        for (activity, closes), cells in sorted(found.items(), key=lambda item: (item[0][1], item[0][0]))
    ]


def _closing(
    activity: int,
    closes: datetime,
    cells: dict[Wish, list[tuple[int, date]]],
    units: dict[int, BookableUnit],
    full: set[tuple[int, date]],
) -> DueClosing:
    own = [unit for unit in units.values() if unit.activity_id == activity]
    return DueClosing(
        activity_id=activity,
        label=own[0].activity_short_name,
        closes=closes,
        units=tuple(unit.pk for unit in own),
        cells=cells,
        bookable=any(cell not in full for cell in cells.get(Wish.ADD, ())),
    )


def _full_cells(
    units: dict[int, BookableUnit], closings: Collection[dict[Wish, list[tuple[int, date]]]]
) -> set[tuple[int, date]]:
    """Those to book for which no place is left."""
    cells = {cell for closing in closings for cell in closing.get(Wish.ADD, ())}
    pools = {pool for unit, _ in cells for pool, limit in units[unit].pools.items() if limit is not None}
    if not pools:
        return set()
    days = sorted({day for _, day in cells})
    left = read_places(pools=pools, days=DateRange(days[0], days[-1]), others=(), wished=(), everything=False)
    return {
        (unit, day)
        for unit, day in cells
        if any((free := left.get((pool, day))) is not None and free <= 0 for pool in units[unit].pools)
    }


def who_needs(
    closing: DueClosing, *, at: datetime, settings: ReminderSettings, user: int | None = None
) -> Iterator[Needing]:
    """Who should be told about a closing, child by child; of one person with `user`. One query."""
    cells = [(wish.value, unit, day) for wish, each in closing.cells.items() for unit, day in each]
    days, period = closing.days, closing.period
    values: dict[str, Any] = {
        "activity": closing.activity_id,
        "closes": closing.closes,
        "units": [*closing.units],
        "wishes": [wish for wish, _, _ in cells],
        "cell_units": [unit for _, unit, _ in cells],
        "cell_days": [day for _, _, day in cells],
        "first": days.first,
        "last": days.last,
        "period_first": period.first,
        "period_last": period.last,
        "bookable": closing.bookable,
        "anybody": not settings.only_when_empty,
        "most": MOST_IN_A_ROW,
        "user": user,
        "at": at,
    }
    with connection.cursor() as cursor:
        cursor.execute(_NEEDING, values)
        yield from (Needing(*row) for row in cursor.fetchall())
