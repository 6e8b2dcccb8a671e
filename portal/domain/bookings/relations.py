"""What one tick does to the units tied to it, for one child on one day: pure, before places.

What a parent expects decides:

- ticking a unit ticks those booked **together** with it, and unticking takes them away;
- ticking a unit **replaces** one that it excludes, when that one can still be cancelled;
- ticking a unit that **needs** another one is refused until that one is there: nothing that costs is added that nobody
  asked for nor that the town ties together. Taking away what it needed takes it away too;
- hours that **overlap** are refused: nobody is in two places at once, and which of the two is wrong is not ours to
  say;
- undoing a tick undoes all that it brought: a replaced day comes back.

All of it or nothing: what a rule refuses for one refuses all, and the reason names the one.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum

from portal.domain.activities.relations import Relations
from portal.domain.bookings import relation_words as words
from portal.domain.bookings.codes import CellKey
from portal.domain.bookings.context import BookingContext
from portal.domain.bookings.enums import Wish
from portal.domain.bookings.limiting import beyond_limit
from portal.domain.bookings.models import BasketLine
from portal.domain.bookings.policy import full, why_not
from portal.domain.kernel.refusals import Refusal, Rule


class Because(Enum):
    """Why a unit moves that nobody touched."""

    TOGETHER = "together"
    TOGETHER_GONE = "together_gone"
    REPLACED = "replaced"
    ORPHAN = "orphan"
    BACK = "back"


@dataclass(frozen=True, slots=True)
class Move:
    """One unit that becomes planned, or not any more. `because` is None for the one that was touched; else `source`
    is the unit that brought it along.
    """

    unit_id: int
    planned: bool
    because: Because | None = None
    source: int | None = None


@dataclass(slots=True)
class Day:
    """One child's day while it is being changed: the books, and the wishes of the draft by unit.

    `follows` says which unit brought a wish along.
    """

    child_id: int
    day: date
    booked: frozenset[int] = frozenset()
    wishes: dict[int, Wish] = field(default_factory=dict)
    follows: dict[int, int] = field(default_factory=dict)

    @property
    def planned(self) -> set[int]:
        """What the child would do if the draft were validated."""
        gone = {unit for unit, wish in self.wishes.items() if wish == Wish.REMOVE}
        return (set(self.booked) - gone) | {unit for unit, wish in self.wishes.items() if wish == Wish.ADD}

    def key(self, unit: int) -> CellKey:
        return CellKey(self.child_id, unit, self.day)


class Days:
    """The days of the children of a context, found by child and day."""

    def __init__(self, context: BookingContext, lines: Iterable[BasketLine] = ()) -> None:
        self._booked: dict[tuple[int, date], set[int]] = {}
        self._lines: dict[tuple[int, date], list[BasketLine]] = {}
        for key in context.booked:
            self._booked.setdefault((key.child_id, key.day), set()).add(key.unit_id)
        for line in lines:
            self._lines.setdefault((line.child_id, line.day), []).append(line)

    def of(self, child: int, day: date) -> Day:
        """That day as the books and the lines have it."""
        lines = self._lines.get((child, day), ())
        return Day(
            child,
            day,
            booked=frozenset(self._booked.get((child, day), ())),
            wishes={line.unit_id: Wish(line.wish) for line in lines},
            follows={line.unit_id: line.follows_id for line in lines if line.follows_id is not None},
        )

    def with_lines(self) -> Iterator[tuple[Day, list[BasketLine]]]:
        """The days that have lines, with their lines in the order of the draft."""
        for (child, day), lines in self._lines.items():
            yield self.of(child, day), lines


def tick(
    context: BookingContext,
    day: Day,
    unit: int,
    *,
    at: datetime,
    asked: Collection[int] = (),
    replacing: bool = True,
    enrolling: bool = False,
    granted: bool = False,
) -> list[Move] | Refusal:
    """All that ticking `unit` does, what goes away first; or the reason why it cannot.

    `asked` are units ticked by the same press, which none of the others replaces; without `replacing`, nothing is.
    Places are looked at when the context has a `room`.
    """
    return _Tick(context, day, at, asked, replacing, enrolling, granted).run(unit)


def untick(
    context: BookingContext, day: Day, unit: int, *, at: datetime, granted: bool = False
) -> list[Move] | Refusal:
    """All that unticking `unit` does, or the reason why it cannot."""
    return _Tick(context, day, at, granted=granted).take_away(unit)


def why_not_tied(context: BookingContext, day: Day, unit: int, *, at: datetime) -> Refusal | None:
    """Why this cell, which has no wish yet, may not be changed, all that is tied to it considered.

    A unit that needs another one stays open while that one can be ticked: both may be ticked in one form.
    """
    if unit in day.planned:
        done = untick(context, day, unit, at=at)
    else:
        done = tick(context, day, unit, at=at)
        if isinstance(done, Refusal) and done.rule is Rule.DEPENDENT:
            needs = sorted(context.relations.needs_of(unit))
            if any(why_not_tied(context, day, need, at=at) is None for need in needs if need not in day.planned):
                return None
    return done if isinstance(done, Refusal) else None


@dataclass(slots=True)
class _Tick:
    context: BookingContext
    day: Day
    at: datetime
    asked: Collection[int] = ()
    replacing: bool = True
    enrolling: bool = False
    granted: bool = False
    gone: dict[int, tuple[Because, int]] = field(default_factory=dict)

    @property
    def relations(self) -> Relations:
        return self.context.relations

    def run(self, unit: int) -> list[Move] | Refusal:
        planned = self.day.planned
        group = self.relations.group(unit)
        adds = [unit, *sorted(group - planned - {unit})]
        for each in adds:
            refusal = self._why_not(Wish.ADD, each)
            if refusal is not None:
                return refusal if each == unit else self._say(words.partner, unit, each, refusal)
        for each in sorted(group):
            for other in sorted(self.relations.excluded_by(each) & planned):
                if not self.replacing or other in self.asked:
                    return self._say(words.exclusive, each, other)
                for member in sorted(self.relations.group(other) & planned):
                    self.gone.setdefault(member, (Because.REPLACED, each))
        for other, (_, each) in self.gone.items():
            refusal = self._why_not(Wish.REMOVE, other)
            if refusal is not None:
                return self._say(words.not_replaced, each, other, refusal)
        after = (planned - self.gone.keys()) | {*adds}
        refusal = self._take_orphans(after, spared=adds)
        if refusal is not None:
            return refusal
        for each in adds:
            needs = self.relations.needs_of(each)
            if needs and not needs & after:
                return words.needs(self.context, self.day.child_id, each, sorted(needs))
            crossed = self.relations.crossed_by(each) & after
            if crossed:
                return self._say(words.overlapping, each, min(crossed))
        back = self._give_back(after, undone=[each for each in adds if each in self.day.wishes])
        return (
            self._beyond_limit(adds, back)
            or self._no_place(adds)
            or [
                *self._going(),
                Move(unit, planned=True),
                *(Move(each, planned=True, because=Because.TOGETHER, source=unit) for each in adds[1:]),
                *back,
            ]
        )

    def take_away(self, unit: int) -> list[Move] | Refusal:
        planned = self.day.planned
        for each in sorted(self.relations.group(unit) & planned, key=lambda each: each != unit):
            refusal = self._why_not(Wish.REMOVE, each)
            if refusal is not None:
                return refusal if each == unit else self._say(words.partner_kept, unit, each, refusal)
            if each != unit:
                self.gone[each] = (Because.TOGETHER_GONE, unit)
        after = planned - self.gone.keys() - {unit}
        refusal = self._take_orphans(after, spared=())
        if refusal is not None:
            return refusal
        back = self._give_back(after, undone=[unit])
        return [Move(unit, planned=False), *self._going(), *back]

    def _why_not(self, wish: Wish, unit: int) -> Refusal | None:
        """The rules of one cell, places apart. A wish of the draft may always be taken back."""
        if unit in self.day.wishes:
            return None
        return why_not(
            self.context,
            wish=wish,
            child_id=self.day.child_id,
            unit_id=unit,
            day=self.day.day,
            at=self.at,
            enrolling=self.enrolling,
            granted=self.granted,
            places=False,
            limits=False,
        )

    def _take_orphans(self, after: set[int], *, spared: Collection[int]) -> Refusal | None:
        """What loses the last thing that it needed goes too, and so on."""
        before = self.day.planned
        while True:
            orphans = [
                unit
                for unit in sorted(after - {*spared})
                if (needs := self.relations.needs_of(unit)) and needs & before and not needs & after
            ]
            if not orphans:
                return None
            for unit in orphans:
                need = min(self.relations.needs_of(unit) & before)
                for member in sorted(self.relations.group(unit) & after):
                    refusal = self._why_not(Wish.REMOVE, member)
                    if refusal is not None:
                        return self._say(words.orphan_kept, need, member, refusal)
                    self.gone[member] = (Because.ORPHAN, need)
                    after.discard(member)

    def _give_back(self, after: set[int], *, undone: Collection[int]) -> list[Move]:
        """The bookings that a wish now undone had taken away come back, unless something else is in their way."""
        going = {*self.gone, *undone}
        back: list[Move] = []
        for unit, source in sorted(self.day.follows.items()):
            if source not in going or unit in after or self.day.wishes.get(unit) != Wish.REMOVE:
                continue
            group = self.relations.group(unit)
            needs = self.relations.needs_of(unit)
            if (
                group <= set(self.day.booked)
                and not any(self.relations.excluded_by(each) & after for each in group)
                and not any(self.relations.crossed_by(each) & after for each in group)
                and (not needs or needs & (after | group))
            ):
                for each in sorted(group - after):
                    after.add(each)
                    back.append(Move(each, planned=True, because=Because.BACK, source=source))
        return back

    def _going(self) -> list[Move]:
        return [
            Move(unit, planned=False, because=because, source=source) for unit, (because, source) in self.gone.items()
        ]

    def _beyond_limit(self, adds: list[int], back: list[Move]) -> Refusal | None:
        """The limits of the child once all has moved: what goes away makes room first."""
        comes = [*adds, *(move.unit_id for move in back)]
        for each in comes:
            refusal = beyond_limit(self.context, self.day.child_id, self.day.day, [each], gone=self.gone)
            if refusal is not None:
                return refusal if each == adds[0] else self._say(words.partner, adds[0], each, refusal)
        return beyond_limit(self.context, self.day.child_id, self.day.day, comes, gone=self.gone)

    def _no_place(self, adds: list[int]) -> Refusal | None:
        """A place for each, with those that come back; a booking that is given back takes none anew."""
        room = self.context.room
        if room is None:
            return None
        units = self.context.units
        spare = [pool for gone in self.gone for pool in units[gone].pools]
        for each in adds:
            if each in self.day.booked:
                continue
            for pool in room.full_pools(units[each].pools, self.day.day):
                if pool in spare:
                    spare.remove(pool)
                    continue
                refusal = full(units[each], pool=pool)
                return refusal if each == adds[0] else self._say(words.partner, adds[0], each, refusal)
        return None

    def _say(self, sentence: words.Sentence, unit: int, other: int, refusal: Refusal | None = None) -> Refusal:
        return sentence(self.context, self.day.child_id, unit, other, refusal)


# What falls with what, at the validation


def fall_together(
    context: BookingContext, lines: Iterable[BasketLine], fallen: Mapping[CellKey, Refusal]
) -> dict[CellKey, Refusal]:
    """The lines that cannot stand without those that have `fallen`, or beside what the books now say, and why.

    `lines` are those of the draft, in its order; those of `fallen` are not given again. What is left, applied to the
    books, breaks no relation that it touches.
    """
    if not context.relations:
        return {}
    found: dict[CellKey, Refusal] = {}
    for day, of_day in Days(context, lines).with_lines():
        if not any(context.relations.concerns(line.unit_id) for line in of_day):
            continue
        lost = {line.unit_id: fallen[key] for line in of_day if (key := day.key(line.unit_id)) in fallen}
        known = set(lost)
        while True:
            cause = next(_causes(context, day, of_day, lost), None)
            if cause is None:
                break
            lost[cause[0]] = cause[1]
        found |= {day.key(unit): refusal for unit, refusal in lost.items() if unit not in known}
    return found


def _causes(
    context: BookingContext, day: Day, lines: list[BasketLine], lost: Mapping[int, Refusal]
) -> Iterator[tuple[int, Refusal]]:
    """The lines that do not stand, additions first."""
    standing = [line for line in lines if line.unit_id not in lost]
    rank = {line.unit_id: position for position, line in enumerate(standing)}
    stand = Day(day.child_id, day.day, day.booked, {line.unit_id: Wish(line.wish) for line in standing})
    planned = stand.planned
    for line in standing:
        if line.wish == Wish.ADD:
            refusal = _why_addition_falls(context, stand, planned, line.unit_id, rank, lost)
            if refusal is not None:
                yield line.unit_id, refusal
    for line in standing:
        if line.wish == Wish.REMOVE:
            refusal = _why_removal_falls(context, day, planned, line, lost)
            if refusal is not None:
                yield line.unit_id, refusal


def _why_addition_falls(
    context: BookingContext,
    day: Day,
    planned: set[int],
    unit: int,
    rank: Mapping[int, int],
    lost: Mapping[int, Refusal],
) -> Refusal | None:
    relations, child = context.relations, day.child_id

    def first(others: Collection[int]) -> list[int]:
        """Those that stand before this one: in the books, or asked earlier."""
        return sorted(other for other in others if day.wishes.get(other) != Wish.ADD or rank[other] < rank[unit])

    for other in sorted(relations.group(unit) - planned):
        return words.partner(context, child, unit, other, lost.get(other))
    for other in first(relations.excluded_by(unit) & planned):
        if other in lost:
            return words.not_replaced(context, child, unit, other, lost[other])
        return words.exclusive(context, child, unit, other, None)
    needs = relations.needs_of(unit)
    if needs and not needs & planned:
        return words.needs(context, child, unit, sorted(needs))
    for other in first(relations.crossed_by(unit) & planned):
        return words.overlapping(context, child, unit, other, None)
    return None


def _why_removal_falls(
    context: BookingContext, day: Day, planned: set[int], line: BasketLine, lost: Mapping[int, Refusal]
) -> Refusal | None:
    relations, child, unit = context.relations, day.child_id, line.unit_id
    source = line.follows_id
    if source is not None and source in lost and source in day.wishes:
        return words.follower(context, child, unit, source, lost[source])
    for other in sorted(relations.group(unit) & planned):
        return words.partner_kept(context, child, unit, other, lost.get(other))
    for other in sorted(relations.dependents_of(unit) & planned):
        if not relations.needs_of(other) & planned:
            return words.orphan_kept(context, child, unit, other, lost.get(other))
    return None
