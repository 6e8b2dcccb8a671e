"""Sites, weeks, days and dishes. Weeks are written as a whole by `services.save_week`."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from documents.menus.enums import Allergen, Course, Label, SiteKind, Texture, WeekState
from documents.menus.rules import describe_the_dish, folded
from portal.domain.activities.enums import ServiceDays
from portal.domain.activities.models import Structure
from portal.domain.kernel import french
from portal.domain.kernel.calendar import DateRange, Week


def school_weekdays() -> list[int]:
    """Monday, Tuesday, Thursday, Friday."""
    return [1, 2, 4, 5]


def usual_courses() -> list[str]:
    """Five courses, without snack."""
    return [Course.STARTER, Course.MAIN, Course.SIDE, Course.DAIRY, Course.DESSERT]


def validate_monday(day: date) -> None:
    """Refuse a first day of week that is not a Monday."""
    if day.isoweekday() != 1:
        raise ValidationError(f"Une semaine commence un lundi, et le {french.long_date(day)} n’en est pas un.")


class MenuSite(models.Model):
    """A place that publishes its menus: the canteen of the schools, the crèche."""

    code = models.SlugField("code", unique=True, help_text="Il fait l’adresse : /menus/cantine/.")
    name = models.CharField("nom", max_length=80)
    short_name = models.CharField(
        "nom court", max_length=30, blank=True, help_text="Le mot du bouton, par exemple « Écoles »."
    )
    kind = models.CharField("sorte", max_length=8, choices=SiteKind.choices, default=SiteKind.CANTEEN)
    structures = models.ManyToManyField(
        Structure,
        verbose_name="structures",
        related_name="+",
        blank=True,
        help_text="Quand toutes sont fermées, le menu dit pourquoi.",
    )
    weekdays = ArrayField(
        models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(7)]),
        verbose_name="jours servis",
        default=school_weekdays,
    )
    service_days = models.CharField("période", max_length=8, choices=ServiceDays.choices, default=ServiceDays.SCHOOL)
    courses = ArrayField(
        models.CharField(max_length=8, choices=Course.choices), verbose_name="composantes", default=usual_courses
    )
    intro = models.CharField(
        "à savoir",
        max_length=300,
        blank=True,
        validators=[describe_the_dish],
        help_text="Une phrase sous les menus, par exemple « Viandes d’origine française ».",
    )
    producer = models.CharField(
        "cuisine", max_length=100, blank=True, help_text="Qui prépare les repas, si ce n’est pas la commune."
    )
    order = models.PositiveSmallIntegerField("rang", default=0)

    class Meta:
        verbose_name = "lieu de repas"
        verbose_name_plural = "lieux de repas"
        constraints = [
            models.CheckConstraint(
                condition=Q(weekdays__contained_by=[1, 2, 3, 4, 5, 6, 7]) & Q(weekdays__len__gte=1),
                name="menu_site_weekdays",
                violation_error_message="Les jours servis vont de 1 (lundi) à 7 (dimanche), un au moins.",
            ),
            models.CheckConstraint(
                condition=Q(courses__contained_by=Course.values) & Q(courses__len__gte=1),
                name="menu_site_courses",
                violation_error_message="Choisissez les composantes du repas dans la liste, une au moins.",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=SiteKind.values),
                name="menu_site_kind",
                violation_error_message="Un lieu de repas est une cantine ou une crèche.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def tab(self) -> str:
        """The word of its button."""
        return self.short_name or self.name

    def ordered_courses(self) -> list[Course]:
        """Its courses, in the order of the meal."""
        return [course for course in Course if course in self.courses]


class MenuWeek(models.Model):
    """The week that begins on `monday` at one site. `version` grows with every change: two agents cannot overwrite
    each other unknowingly.
    """

    site = models.ForeignKey(
        MenuSite, verbose_name="lieu", on_delete=models.PROTECT, related_name="weeks"
    )  # what families read is not lost with a name
    monday = models.DateField("lundi", validators=[validate_monday])
    state = models.CharField("état", max_length=9, choices=WeekState.choices, default=WeekState.DRAFT)
    published_at = models.DateTimeField("publié le", null=True, blank=True)
    note = models.CharField("note", max_length=300, blank=True, validators=[describe_the_dish])
    version = models.PositiveIntegerField("version", default=1)
    changed_at = models.DateTimeField("modifié le")
    changed_by = models.ForeignKey(
        "accounts.User", verbose_name="par", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )  # a name beside a menu, nothing more: the journal keeps its author
    from_profile = models.BooleanField("venu du profil", default=False)

    class Meta:
        verbose_name = "semaine de menus"
        verbose_name_plural = "semaines de menus"
        constraints = [
            models.UniqueConstraint(
                fields=["site", "monday"],
                name="menu_week_once",
                violation_error_message="Cette semaine existe déjà pour ce lieu.",
            ),
            models.CheckConstraint(
                condition=Q(monday__iso_week_day=1),
                name="menu_week_monday",
                violation_error_message="Une semaine commence un lundi.",
            ),
            models.CheckConstraint(
                condition=Q(state=WeekState.DRAFT) | Q(state=WeekState.PUBLISHED, published_at__isnull=False),
                name="menu_week_published",
                violation_error_message="Une semaine publiée a une date de publication.",
            ),
        ]
        indexes = [models.Index(fields=["monday"], name="menu_week_day")]

    def __str__(self) -> str:
        return f"{self.site}, {french.date_range_year(self.monday, self.monday + timedelta(days=4))}"

    @property
    def week(self) -> Week:
        """The ISO week."""
        return Week.of(self.monday)

    @property
    def range(self) -> DateRange:
        return self.week.range

    @property
    def published(self) -> bool:
        return self.state == WeekState.PUBLISHED


class MenuDay(models.Model):
    """One day of a week, by its ISO weekday. A day closed by hand says why."""

    week = models.ForeignKey(MenuWeek, verbose_name="semaine", on_delete=models.CASCADE, related_name="days")
    weekday = models.PositiveSmallIntegerField("jour")
    closed = models.BooleanField("fermé", default=False)
    reason = models.CharField("motif", max_length=120, blank=True)
    special = models.CharField("jour particulier", max_length=80, blank=True, validators=[describe_the_dish])

    class Meta:
        verbose_name = "jour de menu"
        verbose_name_plural = "jours de menu"
        constraints = [
            models.UniqueConstraint(fields=["week", "weekday"], name="menu_day_once"),
            models.CheckConstraint(
                condition=Q(weekday__gte=1, weekday__lte=7),
                name="menu_day_weekday",
                violation_error_message="Un jour va de 1 (lundi) à 7 (dimanche).",
            ),
            models.CheckConstraint(
                condition=Q(closed=False) | ~Q(reason=""),
                name="menu_day_reason",
                violation_error_message="Dites pourquoi ce jour est fermé.",
            ),
        ]

    def __str__(self) -> str:
        return french.long_date(self.date)

    @property
    def date(self) -> date:
        return self.week.monday + timedelta(days=self.weekday - 1)


class DishQuerySet(models.QuerySet["Dish"]):
    def published(self) -> Self:
        """Of weeks that anybody may read."""
        return self.filter(day__week__state=WeekState.PUBLISHED)

    def in_order(self) -> Self:
        """Of a day, then of a meal."""
        serving = models.Case(
            *(models.When(course=course, then=place) for place, course in enumerate(Course.values)),
            output_field=models.SmallIntegerField(),
        )
        return self.order_by("day__week__monday", "day__weekday", serving, "rank")


class Dish(models.Model):
    """One dish of a day. Rank 1 is what is served, rank 2 the « ou » of the same course."""

    day = models.ForeignKey(MenuDay, verbose_name="jour", on_delete=models.CASCADE, related_name="dishes")
    course = models.CharField("composante", max_length=8, choices=Course.choices)
    rank = models.PositiveSmallIntegerField("choix", default=1)
    name = models.CharField("plat", max_length=120, validators=[describe_the_dish])
    key = models.CharField("nom comparé", max_length=130, editable=False)
    allergens = ArrayField(
        models.CharField(max_length=12, choices=Allergen.choices), verbose_name="allergènes", default=list, blank=True
    )
    labels = ArrayField(
        models.CharField(max_length=20, choices=Label.choices), verbose_name="labels", default=list, blank=True
    )
    texture = models.CharField("texture", max_length=6, choices=Texture.choices, blank=True)

    objects = DishQuerySet.as_manager()

    class Meta:
        verbose_name = "plat"
        verbose_name_plural = "plats"
        constraints = [
            models.UniqueConstraint(fields=["day", "course", "rank"], name="dish_once"),
            models.CheckConstraint(
                condition=Q(course__in=Course.values),
                name="dish_course",
                violation_error_message="Choisissez la composante dans la liste.",
            ),
            models.CheckConstraint(
                condition=Q(rank__in=[1, 2]),
                name="dish_rank",
                violation_error_message="Un plat est servi (1) ou au choix (2).",
            ),
            models.CheckConstraint(
                condition=Q(allergens__contained_by=Allergen.values),
                name="dish_allergens",
                violation_error_message="Choisissez parmi les quatorze allergènes du règlement européen 1169/2011.",
            ),
            models.CheckConstraint(
                condition=Q(labels__contained_by=Label.values),
                name="dish_labels",
                violation_error_message="Choisissez les labels dans la liste.",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="dish_name", violation_error_message="Nommez le plat."),
        ]
        indexes = [
            models.Index(fields=["key", "-id"], name="dish_key"),
            GinIndex(SearchVector("name", config="french"), name="dish_words"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.key = folded(self.name)[:130]
        super().save(*args, **kwargs)


def in_european_order(values: Iterable[str], known: type[models.TextChoices]) -> list[str]:
    """The values that `known` holds, each once, in its order."""
    given = set(values)
    return [value for value in known.values if value in given]
