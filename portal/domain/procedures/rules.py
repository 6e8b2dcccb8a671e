"""How a démarche may move: pure rules over states, one table for the verb, the screens and the tests.

A request waits for the service or for the family until it is answered; an answer is never turned into its contrary
in silence; what is cancelled stays so.
"""

from collections.abc import Mapping

from portal.domain.procedures.enums import ProcedureState as State

#: What still moves; everything else is settled.
OPEN_STATES = frozenset({State.RECEIVED, State.YOUR_TURN})

_MOVES: Mapping[State, frozenset[State]] = {
    State.RECEIVED: frozenset(State),
    State.YOUR_TURN: frozenset(State),
    # An answer to a form may be changed; something already recorded may have to be looked at.
    State.RECORDED: frozenset({State.RECORDED, State.RECEIVED, State.YOUR_TURN, State.CANCELLED}),
    # What was granted may be withdrawn, or turn out to need something more from the family.
    State.ACCEPTED: frozenset({State.YOUR_TURN, State.CANCELLED}),
    # The family corrects and sends again under the same line.
    State.REFUSED: frozenset({State.RECEIVED, State.YOUR_TURN, State.CANCELLED}),
    State.CANCELLED: frozenset(),
}


def may_move(current: State, wanted: State) -> bool:
    """Whether a démarche in `current` may become `wanted`. A step that keeps an open state adds a note."""
    return wanted in _MOVES[current]


def is_open(state: State) -> bool:
    """Whether somebody is still expected to do something."""
    return state in OPEN_STATES
