from django.db import models


class AccountOrigin(models.TextChoices):
    """How the account was born; the activation delay depends on it (guides: 24 h by oneself, 96 h by the service)."""

    SELF = "self", "créé par la famille"
    STAFF = "staff", "créé par le service"
    SYSTEM = "system", "compte technique"


class SelfCreation(models.TextChoices):
    """Whether a parent makes their account by themselves, with the number of their dossier (guides 001, 003; 004)."""

    OPEN = "open", "ouverte"
    APPROVAL = "approval", "à valider par un agent"
    CLOSED = "closed", "fermée"


class InvitedBy(models.TextChoices):
    """Where an invitation comes from: its delay depends on it."""

    STAFF = "staff", "invité par le service"
    PARENT = "parent", "invité par un parent"
    FIRST_CONTACT = "contact", "première demande acceptée"
