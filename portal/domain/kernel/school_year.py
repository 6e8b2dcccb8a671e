"""School years and ages."""

from dataclasses import dataclass
from datetime import date
from typing import Self

from portal.domain.kernel.calendar import DateRange

FIRST_MONTH = 8


@dataclass(frozen=True, slots=True, order=True)
class SchoolYear:
    """The school year that begins in `start`: `SchoolYear(2026)` is 2026/2027.

    It turns on 1 August, not on the first day of class: the July that follows class still belongs to the year
    that ends, and families prepare the next one in August.
    """

    start: int

    @classmethod
    def of(cls, day: date) -> Self:
        """The school year that holds `day`."""
        return cls(day.year if day.month >= FIRST_MONTH else day.year - 1)

    @classmethod
    def from_label(cls, label: str) -> Self:
        """“2026/2027” or “2026-2027”. Raises ValueError on anything else."""
        start, separator, end = label.strip().replace("-", "/").partition("/")
        if not (separator and start.isascii() and start.isdigit() and end == str(int(start) + 1)):
            raise ValueError(f"{label!r} is not a school year such as 2026/2027")
        return cls(int(start))

    @property
    def label(self) -> str:
        """“2026/2027”."""
        return f"{self.start}/{self.start + 1}"

    @property
    def first_day(self) -> date:
        return date(self.start, FIRST_MONTH, 1)

    @property
    def last_day(self) -> date:
        return date(self.start + 1, FIRST_MONTH - 1, 31)

    @property
    def range(self) -> DateRange:
        return DateRange(self.first_day, self.last_day)

    @property
    def next(self) -> "SchoolYear":
        return SchoolYear(self.start + 1)

    @property
    def previous(self) -> "SchoolYear":
        return SchoolYear(self.start - 1)

    def __contains__(self, day: object) -> bool:
        return day in self.range

    def __str__(self) -> str:
        return self.label


def running(day: date) -> SchoolYear:
    """The school year in progress on `day`."""
    return SchoolYear.of(day)


def age_on(birth_date: date, day: date) -> int:
    """Completed years on `day`. A child born on 29 February turns a year older on 1 March of common years.

    Raises ValueError when `day` comes before the birth.
    """
    if day < birth_date:
        raise ValueError("nobody has an age before being born")
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))
