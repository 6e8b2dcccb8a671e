"""What the town offers, and when. Rules about days live in `opening.py`, `deadlines/` and `limits.py`."""

from datetime import date
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest, Least

from portal.domain.activities.enums import (
    AgeReference,
    Audience,
    EnrolmentMode,
    LateKind,
    LimitDays,
    LimitSense,
    LimitSpan,
    RelationKind,
    ServiceDays,
    ValidationMode,
)
from portal.domain.activities.validators import always, validate_deadline
from portal.domain.kernel.school_year import SchoolYear


class Service(models.Model):
    """A municipal service that families write to: Enfance, Restauration, Régie…"""

    code = models.SlugField("code", unique=True)
    name = models.CharField("nom", max_length=150)
    email = models.EmailField("adresse mail", blank=True)
    phone = models.CharField("téléphone", max_length=20, blank=True)
    opening_hours = models.CharField("horaires", max_length=200, blank=True)

    class Meta:
        verbose_name = "service"
        verbose_name_plural = "services"

    def __str__(self) -> str:
        return self.name


class Structure(models.Model):
    """A place where children are looked after: a canteen, a school's after-school club, a leisure centre."""

    code = models.SlugField("code", unique=True)
    name = models.CharField("nom", max_length=150)
    street = models.CharField("adresse", max_length=200, blank=True)
    postcode = models.CharField("code postal", max_length=5, blank=True)
    town = models.CharField("commune", max_length=100, blank=True)
    phone = models.CharField("téléphone", max_length=20, blank=True)
    email = models.EmailField("adresse mail", blank=True)
    latitude = models.DecimalField("latitude", max_digits=9, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField("longitude", max_digits=9, decimal_places=6, null=True, blank=True)

    class Meta:
        verbose_name = "structure"
        verbose_name_plural = "structures"
        constraints = [
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(latitude__isnull=False, longitude__isnull=False),
                name="structure_both_coordinates",
                violation_error_message="Donnez la latitude et la longitude, ou aucune des deux.",
            ),
            models.CheckConstraint(
                condition=Q(latitude__isnull=True)
                | Q(latitude__gte=-90, latitude__lte=90, longitude__gte=-180, longitude__lte=180),
                name="structure_coordinates_on_earth",
                violation_error_message="La latitude va de −90 à 90, la longitude de −180 à 180.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ActivityType(models.Model):
    """A family of activities as parents know them: restauration, périscolaire, accueil de loisirs."""

    code = models.SlugField("code", unique=True)
    name = models.CharField("nom", max_length=150)
    order = models.PositiveSmallIntegerField("rang", default=0)

    class Meta:
        verbose_name = "type d’activité"
        verbose_name_plural = "types d’activité"

    def __str__(self) -> str:
        return self.name


class ActivityQuerySet(models.QuerySet["Activity"]):
    def current_or_future(self, *, on: date) -> Self:
        """Offered to families and not ended on that day (guides 000 and 004: only these are offered for enrolment)."""
        return self.filter(ends_on__gte=on, is_offered=True)


class Activity(models.Model):
    """Something a child enrols in for a period, such as "Restaurant scolaire 2026/2027".

    `booking_deadline` and `cancellation_deadline` hold the data form of `activities.deadlines`.
    `rules_article` names the article of the règlement that a refusal quotes. `late_value` is in euros, or in percent.
    """

    code = models.SlugField("code", max_length=80, unique=True)
    name = models.CharField("nom", max_length=150)
    short_name = models.CharField("nom court", max_length=40)
    service = models.ForeignKey(Service, verbose_name="service", on_delete=models.PROTECT, related_name="activities")
    structure = models.ForeignKey(
        Structure, verbose_name="structure", on_delete=models.PROTECT, related_name="activities"
    )
    type = models.ForeignKey(ActivityType, verbose_name="type", on_delete=models.PROTECT, related_name="activities")
    order = models.PositiveSmallIntegerField("rang", default=0)
    starts_on = models.DateField("commence le")
    ends_on = models.DateField("finit le")
    service_days = models.CharField(
        "jours servis", max_length=8, choices=ServiceDays.choices, default=ServiceDays.SCHOOL
    )
    min_age = models.PositiveSmallIntegerField("âge minimum", null=True, blank=True)
    max_age = models.PositiveSmallIntegerField("âge maximum", null=True, blank=True)
    age_reference = models.CharField(
        "âge pris", max_length=12, choices=AgeReference.choices, default=AgeReference.SCHOOL_START
    )
    levels = ArrayField(models.CharField(max_length=4), verbose_name="niveaux scolaires", default=list, blank=True)
    school_codes = ArrayField(models.SlugField(), verbose_name="écoles", default=list, blank=True)
    enrolment_mode = models.CharField(
        "mode d’inscription", max_length=10, choices=EnrolmentMode.choices, default=EnrolmentMode.OPEN
    )
    validation_mode = models.CharField(
        "validation", max_length=9, choices=ValidationMode.choices, default=ValidationMode.AUTOMATIC
    )
    enrolment_opens_at = models.DateTimeField("inscriptions ouvertes le", null=True, blank=True)
    enrolment_closes_at = models.DateTimeField("inscriptions fermées le", null=True, blank=True)
    is_offered = models.BooleanField(
        "proposée aux familles",
        default=True,
        db_default=True,
        help_text="Sinon personne ne peut s’y inscrire, et le site public ne la montre pas.",
    )
    shown_on_planning = models.BooleanField("visible sur le planning", default=True)
    editable_by_families = models.BooleanField("modifiable par les familles", default=True)
    booking_deadline = models.JSONField("délai pour réserver", default=always, validators=[validate_deadline])
    cancellation_deadline = models.JSONField("délai pour annuler", default=always, validators=[validate_deadline])
    removal_deadline = models.JSONField(
        "délai pour supprimer une inscription", default=always, validators=[validate_deadline]
    )  # counted to the first day of the enrolment
    late_booking_deadline = models.JSONField(
        "délai pour réserver en retard", null=True, blank=True, validators=[validate_deadline]
    )  # after the booking deadline, with a surcharge; never for cancelling (rule 15)
    late_kind = models.CharField("supplément de retard", max_length=7, choices=LateKind.choices, blank=True)
    late_value = models.DecimalField("valeur du supplément", max_digits=6, decimal_places=2, null=True, blank=True)
    rules_article = models.CharField("article du règlement", max_length=100, blank=True)

    objects = ActivityQuerySet.as_manager()

    class Meta:
        verbose_name = "activité"
        verbose_name_plural = "activités"
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="activity_period_order",
                violation_error_message="L’activité finit après avoir commencé.",
            ),
            models.CheckConstraint(
                condition=Q(min_age__isnull=True) | Q(max_age__isnull=True) | Q(max_age__gte=F("min_age")),
                name="activity_age_order",
                violation_error_message="L’âge maximum n’est pas inférieur à l’âge minimum.",
            ),
            models.CheckConstraint(
                condition=Q(late_booking_deadline__isnull=True, late_kind="", late_value__isnull=True)
                | Q(late_booking_deadline__isnull=False, late_kind=LateKind.AMOUNT, late_value__gt=0)
                | Q(
                    late_booking_deadline__isnull=False,
                    late_kind=LateKind.PERCENT,
                    late_value__gt=0,
                    late_value__lte=100,
                ),
                name="activity_late_is_whole",
                violation_error_message=(
                    "Pour réserver en retard, donnez le délai, la sorte de supplément et sa valeur (100 % au plus) ; "
                    "sinon, laissez les trois vides."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def full_name(self) -> str:
        """The name with its school year, written there by the town or not (guides 002 and 003)."""
        year = SchoolYear.of(self.starts_on)
        said = str(year.start) in self.name or str(year.start + 1) in self.name
        return self.name if said else f"{self.name} {year.label}"


class EnrolmentWindow(models.Model):
    """When somebody may enrol beside the dates of the activity itself: earlier for some, each month for the next one.

    A window adds to the others: enrolling is allowed when one of them is open to the family. `entry_rule` holds the
    data form of a deadline whose day is the wished day of entry.
    """

    activity = models.ForeignKey(
        Activity, verbose_name="activité", on_delete=models.CASCADE, related_name="enrolment_windows"
    )  # says nothing without its activity
    audience = models.CharField("pour", max_length=9, choices=Audience.choices, default=Audience.EVERYONE)
    towns = ArrayField(models.CharField(max_length=100), verbose_name="communes", default=list, blank=True)
    paper_code = models.SlugField("pièce", max_length=80, blank=True)
    label = models.CharField("ce que lisent les familles", max_length=100, blank=True)
    opens_at = models.DateTimeField("ouvre le", null=True, blank=True)
    closes_at = models.DateTimeField("ferme le", null=True, blank=True)
    entry_rule = models.JSONField(
        "délai avant le jour d’entrée", null=True, blank=True, validators=[validate_deadline]
    )

    class Meta:
        verbose_name = "fenêtre d’inscription"
        verbose_name_plural = "fenêtres d’inscription"
        constraints = [
            models.CheckConstraint(
                condition=Q(opens_at__isnull=True) | Q(closes_at__isnull=True) | Q(closes_at__gt=F("opens_at")),
                name="enrolment_window_order",
                violation_error_message="La fenêtre ferme après avoir ouvert.",
            ),
            models.CheckConstraint(
                condition=(~Q(audience=Audience.RESIDENTS) | Q(towns__len__gt=0))
                & (~Q(audience=Audience.PAPER) | ~Q(paper_code="")),
                name="enrolment_window_audience",
                violation_error_message="Dites de quelles communes, ou avec quelle pièce.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.activity.short_name}, {self.get_audience_display()}"


class PlacePool(models.Model):
    """A count of places shared by units, day by day. `capacity` empty means unlimited."""

    code = models.SlugField("code", max_length=80, unique=True)
    name = models.CharField("nom", max_length=150)
    capacity = models.PositiveIntegerField("places par jour", null=True, blank=True)

    class Meta:
        verbose_name = "réserve de places"
        verbose_name_plural = "réserves de places"

    def __str__(self) -> str:
        return self.name


class Unit(models.Model):
    """What is booked on one day: a meal, a morning, an afternoon. ISO weekdays, 1 is Monday.

    An empty deadline means the activity's own. One booking takes one place in every pool of `pools`. `may_overlap`
    lets it be booked with a unit whose hours it crosses, where the town refuses that (`CalendarSettings`).
    """

    activity = models.ForeignKey(
        Activity, verbose_name="activité", on_delete=models.PROTECT, related_name="units"
    )  # an activity with a history is archived
    code = models.SlugField("code")
    name = models.CharField("nom", max_length=100)
    order = models.PositiveSmallIntegerField("rang", default=0)
    weekdays = ArrayField(
        models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(7)]),
        verbose_name="jours de la semaine",
    )
    starts_at = models.TimeField("de", null=True, blank=True)
    ends_at = models.TimeField("à", null=True, blank=True)
    booking_deadline = models.JSONField("délai pour réserver", null=True, blank=True, validators=[validate_deadline])
    cancellation_deadline = models.JSONField(
        "délai pour annuler", null=True, blank=True, validators=[validate_deadline]
    )
    pools = models.ManyToManyField(PlacePool, verbose_name="réserves de places", related_name="units", blank=True)
    may_overlap = models.BooleanField("se réserve aussi quand ses horaires en chevauchent d’autres", default=False)

    class Meta:
        verbose_name = "unité"
        verbose_name_plural = "unités"
        constraints = [
            models.UniqueConstraint(fields=["activity", "code"], name="unit_code_once_per_activity"),
            models.CheckConstraint(
                condition=Q(weekdays__len__gt=0) & Q(weekdays__contained_by=[1, 2, 3, 4, 5, 6, 7]),
                name="unit_weekdays_iso",
                violation_error_message="Choisissez au moins un jour de la semaine.",
            ),
            models.CheckConstraint(
                condition=Q(starts_at__isnull=True) | Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
                name="unit_hours_order",
                violation_error_message="L’heure de fin suit l’heure de début.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.activity.short_name}, {self.name}"


class UnitRelation(models.Model):
    """What two units are to each other, for one child on one day (`relations.py` says what it does).

    A pair has one relation at most, whichever way it is written: it cannot be solidary and exclusive. Only a
    dependency has a direction, `unit` needs `other`; several dependencies of a unit are alternatives. That the whole
    holds together (no ring, nothing that could never be booked) is checked by the verb, which sees them all.
    """

    kind = models.CharField("relation", max_length=9, choices=RelationKind.choices)
    unit = models.ForeignKey(
        Unit, verbose_name="unité", on_delete=models.CASCADE, related_name="relations"
    )  # says nothing without both its units
    other = models.ForeignKey(
        Unit, verbose_name="autre unité", on_delete=models.CASCADE, related_name="relations_from"
    )  # the same

    class Meta:
        verbose_name = "relation entre unités"
        verbose_name_plural = "relations entre unités"
        constraints = [
            models.CheckConstraint(
                condition=~Q(unit=F("other")),
                name="unit_relation_of_two",
                violation_error_message="Une unité n’a pas de relation avec elle-même.",
            ),
            models.UniqueConstraint(
                Least("unit", "other"),
                Greatest("unit", "other"),
                name="unit_relation_once",
                violation_error_message="Ces deux unités ont déjà une relation.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.get_kind_display()} {self.other}"


class BookingLimit(models.Model):
    """How many days, or reservations by day, a child may have, or must have, in an activity (`limits.py`; rule 22).

    `units` are those that it counts, all those of the activity when there is none: the verbs see to it that they are
    of the activity. A floor counts from the first day booked: nobody has to come.
    """

    activity = models.ForeignKey(
        Activity, verbose_name="activité", on_delete=models.CASCADE, related_name="limits"
    )  # says nothing without its activity
    code = models.SlugField("code", max_length=80)
    sense = models.CharField("sens", max_length=8, choices=LimitSense.choices)
    count = models.PositiveSmallIntegerField("nombre")
    span = models.CharField("période", max_length=7, choices=LimitSpan.choices)
    among = models.CharField("jours comptés", max_length=8, choices=LimitDays.choices, default=LimitDays.ALL)
    units = models.ManyToManyField(Unit, verbose_name="unités", related_name="limits", blank=True)

    class Meta:
        verbose_name = "nombre de jours"
        verbose_name_plural = "nombres de jours"
        constraints = [
            models.UniqueConstraint(
                fields=["activity", "code"],
                name="booking_limit_code_once",
                violation_error_message="Cette activité a déjà une règle de ce code.",
            ),
            models.CheckConstraint(
                condition=Q(count__gte=1)
                & (~Q(span=LimitSpan.WEEK) | Q(count__lte=7))
                & (~Q(span=LimitSpan.MONTH) | Q(count__lte=31))
                & Q(count__lte=366),
                name="booking_limit_count",
                violation_error_message="Au moins 1 ; 7 jours au plus par semaine, 31 au plus par mois.",
            ),
            models.CheckConstraint(
                condition=~Q(span=LimitSpan.DAY, sense=LimitSense.AT_LEAST),
                name="booking_limit_no_floor_by_day",
                violation_error_message="Un minimum se compte en jours : par semaine, par mois ou par période.",
            ),
            models.CheckConstraint(
                condition=~Q(span=LimitSpan.HOLIDAY)
                | Q(among__in=[LimitDays.HOLIDAYS, LimitDays.SHORT, LimitDays.SUMMER]),
                name="booking_limit_holidays",
                violation_error_message="Une règle par période de vacances compte des jours de vacances.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.activity.short_name}, {self.code}"


class SchoolHoliday(models.Model):
    """A period without school, both days included. `edited` protects an agent's correction from re-seeding."""

    zone = models.CharField("zone", max_length=1, choices=[("A", "A"), ("B", "B"), ("C", "C")])
    name = models.CharField("nom", max_length=100)
    starts_on = models.DateField("du")
    ends_on = models.DateField("au")
    edited = models.BooleanField("corrigée par un agent", default=False)

    class Meta:
        verbose_name = "vacances scolaires"
        verbose_name_plural = "vacances scolaires"
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="school_holiday_order",
                violation_error_message="Les vacances finissent après avoir commencé.",
            ),
            models.UniqueConstraint(fields=["zone", "starts_on"], name="school_holiday_once"),
        ]

    def __str__(self) -> str:
        return f"{self.name} (zone {self.zone})"


class PublicHoliday(models.Model):
    """A public holiday, by date."""

    day = models.DateField("jour", unique=True)
    name = models.CharField("nom", max_length=100)
    edited = models.BooleanField("corrigé par un agent", default=False)

    class Meta:
        verbose_name = "jour férié"
        verbose_name_plural = "jours fériés"

    def __str__(self) -> str:
        return self.name


class Closure(models.Model):
    """Days on which the whole town, a structure or one activity is closed; the reason is shown to families."""

    reason = models.CharField("motif", max_length=150)
    starts_on = models.DateField("du")
    ends_on = models.DateField("au")
    structure = models.ForeignKey(
        Structure,
        verbose_name="structure",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="closures",
    )  # says nothing without its structure
    activity = models.ForeignKey(
        Activity,
        verbose_name="activité",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="closures",
    )

    class Meta:
        verbose_name = "fermeture"
        verbose_name_plural = "fermetures"
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="closure_order",
                violation_error_message="La fermeture finit après avoir commencé.",
            ),
            models.CheckConstraint(
                condition=Q(structure__isnull=True) | Q(activity__isnull=True),
                name="closure_one_scope",
                violation_error_message="Choisissez une structure ou une activité, pas les deux.",
            ),
        ]

    def __str__(self) -> str:
        return self.reason


class CalendarSettings(models.Model):
    """The school zone of the town, and what it does of hours that overlap: one row, read with the calendar."""

    zone = models.CharField("zone scolaire", max_length=1, choices=[("A", "A"), ("B", "B"), ("C", "C")], default="A")
    public_holidays_region = models.CharField("région des jours fériés", max_length=3, blank=True)
    allow_overlaps = models.BooleanField(
        "un enfant peut être réservé à deux endroits à la même heure",
        default=False,
        help_text="Sinon, deux unités dont les horaires se chevauchent ne se réservent pas le même jour.",
    )
    single = models.BooleanField(default=True, editable=False, unique=True)

    class Meta:
        verbose_name = "calendrier de la commune"
        verbose_name_plural = "calendrier de la commune"
        constraints = [
            models.CheckConstraint(
                condition=Q(single=True),
                name="calendar_settings_single",
                violation_error_message="Il n’y a qu’un calendrier de la commune.",
            )
        ]

    def __str__(self) -> str:
        return f"zone {self.zone}"
