from django.db import models
from django.utils.translation import gettext_lazy as _


class Rubric(models.TextChoices):
    """What is changed together, by one form: the card that carries the pencil."""

    ADDRESS = "address", _("adresse")
    HOUSEHOLD = "household", _("composition du foyer")
    ADULT_IDENTITY = "adult", _("identité")
    COORDINATES = "coordinates", _("coordonnées")
    WORK = "work", _("profession")
    CHILD_IDENTITY = "child", _("identité de l’enfant")
    SCHOOL = "school", _("école")
    NEW_CHILD = "new_child", _("ajout d’un enfant")
    NEW_ADULT = "new_adult", _("ajout d’un adulte")


class FieldMode(models.TextChoices):
    """When a new value of a field counts (guide 000: some data change at once, some after the service's yes)."""

    IMMEDIATE = "now", "tout de suite"
    APPROVED = "approved", "après validation du service"


class ChangeState(models.TextChoices):
    PENDING = "pending", _("en cours de validation")
    INCOMPLETE = "more", _("à compléter")
    ACCEPTED = "accepted", _("acceptée")
    REFUSED = "refused", _("refusée")
    WITHDRAWN = "withdrawn", _("retirée")
    REPLACED = "replaced", _("remplacée")


#: Nobody has said yes or no: the family may still withdraw or replace it.
OPEN_STATES = frozenset({ChangeState.PENDING, ChangeState.INCOMPLETE})
#: Adding somebody: several may wait at the same time.
ADDITIONS = frozenset({Rubric.NEW_CHILD, Rubric.NEW_ADULT})
