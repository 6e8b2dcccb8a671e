"""Who the town is, and the state of accessibility that it declares."""

from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from wagtail.admin.panels import FieldPanel, FieldRowPanel, HelpPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting

from cms_pages.enums import AccessibilityStatus
from cms_pages.panels import ColourPanel
from portal.web.design.colour import NotAColour, unreadable
from portal.web.identity import DEFAULT_BRAND

PHONE = RegexValidator(
    r"^(\+33 ?|0)[1-9]([ .]?\d{2}){4}$",
    "Écrivez le numéro par paires, par exemple 01 99 00 12 34.",
)

#: A declaration holds for three years (arrêté du 20 septembre 2019).
DECLARATION_YEARS = 3


def validate_colour(value: str) -> None:
    """Refuse what is not a colour, or one with which something could not be read.

    A colour that only deserves a warning passes (`ColourPanel` shows it).
    """
    try:
        problems = unreadable(value)
    except NotAColour as error:
        raise ValidationError("Écrivez la couleur en hexadécimal, par exemple #1f6173.", code="colour") from error
    if problems:
        raise ValidationError(problems, code="contrast")


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
        validators=[PHONE],
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
    ]
    select_related = ["logo"]

    class Meta:
        verbose_name = "identité de la commune"
        verbose_name_plural = "identités de la commune"

    def clean(self) -> None:
        """One way of writing a colour, so that the theme has one fingerprint."""
        super().clean()
        self.brand = self.brand.strip().lower()


@register_setting(icon="circle-check", order=110)
class AccessibilityDeclaration(BaseSiteSetting):
    """The answers of the official declaration. The state of conformity is computed from the audit, never typed."""

    audited_on = models.DateField("date de l’audit", null=True, blank=True)
    rate = models.PositiveSmallIntegerField(
        "taux de conformité (%)",
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
        help_text="La part des critères du RGAA respectés, telle que le rapport d’audit la donne.",
    )
    auditor = models.CharField("réalisé par", max_length=150, blank=True)
    rgaa = models.CharField("version du RGAA", max_length=10, default="4.1")
    established_on = models.DateField("déclaration établie le", null=True, blank=True)
    non_conform = models.TextField(
        "contenus non conformes", blank=True, help_text="Un par ligne, dans les mots d’un visiteur."
    )
    derogations = models.TextField(
        "dérogations pour charge disproportionnée", blank=True, help_text="Une par ligne, avec sa raison."
    )
    exempted = models.TextField(
        "contenus non soumis à l’obligation", blank=True, help_text="Un par ligne : vidéos en direct, cartes…"
    )
    technologies = models.TextField(
        "technologies", blank=True, default="HTML5\nCSS\nSVG\nJavaScript", help_text="Une par ligne."
    )
    tested_with = models.TextField(
        "environnement de test", blank=True, help_text="Une ligne par couple : NVDA et Firefox, VoiceOver et Safari…"
    )
    tested_pages = models.TextField("pages vérifiées", blank=True, help_text="Une par ligne : titre et adresse.")
    contact_email = models.EmailField("adresse mail du contact", blank=True, help_text="Vide : celle du service.")
    contact_phone = models.CharField("téléphone du contact", max_length=20, blank=True, validators=[PHONE])

    panels = [
        HelpPanel(
            "L’état affiché au pied de chaque page se calcule : « non conforme » sans audit, sous 50 % ou trois ans "
            "après l’audit ; « partiellement conforme » à partir de 50 % ; « totalement conforme » à 100 %."
        ),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("audited_on"), FieldPanel("rate")]),
                FieldRowPanel([FieldPanel("auditor"), FieldPanel("rgaa")]),
                FieldPanel("tested_with"),
                FieldPanel("tested_pages"),
            ],
            heading="L’audit",
        ),
        MultiFieldPanel(
            [FieldPanel("non_conform"), FieldPanel("derogations"), FieldPanel("exempted")],
            heading="Ce qui n’est pas accessible",
        ),
        MultiFieldPanel(
            [
                FieldPanel("established_on"),
                FieldPanel("technologies"),
                FieldRowPanel([FieldPanel("contact_email"), FieldPanel("contact_phone")]),
            ],
            heading="La déclaration",
        ),
    ]

    class Meta:
        verbose_name = "déclaration d’accessibilité"
        verbose_name_plural = "déclarations d’accessibilité"
        constraints = [
            models.CheckConstraint(
                condition=Q(rate__isnull=True) | Q(rate__lte=100),
                name="accessibility_rate_percent",
                violation_error_message="Le taux va de 0 à 100.",
            ),
            models.CheckConstraint(
                condition=Q(rate__isnull=True, audited_on__isnull=True)
                | Q(rate__isnull=False, audited_on__isnull=False),
                name="accessibility_rate_of_an_audit",
                violation_error_message="Un taux va avec la date de son audit : donnez les deux, ou aucun.",
            ),
        ]

    def __str__(self) -> str:
        return "déclaration d’accessibilité"

    def ends_on(self) -> date | None:
        """The last day on which the audit holds; None without an audit."""
        if self.audited_on is None:
            return None
        year = self.audited_on.year + DECLARATION_YEARS
        try:
            return self.audited_on.replace(year=year)
        except ValueError:  # 29 February
            return self.audited_on.replace(year=year, day=28)

    def status(self, *, on: date) -> AccessibilityStatus:
        """What may be declared on that day: better than « non conforme » with an audit that still holds."""
        last = self.ends_on()
        if last is None or self.audited_on is None or self.rate is None or not self.audited_on <= on <= last:
            return AccessibilityStatus.NONE
        if self.rate == 100:
            return AccessibilityStatus.FULL
        return AccessibilityStatus.PARTIAL if self.rate >= 50 else AccessibilityStatus.NONE

    def lines(self, name: str) -> list[str]:
        """The lines of one of its lists."""
        return [line.strip() for line in getattr(self, name).splitlines() if line.strip()]
