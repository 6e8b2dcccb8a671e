from django.db import models
from django.utils.translation import gettext_lazy as _


class SchoolLevel(models.TextChoices):
    """French school levels, from the first year of nursery school to the last of primary, and ULIS."""

    TPS = "TPS", "toute petite section"
    PS = "PS", "petite section"
    MS = "MS", "moyenne section"
    GS = "GS", "grande section"
    CP = "CP", "CP"
    CE1 = "CE1", "CE1"
    CE2 = "CE2", "CE2"
    CM1 = "CM1", "CM1"
    CM2 = "CM2", "CM2"
    ULIS = "ULIS", "ULIS"


NURSERY_LEVELS = frozenset({SchoolLevel.TPS, SchoolLevel.PS, SchoolLevel.MS, SchoolLevel.GS})


class AdultRole(models.TextChoices):
    HOLDER = "holder", "responsable du dossier"
    PARENT = "parent", "autre parent"
    RELATIVE = "relative", "proche"


class Regime(models.TextChoices):
    """Who pays the family's benefits: it decides how the quotient is read and, for some towns, the price."""

    CAF = "caf", "CAF (régime général)"
    MSA = "msa", "MSA (régime agricole)"
    OTHER = "other", "autre régime"


class HouseholdSituation(models.TextChoices):
    """Who lives in the household, in the words that families choose from."""

    COUPLE = "couple", "deux adultes ensemble"
    SINGLE = "single", "un adulte seul"
    SEPARATED = "separated", "parents séparés, un foyer chacun"
    OTHER = "other", "autre situation"


class Author(models.TextChoices):
    """Who did something in a dossier, as its family reads it."""

    YOU = "you", _("vous")
    MEMBER = "member", _("une personne du dossier")
    SERVICE = "service", _("le service")
    SERVICE_FOR_FAMILY = "acting", _("le service, en votre nom")
    SOMEBODY = "somebody", _("une personne qui n’est plus dans le dossier")
