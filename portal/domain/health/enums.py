from django.db import models
from django.utils.translation import gettext_lazy as _


class Section(models.TextChoices):
    """The parts of a sheet; a town asks some of them."""

    DOCTOR = "doctor", _("Médecin")
    ALLERGIES = "allergies", _("Allergies")
    DIET = "diet", _("Repas")
    NEEDS = "needs", _("Besoins au quotidien")
    TREATMENT = "treatment", _("Traitement")


class Diet(models.TextChoices):
    """What may be served. Never a religion (CNIL, NS-058)."""

    ALL = "all", _("mange de tout")
    NO_PORK = "no_pork", _("sans porc")
    NO_MEAT = "no_meat", _("sans viande")
    VEGETARIAN = "vegetarian", _("végétarien")
    MEDICAL = "medical", _("régime médical, avec un PAI")


class Need(models.TextChoices):
    """What helps the child: things, never a diagnosis."""

    GLASSES = "glasses", _("lunettes")
    LENSES = "lenses", _("lentilles")
    HEARING_AID = "hearing_aid", _("appareil auditif")
    DENTAL = "dental", _("appareil dentaire")
    NAPPIES = "nappies", _("couches à la sieste")
    OTHER = "other", _("autre besoin")


class DocumentKind(models.TextChoices):
    CARE_PLAN = "care_plan", _("projet d’accueil individualisé (PAI)")
    PRESCRIPTION = "prescription", _("ordonnance")
    BOOKLET = "booklet", _("pages de vaccination du carnet de santé")
    CONTRAINDICATION = "contraindication", _("certificat de contre-indication")


class DocumentState(models.TextChoices):
    SENT = "sent", _("à vérifier par le service")
    ACCEPTED = "accepted", _("vérifié")
    REFUSED = "refused", _("refusé")


class ReadingScreen(models.TextChoices):
    """Why an agent read: from which screen."""

    FILE = "file", _("dossier de la famille")
    QUEUE = "queue", _("vérification d’un document")
    ACTING = "acting", _("au nom de la famille")


class MissingEffect(models.TextChoices):
    """What a missing sheet does (guide 000: informs, holds the request, blocks booking)."""

    INFORMS = "informs", "informe"
    HOLDS = "holds", "retient les demandes d’inscription"
    BLOCKS = "blocks", "bloque les réservations"
