"""Who may enrol in what: pure rules over plain values, one function for the page, the form and the verb."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.domain import language
from portal.domain.activities.deadlines import Calendar
from portal.domain.activities.enums import AgeReference
from portal.domain.enrolments.windows import EntryWindow, NoCalendar, why_not_now
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.clock import to_utc
from portal.domain.kernel.refusals import Refusal, Rule, WayOut, WayOutKind
from portal.domain.kernel.school_year import SchoolYear, age_on


@dataclass(frozen=True, slots=True)
class Conditions:
    """What an activity asks of a child. Empty collections and None mean no condition."""

    name: str
    starts_on: date
    ends_on: date
    min_age: int | None = None
    max_age: int | None = None
    age_reference: str = AgeReference.SCHOOL_START
    levels: Collection[str] = ()
    school_codes: Collection[str] = ()
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    windows: tuple[EntryWindow, ...] = ()
    calendar: Calendar = field(default_factory=NoCalendar)
    is_offered: bool = True

    @property
    def entry_windows(self) -> tuple[EntryWindow, ...]:
        """The dates of the activity itself, and the windows beside them. Dates that bound nothing do not count when
        there are windows: enrolling goes through those alone.
        """
        own = EntryWindow(opens_at=self.opens_at, closes_at=self.closes_at)
        unbounded = self.opens_at is None and self.closes_at is None
        return self.windows if self.windows and unbounded else (own, *self.windows)


@dataclass(frozen=True, slots=True)
class Applicant:
    """What is known of the child in the activity's school year. Empty level or school: not known.

    `windows` are the keys of those that are open to this child beside what is open to everybody.
    """

    first_name: str
    birth_date: date
    level: str = ""
    school_code: str = ""
    windows: Collection[int] = frozenset()


def reference_day(conditions: Conditions, *, starts_on: date) -> date:
    """The day on which the age is taken (each activity chooses: first day, 1 September or 31 December)."""
    start = SchoolYear.of(conditions.starts_on).start
    if conditions.age_reference == AgeReference.SCHOOL_START:
        return date(start, 9, 1)
    if conditions.age_reference == AgeReference.CALENDAR_END:
        return date(start, 12, 31)
    return max(starts_on, conditions.starts_on)


def earliest_start(
    conditions: Conditions, *, today: date, applicant: Applicant | None = None, at: datetime | None = None
) -> date:
    """The first day that may be wished for: today, or the activity's first day when it is still to come.

    With `applicant` and `at`, the first for which a window is open to them; the same as without when none is.
    """
    first = max(today, conditions.starts_on)
    if applicant is None or at is None or all(each.entry is None for each in conditions.entry_windows):
        return first
    days = DateRange(first, max(first, conditions.ends_on))
    return next((day for day in days if _window(conditions, applicant, day=day, at=at) is None), first)


def open_until(conditions: Conditions, applicant: Applicant, *, day: date, at: datetime) -> datetime | None:
    """The last minute to enrol this child to enter on `day`; None without limit, or when it is closed."""
    found = [
        each.on(day, conditions.calendar) for each in conditions.entry_windows if each.concerns(applicant.windows)
    ]
    shown = [window.last_shown for window in found if window.allows(at)]
    return None if not shown or None in shown else max((each for each in shown if each), key=to_utc)


def age_sentence(conditions: Conditions, *, starts_on: date) -> str:
    """Which age rule applies, and when the age is taken; empty when the activity has none (guide 004)."""
    if conditions.min_age is None and conditions.max_age is None:
        return ""
    return _("«\u00a0%(name)s\u00a0» s’adresse aux enfants %(ages)s, âge pris le %(day)s.") % {
        "name": conditions.name,
        "ages": _ages(conditions),
        "day": language.words().long_date(reference_day(conditions, starts_on=starts_on)),
    }


def why_not_enrol(
    conditions: Conditions, applicant: Applicant, *, starts_on: date, at: datetime, today: date
) -> Refusal | None:
    """None when the child may be enrolled from that day; else the first reason against it.

    Guides 000 and 004: only current or future activities, for the child's age, level and school.
    """
    return _period(conditions, applicant, starts_on=starts_on, at=at, today=today) or _child(
        conditions, applicant, starts_on=starts_on
    )


def _window(conditions: Conditions, applicant: Applicant, *, day: date, at: datetime) -> Refusal | None:
    refusal = why_not_now(
        conditions.name,
        conditions.entry_windows,
        applicant.windows,
        day=day,
        at=at,
        calendar=conditions.calendar,
    )
    return refusal and replace(refusal, way_out=_contact())


def _period(
    conditions: Conditions, applicant: Applicant, *, starts_on: date, at: datetime, today: date
) -> Refusal | None:
    words = language.words()
    name = conditions.name
    if not conditions.is_offered:
        return _no(
            Rule.ENROLMENT_CLOSED, _("«\u00a0%(name)s\u00a0» n’est pas encore proposée aux familles.") % {"name": name}
        )
    if conditions.ends_on < today:
        return _no(
            Rule.AFTER_END,
            _("«\u00a0%(name)s\u00a0» a pris fin le %(day)s.")
            % {"name": name, "day": words.long_date(conditions.ends_on)},
        )
    if not conditions.starts_on <= starts_on <= conditions.ends_on:
        return _no(
            Rule.OUTSIDE_ENROLMENT,
            _("La date d’entrée doit être comprise entre le %(first)s et le %(last)s.")
            % {"first": words.long_date(conditions.starts_on), "last": words.long_date(conditions.ends_on)},
        )
    if starts_on < today:
        return _no(
            Rule.DAY_PAST, _("La date d’entrée est déjà passée\u00a0: choisissez aujourd’hui ou un jour à venir.")
        )
    return _window(conditions, applicant, day=starts_on, at=at)


def _child(conditions: Conditions, applicant: Applicant, *, starts_on: date) -> Refusal | None:
    words = language.words()
    name, child = conditions.name, applicant.first_name
    day = reference_day(conditions, starts_on=starts_on)
    age = age_on(applicant.birth_date, day) if applicant.birth_date <= day else -1
    too_young = conditions.min_age is not None and age < conditions.min_age
    too_old = conditions.max_age is not None and age > conditions.max_age
    if too_young or too_old:
        meant = age_sentence(conditions, starts_on=starts_on)
        return _no(Rule.AGE, f"{meant} {_has_age(child, age)}")
    if conditions.levels and applicant.level not in conditions.levels:
        sentence = _("«\u00a0%(name)s\u00a0» s’adresse aux niveaux %(levels)s.") % {
            "name": name,
            "levels": words.join_words(list(conditions.levels)),
        }
        if not applicant.level:
            unknown = _("Le niveau de %(child)s n’est pas encore connu.") % {"child": child}
            sentence = f"{sentence} {unknown}"
        return _no(Rule.LEVEL, sentence)
    if conditions.school_codes and applicant.school_code not in conditions.school_codes:
        return _no(
            Rule.SCHOOL,
            _("«\u00a0%(name)s\u00a0» s’adresse aux élèves de l’école à laquelle la structure est rattachée.")
            % {"name": name},
        )
    return None


def _ages(conditions: Conditions) -> str:
    ages = {"first": conditions.min_age, "last": conditions.max_age}
    if conditions.min_age is not None and conditions.max_age is not None:
        return _("de %(first)s à %(last)s\u00a0ans") % ages
    if conditions.min_age is not None:
        return _("à partir de %(first)s\u00a0ans") % ages
    return _("jusqu’à %(last)s\u00a0ans") % ages


def _has_age(child: str, age: int) -> str:
    if age < 1:
        return _("%(child)s a moins d’un an à cette date.") % {"child": child}
    sentence = ngettext("%(child)s a %(age)s\u00a0an à cette date.", "%(child)s a %(age)s\u00a0ans à cette date.", age)
    return sentence % {"child": child, "age": age}


def _no(rule: Rule, sentence: str, *, since: datetime | None = None) -> Refusal:
    return Refusal(
        rule=rule,
        sentence=sentence,
        since=since,
        way_out=_contact(),
    )


def _contact() -> WayOut:
    return WayOut(kind=WayOutKind.CONTACT_SERVICE, label=_("Contacter le service"))
