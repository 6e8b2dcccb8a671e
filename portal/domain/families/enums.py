from django.db import models


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
