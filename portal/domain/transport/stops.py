"""The verb of agents over a stop: moved, given other hours, or closed; rehearsed first, and families are told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import count

from django.db import transaction
from django.db.models import Max, Q
from django.urls import reverse
from django.utils.text import slugify

from portal.domain.accounts.models import User
from portal.domain.audit.services import record
from portal.domain.enrolments.enums import LIVE_ENROLMENT_STATES
from portal.domain.enrolments.models import Enrolment
from portal.domain.families.models import Family
from portal.domain.kernel.clock import paris_date
from portal.domain.kernel.french import NBSP, full_date, hour, join_words, labelled, weekday_name
from portal.domain.language import in_french
from portal.domain.notices.enums import NoticeKind
from portal.domain.notices.services import notify_family
from portal.domain.transport.enums import Way
from portal.domain.transport.models import BusLine, BusStop, StopChoice, StopException, StopTime
from portal.domain.transport.queries import read_choices, stop_of
from portal.domain.transport.rules import Stop, Wanted, in_force

Hours = Mapping[int, tuple[time | None, time | None]]


class StopNotChanged(Exception):
    """Nothing was written; `reason` is a French sentence, `field` what it is about."""

    def __init__(self, reason: str, field: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.field = field


@dataclass(frozen=True, slots=True)
class StopChange:
    """What a stop becomes. `hours`: ISO weekday → (outward, homeward). `last` is its last day, None for no end.

    `instead`: the key of the stop of the same line to which its children go after `last`; without it, families choose.
    """

    name: str
    place: str
    hours: Hours
    last: date | None = None
    instead: int | None = None


@dataclass(frozen=True, slots=True)
class Concerned:
    """A child who uses the stop from the day looked at on. `to_choose`: the family will have to choose another one."""

    enrolment: int
    family: int
    child: str
    ways: tuple[Way, ...]
    to_choose: bool


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change would do: what families would read, and which children it concerns, by name."""

    sentences: Sequence[str] = ()
    children: Sequence[Concerned] = field(default_factory=tuple)

    @property
    def families(self) -> int:
        """How many families would be told."""
        return len({each.family for each in self.children}) if self.sentences else 0


def rehearse_change(*, stop: BusStop, change: StopChange, at: datetime) -> Effect:
    """What `change_stop` would do at `at`. Nothing is locked, nothing is written. Raises StopNotChanged."""
    _check(stop, change, at=at)
    return _effect(stop, change, at=at)


@transaction.atomic
@in_french()
def change_stop(*, stop: BusStop, change: StopChange, by: User, at: datetime) -> Effect:
    """Change a stop under its line's lock, and tell the families of the children who use it what changes for them.

    A stop with a last day keeps its choices until then. Afterwards its children go to `instead`, by a choice written
    now, or their family is asked for another stop. Exceptions beyond the last day go: they named a stop that is no
    more. The same change twice writes and tells once. Raises StopNotChanged.
    """
    BusLine.objects.select_for_update(of=("self",), no_key=True).get(pk=stop.line_id)
    stop = BusStop.objects.select_for_update(of=("self",), no_key=True).select_related("line").get(pk=stop.pk)
    _check(stop, change, at=at)
    effect = _effect(stop, change, at=at)
    before = _facts(stop_of(stop))
    stop.name, stop.place, stop.ends_on = change.name, change.place, change.last
    after = _facts(Stop(stop.pk, stop.code, change.name, change.place, last=change.last, times=_times(change.hours)))
    if before == after:
        return Effect()
    stop.save(update_fields=["name", "place", "ends_on"])
    StopTime.objects.filter(stop=stop).delete()
    _write_hours(stop, change.hours)
    if change.last is not None:
        _move_away(stop, change, effect, by=by, at=at)
    record(
        verb="change_stop",
        target=stop,
        by=by,
        at=at,
        before=before,
        after=after | {"line": stop.line.name, "children": len(effect.children)},
    )
    _tell(stop, change, effect, at=at)
    return effect


