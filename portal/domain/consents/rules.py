"""What the answers of several people mean together. Pure: plain values, no database, no clock.

Rule 45: an answer carries the version of its text, its date and its person; silence is never consent.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from portal.domain.consents.enums import Answer, Verdict
from portal.domain.kernel.school_year import age_on


@dataclass(frozen=True, slots=True)
class Given:
    """One answer as it was written. `order` settles two answers of the same instant."""

    person: int
    answer: Answer
    version: int
    at: datetime
    order: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an authorisation is, and the answer that decides it, if there is one."""

    verdict: Verdict
    deciding: Given | None = None

    @property
    def is_granted(self) -> bool:
        return self.verdict is Verdict.GRANTED

    @property
    def awaits_answer(self) -> bool:
        return self.verdict in {Verdict.SILENT, Verdict.ASKED_AGAIN}


def current(answers: Iterable[Given], *, version: int, refusal_prevails: bool) -> Standing:
    """Where an authorisation is for the text `version`.

    Only answers to that very version count. Each person's last word holds. With `refusal_prevails`, one person who
    refuses is enough for “refused” whatever the others say; else the last word of all decides.
    """
    everything = sorted(answers, key=lambda each: (each.at, each.order))
    last = {each.person: each for each in everything if each.version == version}
    if not last:
        return Standing(Verdict.ASKED_AGAIN if everything else Verdict.SILENT)
    words = sorted(last.values(), key=lambda each: (each.at, each.order))
    refusals = [each for each in words if each.answer is not Answer.GRANTED]
    deciding = refusals[-1] if refusal_prevails and refusals else words[-1]
    verdict = Verdict.GRANTED if deciding.answer is Answer.GRANTED else Verdict.REFUSED
    return Standing(verdict, deciding)


def concerns(
    *,
    birth_date: date,
    level_is_nursery: bool | None,
    day: date,
    min_age: int | None,
    max_age: int | None,
    elementary_only: bool,
) -> bool:
    """Whether an authorisation is asked for a child: age within the limits, both inclusive, and school level.

    `level_is_nursery` is None for a child whose school is not known: “elementary only” then does not concern it.
    """
    if day < birth_date:
        return False
    age = age_on(birth_date, day)
    if min_age is not None and age < min_age:
        return False
    if max_age is not None and age > max_age:
        return False
    return not elementary_only or level_is_nursery is False
