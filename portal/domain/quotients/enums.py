from django.db import models
from django.utils.translation import gettext_lazy as _


class QuotientState(models.TextChoices):
    """The life of one quotient. “Expired” is not here: it follows from the day of the question."""

    SENT = "sent", _("à vérifier par le service")
    ASKED = "asked", _("complément demandé")
    ACCEPTED = "accepted", _("vérifié par le service")
    REFUSED = "refused", _("refusé")
    REPLACED = "replaced", _("remplacé")


#: What still waits, for the service or for the family: at most one per family.
OPEN_STATES = (QuotientState.SENT, QuotientState.ASKED)


class QuotientSource(models.TextChoices):
    DECLARED = "declared", _("déclaré par la famille")
    AGENT = "agent", _("enregistré par le service")
    API = "api", _("transmis par la Caf ou la MSA")
    COMPUTED = "computed", _("calculé selon la formule de la commune")


class Authority(models.TextChoices):
    """Who gives the value."""

    CAF = "caf", "CAF"
    MSA = "msa", "MSA"
    TOWN = "town", "commune"


class FetchMode(models.TextChoices):
    IDENTITY = "identity", "identité"
    FRANCECONNECT = "fc", "FranceConnect"


class FetchOutcome(models.TextChoices):
    """What the administration answered. No word of the person is kept with it."""

    FOUND = "found", _("quotient trouvé")
    TO_CHECK = "to_check", _("quotient trouvé, à vérifier par le service")
    NOT_FOUND = "not_found", _("dossier introuvable")
    NO_VALUE = "no_value", _("dossier sans quotient")
    CONFLICT = "conflict", _("demande déjà en cours")
    WRONG = "wrong", _("identité incomplète")
    TOO_MANY = "too_many", _("trop de demandes")
    CLOSED = "closed", _("accès refusé au portail")
    DOWN = "down", _("service indisponible")
