"""Whom a paper is asked of, when it ends, when it is told: properties, without the database."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from portal.domain.papers.rules import (
    AskedPaper,
    ChildFacts,
    PaperRule,
    asked_of,
    concerns,
    end_of_months,
    end_of_year_day,
    reminder_due,
)
from portal.domain.papers.wording import title_of

codes = st.frozensets(st.sampled_from(["restaurant", "loisirs", "soir"]))
ages = st.none() | st.integers(0, 12)
days = st.dates(date(2020, 1, 1), date(2035, 12, 31))
rules = st.builds(
    PaperRule,
    code=st.sampled_from(["a", "b", "c"]),
    per_child=st.booleans(),
    activities=codes,
    levels=st.frozensets(st.sampled_from(["PS", "CP"])),
    branches=st.frozensets(st.sampled_from(["renewal", "school_entry"])),
    min_age=ages,
    max_age=ages,
)
children = st.lists(
    st.builds(
        ChildFacts,
        key=st.integers(1, 99),
        age=st.integers(0, 12),
        level=st.sampled_from(["", "PS", "CP"]),
        activities=codes,
    ),
    unique_by=lambda child: child.key,
    max_size=5,
)
branch = st.sampled_from(["", "renewal", "school_entry"])


@given(st.lists(rules, max_size=4, unique_by=lambda rule: rule.code), children, branch)
def test_what_is_asked_is_asked_once_of_those_concerned(
    several: list[PaperRule], family: list[ChildFacts], situation: str
) -> None:
    asked = asked_of(several, family, branch=situation)
    assert len(asked) == len(set(asked))
    by_code = {rule.code: rule for rule in several}
    by_key = {child.key: child for child in family}
    for each in asked:
        rule = by_code[each.code]
        assert rule.per_child == (each.child is not None)
        assert not rule.branches or situation in rule.branches
        assert each.child is None or concerns(rule, by_key[each.child])


@given(rules, children, branch)
def test_one_more_criterion_never_asks_more(rule: PaperRule, family: list[ChildFacts], situation: str) -> None:
    wide = PaperRule(code=rule.code, per_child=rule.per_child)
    assert set(asked_of([rule], family, branch=situation)) <= set(asked_of([wide], family, branch=situation))


@given(rules, children, branch)
def test_one_more_child_never_asks_less(rule: PaperRule, family: list[ChildFacts], situation: str) -> None:
    assert set(asked_of([rule], family[:-1], branch=situation)) <= set(asked_of([rule], family, branch=situation))


def test_a_family_paper_without_criterion_is_asked_without_children() -> None:
    assert asked_of([PaperRule("a", per_child=False)], []) == [AskedPaper("a")]
    assert asked_of([PaperRule("a", per_child=False, min_age=3)], []) == []


@given(days, st.integers(1, 120))
def test_months_end_on_the_same_day_or_the_last_of_the_month(start: date, months: int) -> None:
    end = end_of_months(start, months)
    assert (end.year - start.year) * 12 + end.month - start.month == months
    assert end.day == start.day or (end.day < start.day and (end + timedelta(days=1)).day == 1)


@given(days, st.integers(1, 12), st.integers(1, 31))
def test_the_day_of_the_year_is_the_next_one(start: date, month: int, day: int) -> None:
    end = end_of_year_day(start, month, day)
    assert start <= end < start + timedelta(days=367)
    assert end.month == month
    assert end.day == day or (end + timedelta(days=1)).day == 1


@given(days, st.sets(st.integers(1, 60), min_size=1, max_size=4), st.integers(0, 90), st.sets(st.integers(-70, 5)))
def test_each_delay_is_told_once_and_the_nearest_last(
    last: date, delays: set[int], before: int, skipped: set[int]
) -> None:
    told: list[int] = []
    for rank in range(-before, 10):
        if rank in skipped:  # the task did not run that day
            continue
        due = reminder_due(last=last, today=last + timedelta(days=rank), delays=delays, told=told)
        if due is None:
            continue
        assert rank <= 0
        assert -rank <= due
        told.append(due)
    assert told == sorted(told, reverse=True)
    assert len(told) == len(set(told))


def test_a_title_reads_as_a_sentence() -> None:
    assert title_of("Assurance scolaire", "Hugo") == "Assurance scolaire de Hugo"
    assert title_of("Vaccinations", "Élise") == "Vaccinations d’Élise"
    assert title_of("Règlement", "") == "Règlement"
