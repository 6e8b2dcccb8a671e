from django.db import models
from django.utils.translation import gettext_lazy as _


class ConsentKind(models.TextChoices):
    """The families of authorisations, in the order of the page."""

    IMAGE = "image", _("Droit à l’image")
    CARE = "care", _("Soins d’urgence")
    OUTING = "outing", _("Sorties, transport et baignade")
    ALONE = "alone", _("Rentrer seul")
    OTHER = "other", _("Autres autorisations")


class ImageUse(models.TextChoices):
    """Where a picture may be shown: each is asked apart."""

    INTERNAL = "internal", _("affichage dans la structure")
    WEBSITE = "website", _("site de la commune")
    PRESS = "press", _("presse")
    SOCIAL = "social", _("réseaux sociaux")


class Answer(models.TextChoices):
    GRANTED = "granted", _("accordé")
    REFUSED = "refused", _("refusé")
    WITHDRAWN = "withdrawn", _("retiré")


class Verdict(models.TextChoices):
    """Where an authorisation is. Only GRANTED allows anything."""

    GRANTED = "granted", _("accordé")
    REFUSED = "refused", _("refusé")
    ASKED_AGAIN = "asked_again", _("nouveau texte, à répondre")
    SILENT = "silent", _("pas encore répondu")
