from django.db import models
from django.utils.translation import gettext_lazy as _


class Relation(models.TextChoices):
    """What an adult of the dossier is to a child."""

    MOTHER = "mother", _("mère")
    FATHER = "father", _("père")
    STEPMOTHER = "stepmother", _("belle-mère")
    STEPFATHER = "stepfather", _("beau-père")
    GRANDMOTHER = "grandmother", _("grand-mère")
    GRANDFATHER = "grandfather", _("grand-père")
    GUARDIAN = "guardian", _("tuteur ou tutrice")
    FOSTER = "foster", _("assistant ou assistante familiale")
    OTHER = "other", _("autre lien")
