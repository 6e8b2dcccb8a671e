"""What a profile says of the legal notice and of the networks."""

# `key()` declares a field, as `dataclasses.field()` does: nothing is shared between instances.

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from wagtail.models import Site

from cms_pages.town.models import FamilyHomeSettings, FamilyTile, LegalSettings, SocialLink, TileKey, validate_siret
from portal.backoffice.profiles import kinds
from portal.backoffice.profiles.loading import Loading
from portal.backoffice.profiles.schema import Place, Table, key, valid
from portal.backoffice.profiles.sections import Section, register_section
from portal.backoffice.profiles.source import Profile
from portal.backoffice.roles import Role, grant


@dataclass(frozen=True, kw_only=True)
class SocialTable(Table):
    name: str = key(kinds.text(40), "Son nom.", example='"Facebook"')
    url: str = key(kinds.url, "Son adresse.", example='"https://www.exemple.example/les-rousses"')


@dataclass(frozen=True, kw_only=True)
class LegalTable(Table):
    publisher: str = key(kinds.text(120), "L’éditeur du site.", example='"Commune des Rousses"', default="")
    siret: str = key(kinds.text(18), "Son SIRET.", example='"213 904 700 00016"', default="")
    director: str = key(
        kinds.text(120), "La direction de la publication.", example='"Mme Claire Exemple, maire"', default=""
    )
    host: tuple[str, ...] = key(
        kinds.lines,
        "L’hébergeur : nom, adresse, téléphone, une ligne par ligne affichée.",
        example='["Hébergeur Exemple", "1, rue des Serveurs, 75000 Paris"]',
        default=(),
    )
    data_protection: str = key(
        kinds.text(120), "Le délégué à la protection des données.", example='"Centre de gestion du Jura"', default=""
    )
    data_protection_email: str = key(kinds.mail, "Son adresse mail.", example='"dpo@mairie.example"', default="")
    contact_email: str = key(kinds.mail, "L’adresse mail du site.", example='"mairie@mairie.example"', default="")
    networks: tuple[SocialTable, ...] = key(
        kinds.tables(SocialTable), "Les réseaux sociaux, huit au plus.", example="[[legal.networks]]", default=()
    )


@dataclass(frozen=True, kw_only=True)
class FamilyHomeTable(Table):
    tiles: tuple[str, ...] = key(
        kinds.choices(TileKey.values),
        "Les tuiles de l’accueil des familles, dans l’ordre ; « simulator » peut remplacer « invoices ».",
        example='["planning", "enrolments", "dossier", "news"]',
        default=(),
    )


def register() -> None:
    """Add the sections, and the settings to the roles. Called once, at start-up."""
    register_section(
        Section(
            name="legal",
            kind=kinds.table(LegalTable),
            help="Les mentions légales et les réseaux sociaux.",
            example="[legal]",
            order=12,
            check=_check,
            load=_load,
        )
    )
    register_section(
        Section(
            name="family_home",
            kind=kinds.table(FamilyHomeTable),
            help="L’accueil des familles connectées.",
            example="[family_home]",
            order=13,
            check=_check_family_home,
            load=_load_family_home,
        )
    )
    for role in (Role.COMMUNICATION, Role.MANAGEMENT):
        grant(role, "town.change_legalsettings", "town.change_familyhomesettings")
    grant(Role.MANAGEMENT, "town.change_maintenancesettings")


def _check(profile: Profile, legal: LegalTable, place: Place) -> None:
    if legal.siret and valid(legal.siret):
        try:
            validate_siret(legal.siret)
        except ValidationError as error:
            place.at("siret").refuse(error.messages[0])
    for network in legal.networks if valid(legal.networks) else ():
        if valid(network.url) and not network.url.startswith("https://"):
            here = Place(place.folder, place.problems, place.file, network.path)
            here.at("url").refuse("une adresse de réseau social commence par https://.")
    if valid(legal.networks) and len(legal.networks) > 8:
        place.at("networks").refuse(f"compte {len(legal.networks)} réseaux, 8 au plus.")


def _load(loading: Loading, legal: LegalTable) -> None:
    digits = "".join(legal.siret.split())
    site = Site.objects.get(is_default_site=True)
    saved = loading.store(
        LegalSettings,
        find={"site": site},
        values={
            "publisher": legal.publisher,
            "siret": f"{digits[:3]} {digits[3:6]} {digits[6:9]} {digits[9:]}" if digits else "",
            "director": legal.director,
            "host": "\n".join(legal.host),
            "data_protection": legal.data_protection,
            "data_protection_email": legal.data_protection_email,
            "contact_email": legal.contact_email,
        },
        path=legal.path,
    )
    if saved is None:
        return
    for order, network in enumerate(legal.networks):
        loading.store(
            SocialLink,
            find={"owner": saved, "name": network.name},
            values={"url": network.url, "sort_order": order},
            path=network.path,
        )


def _check_family_home(profile: Profile, home: FamilyHomeTable, place: Place) -> None:
    """Every list of tiles is a home: those that lead nowhere are not drawn."""


def _load_family_home(loading: Loading, home: FamilyHomeTable) -> None:
    site = Site.objects.get(is_default_site=True)
    saved = loading.store(FamilyHomeSettings, find={"site": site}, values={}, path=home.path)
    if saved is None:
        return
    for unwanted in FamilyTile.objects.filter(owner=saved).exclude(key__in=home.tiles):
        loading.remove(unwanted)
    for order, tile in enumerate(home.tiles):
        loading.store(
            FamilyTile, find={"owner": saved, "key": tile}, values={"sort_order": order}, path=f"{home.path}.tiles"
        )
