"""The wishes of a draft while a press is applied to them: every tick with all that it brings, all or nothing.

Twice for each press: without `room` to know which places may move, then with the places locked, which may refuse more.
Nothing is written here.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from portal.domain.bookings import relation_words as words
from portal.domain.bookings.codes import CellKey
from portal.domain.bookings.context import BookingContext
from portal.domain.bookings.enums import Wish
from portal.domain.bookings.models import BasketLine
from portal.domain.bookings.outcomes import Followed
from portal.domain.bookings.policy import full
from portal.domain.bookings.relations import Day, Days, Move, tick, untick
from portal.domain.bookings.room import Grant, Room
from portal.domain.kernel.refusals import Refusal, Rule


class Wishes:
    """`lines` are those of the draft that stand; `new` and `dropped` are what the press does to them.

    `holding` are the new additions that hold a place; `follows` says which unit brought a new wish along.
    """

    def __init__(
        self,
        context: BookingContext,
        lines: Mapping[CellKey, BasketLine],
        *,
        at: datetime,
        room: Room | None = None,
    ) -> None:
        self.context = context
        self.lines = dict(lines)
        self.at = at
        self.room = room
        self.new: dict[CellKey, Wish] = {}
        self.holding: set[CellKey] = set()
        self.follows: dict[CellKey, int] = {}
        self.dropped: dict[CellKey, BasketLine] = {}
        self.left_out: list[tuple[Wish, CellKey, Refusal]] = []
        self.followed: list[Followed] = []
        self._asked: dict[tuple[int, date], set[int]] = {}
        self._source = Days(context, lines.values())
        context.recount({key: Wish(line.wish) for key, line in lines.items()})
        self._days: dict[tuple[int, date], Day] = {}

    @property
    def changed(self) -> int:
        """How many wishes are made and taken back."""
        return len(self.new) + len(self.dropped)

    # What a press asks

    def untick(self, key: CellKey) -> None:
        """Take a unit away, with all that goes with it."""
        self._note(key)
        day = self._day(key)
        if key.unit_id in day.planned:
            self._settle(Wish.REMOVE, key, untick(self.context, day, key.unit_id, at=self.at))

    def tick(self, keys: Iterable[CellKey]) -> None:
        """Add units, each with all that goes with it; what needs another of them waits for it."""
        waiting = [*keys]
        for key in waiting:
            self._note(key)
        while waiting:
            refused = {key: refusal for key in waiting if (refusal := self._tick(key)) is not None}
            later = [key for key, refusal in refused.items() if refusal.rule is Rule.DEPENDENT]
            self.left_out += [
                (Wish.ADD, key, refusal)
                for key, refusal in refused.items()
                if key not in later or len(later) == len(waiting)
            ]
            waiting = later if len(later) < len(waiting) else []

    def drop(self, key: CellKey) -> None:
        """Undo a wish of the draft and all that it brought; the wish itself goes whatever the rules say."""
        line = self.lines.get(key)
        if line is None or key in self.dropped:
            return
        self._note(key)
        alone = [Move(key.unit_id, planned=line.wish == Wish.REMOVE)]
        if key.child_id not in self.context.children:
            self._apply(key, alone)
            return
        undo = tick if line.wish == Wish.REMOVE else untick
        moves = undo(self.context, self._day(key), key.unit_id, at=self.at)
        if isinstance(moves, Refusal) or self._apply(key, moves) is not None:
            self._apply(key, alone)

    def lose(self, key: CellKey) -> None:
        """Forget a line that falls, and the place that it had taken again."""
        line = self.lines.pop(key)
        self._count(key, planned=line.wish == Wish.REMOVE)
        self._day(key).wishes.pop(key.unit_id, None)
        if self.room is not None and line.wish == Wish.REMOVE:
            self.room.expect(self._pools(key), key.day, -1)
        elif self.room is not None and line.holding:
            self.room.release(self._pools(key), key.day)

    def reach(self, *, everything: bool) -> set[CellKey]:
        """The cells whose places this press may move, whatever the places left decide; none when none moves.

        `everything`: also where it was refused, which lines that fall may change.
        """
        moving = {(key.child_id, key.day) for key, wish in self.new.items() if wish == Wish.ADD}
        moving |= {(key.child_id, key.day) for key, line in self.dropped.items() if line.holding}
        return {
            CellKey(child, unit, day)
            for (child, day), asked in self._asked.items()
            if everything or (child, day) in moving
            for touched in asked
            for unit in self.context.relations.reached_from(touched)
            if unit in self.context.units
        }

    # Inside

    def _note(self, key: CellKey) -> None:
        self._asked.setdefault((key.child_id, key.day), set()).add(key.unit_id)

    def _day(self, key: CellKey) -> Day:
        where = (key.child_id, key.day)
        if where not in self._days:
            self._days[where] = self._source.of(*where)
        return self._days[where]

    def _pools(self, key: CellKey) -> Mapping[int, int | None]:
        return self.context.units[key.unit_id].pools

    def _tick(self, key: CellKey) -> Refusal | None:
        day = self._day(key)
        if key.unit_id in day.planned:
            return None
        asked = self._asked[(key.child_id, key.day)] - {key.unit_id}
        moves = tick(self.context, day, key.unit_id, at=self.at, asked=asked)
        return moves if isinstance(moves, Refusal) else self._apply(key, moves)

    def _settle(self, wish: Wish, key: CellKey, moves: list[Move] | Refusal) -> None:
        refusal = moves if isinstance(moves, Refusal) else self._apply(key, moves)
        if refusal is not None:
            self.left_out.append((wish, key, refusal))

    def _apply(self, key: CellKey, moves: list[Move]) -> Refusal | None:
        """All the moves with their places, or none of them and the reason."""
        day = self._day(key)
        held = self._take_places(self.room, key, day, moves) if self.room is not None else set()
        if isinstance(held, Refusal):
            return held
        for move in moves:
            self._move(day, move)
        self.holding |= held
        self.followed += [
            words.followed(self.context, day.key(move.unit_id), move.because.value, move.source)
            for move in moves
            if move.because is not None and move.source is not None
        ]
        return None

    def _take_places(self, room: Room, key: CellKey, day: Day, moves: list[Move]) -> set[CellKey] | Refusal:
        """The additions that hold a place, what goes away giving its own back first."""
        held: set[CellKey] = set()
        mark = room.mark() if len(moves) > 1 else room
        for move in sorted(moves, key=lambda move: move.planned):
            there = day.key(move.unit_id)
            pools = self.context.units[move.unit_id].pools
            if not move.planned:
                if self._holds(there):
                    room.release(pools, there.day)
                else:
                    room.expect(pools, there.day)
            elif day.wishes.get(move.unit_id) == Wish.REMOVE:
                room.expect(pools, there.day, -1)
            else:
                grant = room.hold(pools, there.day)
                if grant is Grant.HELD:
                    held.add(there)
                elif grant is None:
                    unit = self.context.units[move.unit_id]
                    refusal = full(unit, pool=room.full_pools(pools, there.day)[0])
                    room.back_to(mark)
                    if there == key:
                        return refusal
                    return words.partner(self.context, key.child_id, key.unit_id, there.unit_id, refusal)
        return held

    def _holds(self, key: CellKey) -> bool:
        """Whether a place is held for this wish, of the draft or of the press."""
        line = self.lines.get(key) if key not in self.dropped else None
        return key in self.holding or (line is not None and line.holding)

    def _count(self, key: CellKey, *, planned: bool) -> None:
        tally = self.context.tally
        (tally.plan if planned else tally.unplan)(key)

    def _move(self, day: Day, move: Move) -> None:
        key = day.key(move.unit_id)
        self._count(key, planned=move.planned)
        wish = Wish.ADD if move.planned else Wish.REMOVE
        if move.unit_id in day.wishes:  # the opposite wish is taken back
            del day.wishes[move.unit_id]
            day.follows.pop(move.unit_id, None)
            if key in self.new:
                del self.new[key]
                self.follows.pop(key, None)
                self.holding.discard(key)
            else:
                self.dropped[key] = self.lines[key]
            return
        self.new[key] = day.wishes[move.unit_id] = wish
        if move.source is not None:
            self.follows[key] = day.follows[move.unit_id] = move.source
