"""The places where children are looked after, as families read about them."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, HelpPanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page, PageManager
from wagtail.query import PageQuerySet
from wagtail.search import index

from cms_pages.blocks import HoursBlock, ProseBlock
from cms_pages.enums import StructureKind
from cms_pages.hours import Timetable, timetables
from cms_pages.models.base import PortalPage
from portal.domain.activities.models import Activity
from portal.domain.kernel.clock import paris_date

OLDEST = 25
"""The last age, in years, that a place or the filter may name."""


class StructureIndexPage(PortalPage):
    """Every place, from the crèche to the youth club, by kind; `?age=` keeps those that take that age."""

    lead = models.TextField("chapeau", max_length=400, blank=True)

    max_count = 1
    subpage_types = ["cms_pages.StructurePage"]
    template = "cms_pages/structure_index_page.html"
    content_panels = [
        *Page.content_panels,
        FieldPanel("lead", help_text="Les lieux viennent d’eux-mêmes : un par page créée sous celle-ci."),
    ]
    search_fields = [*Page.search_fields, index.SearchField("lead")]

    class Meta:
        verbose_name = "liste des structures"
        verbose_name_plural = "listes des structures"

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The places by kind. An age that is none is no filter; three queries whatever the number of places."""
        context = super().get_context(request, *args, **kwargs)
        asked = request.GET.get("age", "")
        age = int(asked) if asked.isascii() and asked.isdigit() and len(asked) <= 2 and int(asked) <= OLDEST else None
        places = list(StructurePage.objects.child_of(self).live().public().for_lists())
        shown = [place for place in places if place.takes(age)]
        context["age"] = age
        context["ages"] = range(0, 18)
        context["total"] = len(places)
        context["groups"] = [
            (kind, together)
            for kind in StructureKind
            if (together := [place for place in shown if place.kind == kind])
        ]
        return context


class StructurePageQuerySet(PageQuerySet):
    def for_lists(self) -> "StructurePageQuerySet":
        """With the structure and the photo, by kind of place then by name, in two queries."""
        found: StructurePageQuerySet = self.select_related("structure", "photo")
        return found.prefetch_related("photo__renditions").order_by("title", "pk")


