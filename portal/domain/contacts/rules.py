"""Who may collect a child on a day. Pure: plain values, no database, no clock.

A judgement that restricts an adult wins over everything (field-facts §11), whatever else names that person.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from portal.domain.kernel.school_year import age_on


@dataclass(frozen=True, slots=True)
class Kin:
    """An adult of one of the child's dossiers."""

    key: int
    name: str
    relation: str
    is_guardian: bool
    may_not_collect: bool = False
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Authorisation:
    """A person outside the dossier, with the days of their authorisation, both inclusive; None has no limit."""

    key: int
    name: str
    relation: str
    may_collect: bool
    valid_from: date | None = None
    valid_until: date | None = None
    ended_on: date | None = None
    birth_date: date | None = None
    phone: str = ""
    identity_checked_on: date | None = None
    call_order: int | None = None


@dataclass(frozen=True, slots=True)
class Collector:
    """Somebody to whom the child may be given on that day. `until` is the last day, None when there is no limit."""

    name: str
    relation: str
    phone: str
    is_guardian: bool
    until: date | None = None
    identity_checked_on: date | None = None
    contact_link: int | None = None
    adult: int | None = None


def is_under(age: int, birth_date: date, day: date) -> bool:
    """Whether somebody born that day has not reached `age` on `day`, or is not born yet."""
    return day < birth_date or age_on(birth_date, day) < age


def is_valid_on(authorisation: Authorisation, day: date) -> bool:
    """Whether the authorisation stands that day. First and last day count; from the day it ended, it does not."""
    return (
        authorisation.may_collect
        and (authorisation.valid_from is None or authorisation.valid_from <= day)
        and (authorisation.valid_until is None or day <= authorisation.valid_until)
        and (authorisation.ended_on is None or day < authorisation.ended_on)
    )


def collectors(
    kin: Iterable[Kin],
    authorisations: Iterable[Authorisation],
    day: date,
    *,
    least_age: int,
    same_person: Callable[[str, str], bool],
) -> list[Collector]:
    """Who may collect the child on `day`: holders of parental authority first, then the others by call order.

    A restricted adult never does, nor anybody who bears their name. A minor does from `least_age` on.
    """
    everybody = list(kin)
    refused = [each.name for each in everybody if each.may_not_collect]
    found = [
        Collector(each.name, each.relation, each.phone, is_guardian=True, adult=each.key)
        for each in everybody
        if each.is_guardian and not any(same_person(each.name, name) for name in refused)
    ]
    ordered = sorted(authorisations, key=lambda each: (each.call_order is None, each.call_order or 0, each.key))
    for each in ordered:
        too_young = each.birth_date is not None and is_under(least_age, each.birth_date, day)
        if is_valid_on(each, day) and not too_young and not any(same_person(each.name, name) for name in refused):
            found.append(
                Collector(
                    each.name,
                    each.relation,
                    each.phone,
                    is_guardian=False,
                    until=each.valid_until,
                    identity_checked_on=each.identity_checked_on,
                    contact_link=each.key,
                )
            )
    return found
