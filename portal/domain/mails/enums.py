from django.db import models


class MailState(models.TextChoices):
    QUEUED = "queued", "à envoyer"
    SENT = "sent", "envoyé"
    FAILED = "failed", "en échec"


class MailKind(models.TextChoices):
    ACTIVATION = "activation", "activation de compte"
    PASSWORD_RESET = "password_reset", "mot de passe oublié"
    ACCOUNT = "account", "compte"
    ENROLMENT = "enrolment", "inscription"
    BOOKING_RECEIPT = "booking_receipt", "reçu de réservation"
    FORM = "form", "réponse à un formulaire"
    NOTICE = "notice", "notification"
    INVITATION = "invitation", "invitation"
    ACKNOWLEDGEMENT = "acknowledgement", "accusé d’enregistrement"
    CLOSURE = "closure", "fermeture"
    DIGEST = "digest", "résumé pour un agent"
