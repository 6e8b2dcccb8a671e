"""How démarches may move: properties of the table."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.procedures.enums import ProcedureState as State
from portal.domain.procedures.rules import OPEN_STATES, is_open, may_move

states = st.sampled_from(list(State))

pytestmark = pytest.mark.exigence("T3")


@given(states)
def test_what_is_cancelled_stays_so(wanted: State) -> None:
    assert not may_move(State.CANCELLED, wanted)


@given(st.sampled_from(sorted(OPEN_STATES)), states)
def test_a_request_that_waits_may_be_answered_in_any_way(current: State, wanted: State) -> None:
    assert may_move(current, wanted)


def test_an_answer_never_becomes_its_contrary_in_one_step() -> None:
    assert not may_move(State.ACCEPTED, State.REFUSED)
    assert not may_move(State.REFUSED, State.ACCEPTED)


@given(states.filter(lambda state: state != State.CANCELLED))
def test_everything_but_the_cancelled_can_come_back_to_the_family(current: State) -> None:
    assert may_move(current, State.YOUR_TURN)


@given(st.lists(states, min_size=1, max_size=12))
def test_no_walk_goes_from_one_answer_to_the_other_without_being_open_between(walk: list[State]) -> None:
    current, since_open = State.RECEIVED, True
    answered: State | None = None
    for wanted in walk:
        if not may_move(current, wanted):
            continue
        current = wanted
        since_open = since_open or is_open(current)
        if current in {State.ACCEPTED, State.REFUSED}:
            assert since_open or answered == current
            answered, since_open = current, False
