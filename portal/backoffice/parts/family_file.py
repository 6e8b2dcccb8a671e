"""What the file of a family tells beside its areas: schools, enrolments, the days to come, what it was sent.

Each section is one or two queries and as many lines as it says at most, whatever the number of children.
"""

from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.urls import reverse

from portal.backoffice.desk.registry import FileSection, register_file_section
from portal.backoffice.roles import Role, grant
from portal.backoffice.scoping import Within
from portal.domain.accounts.models import User
from portal.domain.bookings.coming import COMING_DAYS
from portal.domain.bookings.queries import coming_bookings
from portal.domain.enrolments.queries import list_enrolments
from portal.domain.families.models import Family
from portal.domain.families.queries import addresses_of, list_schoolings
from portal.domain.kernel.clock import paris_date
from portal.domain.kernel.school_year import SchoolYear
from portal.domain.mails.queries import mails_to
from portal.domain.notices.queries import notices_about

SCHOOLINGS, ENROLMENTS, BOOKINGS, SENT = 24, 20, 30, 12
ENROLMENTS_SEEN = Within(child="child", structure="activity__structure")
BOOKINGS_SEEN = Within(child="child", structure="unit__activity__structure")


def connect() -> None:
    """Register the sections, and who may read the notices of families."""
    grant(Role.MANAGEMENT, "notices.view_notice")
    register_file_section("schoolings", schoolings, order=12)
    register_file_section("enrolments", enrolments, order=13)
    register_file_section("bookings", bookings, order=14)
    register_file_section("mails", mails, order=90)
    register_file_section("notices", notices, order=91)


def schoolings(agent: User, family: Family, at: datetime) -> FileSection | None:
    """The school, level and class of each child, year by year."""
    if not agent.has_perm("families.view_schooling"):
        return None
    rows = list_schoolings(family=family, among=Within(child="child")(agent, paris_date(at)), limit=SCHOOLINGS + 1)
    return FileSection(
        title="Écoles et niveaux",
        template="backoffice/desk/_schoolings.html",
        context={
            "rows": [(row, SchoolYear(row.school_year).label) for row in rows[:SCHOOLINGS]],
            "shown": SCHOOLINGS,
            "more": len(rows) > SCHOOLINGS,
        },
    )


def enrolments(agent: User, family: Family, at: datetime) -> FileSection | None:
    """Each child and activity, with its state and dates."""
    if not agent.has_perm("enrolments.view_enrolment"):
        return None
    rows = list_enrolments(family=family, among=ENROLMENTS_SEEN(agent, paris_date(at)), limit=ENROLMENTS + 1)
    return FileSection(
        title="Inscriptions",
        template="backoffice/desk/_enrolments.html",
        context={
            "family": family,
            "rows": rows[:ENROLMENTS],
            "shown": ENROLMENTS,
            "more": len(rows) > ENROLMENTS,
        },
        url=_searched("inscriptions_inscriptions_modeladmin_index", family),
        url_label="Toutes les inscriptions du dossier",
    )


def bookings(agent: User, family: Family, at: datetime) -> FileSection | None:
    """How many days are booked in the coming month, by child and activity."""
    if not agent.has_perm("bookings.view_booking"):
        return None
    today = paris_date(at)
    rows = coming_bookings(family=family, today=today, among=BOOKINGS_SEEN(agent, today), limit=BOOKINGS + 1)
    return FileSection(
        title="Réservations du mois à venir",
        template="backoffice/desk/_bookings.html",
        context={
            "rows": rows[:BOOKINGS],
            "shown": BOOKINGS,
            "more": len(rows) > BOOKINGS,
            "first": today,
            "last": today + timedelta(days=COMING_DAYS - 1),
        },
        url=_searched("inscriptions_reservations_modeladmin_index", family),
        url_label="Toutes les réservations du dossier",
    )


def mails(agent: User, family: Family, at: datetime) -> FileSection | None:
    """The last mails written to its addresses, and whether they left."""
    if not agent.has_perm("mails.view_outgoingmail"):
        return None
    rows = list(mails_to(recipients=addresses_of(family=family))[: SENT + 1])
    return FileSection(
        title="Courriels envoyés",
        template="backoffice/desk/_mails.html",
        context={"rows": rows[:SENT], "shown": SENT, "more": len(rows) > SENT},
    )


def notices(agent: User, family: Family, at: datetime) -> FileSection | None:
    """The last notices of its people, and whether they were read."""
    if not agent.has_perm("notices.view_notice"):
        return None
    rows = list(notices_about(family=family)[: SENT + 1])
    return FileSection(
        title="Notifications",
        template="backoffice/desk/_notices.html",
        context={"rows": rows[:SENT], "shown": SENT, "more": len(rows) > SENT},
    )


def _searched(screen: str, family: Family) -> str:
    return f"{reverse(screen)}?{urlencode({'q': family.number})}"
