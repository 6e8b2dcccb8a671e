from django.db import models


class Respondents(models.TextChoices):
    FAMILIES = "families", "les familles, avec leur compte"
    ANYBODY = "anybody", "tout le monde, sans compte et sans nom (anonyme)"


class FieldKind(models.TextChoices):
    """What a question asks for. The values of Wagtail's own kinds are kept."""

    SHORT = "singleline", "texte court"
    LONG = "multiline", "texte long"
    NUMBER = "number", "nombre"
    DATE = "date", "date"
    RADIO = "radio", "un choix (boutons)"
    LIST = "dropdown", "un choix (liste)"
    CHECKBOXES = "checkboxes", "plusieurs choix"
    CONSENT = "checkbox", "case à cocher (accord)"
    MAIL = "email", "adresse mail"
    PHONE = "phone", "téléphone"
    CHILD = "child", "enfant de la famille"
    FILE = "file", "fichier à joindre"


WITH_CHOICES = frozenset({FieldKind.RADIO, FieldKind.LIST, FieldKind.CHECKBOXES})


class Moment(models.TextChoices):
    """Where a form is in its life."""

    OPEN = "open", "ouvert"
    EARLY = "early", "pas encore ouvert"
    CLOSED = "closed", "fermé"
    FULL = "full", "complet"