class StructurePage(PortalPage):
    """One place. Its address, phone and mail are the structure's own: corrected once, right everywhere."""

    structure = models.OneToOneField(
        "activities.Structure",
        verbose_name="structure",
        null=True,
        on_delete=models.PROTECT,  # the page that families read is taken down first, by somebody who sees it
        related_name="public_page",
        help_text="Son adresse, son téléphone et son adresse mail sont repris : ils se corrigent dans les structures.",
    )
    kind = models.CharField("nature", max_length=16, choices=StructureKind.choices)
    lead = models.TextField("chapeau", max_length=400, blank=True)
    photo = models.ForeignKey(
        "wagtailimages.Image",
        verbose_name="photo",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,  # the page is read without it
        related_name="+",
        help_text="Décrivez-la dans la bibliothèque d’images : la description est lue à qui ne la voit pas.",
    )
    age_from = models.PositiveSmallIntegerField(
        "dès (ans)", null=True, blank=True, validators=[MaxValueValidator(OLDEST)]
    )
    age_to = models.PositiveSmallIntegerField(
        "jusqu’à (ans)", null=True, blank=True, validators=[MaxValueValidator(OLDEST)]
    )
    ages = models.CharField(
        "âges, en mots",
        max_length=80,
        blank=True,
        help_text="Pour dire mieux que les années : « de 10 semaines à 3 ans ».",
    )
    agreed_places = models.PositiveSmallIntegerField("places agréées", null=True, blank=True)
    hours = StreamField([("hours", HoursBlock())], verbose_name="horaires", blank=True, use_json_field=True)
    plan = models.ForeignKey(
        "wagtailimages.Image",
        verbose_name="plan",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Une image à vous. Rien n’est chargé d’un autre site : le visiteur ouvre lui-même sa carte.",
    )
    plan_description = models.TextField(
        "comment y aller",
        max_length=600,
        blank=True,
        help_text="En mots : le quartier, l’arrêt de bus, l’entrée. Lu à la place du plan par qui ne le voit pas.",
    )
    body = StreamField(ProseBlock(), verbose_name="contenu", blank=True, use_json_field=True)

    objects = PageManager.from_queryset(StructurePageQuerySet)()

    # A structure has one page.
    exclude_fields_in_copy = ["structure"]
    parent_page_types = ["cms_pages.StructureIndexPage"]
    subpage_types: list[str] = []
    template = "cms_pages/structure_page.html"
    content_panels = [
        *Page.content_panels,
        FieldRowPanel([FieldPanel("structure"), FieldPanel("kind")]),
        FieldPanel("lead", help_text="Une ou deux phrases : qui est accueilli, par qui, pour quoi."),
        FieldPanel("photo"),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("age_from"), FieldPanel("age_to"), FieldPanel("agreed_places")]),
                FieldPanel("ages"),
            ],
            heading="Pour qui",
        ),
        FieldPanel("hours", help_text="Les jours qui ont les mêmes horaires se cochent ensemble."),
        MultiFieldPanel(
            [
                HelpPanel("L’adresse et les coordonnées viennent de la structure."),
                FieldPanel("plan"),
                FieldPanel("plan_description"),
            ],
            heading="Y aller",
        ),
        FieldPanel("body", help_text="L’équipe, les projets, les documents. Les activités viennent d’elles-mêmes."),
    ]
    search_fields = [
        *Page.search_fields,
        index.SearchField("lead"),
        index.SearchField("plan_description"),
        index.SearchField("body"),
        index.FilterField("kind"),
    ]

    class Meta:
        verbose_name = "page de structure"
        verbose_name_plural = "pages de structure"
        constraints = [
            models.CheckConstraint(
                condition=Q(age_from__isnull=True) | Q(age_to__isnull=True) | Q(age_to__gte=F("age_from")),
                name="structure_page_age_order",
                violation_error_message="Le dernier âge n’est pas inférieur au premier.",
            ),
        ]

    def clean(self) -> None:
        """A plan is described in words. Raises ValidationError naming the field."""
        super().clean()
        if self.plan_id and not self.plan_description.strip():
            raise ValidationError(
                {"plan_description": "Dites en mots comment y aller : c’est ce qui est lu à la place du plan."}
            )

    def takes(self, age: int | None) -> bool:
        """Whether a child of that age (years) is welcome; unknown bounds refuse nobody."""
        if age is None:
            return True
        return (self.age_from is None or age >= self.age_from) and (self.age_to is None or age <= self.age_to)

    @property
    def ages_shown(self) -> str:
        """“de 3 à 11 ans”, or the agent's own words."""
        if self.ages:
            return self.ages
        if self.age_from is not None and self.age_to is not None:
            return _("de %(first)s à %(last)s ans") % {"first": self.age_from, "last": self.age_to}
        if self.age_from is not None:
            return _("à partir de %(first)s ans") % {"first": self.age_from}
        return _("jusqu’à %(last)s ans") % {"last": self.age_to} if self.age_to is not None else ""

    def timetables(self) -> list[Timetable]:
        """The hours by season, one line for each group of days that share them."""
        return timetables(block.value for block in self.hours)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The page and the activities that the portal offers there, today or later."""
        context = super().get_context(request, *args, **kwargs)
        context["activities"] = (
            list(
                Activity.objects.current_or_future(on=paris_date(timezone.now()))
                .filter(structure=self.structure_id, shown_on_planning=True)
                .select_related("type")
                .order_by("type__order", "order", "name")
            )
            if self.structure_id
            else []
        )
        context["timetables"] = self.timetables()
        return context