@transaction.atomic
def create_stop(*, line: BusLine, change: StopChange, first: date | None, by: User, at: datetime) -> BusStop:
    """A new stop at the end of the line, served from `first` on. Raises StopNotChanged."""
    BusLine.objects.select_for_update(of=("self",), no_key=True).get(pk=line.pk)
    stop = BusStop(line=line, code=_code(line, change.name), name=change.name, place=change.place, starts_on=first)
    _check(stop, change, at=at)
    stop.ends_on = change.last
    stop.order = (BusStop.objects.filter(line=line).aggregate(last=Max("order"))["last"] or 0) + 1
    stop.save()
    _write_hours(stop, change.hours)
    after = _facts(Stop(stop.pk, stop.code, change.name, change.place, last=change.last, times=_times(change.hours)))
    record(verb="create_stop", target=stop, by=by, at=at, after=after | {"line": line.name})
    return stop


# Inside


def _code(line: BusLine, name: str) -> str:
    """A code of the line that nobody has yet, made of the name."""
    base = slugify(name)[:60] or "arret"
    taken = set(BusStop.objects.filter(line=line, code__startswith=base).values_list("code", flat=True))
    return next(code for code in (base, *(f"{base}-{rank}" for rank in count(2))) if code not in taken)


def _write_hours(stop: BusStop, hours: Hours) -> None:
    StopTime.objects.bulk_create(
        StopTime(stop=stop, weekday=weekday, outward=outward, homeward=homeward)
        for weekday, (outward, homeward) in sorted(hours.items())
        if outward is not None or homeward is not None
    )


def _check(stop: BusStop, change: StopChange, *, at: datetime) -> None:
    if not change.name.strip():
        raise StopNotChanged("Donnez un nom à l’arrêt.", "name")
    if not _times(change.hours):
        raise StopNotChanged("Donnez au moins une heure de passage, à l’aller ou au retour.", "hours")
    if change.last is None:
        if change.instead is not None:
            raise StopNotChanged("Donnez le dernier jour de l’arrêt avant de dire où vont ses enfants.", "last")
        return
    if change.last < paris_date(at) - timedelta(days=1):
        raise StopNotChanged("Le dernier jour de l’arrêt ne peut pas être si loin dans le passé.", "last")
    if stop.starts_on is not None and change.last < stop.starts_on:
        raise StopNotChanged("Le dernier jour suit le premier.", "last")
    if change.instead is not None:
        other = BusStop.objects.filter(pk=change.instead, line=stop.line_id, is_terminus=False).first()
        if other is None or other.pk == stop.pk:
            raise StopNotChanged("Choisissez un autre arrêt de la même ligne.", "instead")
        value = stop_of(other)
        mine = {way for _weekday, way in _times(change.hours)}
        if not value.is_open_on(change.last + timedelta(days=1)) or not all(value.serves(way) for way in mine):
            raise StopNotChanged(
                "Cet arrêt n’est pas desservi à l’aller et au retour comme celui qu’il remplace.", "instead"
            )


def _effect(stop: BusStop, change: StopChange, *, at: datetime) -> Effect:
    sentences = _sentences(stop, change)
    first = paris_date(at)
    closing = change.last is not None and change.last != stop.ends_on
    if not sentences:
        return Effect()
    enrolments = {
        row.pk: row
        for row in Enrolment.objects.filter(
            Q(stopchoices__outward=stop)
            | Q(stopchoices__homeward=stop)
            | Q(stopexceptions__outward=stop)
            | Q(stopexceptions__homeward=stop),
            state__in=LIVE_ENROLMENT_STATES,
            ends_on__gte=first,
        )
        .select_related("child")
        .distinct()
    }
    choices = read_choices(enrolments)
    days = StopException.objects.filter(
        Q(outward=stop) | Q(homeward=stop), enrolment__in=enrolments, day__gte=first
    ).values_list("enrolment", flat=True)
    exceptions = set(days)
    found = []
    for key, row in enrolments.items():
        mine = choices.get((key, stop.line_id), [])
        counting = [wanted for since, wanted in mine if since > first]
        now = in_force(mine, max(first, row.starts_on))
        ways = {way for wanted in (*counting, *([now] if now else [])) for way in Way if wanted.at(way) == stop.pk}
        if not ways and key not in exceptions:
            continue
        found.append(
            Concerned(
                key,
                row.family_id,
                f"{row.child.first_name} {row.child.last_name}",
                tuple(way for way in Way if way in ways),
                to_choose=closing and bool(ways) and change.instead is None,
            )
        )
    return Effect(sentences, tuple(sorted(found, key=lambda each: each.child)))


