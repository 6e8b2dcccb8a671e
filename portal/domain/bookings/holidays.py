"""The calendar of the holidays: when the days of each period are booked, for the activities a family is enrolled in.

Guide 002 sends families to a document for these dates; the planning says them itself (P18), from the deadlines that
decide (P19).
"""

from datetime import date, datetime

from portal.domain.activities.deadlines import State, period_windows
from portal.domain.bookings.context import BookingContext
from portal.domain.bookings.enums import Wish
from portal.domain.bookings.planning import BookingPeriod
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.clock import paris_date


def booking_periods(context: BookingContext, *, at: datetime) -> tuple[BookingPeriod, ...]:
    """The periods not over yet of the activities with a live enrolment, earliest first. No query.

    Activities with the same dates share a line. The window is that of booking.
    """
    today = paris_date(at)
    found: dict[tuple[str, date, date, datetime | None, datetime | None, State], dict[str, None]] = {}
    enrolled = {activity for _child, activity in context.enrolments}
    for unit in sorted(context.units.values(), key=lambda each: each.rank):
        if unit.activity_id not in enrolled or not (unit.shown and unit.editable):
            continue
        for period in period_windows(unit.deadline(Wish.ADD)):
            if period.last < today or not period.days.overlaps(unit.offer.period):
                continue
            window = period.window()
            line = (period.label, period.first, period.last, window.opens, window.last_shown, window.state(at))
            found.setdefault(line, {})[unit.activity_short_name] = None
    return tuple(
        BookingPeriod(
            label=label,
            days=DateRange(first, last),
            opens_at=opens,
            closes_at=closes,
            state=state,
            activities=tuple(activities),
        )
        for (label, first, last, opens, closes, state), activities in sorted(
            found.items(), key=lambda item: (item[0][1], item[0][2], item[0][0])
        )
    )
