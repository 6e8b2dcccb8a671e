"""The tiles of the family's home, as the town chose them. A part that is not there leaves no dead link."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from portal.domain.transport.queries import has_lines
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


#: The tiles of a town that chose none, in order.
USUAL = ("dossier", "enrolments", "planning", "invoices", "messages", "news")

TileChoice = Callable[[HttpRequest], Sequence[str]]

_choices: list[TileChoice] = []


def register_tile_choice(choice: TileChoice) -> TileChoice:
    """Say which tiles the town wants, in which order; nothing for the usual ones. Twice the same has no effect."""
    if choice not in _choices:
        _choices.append(choice)
    return choice


def tiles(request: HttpRequest, *, today: date) -> tuple[Tile, ...]:
    """The tiles that the town wants and that lead somewhere, in its order."""
    wanted = next((keys for choice in _choices if (keys := choice(request))), USUAL)
    found = {key: tile for key, tile in _tiles(request, today).items() if tile.links}
    return tuple(found[key] for key in dict.fromkeys(wanted) if key in found)


def _tiles(request: HttpRequest, today: date) -> dict[str, Tile]:
    """Every tile by its key, with the links that are installed."""
    return {
        "dossier": Tile(
            _("Mon dossier"),
            "folder",
            _links(
                (_("Consulter mon dossier et mes documents"), _address("dossier:index")),
                (_("Documents utiles"), _address("library:family")),
                (_("Suivre mes démarches"), _address("procedures:index")),
                (_("Formulaires et sondages"), _address("surveys:index")),
            ),
        ),
        "enrolments": Tile(
            _("Inscriptions"),
            "pencil",
            _links((_("Inscrire à une activité, voir les inscriptions"), _address("enrolments:index"))),
        ),
        "planning": Tile(
            _("Planning et réservations"),
            "calendar",
            _links(
                (_("Réserver ou annuler des jours"), planning_url(today, edit=True)),
                (_("Voir le mois"), planning_url(today)),
                (_("Signaler une absence"), _address("absences:index")),
                (_("Mes listes d’attente"), _address("waiting:index")),
                *([(_("Choisir les arrêts de bus"), _address("transport:index"))] if has_lines(on=today) else []),
                (_("Mettre ces jours dans mon agenda"), _address("feeds:index")),
            ),
        ),
        "invoices": Tile(_("Facturation"), "euro", _links((_("Payer mes factures"), _address("invoices:index")))),
        "simulator": Tile(_("Simulateur"), "calc", _links((_("Simuler mes tarifs"), _entry(request, "simulator")))),
        "messages": Tile(
            _("Messagerie"),
            "mail",
            _links(
                (_("Lire mes messages"), _address("messages:index")),
                (_("Écrire à un service"), _address("messages:new")),
            ),
        ),
        "news": Tile(
            _("Actualités"),
            "news",
            _links(
                (_("Lire les actualités"), _entry(request, "news")),
                (_("Voir les menus"), _entry(request, "menus")),
                (_("Simuler mes tarifs"), _entry(request, "simulator")),
            ),
            unread=entry_count("private", "news", request),
            one=_("non lue"),
            many=_("non lues"),
        ),
    }


def _links(*links: tuple[str, str]) -> tuple[TileLink, ...]:
    return tuple(TileLink(label, url) for label, url in links if url)


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def _entry(request: HttpRequest, key: str) -> str:
    """The address that a menu gives to a subject: the family's own page first, else the public one."""
    return entry_address("private", key, request) or entry_address("public", key, request) or ""
