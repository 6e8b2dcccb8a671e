from django.db import models


class PageRole(models.TextChoices):
    """What the portal expects of a page: its place in the footer, and what it adds below the agents' text."""

    INFORMATION = "information", "infos pratiques et contacts"
    HELP = "help", "aide et questions fréquentes"
    PRIVACY = "privacy", "données personnelles"
    TERMS = "terms", "conditions générales"
    LEGAL = "legal", "mentions légales"
    ACCESSIBILITY = "accessibility", "accessibilité"
    SITEMAP = "sitemap", "plan du site"


#: The links of the footer, in order. Accessibility has its own line there, with the state of conformity.
FOOTER_ROLES = (PageRole.HELP, PageRole.PRIVACY, PageRole.TERMS, PageRole.LEGAL, PageRole.SITEMAP)


class AccessibilityStatus(models.TextChoices):
    """The three states that a town may declare (décret 2019-768). Without an audit only the first is true."""

    NONE = "non conforme", "non conforme"
    PARTIAL = "partiellement conforme", "partiellement conforme"
    FULL = "totalement conforme", "totalement conforme"


class Icon(models.TextChoices):
    """The symbols an agent may put beside a title (`icons.svg`)."""

    CALENDAR = "calendar", "calendrier"
    CHECK = "check", "coche"
    DOCUMENT = "doc", "document"
    EURO = "euro", "euro"
    FOLDER = "folder", "dossier"
    HEART = "heart", "cœur"
    HOME = "home", "maison"
    INFORMATION = "info", "information"
    MAIL = "mail", "courrier"
    MEAL = "meal", "repas"
    NEWS = "news", "actualités"
    PENCIL = "pencil", "crayon"
    PHONE = "phone", "téléphone"
    PERSON = "user", "personne"
    CLOCK = "clock", "horloge"
