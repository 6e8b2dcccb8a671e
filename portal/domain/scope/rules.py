"""How long an enrolment ties a child to a place. Pure."""

from datetime import date

from portal.domain.kernel.school_year import SchoolYear


def first_end_that_counts(on: date) -> date:
    """The first day of the school year before the one of `on`: an enrolment that ended before it ties nobody any more.

    So a child who left in July stays in sight during the whole next school year, for the last invoices and questions,
    and is out of it on 1 August of the year after.
    """
    return SchoolYear.of(on).previous.first_day
