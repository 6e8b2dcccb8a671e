"""For whom a page or a document is: everybody, all families, or the families of some children.

One mixin and one question for news, documents and forms, so that a list, a page, a feed, the search and a download
never disagree. What is addressed to some is closed by default: who signed nothing in sees the public things only.
"""

from datetime import date
from typing import Any, TypeVar

from django import forms
from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, F, Func, IntegerField, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact, IsNull
from django.utils import timezone
from modelcluster.fields import ParentalManyToManyField
from modelcluster.models import ClusterableModel
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.forms.pages import WagtailAdminPageForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, HelpPanel, MultiFieldPanel
from wagtail.models import Page

from portal.domain.accounts.models import User
from portal.domain.activities.models import Activity
from portal.domain.bookings.models import Booking
from portal.domain.enrolments.models import Enrolment
from portal.domain.families.enums import SchoolLevel
from portal.domain.families.models import Child, FamilyMember, Schooling
from portal.domain.kernel.clock import paris_date
from portal.domain.kernel.school_year import SchoolYear

M = TypeVar("M", bound=models.Model)


class Audience(models.TextChoices):
    PUBLIC = "public", "tout le monde"
    FAMILIES = "families", "toutes les familles connectées"
    CHOSEN = "chosen", "certaines familles"


#: What narrows `CHOSEN`, as the editing forms name it.
CRITERIA = ("audience_activities", "audience_schools", "audience_levels", "present_from")


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

    @property
    def last_present_day(self) -> date | None:
        """The last day of presence asked for: the first one when only one day was given."""
        return self.present_until or self.present_from


# Editing


class AudienceFormMixin(forms.BaseForm):
    """What the editing form of something with `AudienceFields` refuses and proposes.

    « Certaines familles » needs a criterion and a criterion needs « certaines familles »: an agent who ticked an
    activity and left « tout le monde » would publish to everybody. A draft may stay unfinished.
    """

    instance: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "audience_levels" in self.fields:
            self.fields["audience_levels"] = forms.MultipleChoiceField(
                label="Niveaux",
                choices=SchoolLevel.choices,
                required=False,
                widget=forms.CheckboxSelectMultiple,
                initial=self.instance.audience_levels,
            )
        activities = self.fields.get("audience_activities")
        if isinstance(activities, forms.ModelMultipleChoiceField):
            chosen = [activity.pk for activity in self.instance.audience_activities.all()]
            current = Q(ends_on__gte=paris_date(timezone.now())) | Q(pk__in=chosen)
            activities.queryset = Activity.objects.filter(current).order_by("name", "code")

    def clean(self) -> dict[str, Any]:
        """The values of the form, with the errors above."""
        values: dict[str, Any] = super().clean() or {}
        if "audience" not in values or getattr(self, "is_deferred_validation", False):
            return values
        given = any(values.get(name) for name in CRITERIA)
        chosen = values["audience"] == Audience.CHOSEN
        if chosen and not given and not any(name in self.errors for name in CRITERIA):
            self.add_error(
                "audience",
                "Pour « certaines familles », donnez au moins un critère : une activité, une école, un niveau ou "
                "des jours de présence. Sans critère, personne ne la verrait.",
            )
        elif given and not chosen:
            self.add_error(
                "audience",
                "Des critères sont donnés, mais ils ne servent qu’à « certaines familles » : choisissez "
                "« certaines familles », ou effacez les critères.",
            )
        return values


class AudiencePageForm(AudienceFormMixin, WagtailAdminPageForm):
    """The `base_form_class` of a page with `AudienceFields`."""


class AudienceModelForm(AudienceFormMixin, WagtailAdminModelForm):
    """The same for a snippet."""


def audience_panel(note: str = "") -> MultiFieldPanel:
    """The panel « Pour qui » of the editing screens. `note`: what an agent must know who addresses this to some."""
    return MultiFieldPanel(
        [
            FieldPanel("audience"),
            *([HelpPanel(note)] if note else []),
            HelpPanel(
                "Les critères servent à « certaines familles » : un même enfant doit remplir tous ceux qui sont "
                "donnés. Sans critère, personne ne la voit."
            ),
            FieldPanel("audience_activities", widget=forms.CheckboxSelectMultiple),
            FieldRowPanel(
                [
                    FieldPanel("audience_schools", widget=forms.CheckboxSelectMultiple),
                    FieldPanel("audience_levels"),
                ]
            ),
            FieldRowPanel([FieldPanel("present_from"), FieldPanel("present_until")]),
        ],
        heading="Pour qui",
    )


# Reading


