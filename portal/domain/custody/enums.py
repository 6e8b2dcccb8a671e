from django.db import models
from django.utils.translation import gettext_lazy as _


class Pattern(models.TextChoices):
    NONE = "none", _("Toujours chez le même parent")
    WEEKS = "weeks", _("Une semaine sur deux")
    FORTNIGHT = "fortnight", _("Selon les jours, sur deux semaines")


class Halves(models.TextChoices):
    NONE = "none", _("Les vacances suivent le rythme habituel")
    EVEN_FIRST = "even_first", _("Première moitié les années paires, seconde les années impaires")
    ODD_FIRST = "odd_first", _("Première moitié les années impaires, seconde les années paires")


class CustodyState(models.TextChoices):
    PROPOSED = "proposed", _("proposée")
    AGREED = "agreed", _("acceptée par les deux foyers")
    CONTESTED = "contested", _("contestée")
    SET = "set", _("fixée par le service")
    ENDED = "ended", _("terminée")
