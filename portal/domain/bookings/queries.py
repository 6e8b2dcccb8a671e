"""The reads of bookings. Each file holds one concept; doors import from here."""

from portal.domain.bookings.agenda import day_summary, days_summary, next_deadlines, what_comes
from portal.domain.bookings.codes import UnknownCell
from portal.domain.bookings.coming import coming_bookings
from portal.domain.bookings.explain import explain_cell, month_effect
from portal.domain.bookings.grid import load_draft, load_planning

__all__ = [
    "UnknownCell",
    "coming_bookings",
    "day_summary",
    "days_summary",
    "explain_cell",
    "load_draft",
    "load_planning",
    "month_effect",
    "next_deadlines",
    "what_comes",
]