def addressed_to(model: type[models.Model], *, user: User | AnonymousUser | None, on: date) -> Q:
    """The condition on `model` (with `AudienceFields`) for what this visitor may read on that day.

    Asks nothing by itself: the whole question is a part of the caller's query, whatever the number of children. An
    agent without family is a visitor here: what they prepare, they see in the editing screens.
    """
    if not isinstance(user, User):
        return Q(audience=Audience.PUBLIC)
    has_family = Q(Exists(FamilyMember.objects.filter(adult__user=user, can_see=True)))
    mine = _meeting(model, Child.objects.visible_to(user), on=on)
    return Q(audience=Audience.PUBLIC) | has_family & (
        Q(audience=Audience.FAMILIES) | Q(audience=Audience.CHOSEN) & Q(Exists(mine))
    )


def children_reached(thing: AudienceFields, *, on: date) -> QuerySet[Child]:
    """The children whose families a saved thing for « certaines familles » is addressed to; none without criterion."""
    model = type(thing)
    this_one = Child.objects.filter(pk=OuterRef(OuterRef("pk")))
    things = model._default_manager.filter(pk=thing.pk, audience=Audience.CHOSEN)
    return Child.objects.filter(Exists(things.filter(Exists(_meeting(model, this_one, on=on)))))


def with_children_met(queryset: QuerySet[M], *, user: User, on: date) -> QuerySet[M]:
    """Annotate `children_met`: the keys of the person's children for whom a thing for « certaines familles » is."""
    mine = _meeting(queryset.model, Child.objects.visible_to(user), on=on)
    return queryset.annotate(children_met=ArraySubquery(mine.values("pk")))


def _meeting(model: type[models.Model], children: QuerySet[Child], *, on: date) -> QuerySet[Child]:
    """Those of `children` who meet all the criteria given by the thing that the query outside is about.

    None when it gives no criterion at all.
    """
    no_activity = ~Q(Exists(_chosen(model, "audience_activities", _thing("pk", 2))))
    no_school = ~Q(Exists(_chosen(model, "audience_schools", _thing("pk", 2))))
    no_level = Q(Exact(_length(_thing("audience_levels", 1)), 0))
    no_day = Q(IsNull(_thing("present_from", 1), True))
    activities = _chosen(model, "audience_activities", _thing("pk", 3))
    schools = _chosen(model, "audience_schools", _thing("pk", 3))
    enrolled = Enrolment.objects.accepted().filter(
        Exists(activities.filter(activity=OuterRef("activity"))),
        child=OuterRef("pk"),
        ends_on__gte=on,
    )
    booked = Booking.objects.booked().filter(
        ~Q(Exists(_chosen(model, "audience_activities", _thing("pk", 3))))
        | Q(
            Exists(_chosen(model, "audience_activities", _thing("pk", 3)).filter(activity=OuterRef("unit__activity")))
        ),
        child=OuterRef("pk"),
        day__gte=_thing("present_from", 2),
        day__lte=Coalesce(_thing("present_until", 2), _thing("present_from", 2)),
    )
    at_school = Schooling.objects.alias(
        rank=Func(_thing("audience_levels", 2), F("level"), function="array_position", output_field=IntegerField())
    ).filter(
        ~Q(Exists(schools)) | Q(Exists(schools.filter(school=OuterRef("school")))),
        Q(Exact(_length(_thing("audience_levels", 2)), 0)) | Q(rank__isnull=False),
        child=OuterRef("pk"),
        school_year=SchoolYear.of(on).start,
    )
    return children.filter(
        ~(no_activity & no_school & no_level & no_day),
        (no_day & (no_activity | Q(Exists(enrolled)))) | (~no_day & Q(Exists(booked))),
        (no_school & no_level) | Q(Exists(at_school)),
    )


def _thing(name: str, depth: int) -> Any:
    """A field of the thing, seen from `depth` queries below it."""
    reference: Any = name
    for _level in range(depth):
        reference = OuterRef(reference)
    return reference


def _length(array: Any) -> Func:
    return Func(array, function="cardinality", output_field=IntegerField())


def _chosen(model: type[models.Model], name: str, owner: Any) -> QuerySet[Any]:
    """The rows that tie the thing `owner` to the activities or schools chosen for it."""
    field: Any = model._meta.get_field(name)
    rows: QuerySet[Any] = field.remote_field.through._default_manager.filter(**{field.m2m_field_name(): owner})
    return rows


class AudienceQuerySet(models.QuerySet[M]):
    """`readable_by` for any model with `AudienceFields`; mix it into the model's own queryset."""

    def readable_by(self, user: User | AnonymousUser | None, *, on: date) -> "QuerySet[M]":
        """Only what this visitor may read on that day (see `addressed_to`), in the query itself."""
        return self.filter(addressed_to(self.model, user=user, on=on))

    def for_everybody(self) -> "QuerySet[M]":
        """Only what is public."""
        return self.filter(audience=Audience.PUBLIC)


def open_to_everybody(pages: Any) -> Any:
    """These pages (a PageQuerySet) without those addressed to some: what a site map or a search may show."""
    for model in _page_models():
        pages = pages.exclude(pk__in=model._default_manager.exclude(audience=Audience.PUBLIC).values("pk"))
    return pages


def _page_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if issubclass(model, AudienceFields) and issubclass(model, Page)]
