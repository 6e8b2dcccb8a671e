"""What the verbs answer, and why they may not answer."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from portal.domain.bookings.outcomes import LeftOut
from portal.domain.kernel.refusals import Refusal
from portal.domain.waiting.models import Offer, WaitingEntry

if TYPE_CHECKING:
    from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class Joined:
    """Who is in the line now, and the days for which nobody needs to wait, or may not, with the reason."""

    entries: list[WaitingEntry] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)


class WaitingRefused(Exception):
    """Nothing was written; `reason` is a sentence ready to show, `field` what it is about."""

    def __init__(self, reason: "str | Promise", field: str = "") -> None:
        super().__init__(reason)
        self.reason = str(reason)
        self.field = field


class OfferOver(Exception):
    """The offer cannot be answered any more (its time is over, somebody answered): nothing was written."""

    def __init__(self, offer: Offer) -> None:
        super().__init__(offer.state)
        self.offer = offer


class OfferRefused(Exception):
    """The rules no longer allow the booking: nothing was written, the offer stays. `refusal` says why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.sentence)
        self.refusal = refusal
