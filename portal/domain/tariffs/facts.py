"""What other packages know, in the words of the engine."""

from portal.domain.quotients.rules import Answer, Status
from portal.domain.tariffs.engine.situations import Knowledge, Quotient

_KNOWLEDGE = {
    Status.KNOWN: Knowledge.KNOWN,
    Status.EXPIRED: Knowledge.EXPIRED,
    Status.REFUSED: Knowledge.REFUSED,
    Status.UNKNOWN: Knowledge.UNKNOWN,
}


def quotient_fact(answer: Answer) -> Quotient:
    """The quotient of a family on a day, as prices use it (rules 25 and 26)."""
    period = answer.period
    if period is None:
        return Quotient(knowledge=_KNOWLEDGE[answer.status])
    return Quotient(
        value=answer.value,
        knowledge=_KNOWLEDGE[answer.status],
        last=period.value,
        source=period.source,
        month=period.month,
        until=period.last,
    )
