"""The draft of a family: wishes added and taken back, places held meanwhile.

A wish is a difference with the books. Ticking then unticking leaves nothing, whoever did it and from whichever window;
what this person did not touch stays as the other parent left it, but for the units that the town ties to what they
touched (`relations`): those follow, all or nothing, and the answer says so.

The draft lives `DRAFT_MINUTES` after its last change. Afterwards its places are released and its choices stay: the
next change, or `resume_draft`, takes the places again and says which days fell out.

Whoever may not book leaves the wishes of the others alone: `NotAllowed`.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction

from portal.domain.accounts.models import User
from portal.domain.bookings.codes import CellKey
from portal.domain.bookings.context import BookingContext
from portal.domain.bookings.enums import Wish
from portal.domain.bookings.expiry import erase_draft, give_back, release_drafts_in_the_way
from portal.domain.bookings.limiting import left_to_book
from portal.domain.bookings.loading import Scope, key_of, load_context, load_room, read_lines
from portal.domain.bookings.models import Basket, BasketLine
from portal.domain.bookings.outcomes import DraftChange, LeftOut
from portal.domain.bookings.places import lock_places, needed, save_places
from portal.domain.bookings.planning import Draft
from portal.domain.bookings.policy import full
from portal.domain.bookings.relations import fall_together
from portal.domain.bookings.room import Grant, Room
from portal.domain.bookings.settlement import draft_values, fall_within_limits, left_out, reprice, settle, why_not_line
from portal.domain.bookings.wishes import Wishes
from portal.domain.families.access import Right, require
from portal.domain.families.models import Family
from portal.domain.kernel.clock import paris_date
from portal.domain.kernel.refusals import Refusal


def draft_minutes() -> timedelta:
    """How long a draft holds its places after its last change (setting `DRAFT_MINUTES`)."""
    return timedelta(minutes=settings.DRAFT_MINUTES)


@dataclass(slots=True)
class Choice:
    """What a person asks: cells whose box they ticked or unticked, lines to take out, wishes already refused."""

    ticked: list[CellKey] = field(default_factory=list)
    unticked: list[CellKey] = field(default_factory=list)
    dropped: list[CellKey] = field(default_factory=list)
    refused: list[LeftOut] = field(default_factory=list)


Choose = Callable[[BookingContext, list[BasketLine]], Choice]


def change_draft(
    *, family: Family, add: Collection[str], remove: Collection[str], by: User, at: datetime
) -> DraftChange:
    """Apply what one person ticked (`add`) and unticked (`remove`), as codes of cells, to the draft as it is now.

    A wish that the books already grant is nothing; one that brings a cell back to the books removes its line; one
    that the rules refuse, or that finds no place, is left out with its reason. An addition holds its places at once,
    all its pools or none. Prices are fixed on the line. The draft is created by its first wish and disappears with
    its last.

    Raises UnknownCell, and writes nothing, when a code is garbled or names a child or unit out of the person's reach.
    """
    ticked = [CellKey.parse(code) for code in dict.fromkeys(add)]
    unticked = [CellKey.parse(code) for code in dict.fromkeys(remove)]
    # Both at once is no difference with what was shown.
    both = {*ticked} & {*unticked}
    choice = Choice(
        ticked=sorted(key for key in ticked if key not in both),
        unticked=[key for key in unticked if key not in both],
    )
    keys = [*choice.ticked, *choice.unticked]

    def choose(context: BookingContext, lines: list[BasketLine]) -> Choice:
        context.check({*keys, *both})
        return choice

    return rework(
        family=family,
        by=by,
        at=at,
        scope=Scope.of_cells([*keys, *both], otherwise=paris_date(at)),
        choose=choose,
        wanted_days={key.day for key in choice.ticked},
    )


def extend_draft(*, family: Family, by: User, at: datetime) -> DraftChange:
    """Hold the places `DRAFT_MINUTES` more from `at`. On a draft that has lapsed, the same as `resume_draft`."""
    return resume_draft(family=family, by=by, at=at)


def resume_draft(*, family: Family, by: User, at: datetime) -> DraftChange:
    """Take again the places of a draft that has lapsed, at the prices of now; what is no longer possible falls out.

    The days that fell out leave the draft and are listed with their reason. A draft that is live is only extended;
    without draft nothing happens.
    """
    return rework(
        family=family,
        by=by,
        at=at,
        scope=Scope.of_cells([], otherwise=paris_date(at)),
        choose=lambda context, lines: Choice(),
        wanted_days=set(BasketLine.objects.filter(basket__family=family).values_list("day", flat=True)),
        extend=True,
    )


def remove_line(*, family: Family, code: str, by: User, at: datetime) -> DraftChange:
    """Take one line out of the draft, whatever it asked. Without such a line nothing changes.

    Raises UnknownCell on a garbled code.
    """
    key = CellKey.parse(code)

    def choose(context: BookingContext, lines: list[BasketLine]) -> Choice:
        return Choice(dropped=[line_key for line_key in map(key_of, lines) if line_key == key])

    return rework(family=family, by=by, at=at, scope=Scope.of_cells([], otherwise=paris_date(at)), choose=choose)


@transaction.atomic
def discard_draft(*, family: Family, by: User, at: datetime) -> int:
    """Throw the whole draft away and release its places; gives the number of wishes forgotten.

    Raises NotAllowed.
    """
    require(user=by, family=family, right=Right.BOOK)
    basket = lock_draft(family)
    if basket is None:
        return 0
    give_back([basket.pk])
    return erase_draft(basket)


def lock_draft(family: Family) -> Basket | None:
    """The draft of the family, locked until the end of the transaction; None when there is none."""
    return Basket.objects.select_for_update(of=("self",), no_key=True).filter(family=family).order_by("pk").first()


def _lock_or_prepare(family: Family) -> Basket | None:
    """The draft locked or, without draft, the family locked: two parents never begin two drafts."""
    basket = lock_draft(family)
    if basket is None:
        list(Family.objects.select_for_update(of=("self",), no_key=True).filter(pk=family.pk).values_list("pk"))
        basket = lock_draft(family)
    return basket


def rework(
    *,
    family: Family,
    by: User,
    at: datetime,
    scope: Scope,
    choose: Choose,
    wanted_days: Collection[date] = (),
    extend: bool = False,
    afterwards: Callable[[Basket | None], None] | None = None,
) -> DraftChange:
    """Release the lapsed drafts that stand in the way on `wanted_days`, then change the draft in one transaction.

    `afterwards` is called at its end with the draft, None when there is none any more.
    """
    if wanted_days:
        release_drafts_in_the_way(family=family, days=wanted_days, at=at)
    with transaction.atomic():
        work = _Rework(family=family, by=by, at=at, extend=extend)
        change = work.run(scope, choose)
        if afterwards is not None:
            afterwards(work.basket)
        return change


class _Rework:
    """One change of one draft, step by step: lock, read, decide, lock the places, decide again with them, write."""

    def __init__(self, *, family: Family, by: User, at: datetime, extend: bool) -> None:
        self.family = family
        self.by = by
        self.at = at
        self.extend = extend
        self.basket: Basket | None = None
        self.lines: dict[CellKey, BasketLine] = {}
        self.fallen: dict[CellKey, Refusal] = {}
        self.again: dict[CellKey, BasketLine] = {}
        self.revived: dict[CellKey, BasketLine] = {}

    def run(self, scope: Scope, choose: Choose) -> DraftChange:
        self.basket = _lock_or_prepare(self.family)
        if self.basket is not None:
            self.lines = {key_of(line): line for line in read_lines(self.family)}
            for line in self.lines.values():
                # One object for all: what happens to the draft is seen by each of its lines.
                self.basket.changed_by = line.basket.changed_by
                line.basket = self.basket
        scope = scope.with_cells(self.lines)
        self.context = load_context(
            family=self.family, user=self.by, scope=scope, today=paris_date(self.at), at=self.at
        )
        choice = choose(self.context, [*self.lines.values()])
        wishes = self._decide(choice, Wishes(self.context, self.lines, at=self.at))
        if wishes.dropped or self.extend:
            self._require_right()
        if wishes.changed or self.extend:
            self._revive(wishes)
            wishes = self._grant(choice, wishes)
        left_out = self._left_out(choice, wishes)
        changed = wishes.changed + len(self.fallen)
        left = left_to_book(self.context, (key for key, wish in wishes.new.items() if wish == Wish.ADD))
        self._write(wishes, changed)
        return DraftChange(
            draft=self._draft(scope), changed=changed, left_out=left_out, followed=tuple(wishes.followed), left=left
        )

    # Deciding

    def _require_right(self) -> None:
        """Who may only look drops and revives nothing. No query for whoever may book for somebody."""
        if not any(child.may_book for child in self.context.children.values()):
            require(user=self.by, family=self.family, right=Right.BOOK)

    def _decide(self, choice: Choice, wishes: Wishes) -> Wishes:
        """What the choice does to the wishes: what is taken back first, so that it makes room."""
        for key in choice.dropped:
            wishes.drop(key)
        for key in choice.unticked:
            wishes.untick(key)
        self._hold_again(wishes)
        wishes.tick(sorted(choice.ticked, key=lambda key: key.day))
        return wishes

    def _revive(self, rehearsed: Wishes) -> None:
        """On a draft whose time is over: every rule again, the prices of now; `_hold_again` takes the places."""
        if self.basket is None or self.basket.is_live(at=self.at):
            return
        for key, line in self.lines.items():
            refusal = why_not_line(self.context, line, at=self.at) if key not in rehearsed.dropped else None
            if refusal is not None:
                self.fallen[key] = refusal
        self.fallen |= fall_within_limits(self.context, [*self.lines.values()], self.fallen)
        self.revived = {key: line for key, line in self.lines.items() if key not in self.fallen}
        reprice(self.context, [*self.revived.values()], at=self.at)

    def _left_out(self, choice: Choice, wishes: Wishes) -> tuple[LeftOut, ...]:
        fallen = [left_out(self.context, self.lines[key], refusal) for key, refusal in self.fallen.items()]
        refused = [
            LeftOut(
                code=key.code,
                child_name=self.context.child(key).first_name,
                label=self.context.unit(key).label,
                day=key.day,
                wish=wish,
                refusal=refusal,
            )
            for wish, key, refusal in wishes.left_out
        ]
        return (*choice.refused, *fallen, *refused)

    # Granting

    def _grant(self, choice: Choice, rehearsed: Wishes) -> Wishes:
        """The same decisions again, on the lines that still stand, with the places locked."""
        self.again = {
            key: line
            for key, line in self.revived.items()
            if line.wish == Wish.ADD and not line.holding and key not in rehearsed.dropped
        }
        stale = [self.lines[key] for key in self.fallen if self.lines[key].holding]
        cells = {*self.again, *(key_of(line) for line in stale)} | rehearsed.reach(everything=bool(self.fallen))
        room = lock_places(needed((self.context.units[key.unit_id].pools, key.day) for key in cells))
        for line in stale:
            room.release(self._pools(line), line.day)
        standing = {key: line for key, line in self.lines.items() if key not in self.fallen}
        for key, line in standing.items():
            # What the draft's own cancellations will give back, less what its lines without place count on.
            if line.wish == Wish.REMOVE:
                room.expect(self._pools(line), line.day)
            elif not line.holding and key not in self.again:
                room.expect(self._pools(line), line.day, -1)
        wishes = self._decide(choice, Wishes(self.context, standing, at=self.at, room=room))
        save_places(room)
        return wishes

    def _hold_again(self, wishes: Wishes) -> None:
        """The lines of a draft that had lapsed take their places again; those that find none fall, with their ties."""
        if wishes.room is None:
            return
        for key, line in self.again.items():
            if key in wishes.dropped or key in self.fallen:
                continue
            grant = wishes.room.hold(self._pools(line), line.day)
            line.holding = grant is Grant.HELD
            if grant is not None:
                continue
            pool = wishes.room.full_pools(self._pools(line), line.day)[0]
            lost = {key: full(self.context.units[line.unit_id], pool=pool)}
            left = [each for each_key, each in wishes.lines.items() if each_key not in wishes.dropped]
            lost |= fall_together(self.context, left, lost)
            for each, refusal in lost.items():
                self.fallen[each] = refusal
                self.revived.pop(each, None)
                wishes.lose(each)

    def _pools(self, line: BasketLine) -> Collection[int]:
        return self.context.units[line.unit_id].pools

    # Writing

    def _line(self, wish: Wish, key: CellKey, wishes: Wishes) -> BasketLine:
        line = BasketLine(
            wish=wish,
            child_id=key.child_id,
            unit_id=key.unit_id,
            day=key.day,
            follows_id=wishes.follows.get(key),
            added_at=self.at,
            added_by=self.by,
        )
        if wish == Wish.REMOVE:
            booking = self.context.booked[key]
            line.booking_id = booking.pk
            line.enrolment_id = booking.enrolment_id
            line.tariff_version_id = booking.tariff_version_id
            line.unit_price = booking.unit_price
        else:
            quote = self.context.quote(key, at=self.at)
            assert quote is not None  # noqa: S101  # the policy refuses a day without price
            line.enrolment_id = self.context.live_enrolment(key).pk
            line.tariff_version_id = quote.price.version_key
            line.unit_price = quote.amount
            line.surcharge = quote.surcharge
            line.explanation = list(quote.explanation)
            line.holding = key in wishes.holding
        return line

    def _write(self, wishes: Wishes, changed: int) -> None:
        # A draft that takes its places again is written even when the day asked for is full: its lines hold now.
        if not (changed or self.extend or self.revived):
            return
        gone = {*wishes.dropped, *self.fallen}
        kept = {key: line for key, line in self.lines.items() if key not in gone}
        self.context.together(key for key, line in kept.items() if line.wish == Wish.ADD)
        self.context.together(key for key, wish in wishes.new.items() if wish == Wish.ADD)
        # Cancellations first, as they were asked: the draft is validated in that order.
        made = [
            self._line(wish, key, wishes)
            for wish, key in sorted(
                ((wish, key) for key, wish in wishes.new.items()),
                key=lambda each: each[0] == Wish.ADD,
            )
        ]
        if not kept and not made:
            if self.basket is not None:
                erase_draft(self.basket)
            self.lines, self.basket = {}, None
            return
        basket = self.basket = self._write_basket(changed)
        if gone:
            BasketLine.objects.filter(pk__in=[self.lines[key].pk for key in gone]).delete()
        if self.revived:
            BasketLine.objects.bulk_update(
                self.revived.values(), ["holding", "unit_price", "surcharge", "explanation", "tariff_version"]
            )
        for line in made:
            line.basket = basket
        BasketLine.objects.bulk_create(made)
        self.lines = kept | {key_of(line): line for line in made}

    def _write_basket(self, changed: int) -> Basket:
        expires_at = self.at + draft_minutes()
        if self.basket is None:
            return Basket.objects.create(
                family=self.family,
                opened_at=self.at,
                changed_at=self.at,
                changed_by=self.by,
                expires_at=expires_at,
            )
        self.basket.expires_at = expires_at
        self.basket.lapsed_at = None
        if changed:
            self.basket.version += 1
            self.basket.changed_at = self.at
            self.basket.changed_by = self.by
        self.basket.save(update_fields=["expires_at", "lapsed_at", "version", "changed_at", "changed_by"])
        return self.basket

    def _draft(self, scope: Scope) -> Draft:
        lines = [*self.lines.values()]
        waiting = any(line.wish == Wish.ADD and not line.holding for line in lines)
        room = load_room(self.context, scope, at=self.at) if waiting else Room({})
        return draft_values(self.context, lines, settle(self.context, lines, room, at=self.at), at=self.at)
