"""Who holds personal data, said by those who hold it.

A package registers once, from its `AppConfig.ready`: what it knows of a family (for « mes données »), and each kind of
data that it must forget after a while. `portal.domain.privacy` knows nothing else about them.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol

from portal.domain.accounts.models import User

#: What a package gives of a family: rows of JSON-ready values under French headings, in reading order.
#: Arguments: the key of the family, the account that asks. Only what that account may see.
Collect = Callable[[int, User], Iterable[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class PersonalData:
    """A part of « mes données »: its code, its French title, how it is read. `order` sorts, ten by ten."""

    code: str
    title: str
    collect: Collect
    order: int = 100


@dataclass(frozen=True, slots=True)
class Expired:
    """One object whose time is over: `label` names it on the list shown to an agent before anything is erased.

    `family` is the number of the dossier, or empty; `since` the day from which it should be gone.
    """

    key: int
    label: str
    family: str
    since: date


@dataclass(frozen=True, slots=True)
class Retention:
    """A kind of data with its delay.

    `days` is the delay shipped, to be confirmed by the town's DPO and archives; `basis` says from when it counts and
    why, in French. `find(before, limit)` lists what reached the day `before` or earlier, `erase(keys, by, at)` forgets
    them in its own transaction and returns how many.
    """

    code: str
    title: str
    basis: str
    days: int
    find: Callable[[date, int], list[Expired]]
    erase: Callable[[list[int], User, datetime], int]
    automatic: bool = False


class Fate(StrEnum):
    """What becomes of a part of the dossier when a family asks to be erased. BLOCKS: to be settled before."""

    ERASED = "erased"
    ANONYMISED = "anonymised"
    KEPT = "kept"
    BLOCKS = "blocks"


@dataclass(frozen=True, slots=True)
class Planned:
    """One line of what an erasure would do: what, how many, its fate; why and until when what stays is kept."""

    label: str
    count: int
    fate: Fate
    why: str = ""
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Erasure:
    """How a package forgets a family.

    `plan(family, at)` says what `execute(family, by, at)` does, without writing. Executed from the highest `order` to
    the lowest, in one transaction: what points at persons goes before the persons. A child that another household
    still has is never touched.
    """

    code: str
    plan: Callable[[int, datetime], list[Planned]]
    execute: Callable[[int, User, datetime], None]
    order: int = 100


_personal_data: dict[str, PersonalData] = {}
_retentions: dict[str, Retention] = {}
_erasures: dict[str, Erasure] = {}
_absorbed: list[Callable[[int], list[int]]] = []
_closings: list[Callable[[User, datetime], None]] = []
_followers: list["ErasureFollower"] = []


def register_personal_data(part: PersonalData) -> None:
    """Add a part to « mes données »; the same code again replaces it."""
    _personal_data[part.code] = part


def register_retention(retention: Retention) -> None:
    """Add a kind of data with its delay; the same code again replaces it."""
    _retentions[retention.code] = retention


def personal_data() -> tuple[PersonalData, ...]:
    """Every part, in reading order."""
    return tuple(sorted(_personal_data.values(), key=lambda part: (part.order, part.code)))


def retentions() -> tuple[Retention, ...]:
    """Every kind of data that is forgotten one day, by title."""
    return tuple(sorted(_retentions.values(), key=lambda retention: retention.title))


def register_erasure(erasure: Erasure) -> None:
    """Add how a package forgets a family; the same code again replaces it."""
    _erasures[erasure.code] = erasure


def erasures() -> tuple[Erasure, ...]:
    """Every package's way to forget, in reading order; executed backwards."""
    return tuple(sorted(_erasures.values(), key=lambda erasure: (erasure.order, erasure.code)))


def register_absorbed(lookup: Callable[[int], list[int]]) -> None:
    """Say which dossiers one absorbed, by key: what stayed with them is forgotten with it. The last one counts."""
    _absorbed[:] = [lookup]


def same_dossier(family: int) -> list[int]:
    """The dossier and those that it absorbed."""
    return [family, *(key for lookup in _absorbed for key in lookup(family))]


class ErasureFollower(Protocol):
    """Who tells the family about its request: its démarche, its notices. `key` is the request's."""

    def asked(self, *, key: int, family: int, by: User, at: datetime) -> None:
        """The family asked."""

    def answered(self, *, key: int, family: int, accepted: bool, words: str, by: User, at: datetime) -> None:
        """An agent answered; before anything is erased."""

    def asked_again(self, *, key: int, family: int, words: str, by: User, at: datetime) -> None:
        """An agent needs something more."""


def register_follower(follower: ErasureFollower) -> None:
    """Say who follows the requests; once."""
    if follower not in _followers:
        _followers.append(follower)


def followers() -> tuple[ErasureFollower, ...]:
    """Everybody who follows the requests."""
    return tuple(_followers)


def register(*said: PersonalData | Erasure | Retention) -> None:
    """Say in one call everything that a package has to say of its data."""
    for each in said:
        match each:
            case PersonalData():
                register_personal_data(each)
            case Erasure():
                register_erasure(each)
            case Retention():
                register_retention(each)


def register_closing(close: Callable[[User, datetime], None]) -> None:
    """What else must happen when somebody closes their account, in the same transaction."""
    if close not in _closings:
        _closings.append(close)


def closings() -> tuple[Callable[[User, datetime], None], ...]:
    """Everything that happens with the closing of an account."""
    return tuple(_closings)
