"""Pages of the public site, and the settings that say who the town is."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, TitleFieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.search import index

from cms_pages.blocks import HomeBlock, LinkBlock, ProseBlock
from cms_pages.enums import AccessibilityStatus, PageRole
from cms_pages.panels import ColourPanel
from cms_pages.roles import role_context
from portal.web.design.colour import NotAColour, parse_hex
from portal.web.identity import DEFAULT_BRAND


def validate_colour(value: str) -> None:
    """Refuse what is not a colour; a colour that only deserves a warning passes (`ColourPanel` shows it)."""
    try:
        parse_hex(value)
    except NotAColour as error:
        raise ValidationError("Écrivez la couleur en hexadécimal, par exemple #1f6173.", code="colour") from error


class PortalPage(Page):
    """What every page of ours shares: where it stands in the site."""

    class Meta:
        abstract = True

    def trail(self) -> list[Page]:
        """The pages above this one, home first, without the root."""
        return list(self.get_ancestors().filter(depth__gt=1).order_by("depth"))

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Wagtail's context plus `trail`, for « Vous êtes ici »."""
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        context["trail"] = [] if self.depth <= 2 else self.trail()
        return context


class HomePage(PortalPage):
    """The town's public door: what this is, how to enter, the next deadlines, the news."""

    hero_title = models.CharField("titre de bienvenue", max_length=150)
    lead = models.TextField("présentation", max_length=400, blank=True)
    actions = StreamField([("link", LinkBlock())], verbose_name="boutons", blank=True, max_num=2, use_json_field=True)
    sections = StreamField(HomeBlock(), verbose_name="sections", blank=True, use_json_field=True)

    max_count = 1
    parent_page_types = ["wagtailcore.Page"]
    template = "cms_pages/home_page.html"

    content_panels = [
        TitleFieldPanel("title", help_text="Nom de la page dans la gestion et dans l’onglet du navigateur."),
        MultiFieldPanel([FieldPanel("hero_title"), FieldPanel("lead"), FieldPanel("actions")], heading="Bienvenue"),
        FieldPanel(
            "sections",
            help_text=(
                "Sous la bienvenue viennent d’eux-mêmes la zone de connexion, les prochaines échéances et les "
                "dernières actualités ; ces sections les suivent, dans l’ordre choisi ici."
            ),
        ),
    ]
    search_fields = [*Page.search_fields, index.SearchField("lead"), index.SearchField("sections")]

    class Meta:
        verbose_name = "page d’accueil"
        verbose_name_plural = "pages d’accueil"


class ContentPage(PortalPage):
    """A page to read. Its role gives it a place in the footer and what the portal adds below its text."""

    lead = models.TextField("chapeau", max_length=400, blank=True)
    body = StreamField(ProseBlock(), verbose_name="contenu", blank=True, use_json_field=True)
    role = models.CharField(
        "rôle",
        max_length=16,
        choices=PageRole.choices,
        blank=True,
        help_text="Le portail place la page au pied de chaque page et la complète : coordonnées, texte des "
        "conditions en vigueur, plan du site, état de conformité.",
    )

    # The role belongs to one page: its copy is an ordinary page.
    exclude_fields_in_copy = ["role"]
    template = "cms_pages/content_page.html"

    content_panels = [*Page.content_panels, FieldPanel("lead"), FieldPanel("body")]
    promote_panels = [FieldPanel("role"), *Page.promote_panels]
    search_fields = [*Page.search_fields, index.SearchField("lead"), index.SearchField("body")]

    class Meta:
        verbose_name = "page de contenu"
        verbose_name_plural = "pages de contenu"
        constraints = [
            models.UniqueConstraint(
                fields=["role"],
                condition=~Q(role=""),
                name="content_page_role_once",
                violation_error_message="Une autre page a déjà ce rôle.",
            ),
        ]

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The page plus what its role brings."""
        context = super().get_context(request, *args, **kwargs)
        context.update(role_context(self.role, at=timezone.now()))
        return context


@register_setting(icon="home", order=100)
class SiteIdentitySettings(BaseSiteSetting):
    """Who the town is: what every page, mail and style sheet of the portal says about it."""

    name = models.CharField("nom de la commune", max_length=100, default="Votre commune")
    name_with_article = models.CharField(
        "nom après « mairie »",
        max_length=110,
        default="de votre commune",
        help_text="Comme on le dit après « mairie » ou « portail famille » : « des Rousses », « de Colomars ».",
    )
    product = models.CharField("nom du portail", max_length=60, default="Portail famille")
    brand = models.CharField(
        "couleur de la commune",
        max_length=7,
        default=DEFAULT_BRAND,
        validators=[validate_colour],
        help_text="Une seule, en hexadécimal. Le portail en tire toutes les autres et garde des textes lisibles.",
    )
    logo = models.ForeignKey(
        "wagtailimages.Image",
        verbose_name="logo",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Lisible sur fond blanc. Sans logo, le portail montre son propre dessin.",
    )
    contact_name = models.CharField("service à contacter", max_length=100, blank=True)
    hours = models.TextField("horaires", blank=True, help_text="Une ligne par ligne affichée.")
    phone = models.CharField(
        "téléphone",
        max_length=20,
        blank=True,
        validators=[
            RegexValidator(
                r"^(\+33 ?|0)[1-9]([ .]?\d{2}){4}$",
                "Écrivez le numéro par paires, par exemple 01 99 00 12 34.",
            )
        ],
    )
    email = models.EmailField("adresse mail", blank=True)
    town_hall = models.CharField(
        "nom de la mairie", max_length=100, blank=True, help_text="Sans réponse : « Mairie » et le nom ci-dessus."
    )
    address = models.TextField("adresse", blank=True, help_text="Une ligne par ligne affichée.")
    public_computer = models.BooleanField(
        "ordinateur à disposition du public",
        default=False,
        help_text="Le pied de page dit que les familles sans Internet peuvent s’en servir à l’accueil.",
    )
    accessibility = models.CharField(
        "état d’accessibilité",
        max_length=24,
        choices=AccessibilityStatus.choices,
        default=AccessibilityStatus.NONE,
        help_text="Sans audit, la seule réponse exacte est « non conforme ».",
    )

    panels = [
        MultiFieldPanel(
            [FieldPanel("name"), FieldPanel("name_with_article"), FieldPanel("product")], heading="La commune"
        ),
        MultiFieldPanel([FieldPanel("brand"), ColourPanel(), FieldPanel("logo")], heading="Apparence"),
        MultiFieldPanel(
            [
                FieldPanel("contact_name"),
                FieldPanel("hours"),
                FieldPanel("phone"),
                FieldPanel("email"),
            ],
            heading="Une question ?",
        ),
        MultiFieldPanel(
            [FieldPanel("town_hall"), FieldPanel("address"), FieldPanel("public_computer")], heading="La mairie"
        ),
        FieldPanel("accessibility"),
    ]
    select_related = ["logo"]

    class Meta:
        verbose_name = "identité de la commune"
        verbose_name_plural = "identités de la commune"

    def clean(self) -> None:
        """One way of writing a colour, so that the theme has one fingerprint."""
        super().clean()
        self.brand = self.brand.strip().lower()
