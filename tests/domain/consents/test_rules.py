"""What answers mean together: silence is never a yes, a new text asks again, one refusal is enough."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.consents.enums import Answer, Verdict
from portal.domain.consents.rules import Given, concerns, current

GIVEN = st.builds(
    Given,
    person=st.integers(1, 3),
    answer=st.sampled_from(Answer),
    version=st.integers(1, 3),
    at=st.integers(0, 72).map(lambda hours: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours)),
    order=st.integers(1, 1000),
)
ANSWERS = st.lists(GIVEN, max_size=8, unique_by=lambda each: each.order)


@pytest.mark.exigence("D17")
@given(answers=ANSWERS, version=st.integers(1, 3))
def test_granted_means_that_somebody_said_yes_to_this_text_and_nobody_no_since(answers, version):
    standing = current(answers, version=version, refusal_prevails=True)
    last = {}
    for each in sorted(answers, key=lambda each: (each.at, each.order)):
        if each.version == version:
            last[each.person] = each.answer
    assert standing.is_granted == (bool(last) and set(last.values()) == {Answer.GRANTED})


@given(answers=ANSWERS, version=st.integers(1, 3))
def test_without_prevailing_refusal_the_last_word_decides(answers, version):
    words = sorted((each for each in answers if each.version == version), key=lambda each: (each.at, each.order))
    standing = current(answers, version=version, refusal_prevails=False)
    assert standing.is_granted == (bool(words) and words[-1].answer is Answer.GRANTED)


@given(answers=ANSWERS)
def test_a_new_text_asks_everybody_again(answers):
    standing = current(answers, version=9, refusal_prevails=True)
    assert standing.awaits_answer
    assert standing.verdict is (Verdict.ASKED_AGAIN if answers else Verdict.SILENT)


@given(answers=ANSWERS, version=st.integers(1, 3), prevails=st.booleans())
def test_the_order_in_which_answers_are_read_changes_nothing(answers, version, prevails):
    forward = current(answers, version=version, refusal_prevails=prevails)
    assert forward == current(reversed(answers), version=version, refusal_prevails=prevails)


@pytest.mark.parametrize(
    ("nursery", "day", "expected"),
    [
        (False, date(2026, 3, 11), False),
        (False, date(2026, 3, 12), True),
        (True, date(2026, 3, 12), False),
        (None, date(2026, 3, 12), False),
        (False, date(2010, 1, 1), False),
    ],
)
def test_leaving_alone_is_for_elementary_school_from_an_age_on(nursery, day, expected):
    assert (
        concerns(
            birth_date=date(2018, 3, 12),
            level_is_nursery=nursery,
            day=day,
            min_age=8,
            max_age=None,
            elementary_only=True,
        )
        is expected
    )
