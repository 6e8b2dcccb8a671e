"""What pages and agents read: the prices of an activity for each child, memberships in words, aids."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import Q
from django.utils.translation import gettext as _

from portal.domain import language
from portal.domain.activities.models import Activity, Unit
from portal.domain.families.models import Child, Family
from portal.domain.pricing.enums import AidKind, Holder
from portal.domain.pricing.models import AidGrant, Membership, MembershipKind
from portal.domain.pricing.rules import Grant
from portal.domain.pricing.situations import Situations, load_situations
from portal.domain.tariffs.engine import NoPrice, Price, Tariff, grid_on
from portal.domain.tariffs.engine import aids as engine
from portal.domain.tariffs.queries import PriceBook, QuotedUnit, load_price_book


@dataclass(frozen=True, slots=True)
class ChildQuotes:
    """What each unit of an activity costs one child, and its standing in the memberships that these prices ask for."""

    child: Child
    quotes: tuple[QuotedUnit, ...]
    standings: tuple["Standing", ...] = ()

    @property
    def amounts(self) -> tuple[object, ...]:
        return tuple(each.price and each.price.due for each in self.quotes)


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether somebody is a member on a day, in one sentence; `until` is the last day of a membership."""

    kind: MembershipKind
    until: date | None
    sentence: str

    @property
    def is_member(self) -> bool:
        return self.until is not None


def quote_children(
    *, family: Family, children: Sequence[Child], activity: Activity, day: date, grants: Collection[Grant] = ()
) -> tuple[ChildQuotes, ...]:
    """The price of each unit for each of these children on that day, aids in lines, in the language being spoken.

    The same price as the planning's and the booking's: the same book and the same situations. `grants`: the aids of
    the family, with what is left of them.
    """
    units = list(activity.units.order_by("order", "pk"))
    book = load_price_book(units)
    situations = load_situations(family=family.pk, book=book, units=[unit.pk for unit in units])
    kinds = asked_kinds(book, units, day)
    standings = standings_of(family, children, kinds, day)
    return tuple(
        ChildQuotes(
            child,
            tuple(QuotedUnit(unit, _price(book, situations, grants, child.pk, unit, day)) for unit in units),
            standings.get(child.pk, ()),
        )
        for child in children
    )


def _price(
    book: PriceBook, situations: Situations, grants: Collection[Grant], child: int, unit: Unit, day: date
) -> Price | None:
    situation = situations.of(child, unit.pk, day)
    tariff = book.tariff(unit.pk)
    aids = tuple(grant.aid for grant in grants if tariff and grant.is_for(child, tariff.code, day))
    if aids:
        situation = replace(situation, aids=aids)
    try:
        return book.price(unit.pk, day, situation, language=language.spoken())
    except NoPrice:
        return None


def load_grants(family: Family) -> list[Grant]:
    """The aids of a family as prices use them, the oldest first; one query without any, two with some."""
    rows = AidGrant.objects.filter(family=family).prefetch_related("tariffs").order_by("valid_from", "pk")
    return [
        Grant(
            engine.Aid(str(row.pk), row.label, _kind(row.kind), row.number, row.amount_cap, row.uses_cap),
            row.valid_from,
            row.valid_until,
            row.child_id,
            frozenset(tariff.code for tariff in row.tariffs.all()),
        )
        for row in rows
    ]


def _kind(kind: str) -> engine.AidKind:
    return engine.AidKind(AidKind(kind).value)


def asked_kinds(book: PriceBook, units: Iterable[Unit], day: date) -> list[MembershipKind]:
    """The memberships that the grids of that day look at; no query when they look at none."""
    codes = {code for unit in units if (tariff := book.tariff(unit.pk)) for code in _asked(tariff, day)}
    return list(MembershipKind.objects.filter(code__in=codes).order_by("order", "pk")) if codes else []


def _asked(tariff: Tariff, day: date) -> set[str]:
    grid = grid_on(tariff.grids, day)
    if grid is None:
        return set()
    conditions = [part.when for part in grid.parts] + [change.when for change in grid.changes]
    return {code for when in conditions for code in when.members | when.not_members}


def standings_of(
    family: Family, children: Sequence[Child], kinds: Sequence[MembershipKind], day: date
) -> dict[int, tuple[Standing, ...]]:
    """By child, its standing in each of these memberships; one query, none without kinds."""
    if not kinds:
        return {}
    rows = Membership.objects.filter(
        Q(family=family) | Q(child__in=[child.pk for child in children]),
        kind__in=kinds,
        valid_from__lte=day,
        valid_until__gte=day,
    )
    last = {(row.kind_id, row.child_id): row.valid_until for row in rows}
    return {
        child.pk: tuple(
            _standing(kind, child, last.get((kind.pk, child.pk if kind.holder == Holder.CHILD else None)))
            for kind in kinds
        )
        for child in children
    }


def _standing(kind: MembershipKind, child: Child, until: date | None) -> Standing:
    words = {"child": child.first_name, "kind": kind.name, "how": kind.how_to}
    if until is not None:
        words["day"] = language.words().full_date(until)
        return Standing(
            kind, until, _("%(child)s\u00a0: adhésion «\u00a0%(kind)s\u00a0» valable jusqu’au %(day)s.") % words
        )
    return Standing(
        kind,
        None,
        _("%(child)s n’a pas l’adhésion «\u00a0%(kind)s\u00a0»\u00a0: tarif «\u00a0non adhérent\u00a0». %(how)s")
        % words,
    )


def standings_of_child(family: Family, child: Child, day: date) -> tuple[Standing, ...]:
    """What the page of a child says of the memberships that the town offers, and of those that it has. Two queries."""
    mine = Membership.objects.filter(Q(family=family) | Q(child=child), valid_from__lte=day, valid_until__gte=day)
    kinds = MembershipKind.objects.filter(Q(is_offered=True) | Q(pk__in=mine.values("kind"))).order_by("order", "pk")
    return standings_of(family, [child], list(kinds), day).get(child.pk, ())
