"""Writes of the activities' calendars."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from portal.domain.accounts.models import User
from portal.domain.activities import school_calendar
from portal.domain.activities.models import CalendarSettings, PublicHoliday, SchoolHoliday
from portal.domain.audit.services import record
from portal.domain.kernel.calendar import DateRange


@dataclass(frozen=True, slots=True)
class CalendarSeeded:
    """What `seed_calendar` changed. `kept` counts the agents' rows left as they are; `notice` is French."""

    created: int
    updated: int
    removed: int
    kept: int
    notice: str


@transaction.atomic
def seed_calendar(*, zone: str, from_year: int, to_year: int, by: User, at: datetime) -> CalendarSeeded:
    """Store the published school holidays of `zone` and the public holidays of the civil years given, included.

    Can be run again at any time: rows that an agent corrected (`edited`) are never touched, and no published
    period is added over a corrected one; other rows follow the publication. Years that are not published yet
    are not an error: `notice` says so.
    Raises UnknownCalendar on an unknown zone, ValueError when the years are reversed.
    """
    if to_year < from_year:
        raise ValueError(f"L’année de fin ({to_year}) vient avant l’année de début ({from_year}).")
    wanted = DateRange(date(from_year, 1, 1), date(to_year, 12, 31))
    published = school_calendar.school_holidays(zone, wanted)
    # The one row of settings serves as the lock of the whole calendar.
    settings, _created = CalendarSettings.objects.select_for_update(of=("self",)).get_or_create(
        single=True, defaults={"zone": zone}
    )
    school = _store_school_holidays(zone, wanted, published.periods)
    public = _store_public_holidays(settings.public_holidays_region, wanted)
    seeded = CalendarSeeded(
        created=school.created + public.created,
        updated=school.updated + public.updated,
        removed=school.removed + public.removed,
        kept=school.kept + public.kept,
        notice=published.notice,
    )
    if seeded.created or seeded.updated or seeded.removed:
        record(
            verb="seed_calendar",
            target=settings,
            by=by,
            at=at,
            after={
                "zone": zone,
                "years": f"{from_year}-{to_year}",
                "created": seeded.created,
                "updated": seeded.updated,
                "removed": seeded.removed,
            },
        )
    return seeded


def _store_school_holidays(
    zone: str, wanted: DateRange, periods: tuple[school_calendar.HolidayPeriod, ...]
) -> CalendarSeeded:
    stored = SchoolHoliday.objects.filter(zone=zone, starts_on__lte=wanted.last, ends_on__gte=wanted.first)
    edited = [DateRange(row.starts_on, row.ends_on) for row in stored if row.edited]
    ours = {row.starts_on: row for row in stored if not row.edited}
    new, changed = [], []
    for period in periods:
        if any(period.days.overlaps(days) for days in edited):
            continue
        row = ours.pop(period.days.first, None)
        if row is None:
            new.append(
                SchoolHoliday(zone=zone, name=period.name, starts_on=period.days.first, ends_on=period.days.last)
            )
        elif (row.name, row.ends_on) != (period.name, period.days.last):
            row.name, row.ends_on = period.name, period.days.last
            changed.append(row)
    # Beyond the publication our rows can only come from an older version of it: they are kept too.
    gone = [row.pk for row in ours.values() if row.ends_on <= school_calendar.KNOWN.last]
    SchoolHoliday.objects.filter(pk__in=gone).delete()
    SchoolHoliday.objects.bulk_create(new)
    SchoolHoliday.objects.bulk_update(changed, ["name", "ends_on"])
    return CalendarSeeded(len(new), len(changed), len(gone), len(edited), "")


def _store_public_holidays(region: str, wanted: DateRange) -> CalendarSeeded:
    stored = {row.day: row for row in PublicHoliday.objects.filter(day__range=(wanted.first, wanted.last))}
    kept = sum(row.edited for row in stored.values())
    new, changed = [], []
    for named in school_calendar.public_holidays(region, wanted):
        row = stored.pop(named.day, None)
        if row is None:
            new.append(PublicHoliday(day=named.day, name=named.name))
        elif not row.edited and row.name != named.name:
            row.name = named.name
            changed.append(row)
    gone = [row.pk for row in stored.values() if not row.edited]
    PublicHoliday.objects.filter(pk__in=gone).delete()
    PublicHoliday.objects.bulk_create(new)
    PublicHoliday.objects.bulk_update(changed, ["name"])
    return CalendarSeeded(len(new), len(changed), len(gone), kept, "")