def _sentences(stop: BusStop, change: StopChange) -> list[str]:
    """What changes, as families read it."""
    said = []
    if change.name != stop.name:
        said.append(f"L’arrêt «{NBSP}{stop.name}{NBSP}» s’appelle maintenant «{NBSP}{change.name}{NBSP}».")
    if change.place != stop.place:
        said.append(f"{labelled('Il se trouve', change.place)}." if change.place else "Son emplacement est précisé.")
    now, before = _times(change.hours), stop_of(stop).times
    if now != before:
        said.append(labelled("Nouvelles heures", _hours_words(now)) + ".")
    if change.last != stop.ends_on:
        said.append(_closing_words(change))
    return said


def _closing_words(change: StopChange) -> str:
    if change.last is None:
        return "L’arrêt reste desservi."
    closing = f"L’arrêt n’est plus desservi après le {full_date(change.last)}."
    if change.instead is None:
        return f"{closing} Choisissez-en un autre."
    other = BusStop.objects.get(pk=change.instead)
    return f"{closing} Ensuite, le bus s’arrête pour vous à «{NBSP}{other.name}{NBSP}»."


def _hours_words(times: Mapping[tuple[int, Way], time]) -> str:
    said = []
    for weekday in sorted({each for each, _way in times}):
        ways = [f"{way.label} {hour(times[weekday, way])}" for way in Way if (weekday, way) in times]
        said.append(f"{weekday_name(weekday)} {join_words(ways)}")
    return ", ".join(said)


def _times(hours: Hours) -> dict[tuple[int, Way], time]:
    return {
        (weekday, way): at
        for weekday, pair in hours.items()
        for way, at in zip(Way, pair, strict=True)
        if at is not None
    }


def _facts(stop: Stop) -> dict[str, object]:
    return {
        "name": stop.name,
        "place": stop.place,
        "last": stop.last.isoformat() if stop.last else "",
        "hours": _hours_words(stop.times),
    }


def _move_away(stop: BusStop, change: StopChange, effect: Effect, *, by: User, at: datetime) -> None:
    """The days after the last one: the children go to the other stop, and exceptions that name this one go."""
    if change.last is None:
        return
    since = change.last + timedelta(days=1)
    StopException.objects.filter(Q(outward=stop) | Q(homeward=stop), line=stop.line_id, day__gt=change.last).delete()
    if change.instead is None:
        return
    choices = read_choices([each.enrolment for each in effect.children])
    for each in effect.children:
        mine = choices.get((each.enrolment, stop.line_id), [])
        starts = {since, *(day for day, _wanted in mine if day > since)}
        for day in sorted(starts):
            wanted = in_force(mine, day)
            if wanted is None or stop.pk not in (wanted.outward, wanted.homeward):
                continue
            _write_choice(each.enrolment, stop.line_id, day, _replaced(wanted, stop.pk, change.instead), by=by, at=at)


def _replaced(wanted: Wanted, old: int, new: int) -> Wanted:
    return Wanted(
        new if wanted.outward == old else wanted.outward,
        new if wanted.homeward == old else wanted.homeward,
        wanted.release,
    )


def _write_choice(enrolment: int, line: int, since: date, wanted: Wanted, *, by: User, at: datetime) -> None:
    StopChoice.objects.update_or_create(
        enrolment_id=enrolment,
        line_id=line,
        since=since,
        defaults={
            "outward_id": wanted.outward,
            "homeward_id": wanted.homeward,
            "release": wanted.release,
            "by": by,
            "at": at,
        },
    )


def _tell(stop: BusStop, change: StopChange, effect: Effect, *, at: datetime) -> None:
    """One notice for each family, with its children named."""
    children: dict[int, list[str]] = {}
    for each in effect.children:
        children.setdefault(each.family, []).append(each.child.split(" ")[0])
    for family in Family.objects.filter(pk__in=children).order_by("pk"):
        names = join_words(dict.fromkeys(children[family.pk]))
        notify_family(
            family=family,
            kind=NoticeKind.BOOKING,
            title=f"Bus{NBSP}: l’arrêt «{NBSP}{change.name}{NBSP}» change pour {names}"[:200],
            text=" ".join(effect.sentences),
            at=at,
            path=reverse("transport:index"),
        )


__all__ = ["Effect", "StopChange", "StopNotChanged", "change_stop", "create_stop", "rehearse_change"]
