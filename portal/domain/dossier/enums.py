from django.db import models
from django.utils.translation import gettext_lazy as _


class Branch(models.TextChoices):
    """The three ways to renew a dossier (guide 002): they decide the documents that are asked for."""

    SCHOOL_ENTRY = "school_entry", _("entrée en petite section ou au CP, ou changement d’école")
    RENEWAL = "renewal", _("renouvellement sans changement d’école")
    LEISURE_ONLY = "leisure_only", _("centre de loisirs seulement (école privée ou hors commune)")


class YearlyState(models.TextChoices):
    DRAFT = "draft", _("à terminer")
    SENT = "sent", _("envoyée")
    AGAIN = "again", _("à compléter")
    ACCEPTED = "accepted", _("validée")
    REFUSED = "refused", _("refusée")


#: What the family may still change and send.
FAMILY_STATES = frozenset({YearlyState.DRAFT, YearlyState.AGAIN, YearlyState.REFUSED})


class Answer(models.TextChoices):
    """What the family says of a rubric of its dossier."""

    EXACT = "exact", _("exact")
    WRONG = "wrong", _("à corriger")


class MissingEffect(models.TextChoices):
    """The values of `families.requirements.Effect`, in words."""

    INFORMS = "informs", "informe"
    HOLDS = "holds", "retient les demandes d’inscription"
    BLOCKS = "blocks", "bloque les réservations"
