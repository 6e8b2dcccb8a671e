"""Reading what families type, and deciding what becomes of a change. Pure.

A value of the dossier is compared and kept as text: dates in ISO form, a school by its code, nothing as "".
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

#: Letters with their accents, inside: spaces, hyphens, apostrophes, a dot for initials.
_NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|[ \-’'.])*")
_POSTCODE = re.compile(r"(?:0[1-9]|[1-8]\d|9[0-8])\d{3}", re.ASCII)
_PHONE = re.compile(r"0[1-9]\d{8}", re.ASCII)
_FOREIGN_PHONE = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
_PHONE_SEPARATORS = re.compile(r"[\s.\-/()\u00a0\u202f]")
_BENEFIT = re.compile(r"[0-9A-Z]{4,15}", re.ASCII)
#: A child of the portal: not born yet, or grown up, is a typing mistake.
OLDEST_CHILD_YEARS = 21


class ValueRefused(ValueError):
    """The value is not one; the message, in French, says what to write."""


def clean_text(text: str) -> str:
    """One line, without spaces around or doubled."""
    return " ".join(text.split())


def clean_name(text: str) -> str:
    """A first or last name as people write it, apostrophes curled. Raises ValueRefused."""
    name = clean_text(text).replace("'", "’")
    if not _NAME.fullmatch(name):
        raise ValueRefused("écrivez un nom avec des lettres, des espaces, des tirets ou des apostrophes")
    return name


def clean_phone(text: str) -> str:
    """French numbers by pairs (“06 39 98 45 10”), foreign ones in the international form. Raises ValueRefused."""
    number = _PHONE_SEPARATORS.sub("", text.replace("(0)", ""))
    number = f"+{number[2:]}" if number.startswith("00") else number
    if number.startswith("+33"):
        number = f"0{number[3:]}"
    if _PHONE.fullmatch(number):
        return " ".join(number[start : start + 2] for start in range(0, 10, 2))
    if _FOREIGN_PHONE.fullmatch(number):
        return number
    raise ValueRefused("écrivez un numéro à dix chiffres, par exemple 06 39 98 45 10, ou +41… à l’étranger")


def clean_postcode(text: str) -> str:
    """Five digits of a French department. Raises ValueRefused."""
    code = re.sub(r"\s", "", text)
    if not _POSTCODE.fullmatch(code):
        raise ValueRefused("écrivez les cinq chiffres du code postal, par exemple 39220")
    return code


def clean_benefit_number(text: str) -> str:
    """A CAF number (7 digits and, on some papers, a letter) or MSA's (up to 15). Raises ValueRefused."""
    number = re.sub(r"[\s.\-]", "", text).upper()
    if not _BENEFIT.fullmatch(number):
        raise ValueRefused("recopiez le numéro de votre attestation, par exemple 1234567")
    return number


def clean_birth_date(text: str, *, today: date) -> str:
    """An ISO day between 21 years ago and today. Raises ValueRefused."""
    try:
        day = date.fromisoformat(text.strip())
    except ValueError as error:
        raise ValueRefused("indiquez une date qui existe, par exemple 07/09/2020") from error
    if day > today:
        raise ValueRefused("indiquez une date passée")
    if day <= today - timedelta(days=366 * OLDEST_CHILD_YEARS):
        raise ValueRefused("vérifiez l’année de naissance")
    return day.isoformat()


@dataclass(frozen=True, slots=True)
class Split:
    """What becomes of the values that differ: applied at once, or kept until the service says yes."""

    immediate: Mapping[str, str]
    approved: Mapping[str, str]


def differences(*, current: Mapping[str, str], wanted: Mapping[str, str]) -> dict[str, str]:
    """The wanted values that are not the current ones."""
    return {name: value for name, value in wanted.items() if value != current.get(name, "")}


def split(changed: Mapping[str, str], *, waits: Callable[[str], bool]) -> Split:
    """Share the changed values between now and later. `waits` says whether a field waits for the service."""
    return Split(
        immediate={name: value for name, value in changed.items() if not waits(name)},
        approved={name: value for name, value in changed.items() if waits(name)},
    )


def conflicts(*, old: Mapping[str, str], current: Mapping[str, str]) -> tuple[str, ...]:
    """The fields whose value is no longer the one that the change started from (rule 42). In order."""
    return tuple(name for name, value in old.items() if current.get(name, "") != value)


def stale(*, seen: Mapping[str, str], current: Mapping[str, str], touched: Collection[str]) -> tuple[str, ...]:
    """The touched fields that somebody else changed since the form was shown."""
    return tuple(name for name in touched if name in seen and seen[name] != current.get(name, ""))
