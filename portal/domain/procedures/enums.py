from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ProcedureKind(models.TextChoices):
    ACCOUNT = "account", _("compte")
    ENROLMENT = "enrolment", _("inscription")
    BOOKING = "booking", _("réservations")
    ABSENCE = "absence", _("absence")
    LATE_REQUEST = "late_request", _("demande au service")
    FORM = "form", _("formulaire")
    CHANGE = "change", _("changement du dossier")
    DOCUMENT = "document", _("pièce")
    QUOTIENT = "quotient", _("quotient familial")
    HEALTH = "health", _("fiche sanitaire")
    CONSENT = "consent", _("autorisation")
    HOUSEHOLD = "household", _("foyer")
    YEARLY = "yearly", _("actualisation du dossier")
    PRIVACY = "privacy", _("données personnelles")


class ProcedureState(models.TextChoices):
    RECEIVED = "received", pgettext_lazy("démarche", "en cours")
    YOUR_TURN = "your_turn", _("à vous de jouer")
    RECORDED = "recorded", _("enregistrée")
    ACCEPTED = "accepted", _("acceptée")
    REFUSED = "refused", _("refusée")
    CANCELLED = "cancelled", _("annulée")
