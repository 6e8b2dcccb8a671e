"""Which vaccines a child must have had, from the birth date alone. Pure.

Sources: code de la santé publique L3111-2 and R3111-8; décret 2018-42 (eleven vaccines for children born from 2018);
décret 2024-694 (from 2025 meningococcal ACWY replaces C, and B; caught up for children born from July 2023).
A missing vaccine admits the child provisionally for three months (R3111-8).
"""

import calendar
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

ELEVEN_FROM = date(2018, 1, 1)
MENINGOCOCCAL_FROM = date(2023, 7, 1)
MENINGOCOCCAL_IN_FORCE = date(2025, 1, 1)
PROVISIONAL_MONTHS = 3


class Vaccine(StrEnum):
    DIPHTHERIA = "diphtheria"
    TETANUS = "tetanus"
    POLIO = "polio"
    PERTUSSIS = "pertussis"
    HIB = "hib"
    HEPATITIS_B = "hepatitis_b"
    PNEUMOCOCCAL = "pneumococcal"
    MENINGOCOCCAL_C = "meningococcal_c"
    MENINGOCOCCAL_ACWY = "meningococcal_acwy"
    MENINGOCOCCAL_B = "meningococcal_b"
    MEASLES = "measles"
    MUMPS = "mumps"
    RUBELLA = "rubella"

    @property
    def label(self) -> str:
        """The French name, as the health booklet writes it."""
        return _LABELS[self]


_LABELS = {
    Vaccine.DIPHTHERIA: "Diphtérie",
    Vaccine.TETANUS: "Tétanos",
    Vaccine.POLIO: "Poliomyélite",
    Vaccine.PERTUSSIS: "Coqueluche",
    Vaccine.HIB: "Haemophilus influenzae b",
    Vaccine.HEPATITIS_B: "Hépatite B",
    Vaccine.PNEUMOCOCCAL: "Pneumocoque",
    Vaccine.MENINGOCOCCAL_C: "Méningocoque C",
    Vaccine.MENINGOCOCCAL_ACWY: "Méningocoques ACWY",
    Vaccine.MENINGOCOCCAL_B: "Méningocoque B",
    Vaccine.MEASLES: "Rougeole",
    Vaccine.MUMPS: "Oreillons",
    Vaccine.RUBELLA: "Rubéole",
}

DTP = (Vaccine.DIPHTHERIA, Vaccine.TETANUS, Vaccine.POLIO)
#: Besides DTP, from 2018; the meningococcal ones follow apart.
_EIGHT = (Vaccine.PERTUSSIS, Vaccine.HIB, Vaccine.HEPATITIS_B, Vaccine.PNEUMOCOCCAL)
_MMR = (Vaccine.MEASLES, Vaccine.MUMPS, Vaccine.RUBELLA)


@dataclass(frozen=True, slots=True)
class Dose:
    """What a family says of one vaccine: the dates of its injections, or a medical certificate against it."""

    dates: tuple[date, ...] = ()
    contraindicated: bool = False

    @property
    def is_covered(self) -> bool:
        return bool(self.dates) or self.contraindicated


def compulsory_vaccines(*, born: date, on: date) -> tuple[Vaccine, ...]:
    """The vaccines compulsory on that day for a child born that day, in the order of the health booklet."""
    if born < ELEVEN_FROM:
        return DTP
    if born >= MENINGOCOCCAL_FROM and on >= MENINGOCOCCAL_IN_FORCE:
        return (*DTP, *_EIGHT, Vaccine.MENINGOCOCCAL_ACWY, Vaccine.MENINGOCOCCAL_B, *_MMR)
    return (*DTP, *_EIGHT, Vaccine.MENINGOCOCCAL_C, *_MMR)


def missing_vaccines(*, born: date, on: date, doses: Mapping[Vaccine, Dose]) -> tuple[Vaccine, ...]:
    """The compulsory ones that nothing covers."""
    return tuple(each for each in compulsory_vaccines(born=born, on=on) if not doses.get(each, Dose()).is_covered)


def wrong_dates(*, born: date, on: date, dates: Collection[date]) -> tuple[date, ...]:
    """Injections before the birth or still to come: typing errors."""
    return tuple(day for day in dates if not born <= day <= on)


def provisional_until(start: date) -> date:
    """The last day of a provisional admission that begins on `start`: three months later, day for day."""
    month = start.month - 1 + PROVISIONAL_MONTHS
    year, month = start.year + month // 12, month % 12 + 1
    return date(year, month, min(start.day, calendar.monthrange(year, month)[1]))
