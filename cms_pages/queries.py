"""Reads that several pages share: places, what is coming, what the family's space allows."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.cache import cache
from django.db.models import Q
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cms_pages.models import StructureIndexPage, StructurePage
from portal.domain.activities.models import Activity
from portal.domain.activities.queries import load_calendar
from portal.domain.kernel.calendar import DateRange
from portal.domain.kernel.clock import paris_date
from portal.web.menu import entry_address

COMING_KEY = "cms_pages.coming"
#: A date of enrolment that an agent corrects shows within ten minutes, everywhere.
COMING_SECONDS = 600
#: Summer holidays are in sight from the spring on.
HOLIDAY_AHEAD = timedelta(days=120)
ENROLMENT_AHEAD = timedelta(days=90)
ENROLMENTS_SHOWN = 4


def structure_pages(*, kinds: Iterable[str] = ()) -> list[StructurePage]:
    """The places on line, of these kinds or all, with their structure and photo: two queries."""
    wanted = list(kinds)
    pages = StructurePage.objects.live().public().for_lists()
    return list(pages.filter(kind__in=wanted) if wanted else pages)


def structure_index() -> StructureIndexPage | None:
    """The list of the places, when it is on line."""
    found: StructureIndexPage | None = StructureIndexPage.objects.live().public().first()
    return found


@dataclass(frozen=True, slots=True)
class ComingHoliday:
    """School holidays; `ongoing`: they have begun."""

    name: str
    days: DateRange
    ongoing: bool


@dataclass(frozen=True, slots=True)
class ComingEnrolment:
    """Activities whose enrolments open (`opens`) or close at an instant."""

    names: tuple[str, ...]
    instant: datetime
    opens: bool


@dataclass(frozen=True, slots=True)
class Coming:
    holiday: ComingHoliday | None
    enrolments: tuple[ComingEnrolment, ...]

    def at(self, moment: datetime) -> "Coming":
        """The same without what is over at that moment: what was kept may be ten minutes old."""
        today = paris_date(moment)
        holiday = self.holiday
        if holiday is not None:
            over = holiday.days.last < today
            holiday = None if over else ComingHoliday(holiday.name, holiday.days, holiday.days.first <= today)
        return Coming(holiday, tuple(one for one in self.enrolments if one.instant > moment))


def coming_up(*, at: datetime) -> Coming:
    """The next school holidays and the next dates of enrolment: two queries, then none for ten minutes."""
    today = paris_date(at)
    # Keyed by day: the holidays of yesterday are not those of today.
    key = f"{COMING_KEY}.{today:%Y%m%d}"
    known: Coming | None = cache.get(key)
    if known is None:
        known = Coming(_next_holiday(today), _next_enrolments(at, today))
        cache.set(key, known, COMING_SECONDS)
    return known.at(at)


def _next_holiday(today: date) -> ComingHoliday | None:
    calendar = load_calendar(DateRange(today, today + HOLIDAY_AHEAD), structures=())
    for holiday in sorted(calendar.holidays, key=lambda one: one.days.first):
        if holiday.days.last >= today:
            return ComingHoliday(holiday.name, holiday.days, holiday.days.first <= today)
    return None


def _next_enrolments(at: datetime, today: date) -> tuple[ComingEnrolment, ...]:
    until = at + ENROLMENT_AHEAD
    rows = (
        Activity.objects.current_or_future(on=today)
        .filter(
            Q(enrolment_opens_at__gt=at, enrolment_opens_at__lte=until)
            | Q(enrolment_closes_at__gt=at, enrolment_closes_at__lte=until),
            shown_on_planning=True,
        )
        .order_by("type__order", "order", "pk")
        .values_list("short_name", "enrolment_opens_at", "enrolment_closes_at")
    )
    together: dict[tuple[datetime, bool], dict[str, None]] = {}
    for name, opens_at, closes_at in rows:
        for instant, opens in ((opens_at, True), (closes_at, False)):
            if instant is not None and at < instant <= until:
                together.setdefault((instant, opens), {})[name] = None
    ordered = sorted(together.items(), key=lambda item: item[0])[:ENROLMENTS_SHOWN]
    return tuple(ComingEnrolment(tuple(names), instant, opens) for (instant, opens), names in ordered)


@dataclass(frozen=True, slots=True)
class Allowed:
    """One thing that a signed-in family does here."""

    title: str | Promise
    text: str | Promise
    icon: str


#: By entry of the private menu: what a screen that is not installed would allow is not promised.
_ALLOWED = {
    "dossier": Allowed(
        _("Tenir le dossier à jour"),
        _("Les enfants, les coordonnées, les personnes autorisées, les documents à fournir."),
        "folder",
    ),
    "enrolments": Allowed(
        _("Inscrire ses enfants"), _("À la cantine, au périscolaire, aux accueils de loisirs."), "pencil"
    ),
    "planning": Allowed(
        _("Réserver et annuler des jours"),
        _("Sur un planning commun à tous les enfants, jusqu’à l’échéance affichée."),
        "calendar",
    ),
    "invoices": Allowed(_("Payer ses factures"), _("Les consulter, les régler, retrouver ses reçus."), "euro"),
    "messages": Allowed(_("Écrire aux services"), _("Chaque question va au service qui répond."), "mail"),
    "news": Allowed(
        _("Recevoir ce qui la concerne"), _("Les actualités de l’école et des activités choisies."), "news"
    ),
}


def allowed_in_space(request: HttpRequest | None) -> list[Allowed]:
    """What the family's space allows, in the order of its menu."""
    return [allowed for key, allowed in _ALLOWED.items() if entry_address("private", key, request)]
