"""Storing a profile: all of it or nothing, and again as often as one likes."""

from datetime import datetime

from django.db import transaction

from portal.backoffice.profiles.days import profile_year
from portal.backoffice.profiles.loading import Loading, Report
from portal.backoffice.profiles.problems import ProfileRefused
from portal.backoffice.profiles.sections import registered_sections
from portal.backoffice.profiles.source import Profile
from portal.backoffice.profiles.town import load_town
from portal.backoffice.roles import load_roles
from portal.domain.accounts.models import User
from portal.domain.activities.models import CalendarSettings
from portal.domain.kernel.clock import paris_date
from portal.domain.kernel.school_year import SchoolYear


@transaction.atomic
def load_profile(
    *, profile: Profile, by: User, at: datetime, prune: bool = False, year: SchoolYear | None = None
) -> Report:
    """Store `profile` for the school year that `at` is in (in July, the next one), and say what changed.

    Another `year` adds its activities beside those that are there: a rentrée is announced long before July.

    Can be run again: objects are found by their code and brought to what the profile says; what the profile does
    not name is kept, or with `prune` removed when nothing depends on it. Never touched: bookings, agents'
    corrections of the calendar, pages that an agent edited.
    Raises ProfileRefused when something contradicts what the portal already holds; nothing is then written.
    """
    loading = Loading(profile=profile, year=year or profile_year(paris_date(at)), by=by, at=at, prune=prune)
    # Two loadings at once wait for each other here.
    list(CalendarSettings.objects.select_for_update(of=("self",)).values_list("pk"))
    loading.report.note(_about_the_year(loading))
    load_town(loading)
    load_roles()
    if not loading.problems:
        for section in registered_sections():
            if section.name in profile.sections:
                section.load(loading, profile.sections[section.name])
    if loading.problems:
        raise ProfileRefused(loading.problems)
    return loading.report


def _about_the_year(loading: Loading) -> str:
    today = paris_date(loading.at)
    if today.month in (7, 8) and loading.year == profile_year(today):
        return f"Année scolaire {loading.year} : celle qui vient, puisque les classes sont finies."
    return f"Année scolaire {loading.year}."
