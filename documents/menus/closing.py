"""Which days a site does not serve, and why: the portal's calendar read for a menu."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from portal.domain.activities.enums import ServiceDays
from portal.domain.activities.opening import ServiceCalendar
from portal.domain.activities.queries import load_calendar
from portal.domain.kernel import french
from portal.domain.kernel.calendar import DateRange

#: What `load_calendar` takes when no site depends on a structure: the closures of the town only.
_NO_STRUCTURE = (0,)


@dataclass(frozen=True, slots=True)
class Openings:
    """The days of one site. `structures` are keys; a site without structure follows the closures of the town."""

    calendar: ServiceCalendar
    service_days: str
    weekdays: Collection[int]
    structures: Collection[int] = ()

    def why_closed(self, day: date) -> str:
        """“Armistice 1918”, “Vacances de Noël”, the reason of a closure; "" on a day that is served or could be.

        Weekdays that the site never serves are not asked about here.
        """
        if day in self.calendar.public_holidays:
            return _("Férié\u00a0: %(name)s") % {"name": self.calendar.public_holidays[day]}
        if reason := self._closure(day):
            return french.typography(reason.strip().rstrip("."))
        holiday = self.calendar.holiday_on(day)
        if holiday is not None and self.service_days == ServiceDays.SCHOOL:
            return holiday.name
        if holiday is None and self.service_days == ServiceDays.HOLIDAYS:
            return _("Jour d’école")
        return ""

    def served(self, days: Iterable[date]) -> list[date]:
        """Those of `days` on which a menu is expected."""
        return [day for day in days if day.isoweekday() in self.weekdays and not self.why_closed(day)]

    def _closure(self, day: date) -> str:
        """The town's closure, or the one of the last structure when all of the site's are closed."""
        closed: dict[int, str] = {}
        for closure in self.calendar.closures:
            if day not in closure.days or closure.activity_id is not None:
                continue
            if closure.structure_id is None:
                return closure.reason
            closed[closure.structure_id] = closure.reason
        if self.structures and all(structure in closed for structure in self.structures):
            return closed[next(iter(self.structures))]
        return ""


def load_openings(
    days: DateRange, *, service_days: str, weekdays: Collection[int], structures: Collection[int]
) -> Openings:
    """The openings of one site for `days`, in one query."""
    calendar = load_calendar(days, structures or _NO_STRUCTURE)
    return Openings(calendar, service_days=service_days, weekdays=weekdays, structures=structures)
