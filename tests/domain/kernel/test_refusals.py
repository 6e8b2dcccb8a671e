from datetime import UTC, datetime

import pytest

from portal.domain.kernel.refusals import Refusal, Rule, WayOut, WayOutKind


def test_a_refusal_reads_as_its_sentence_and_compares_as_a_value() -> None:
    way_out = WayOut(WayOutKind.WAITING_LIST, "Rejoindre la liste d’attente", "planning:waiting", {"day": 3})
    refusal = Refusal(Rule.FULL, "Ce jour est complet.", datetime(2026, 9, 8, 16, 12, tzinfo=UTC), way_out=way_out)
    assert str(refusal) == "Ce jour est complet."
    assert refusal == Refusal(
        Rule.FULL, "Ce jour est complet.", datetime(2026, 9, 8, 16, 12, tzinfo=UTC), way_out=way_out
    )
    assert len({refusal, refusal}) == 1


def test_a_refusal_always_says_why_and_since_a_real_instant() -> None:
    with pytest.raises(ValueError, match="says why"):
        Refusal(Rule.FULL, "")
    with pytest.raises(ValueError, match="aware"):
        Refusal(Rule.FULL, "Ce jour est complet.", datetime(2026, 9, 8))  # noqa: DTZ001  # refused
