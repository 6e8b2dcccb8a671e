from django.db import models
from django.utils.translation import gettext_lazy as _


class PageRole(models.TextChoices):
    """What the portal expects of a page: its place in the footer, and what it adds below the agents' text."""

    INFORMATION = "information", "infos pratiques et contacts"
    HELP = "help", "aide et questions fréquentes"
    PRIVACY = "privacy", "données personnelles"
    TERMS = "terms", "conditions générales"
    LEGAL = "legal", "mentions légales"
    ACCESSIBILITY = "accessibility", "accessibilité"
    SITEMAP = "sitemap", "plan du site"
    COOKIES = "cookies", "cookies"


#: The links of the footer, in order. Accessibility has its own line there, with the state of conformity.
FOOTER_ROLES = (PageRole.HELP, PageRole.PRIVACY, PageRole.TERMS, PageRole.LEGAL, PageRole.COOKIES, PageRole.SITEMAP)


class AccessibilityStatus(models.TextChoices):
    """The three states of conformity (décret 2019-768). Computed from the audit: nobody types one."""

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


class StructureKind(models.TextChoices):
    """What a place is for families, in the order of a child's life."""

    NURSERY = "nursery", _("Crèche")
    RELAY = "relay", _("Relais petite enfance")
    SCHOOL = "school", _("École")
    CANTEEN = "canteen", _("Restaurant scolaire")
    AFTER_SCHOOL = "after_school", _("Accueil périscolaire")
    LEISURE = "leisure", _("Accueil de loisirs")
    YOUTH = "youth", _("Accueil jeunes")


class Season(models.TextChoices):
    """When hours hold."""

    ALL = "all", _("Toute l’année")
    SCHOOL = "school", _("En période scolaire")
    HOLIDAYS = "holidays", _("Pendant les vacances scolaires")


class ContactKind(models.TextChoices):
    """The subjects by which contacts are sorted."""

    HELP = "help", _("Aide sur le portail")
    BILLING = "billing", _("Factures et paiements")
    PLACES = "places", _("Structures et services")
    COORDINATION = "coordination", _("Coordination")
    OTHER = "other", _("Autre sujet")
