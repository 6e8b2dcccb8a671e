"""What a family can do instead of a refused change: only ways that lead somewhere today."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from portal.domain.bookings.context import ServiceContact
from portal.domain.kernel import french
from portal.domain.kernel.refusals import WayOut, WayOutKind
from portal.web.planning.words import lower_first


@dataclass(frozen=True, slots=True)
class Way:
    """A row of components/tasks.html."""

    label: str
    url: str
    note: str = ""
    icon: str = "arrow"


#: The page that serves a way when the domain names none. A page that is not installed is no way out.
_PAGES = {
    WayOutKind.CHOOSE_OTHER_DAY: ("planning:index", "calendar"),
    WayOutKind.START_AGAIN: ("planning:index", "calendar"),
    WayOutKind.COME_BACK_LATER: ("planning:index", "clock"),
    WayOutKind.ENROL: ("enrolments:index", "pencil"),
    WayOutKind.COMPLETE_FILE: ("dossier:index", "folder"),
    WayOutKind.DECLARE_ABSENCE: ("absences:index", "heart"),
    WayOutKind.LATE_REQUEST: ("messages:late_request", "mail"),
    WayOutKind.WAITING_LIST: ("waiting:index", "clock"),
}


def ways(offered: Iterable[WayOut], *, service: ServiceContact, planning_url: str) -> list[Way]:
    """The rows of « Ce que vous pouvez faire », best first, ended by the telephone and the mail of the service."""
    found = [way for way in (_page(each, planning_url) for each in offered) if way is not None]
    return [*found, *_contacts(service)]


def _page(way: WayOut, planning_url: str) -> Way | None:
    if way.kind is WayOutKind.CONTACT_SERVICE:
        return None
    name, icon = _PAGES[way.kind]
    if way.url_name:
        url = _reverse(way.url_name, **way.params)
    elif name == "planning:index":
        url = planning_url
    else:
        url = _reverse(name)
    return Way(label=way.label, url=url, icon=icon) if url else None


def _contacts(service: ServiceContact) -> list[Way]:
    rows = []
    if service.phone:
        words = {"service": _the(service), "phone": service.phone.replace(" ", french.NBSP)}
        rows.append(
            Way(
                label=_("Appeler %(service)s\u00a0: %(phone)s") % words,
                url=f"tel:{_international(service.phone)}",
                note=service.opening_hours,
                icon="phone",
            )
        )
    if service.email:
        label = _("Envoyer un mail à l’adresse du service")
        rows.append(Way(label=label, url=f"mailto:{service.email}", note=service.email, icon="mail"))
    return rows


def _the(service: ServiceContact) -> str:
    """« le service Enfance »; a name of another kind stays as it is."""
    if not service.name:
        return _("votre service")
    words = lower_first(service.name)
    return _("le %(service)s") % {"service": words} if words.startswith("service") else service.name


def _international(phone: str) -> str:
    digits = "".join(sign for sign in phone if sign.isdigit() or sign == "+")
    return f"+33{digits[1:]}" if digits.startswith("0") and len(digits) == 10 else digits


def _reverse(name: str, **params: str | int) -> str:
    try:
        return reverse(name, kwargs=params)
    except NoReverseMatch:
        return ""
