from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.domain.families.requirements import Effect


class PaperScope(models.TextChoices):
    """Whose paper it is."""

    FAMILY = "family", "une par famille"
    CHILD = "child", "une par enfant"


class PaperForm(models.TextChoices):
    """A file to send, or a text to read and accept on line."""

    FILE = "file", "fichier à envoyer"
    AGREEMENT = "agreement", "texte à accepter"


class Validity(models.TextChoices):
    """When an accepted paper ends (rule 43: for a duration, or to 31 August)."""

    DAY_OF_YEAR = "day", "jusqu’à un jour de l’année"
    MONTHS = "months", "un nombre de mois"
    WRITTEN = "written", "jusqu’à la date écrite sur la pièce"
    FOREVER = "forever", "toujours"


class PaperState(models.TextChoices):
    """Its life. A paper that nobody prepared has no row: it is « à fournir »."""

    DRAFT = "draft", _("en préparation")
    SENT = "sent", _("transmise")
    ASKED = "asked", _("à compléter")
    ACCEPTED = "accepted", _("acceptée")
    REFUSED = "refused", _("refusée")
    EXPIRED = "expired", _("périmée")
    REPLACED = "replaced", _("remplacée")
    WITHDRAWN = "withdrawn", _("retirée")


#: What may still move: one of them at most for a type and its owner.
OPEN_STATES = frozenset({PaperState.DRAFT, PaperState.SENT, PaperState.ASKED})
#: What tells where a requirement stands; the others are history.
SPEAKING_STATES = frozenset(
    {PaperState.SENT, PaperState.ASKED, PaperState.ACCEPTED, PaperState.REFUSED, PaperState.EXPIRED}
)


class Channel(models.TextChoices):
    """By which way it came (guide 003: counter, post or mail are as good as the portal)."""

    PORTAL = "portal", _("depuis le portail")
    COUNTER = "counter", _("au guichet")
    POST = "post", _("par courrier")
    MAIL = "mail", _("par courriel")


EFFECTS = [
    (Effect.INFORMS.value, "informe seulement"),
    (Effect.HOLDS.value, "retient les demandes d’inscription"),
    (Effect.BLOCKS.value, "bloque les réservations"),
]
