from django.db import models


class Residence(models.TextChoices):
    """The same words as the engine's, with what agents read."""

    TOWN = "town", "habite la commune"
    AREA = "area", "habite l’intercommunalité"
    OUTSIDE = "outside", "habite ailleurs"


class Holder(models.TextChoices):
    CHILD = "child", "chaque enfant"
    FAMILY = "family", "toute la famille"


class Validity(models.TextChoices):
    SCHOOL_YEAR = "school_year", "l’année scolaire"
    CIVIL_YEAR = "civil_year", "l’année civile"
    MONTHS = "months", "un nombre de mois"


class AidKind(models.TextChoices):
    """The same words as the engine's."""

    AMOUNT = "amount", "un montant par unité, en euros"
    PERCENT = "percent", "un pourcentage du prix"
    LEAVES = "leaves", "tout sauf ce que la famille garde à payer, en euros"
