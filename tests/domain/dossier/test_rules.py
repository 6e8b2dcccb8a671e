"""What a list of requirements amounts to: properties."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.dossier.rules import Completeness, held_back, strongest
from portal.domain.families.requirements import Effect, Requirement, Standing

requirements = st.builds(
    Requirement,
    code=st.just("papers.paper"),
    label=st.just("Assurance"),
    standing=st.sampled_from(Standing),
    effect=st.sampled_from(Effect),
    child_id=st.none() | st.integers(1, 3),
)
lists = st.lists(requirements, max_size=12)

pytestmark = pytest.mark.exigence("D3")


@given(lists)
def test_the_gauge_never_overflows_and_counts_everything(asked: list[Requirement]) -> None:
    whole = Completeness(tuple(asked))
    assert 0 <= whole.done <= whole.total == len(asked)
    assert whole.total - whole.done == len(whole.missing)
    assert whole.is_complete == (whole.effect is None)


@given(lists)
def test_what_was_sent_holds_nothing_back(asked: list[Requirement]) -> None:
    sent = [each for each in asked if each.standing in {Standing.SENT, Standing.DONE}]
    assert strongest(sent) is None
    assert not held_back(sent, at_least=Effect.INFORMS)


@given(lists)
def test_what_blocks_also_holds(asked: list[Requirement]) -> None:
    blocks, holds = held_back(asked, at_least=Effect.BLOCKS), held_back(asked, at_least=Effect.HOLDS)
    assert all(each in holds for each in blocks)
    assert bool(blocks) == (strongest(asked) == Effect.BLOCKS)


@given(lists)
def test_refused_and_expired_come_first(asked: list[Requirement]) -> None:
    order = [each.standing == Standing.MISSING for each in Completeness(tuple(asked)).missing]
    assert order == sorted(order)


@given(lists, st.integers(1, 3))
def test_a_child_is_never_held_back_for_another(asked: list[Requirement], child: int) -> None:
    assert all(each.child_id in (None, child) for each in Completeness(tuple(asked)).concerning(child).requirements)


@given(lists, requirements)
def test_one_more_requirement_never_weakens_the_effect(asked: list[Requirement], more: Requirement) -> None:
    strength = {None: -1, Effect.INFORMS: 0, Effect.HOLDS: 1, Effect.BLOCKS: 2}
    assert strength[strongest([*asked, more])] >= strength[strongest(asked)]
