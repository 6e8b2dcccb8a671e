"""Which vaccines, from the birth date alone."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.health.vaccines import (
    DTP,
    Dose,
    Vaccine,
    compulsory_vaccines,
    missing_vaccines,
    provisional_until,
    wrong_dates,
)

TODAY = date(2026, 9, 9)

pytestmark = pytest.mark.exigence("D15")


@pytest.mark.parametrize(
    ("born", "on", "count", "holds", "lacks"),
    [
        (date(2017, 12, 31), TODAY, 3, Vaccine.POLIO, Vaccine.PERTUSSIS),
        (date(2018, 1, 1), TODAY, 11, Vaccine.MENINGOCOCCAL_C, Vaccine.MENINGOCOCCAL_B),
        (date(2023, 6, 30), TODAY, 11, Vaccine.MENINGOCOCCAL_C, Vaccine.MENINGOCOCCAL_ACWY),
        (date(2023, 7, 1), TODAY, 12, Vaccine.MENINGOCOCCAL_ACWY, Vaccine.MENINGOCOCCAL_C),
        (date(2023, 7, 1), date(2024, 12, 31), 11, Vaccine.MENINGOCOCCAL_C, Vaccine.MENINGOCOCCAL_B),
        (date(2023, 7, 1), date(2025, 1, 1), 12, Vaccine.MENINGOCOCCAL_B, Vaccine.MENINGOCOCCAL_C),
    ],
)
def test_the_birth_date_decides(born: date, on: date, count: int, holds: Vaccine, lacks: Vaccine) -> None:
    asked = compulsory_vaccines(born=born, on=on)
    assert len(asked) == count
    assert holds in asked
    assert lacks not in asked


@given(
    born=st.dates(date(2008, 1, 1), date(2040, 1, 1)),
    on=st.dates(date(2020, 1, 1), date(2045, 1, 1)),
    said=st.sets(st.sampled_from(list(Vaccine))),
)
def test_what_is_missing_is_what_is_asked_and_not_said(born: date, on: date, said: set[Vaccine]) -> None:
    asked = compulsory_vaccines(born=born, on=on)
    assert len(set(asked)) == len(asked)
    assert set(DTP) <= set(asked)
    doses = {vaccine: Dose(contraindicated=True) for vaccine in said}
    assert set(missing_vaccines(born=born, on=on, doses=doses)) == set(asked) - said


def test_an_empty_line_covers_nothing() -> None:
    born = date(2016, 5, 4)
    doses = {Vaccine.POLIO: Dose(), Vaccine.TETANUS: Dose(dates=(date(2016, 8, 1),))}
    assert missing_vaccines(born=born, on=TODAY, doses=doses) == (Vaccine.DIPHTHERIA, Vaccine.POLIO)


def test_a_date_before_the_birth_or_to_come_is_a_typing_error() -> None:
    born = date(2020, 5, 4)
    dates = (born - timedelta(days=1), born, TODAY, TODAY + timedelta(days=1))
    assert wrong_dates(born=born, on=TODAY, dates=dates) == (dates[0], dates[3])


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (date(2026, 9, 1), date(2026, 12, 1)),
        (date(2026, 11, 30), date(2027, 2, 28)),
        (date(2027, 11, 30), date(2028, 2, 29)),
        (date(2026, 12, 31), date(2027, 3, 31)),
    ],
)
def test_a_provisional_admission_lasts_three_months(start: date, end: date) -> None:
    assert provisional_until(start) == end
