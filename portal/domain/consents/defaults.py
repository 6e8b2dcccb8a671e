"""The authorisations that a town starts with, until its profile says otherwise. Texts to be read by its DPO."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from portal.domain.accounts.models import User
from portal.domain.consents.enums import ConsentKind, ImageUse
from portal.domain.consents.models import ConsentType
from portal.domain.consents.services import publish_text


@dataclass(frozen=True, slots=True)
class Wanted:
    """An authorisation as a profile describes it."""

    code: str
    kind: ConsentKind
    title: str
    text: str
    use: str = ""
    compulsory: bool = True
    refusal_prevails: bool = True
    min_age: int | None = None
    max_age: int | None = None
    elementary_only: bool = False


_IMAGE = "J’autorise la prise de photos ou de vidéos de mon enfant et leur diffusion, sans son nom, "
_STOP = " Je peux retirer cette autorisation à tout moment."

DEFAULTS = (
    Wanted(
        "image-affichage",
        ConsentKind.IMAGE,
        "Affichage dans la structure",
        f"{_IMAGE}sur les murs de l’école ou de l’accueil, pour les familles.{_STOP}",
        use=ImageUse.INTERNAL,
    ),
    Wanted(
        "image-site",
        ConsentKind.IMAGE,
        "Site et bulletin de la commune",
        f"{_IMAGE}sur le site et dans le bulletin de la commune.{_STOP}",
        use=ImageUse.WEBSITE,
    ),
    Wanted("image-presse", ConsentKind.IMAGE, "Presse", f"{_IMAGE}dans la presse locale.{_STOP}", use=ImageUse.PRESS),
    Wanted(
        "image-reseaux",
        ConsentKind.IMAGE,
        "Réseaux sociaux de la commune",
        f"{_IMAGE}sur les comptes de la commune.{_STOP}",
        use=ImageUse.SOCIAL,
    ),
    Wanted(
        "soins-urgence",
        ConsentKind.CARE,
        "Soins d’urgence",
        "J’autorise le responsable de l’accueil à appeler les secours et à faire soigner mon enfant en urgence, si je "
        "ne peux pas être joint.",
        refusal_prevails=False,
    ),
    Wanted(
        "sorties",
        ConsentKind.OUTING,
        "Sorties",
        "J’autorise mon enfant à participer aux sorties à pied organisées pendant l’accueil.",
    ),
    Wanted(
        "transport",
        ConsentKind.OUTING,
        "Transport",
        "J’autorise mon enfant à être transporté en car ou dans un véhicule de la commune.",
    ),
    Wanted(
        "baignade",
        ConsentKind.OUTING,
        "Baignade",
        "J’autorise mon enfant à se baigner pendant une activité encadrée.",
        compulsory=False,
        min_age=3,
    ),
    Wanted(
        "rentre-seul",
        ConsentKind.ALONE,
        "Rentrer seul",
        "J’autorise mon enfant à quitter seul l’accueil à la fin de l’activité. Il n’est alors plus sous la "
        "responsabilité de la commune.",
        compulsory=False,
        min_age=8,
        elementary_only=True,
    ),
)


def store_types(wanted: Iterable[Wanted], *, by: User, at: datetime) -> list[ConsentType]:
    """Store authorisations by code; a text that changed becomes a new version. Others stay as they are."""
    stored = []
    for order, each in enumerate(wanted, start=1):
        kind, _created = ConsentType.objects.update_or_create(
            code=each.code,
            defaults={
                "kind": each.kind,
                "use": each.use,
                "title": each.title,
                "order": order,
                "is_compulsory": each.compulsory,
                "refusal_prevails": each.refusal_prevails,
                "min_age": each.min_age,
                "max_age": each.max_age,
                "elementary_only": each.elementary_only,
                "is_active": True,
            },
        )
        publish_text(kind=kind, text=each.text, by=by, at=at)
        stored.append(kind)
    return stored
