"""How stops are said: in the language of the page for screens; callers of receipts and mails speak French."""

from django.utils.translation import gettext as _

from portal.domain import language
from portal.domain.transport.enums import Release, Way
from portal.domain.transport.rules import Boarded, DayStops


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
