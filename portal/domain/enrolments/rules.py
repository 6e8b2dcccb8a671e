"""Who may enrol in what: pure rules over plain values, one function for the page, the form and the verb."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.domain import language
from portal.domain.activities.enums import AgeReference
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


@dataclass(frozen=True, slots=True)
class Applicant:
    """What is known of the child in the activity's school year. Empty level or school: not known."""

    first_name: str
    birth_date: date
    level: str = ""
    school_code: str = ""


def reference_day(conditions: Conditions, *, starts_on: date) -> date:
    """The day on which the age is taken (each activity chooses: first day, 1 September or 31 December)."""
    start = SchoolYear.of(conditions.starts_on).start
    if conditions.age_reference == AgeReference.SCHOOL_START:
        return date(start, 9, 1)
    if conditions.age_reference == AgeReference.CALENDAR_END:
        return date(start, 12, 31)
    return max(starts_on, conditions.starts_on)


def earliest_start(conditions: Conditions, *, today: date) -> date:
    """The first day that may be wished for: today, or the activity's first day when it is still to come."""
    return max(today, conditions.starts_on)


def why_not_enrol(
    conditions: Conditions, applicant: Applicant, *, starts_on: date, at: datetime, today: date
) -> Refusal | None:
    """None when the child may be enrolled from that day; else the first reason against it.

    Guides 000 and 004: only current or future activities, for the child's age, level and school.
    """
    return _period(conditions, starts_on=starts_on, at=at, today=today) or _child(
        conditions, applicant, starts_on=starts_on
    )


def _period(conditions: Conditions, *, starts_on: date, at: datetime, today: date) -> Refusal | None:
    words = language.words()
    name = conditions.name
    if conditions.ends_on < today:
        return _no(
            Rule.AFTER_END,
            _("«\u00a0%(name)s\u00a0» a pris fin le %(day)s.")
            % {"name": name, "day": words.long_date(conditions.ends_on)},
        )
    if conditions.opens_at is not None and at < conditions.opens_at:
        return _no(
            Rule.NOT_YET_OPEN,
            _("Les inscriptions à «\u00a0%(name)s\u00a0» ouvrent le %(instant)s.")
            % {"name": name, "instant": words.instant(conditions.opens_at)},
            since=conditions.opens_at,
        )
    if conditions.closes_at is not None and at >= conditions.closes_at:
        return _no(
            Rule.ENROLMENT_CLOSED,
            _("Les inscriptions à «\u00a0%(name)s\u00a0» sont fermées depuis le %(instant)s.")
            % {"name": name, "instant": words.instant(conditions.closes_at)},
            since=conditions.closes_at,
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
    return None


def _child(conditions: Conditions, applicant: Applicant, *, starts_on: date) -> Refusal | None:
    words = language.words()
    name, child = conditions.name, applicant.first_name
    day = reference_day(conditions, starts_on=starts_on)
    age = age_on(applicant.birth_date, day) if applicant.birth_date <= day else -1
    too_young = conditions.min_age is not None and age < conditions.min_age
    too_old = conditions.max_age is not None and age > conditions.max_age
    if too_young or too_old:
        meant = _("«\u00a0%(name)s\u00a0» s’adresse aux enfants %(ages)s, âge pris le %(day)s.") % {
            "name": name,
            "ages": _ages(conditions),
            "day": words.long_date(day),
        }
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
        way_out=WayOut(kind=WayOutKind.CONTACT_SERVICE, label=_("Contacter le service")),
    )
