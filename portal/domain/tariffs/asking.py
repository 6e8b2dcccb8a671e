"""A situation written on a command line: one option per fact, each mistake named by its option."""

from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, TypeVar

from portal.domain.kernel.french import typography
from portal.domain.tariffs.engine.situations import Attendance, Quotient, Regime, Residence, Siblings, Situation

Word = TypeVar("Word", bound=StrEnum)


class WrongOption(ValueError):
    """An option that cannot be read, and what to write instead."""


def add_options(parser: ArgumentParser) -> None:
    """The facts of a situation, as options; what is not given is an only child of the town."""
    add = parser.add_argument
    add("--qf", metavar="EUROS", help="quotient familial, en euros par mois")
    add("--income", metavar="EUROS", help="ressources de la famille, en euros par mois")
    add("--residence", metavar="LIEU", help="town (la commune), area (l’intercommunalité) ou outside")
    add("--regime", metavar="REGIME", help="general, msa ou other")
    add("--born", metavar="AAAA-MM-JJ", help="naissance de l’enfant")
    add("--school", metavar="CODE", default="", help="code de l’école")
    add("--level", metavar="CODE", default="", help="niveau scolaire")
    add("--member", metavar="CODE", action="append", default=[], help="adhésion ou droit (peut être répété)")
    add("--rank", metavar="N", help="rang de l’enfant parmi ses frères et sœurs")
    add("--children", metavar="N", help="nombre d’enfants")
    add("--disabled", metavar="N", help="enfants du foyer qui ont l’allocation d’éducation (AEEH)")
    add("--attendance", metavar="PRESENCE", help="booked, unbooked, excused ou unexcused")
    add("--minutes", metavar="N", help="temps d’accueil, en minutes")
    add("--late-minutes", metavar="N", help="retard à la sortie, en minutes")
    add("--regular", action="store_true", help="semaine régulière")
    add("--own-meal", action="store_true", help="repas apporté (PAI)")
    add("--late", action="store_true", help="réservé en retard")


def read_situation(options: Mapping[str, Any]) -> Situation:
    """The situation that the options say. Raises WrongOption."""
    quotient = read_euros(options["qf"], "--qf")
    children = _whole(options["children"], "--children", 1)
    rank = _whole(options["rank"], "--rank", 1)
    if rank is not None and children is not None and rank > children:
        raise WrongOption(typography(f"--rank : {rank} est plus que le nombre d’enfants, {children}."))
    siblings = Siblings(rank or 1, max(children or 1, rank or 1))
    return Situation(
        quotient=Quotient() if quotient is None else Quotient.of(quotient),
        income=read_euros(options["income"], "--income"),
        residence=_word(options["residence"], "--residence", Residence, Residence.TOWN),
        regime=_word(options["regime"], "--regime", Regime, Regime.GENERAL),
        birth_date=_read(options["born"], "--born", date.fromisoformat, "une date comme 2019-03-12"),
        school=options["school"],
        level=options["level"],
        memberships=frozenset(options["member"]),
        household=siblings,
        enrolled=siblings,
        present=siblings,
        disabled=_whole(options["disabled"], "--disabled", 0) or 0,
        regular=options["regular"],
        own_meal=options["own_meal"],
        late=options["late"],
        attendance=_word(options["attendance"], "--attendance", Attendance, Attendance.BOOKED),
        minutes=_whole(options["minutes"], "--minutes", 0),
        late_minutes=_whole(options["late_minutes"], "--late-minutes", 0) or 0,
    )


def read_euros(text: str | None, option: str) -> Decimal | None:
    """An amount with a comma or a point, None when it is not given. Raises WrongOption."""
    if text is None:
        return None
    try:
        amount = Decimal(text.replace(",", "."))
    except InvalidOperation as error:
        raise WrongOption(
            typography(f"{option} : « {text} » n’est pas un nombre. Écrivez par exemple 842 ou 842,50.")
        ) from error
    if not amount.is_finite() or amount < 0:
        what = "un quotient familial" if option == "--qf" else "un montant"
        raise WrongOption(typography(f"{option} : « {text} » : {what} est un nombre positif ou nul."))
    return amount


def _whole(text: str | None, option: str, least: int) -> int | None:
    number = _read(text, option, int, "un nombre entier")
    if number is not None and not least <= number < 100_000:
        raise WrongOption(typography(f"{option} : « {text} » : un nombre entier à partir de {least}."))
    return number


T = TypeVar("T")


def _read(text: str | None, option: str, read: Callable[[str], T], wanted: str) -> T | None:
    if text is None:
        return None
    try:
        return read(text)
    except ValueError as error:
        raise WrongOption(typography(f"{option} : « {text} » n’est pas {wanted}.")) from error


def _word(text: str | None, option: str, words: type[Word], default: Word) -> Word:
    if text is None:
        return default
    if text not in {word.value for word in words}:
        raise WrongOption(typography(f"{option} : « {text} » est inconnu. Au choix : {', '.join(words)}."))
    return words(text)
