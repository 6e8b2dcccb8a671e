"""How stops are said: in the language of the page for screens; callers of receipts and mails speak French."""

from datetime import date, time

from django.utils.translation import gettext as _

from portal.domain import language
from portal.domain.transport.enums import Release, Way
from portal.domain.transport.rules import Boarded, DayStops, Line, Stop, Wanted


def way_words(each: Boarded) -> str:
    """« aller : Place du Marché à 8 h 05 », « retour : sans le bus »."""
    way = str(Way(each.way).label)
    if each.stop is None:
        return _("%(way)s\u00a0: sans le bus") % {"way": way}
    if each.gone or each.hour is None:
        return _("%(way)s\u00a0: arrêt supprimé, à choisir") % {"way": way}
    return _("%(way)s\u00a0: %(stop)s à %(hour)s") % {
        "way": way,
        "stop": each.stop.name,
        "hour": language.words().hour(each.hour),
    }


def day_words(stops: DayStops) -> str:
    """The ways of a day in one line; « arrêt à choisir » when nothing was chosen."""
    if not stops.known:
        return _("arrêt à choisir")
    return ", ".join(way_words(each) for each in stops.ways)


def release_words(stops: DayStops) -> str:
    """How the child leaves the bus on the way back; nothing when it does not take it."""
    back = stops.way(Way.HOMEWARD)
    if back is None or back.stop is None:
        return ""
    return str(Release(stops.release).label)


def hours_words(stop: Stop, way: Way) -> str:
    """« 11 h 35 »; « lundi et mardi 8 h 05, mercredi 11 h 35 » when days differ."""
    days: dict[time, list[int]] = {}
    for (weekday, served), hour in sorted(stop.times.items()):
        if served == way:
            days.setdefault(hour, []).append(weekday)
    words = language.words()
    if len(days) == 1:
        return words.hour(next(iter(days)))
    return ", ".join(f"{words.weekday_names(weekdays)} {words.hour(hour)}" for hour, weekdays in days.items())


def stop_choice(stop: Stop, way: Way, *, day: date | None = None) -> str:
    """A stop as it is offered: its name, its hour, where it is, and its dates when it has some."""
    hour = stop.time_on(day, way) if day is not None else None
    words = [stop.name, language.words().hour(hour) if hour is not None else hours_words(stop, way)]
    if stop.place:
        words.append(stop.place)
    if day is None and stop.first is not None:
        words.append(_("à partir du %(day)s") % {"day": language.words().full_date(stop.first)})
    if day is None and stop.last is not None:
        words.append(_("jusqu’au %(day)s") % {"day": language.words().full_date(stop.last)})
    return ", ".join(words)


def usual_words(line: Line, wanted: Wanted) -> list[tuple[str, str]]:
    """The usual stops of a child, way by way, with their hours: pairs (« aller », « Place du Marché, 11 h 35 »)."""
    said = []
    for way in Way:
        stop = line.stop(wanted.at(way))
        if stop is not None:
            said.append((str(way.label), f"{stop.name}, {hours_words(stop, way)}"))
        elif line.offered(way, from_day=date.min):
            said.append((str(way.label), _("sans le bus")))
    if wanted.homeward is not None:
        said.append((_("au retour"), str(Release(wanted.release).label)))
    return said
