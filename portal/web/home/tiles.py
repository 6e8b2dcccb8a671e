"""The six tiles of the family's home. A part of the portal that is not there leaves no dead link."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from portal.web.menu import entry_address, entry_count
from portal.web.planning.state import planning_url


@dataclass(frozen=True, slots=True)
class TileLink:
    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Tile:
    """A subject with the ways into it, and what is new there: a count with its words, singular and plural."""

    title: str
    icon: str
    links: tuple[TileLink, ...]
    unread: int = 0
    one: str = ""
    many: str = ""


def tiles(request: HttpRequest, *, today: date) -> tuple[Tile, ...]:
    """The tiles that lead somewhere, in their order."""
    planned = (
        (
            _("Mon dossier"),
            "folder",
            (
                (_("Consulter mon dossier et mes documents"), _address("dossier:index")),
                (_("Documents utiles"), _address("library:family")),
                (_("Suivre mes démarches"), _address("procedures:index")),
                (_("Formulaires et sondages"), _address("surveys:index")),
            ),
        ),
        (
            _("Inscriptions"),
            "pencil",
            ((_("Inscrire à une activité, voir les inscriptions"), _address("enrolments:index")),),
        ),
        (
            _("Planning et réservations"),
            "calendar",
            (
                (_("Réserver ou annuler des jours"), planning_url(today, edit=True)),
                (_("Voir le mois"), planning_url(today)),
            ),
        ),
        (
            _("Facturation"),
            "euro",
            ((_("Payer mes factures"), _address("invoices:index")),),
        ),
        (
            _("Messagerie"),
            "mail",
            (
                (_("Lire mes messages"), _address("messages:index")),
                (_("Écrire à un service"), _address("messages:new")),
            ),
        ),
        (
            _("Actualités"),
            "news",
            (
                (_("Lire les actualités"), _entry(request, "news")),
                (_("Voir les menus"), _entry(request, "menus")),
                (_("Simuler mes tarifs"), _entry(request, "simulator")),
            ),
        ),
    )
    news = {"unread": entry_count("private", "news", request), "one": _("non lue"), "many": _("non lues")}
    counts: dict[str, dict[str, Any]] = {"news": news}
    shown = (
        Tile(title, icon, tuple(TileLink(label, url) for label, url in links if url), **counts.get(icon, {}))
        for title, icon, links in planned
    )
    return tuple(tile for tile in shown if tile.links)


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def _entry(request: HttpRequest, key: str) -> str:
    """The address that a menu gives to a subject: the family's own page first, else the public one."""
    return entry_address("private", key, request) or entry_address("public", key, request) or ""
