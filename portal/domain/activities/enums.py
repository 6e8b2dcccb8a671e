from django.db import models


class AgeReference(models.TextChoices):
    """The date at which a child's age is taken (each activity chooses)."""

    DAY = "day", "le jour de l’activité"
    SCHOOL_START = "school_start", "au 1er septembre"
    CALENDAR_END = "calendar_end", "au 31 décembre"


class EnrolmentMode(models.TextChoices):
    """What an enrolment does to the planning (guide 003: canteen by pattern, the others booked later)."""

    OPEN = "open", "inscription, puis réservation des jours sur le planning"
    PATTERN = "pattern", "jours habituels choisis à l’inscription"
    WHOLE_YEAR = "whole_year", "toute l’année réservée à l’inscription"


class ValidationMode(models.TextChoices):
    AUTOMATIC = "automatic", "automatique"
    AGENT = "agent", "par un agent"
    COMPLETE = "complete", "automatique si le dossier est complet, sinon par un agent"


class ServiceDays(models.TextChoices):
    """Which days of the calendar the activity serves, before its weekdays and closures are looked at."""

    SCHOOL = "school", "jours d’école"
    HOLIDAYS = "holidays", "vacances scolaires"
    ALL = "all", "toute l’année"


class Audience(models.TextChoices):
    """For whom an enrolment window opens."""

    EVERYONE = "everyone", "tout le monde"
    RESIDENTS = "residents", "les habitants"
    PAPER = "paper", "les familles dont une pièce est acceptée"
    SIBLINGS = "siblings", "les frères et sœurs d’un enfant inscrit"


class RelationKind(models.TextChoices):
    """What two units are to each other, for one child on one day."""

    SOLIDARY = "solidary", "se réserve avec"
    EXCLUSIVE = "exclusive", "exclut"
    DEPENDENT = "dependent", "a besoin de"


class LateKind(models.TextChoices):
    """How the surcharge of a late booking counts."""

    AMOUNT = "amount", "un montant en euros"
    PERCENT = "percent", "une part du prix, en %"


class LimitSense(models.TextChoices):
    """Whether a limit is a ceiling or a floor."""

    AT_MOST = "at_most", "au plus"
    AT_LEAST = "at_least", "au moins"


class LimitSpan(models.TextChoices):
    """Over how long a limit counts. By day, reservations are counted; over longer, days."""

    DAY = "day", "par jour"
    WEEK = "week", "par semaine, du lundi au dimanche"
    MONTH = "month", "par mois"
    HOLIDAY = "holiday", "par période de vacances"
    SEASON = "season", "en tout, du premier au dernier jour de l’activité"


class LimitDays(models.TextChoices):
    """Which days a limit counts; it says nothing of the others."""

    ALL = "all", "tous les jours"
    SCHOOL = "school", "les jours d’école"
    HOLIDAYS = "holidays", "pendant les vacances scolaires"
    SHORT = "short", "pendant les petites vacances"
    SUMMER = "summer", "pendant les vacances d’été"
