"""For whom a page or a document is: everybody, all families, or the families of some children.

One mixin and one question for news, documents and forms, so that a list, a page, a feed, the search and a download
never disagree. What is addressed to some is closed by default: who signed nothing in sees the public things only.
"""

from datetime import date
from typing import Any, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from modelcluster.fields import ParentalManyToManyField
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel, FieldRowPanel, HelpPanel, MultiFieldPanel

from portal.domain.accounts.models import User
from portal.domain.bookings.models import Booking
from portal.domain.bookings.reach import NOBODY, ChildReach, Reach, reach_of
from portal.domain.families.enums import SchoolLevel

M = TypeVar("M", bound=models.Model)


class Audience(models.TextChoices):
    PUBLIC = "public", "tout le monde"
    FAMILIES = "families", "toutes les familles connectées"
    CHOSEN = "chosen", "certaines familles"


class AudienceFields(ClusterableModel):
    """Whom it is for. With `CHOSEN`, one child of the family meets all the criteria that are filled in.

    Activities: enrolled in one of them, or present in one of them when days are given. Schools, levels: those of the
    current school year. Days: booked on one of them.
    """

    audience = models.CharField("pour", max_length=8, choices=Audience.choices, default=Audience.PUBLIC)
    audience_activities: Any = ParentalManyToManyField(
        "activities.Activity", verbose_name="inscrits à", blank=True, related_name="+"
    )
    audience_schools: Any = ParentalManyToManyField(
        "families.School", verbose_name="scolarisés à", blank=True, related_name="+"
    )
    audience_levels = ArrayField(
        models.CharField(max_length=4, choices=SchoolLevel.choices), verbose_name="niveaux", default=list, blank=True
    )
    present_from = models.DateField("présents du", null=True, blank=True)
    present_until = models.DateField("au", null=True, blank=True)

    class Meta:
        abstract = True

    def clean(self) -> None:
        """Days go from first to last. Raises ValidationError naming the field."""
        super().clean()
        if self.present_until and not self.present_from:
            raise ValidationError({"present_from": "Donnez aussi le premier jour de présence."})
        if self.present_from and self.present_until and self.present_until < self.present_from:
            raise ValidationError({"present_until": "Le dernier jour de présence ne précède pas le premier."})

    @property
    def is_public(self) -> bool:
        """Whether anybody may read it."""
        return self.audience == Audience.PUBLIC


def audience_panel() -> MultiFieldPanel:
    """The panel « Pour qui » of the editing screens."""
    return MultiFieldPanel(
        [
            FieldPanel("audience"),
            HelpPanel(
                "Les critères servent à « certaines familles » : un même enfant doit remplir tous ceux qui sont "
                "donnés. Sans critère, personne ne la voit."
            ),
            FieldPanel("audience_activities"),
            FieldRowPanel([FieldPanel("audience_schools"), FieldPanel("audience_levels")]),
            FieldRowPanel([FieldPanel("present_from"), FieldPanel("present_until")]),
        ],
        heading="Pour qui",
    )


def addressed_to(model: type[models.Model], *, user: User | AnonymousUser, on: date) -> Q:
    """The condition on `model` (with `AudienceFields`) for what this visitor may read on that day.

    Four queries for a signed-in person, none for a visitor; the condition itself grows with the person's children
    only. An agent without family is a visitor here: what they prepare, they see in the editing screens.
    """
    reach = reach_of(user=user, on=on) if isinstance(user, User) else NOBODY
    return within_reach(model, reach)


def within_reach(model: type[models.Model], reach: Reach) -> Q:
    """The same for a reach already known."""
    if not reach.has_family:
        return Q(audience=Audience.PUBLIC)
    met = Q(pk__in=[])
    for child in reach.children:
        met |= _meets(model, child)
    given = _any_criterion(model)
    return Q(audience__in=[Audience.PUBLIC, Audience.FAMILIES]) | (Q(audience=Audience.CHOSEN) & given & met)


def _any_criterion(model: type[models.Model]) -> Q:
    return (
        Q(present_from__isnull=False)
        | Q(audience_levels__len__gt=0)
        | Q(Exists(_chosen(model, "audience_activities")))
        | Q(Exists(_chosen(model, "audience_schools")))
    )


def _meets(model: type[models.Model], child: ChildReach) -> Q:
    """What one child must be for a thing to be addressed to its family: every criterion that is given."""
    activities, schools = _chosen(model, "audience_activities"), _chosen(model, "audience_schools")
    no_activity = ~Q(Exists(activities))
    enrolled = no_activity | Q(Exists(activities.filter(activity__in=child.activities)))
    days = Booking.objects.booked().filter(
        child=child.child, day__gte=OuterRef("present_from"), day__lte=OuterRef("last_present_day")
    )
    through, owner = _through(model, "audience_activities")
    in_activities = days.filter(
        Exists(through.objects.filter(activity=OuterRef("unit__activity"), **{owner: OuterRef(OuterRef("pk"))}))
    )
    present = (
        Q(present_from__isnull=True) & enrolled
        | Q(present_from__isnull=False) & no_activity & Q(Exists(days))
        | Q(present_from__isnull=False) & Q(Exists(in_activities))
    )
    school = ~Q(Exists(schools)) | Q(Exists(schools.filter(school=child.school)))
    level = Q(audience_levels__len=0) | Q(audience_levels__contains=[child.level])
    return present & school & level


def with_last_present_day(queryset: "models.QuerySet[M]") -> "models.QuerySet[M]":
    """Annotate the last day of presence: the first one when only one day was given."""
    return queryset.alias(last_present_day=models.functions.Coalesce(F("present_until"), F("present_from")))


def _through(model: type[models.Model], name: str) -> tuple[Any, str]:
    field: Any = model._meta.get_field(name)
    return field.remote_field.through, field.m2m_field_name()


def _chosen(model: type[models.Model], name: str) -> "models.QuerySet[Any]":
    through, owner = _through(model, name)
    rows: models.QuerySet[Any] = through.objects.filter(**{owner: OuterRef("pk")})
    return rows


class AudienceQuerySet(models.QuerySet[M]):
    """`readable_by` for any model with `AudienceFields`; mix it into the model's own queryset."""

    def readable_by(self, user: User | AnonymousUser, *, on: date) -> "models.QuerySet[M]":
        """Only what this visitor may read on that day (see `addressed_to`)."""
        return with_last_present_day(self).filter(addressed_to(self.model, user=user, on=on))

    def for_everybody(self) -> "models.QuerySet[M]":
        """Only what is public."""
        return self.filter(audience=Audience.PUBLIC)
