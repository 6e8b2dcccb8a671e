"""What the town must say of itself by law, where else it speaks, and when the portal closes."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator, URLValidator
from django.db import models
from django.db.models import F, Q
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel, FieldRowPanel, HelpPanel, InlinePanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting
from wagtail.models import Orderable


def validate_siret(value: str) -> None:
    """Fourteen digits, whose key is right (Luhn)."""
    digits = "".join(value.split())
    if len(digits) != 14 or not digits.isdecimal():
        raise ValidationError("Un SIRET compte 14 chiffres, par exemple 213 904 700 00016.", code="siret")
    doubled = (int(digit) * (2 if position % 2 == 0 else 1) for position, digit in enumerate(digits))
    if sum(number - 9 if number > 9 else number for number in doubled) % 10:
        raise ValidationError(
            "Ce SIRET a une erreur de frappe : sa clé de contrôle ne correspond pas. Relisez-le.", code="siret"
        )


@register_setting(icon="doc-full", order=110)
class LegalSettings(ClusterableModel, BaseSiteSetting):
    """The facts of the legal notice, and the town's pages on networks."""

    publisher = models.CharField(
        "éditeur", max_length=120, blank=True, help_text="La collectivité qui publie ce site : « Commune de … »."
    )
    siret = models.CharField("SIRET", max_length=18, blank=True, validators=[validate_siret])
    director = models.CharField(
        "direction de la publication",
        max_length=120,
        blank=True,
        help_text="Le nom et la fonction : « Mme Claire Exemple, maire ».",
    )
    host = models.TextField(
        "hébergeur", blank=True, help_text="Son nom, son adresse et son téléphone, une ligne par ligne affichée."
    )
    data_protection = models.CharField(
        "protection des données",
        max_length=120,
        blank=True,
        help_text="Le délégué à la protection des données (DPO) : son nom, ou le service qui répond.",
    )
    data_protection_email = models.EmailField("adresse mail du délégué", blank=True)
    contact_email = models.EmailField(
        "adresse mail du site", blank=True, help_text="Sans réponse, celle du service à contacter."
    )

    panels = [
        MultiFieldPanel(
            [FieldPanel("publisher"), FieldPanel("siret"), FieldPanel("director"), FieldPanel("contact_email")],
            heading="Qui publie",
        ),
        FieldPanel("host"),
        MultiFieldPanel([FieldPanel("data_protection"), FieldPanel("data_protection_email")], heading="Données"),
        InlinePanel("social_links", heading="Réseaux sociaux", label="réseau", max_num=8),
    ]

    class Meta:
        verbose_name = "mentions légales et réseaux"
        verbose_name_plural = "mentions légales et réseaux"

    def clean(self) -> None:
        """One way of writing a SIRET: by groups, as it is printed."""
        super().clean()
        digits = "".join(self.siret.split())
        if len(digits) == 14:
            self.siret = f"{digits[:3]} {digits[3:6]} {digits[6:9]} {digits[9:]}"


class SocialLink(Orderable):
    """A page of the town on a network."""

    owner: Any = ParentalKey(LegalSettings, on_delete=models.CASCADE, related_name="social_links")
    name = models.CharField(
        "nom", max_length=40, help_text="Ce que les familles lisent : « Facebook », « PanneauPocket »."
    )
    url = models.URLField(
        "adresse",
        validators=[
            URLValidator(schemes=["https"]),
            RegexValidator(r"^https://", "Une adresse de réseau social commence par https://."),
        ],
    )

    panels = [FieldRowPanel([FieldPanel("name"), FieldPanel("url")])]

    class Meta(Orderable.Meta):
        verbose_name = "réseau social"
        verbose_name_plural = "réseaux sociaux"

    def __str__(self) -> str:
        return self.name


class TileKey(models.TextChoices):
    """The tiles of the family's home (portal.web.home.tiles)."""

    DOSSIER = "dossier", "Mon dossier"
    ENROLMENTS = "enrolments", "Inscriptions"
    PLANNING = "planning", "Planning et réservations"
    INVOICES = "invoices", "Facturation"
    SIMULATOR = "simulator", "Simulateur"
    MESSAGES = "messages", "Messagerie"
    NEWS = "news", "Actualités"


@register_setting(icon="grip", order=120)
class FamilyHomeSettings(ClusterableModel, BaseSiteSetting):
    """What the first page of a signed-in family shows."""

    panels = [
        InlinePanel(
            "tiles",
            heading="Tuiles",
            label="tuile",
            help_text="Dans l’ordre de l’accueil. Sans choix : dossier, inscriptions, planning, facturation, "
            "messagerie, actualités. Une tuile dont l’écran n’est pas installé ne paraît pas.",
        )
    ]

    class Meta:
        verbose_name = "accueil des familles"
        verbose_name_plural = "accueil des familles"


class FamilyTile(Orderable):
    """A tile that the town wants on the family's home, at its place."""

    owner: Any = ParentalKey(FamilyHomeSettings, on_delete=models.CASCADE, related_name="tiles")
    key = models.CharField("tuile", max_length=16, choices=TileKey.choices)

    panels = [FieldPanel("key")]

    class Meta(Orderable.Meta):
        verbose_name = "tuile"
        verbose_name_plural = "tuiles"
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "key"],
                name="family_tile_once",
                violation_error_message="Cette tuile est déjà choisie.",
            )
        ]

    def __str__(self) -> str:
        return self.get_key_display()


@register_setting(icon="warning", order=900)
class MaintenanceSettings(BaseSiteSetting):
    """When the portal closes: at once, or between two announced instants."""

    closed_now = models.BooleanField(
        "fermer le portail maintenant",
        default=False,
        help_text="Les familles ne voient plus que la page de maintenance. Les agents entrent toujours.",
    )
    starts_at = models.DateTimeField("fermeture prévue de", null=True, blank=True)
    ends_at = models.DateTimeField("à", null=True, blank=True)
    announce_hours = models.PositiveSmallIntegerField(
        "annoncée",
        default=48,
        validators=[MinValueValidator(1), MaxValueValidator(720)],
        help_text="Nombre d’heures avant la fermeture. L’annonce paraît alors sur chaque page.",
    )
    words = models.CharField(
        "explication",
        max_length=200,
        blank=True,
        help_text="Ajoutée à l’annonce et à la page de maintenance : « Le service de paiement change ».",
    )

    panels = [
        FieldPanel("closed_now"),
        MultiFieldPanel(
            [
                HelpPanel(
                    "Le portail fonctionne à toute heure. Pour une mise à jour, annoncez-la : chaque page la dit, "
                    "le portail se ferme à l’heure dite et se rouvre seul."
                ),
                FieldRowPanel([FieldPanel("starts_at"), FieldPanel("ends_at")]),
                FieldPanel("announce_hours"),
            ],
            heading="Maintenance annoncée",
        ),
        FieldPanel("words"),
    ]

    class Meta:
        verbose_name = "maintenance"
        verbose_name_plural = "maintenances"
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_at__isnull=True, ends_at__isnull=True)
                | Q(starts_at__isnull=False, ends_at__isnull=False, ends_at__gt=F("starts_at")),
                name="town_maintenance_window",
                violation_error_message="La fermeture prévue a un début et une fin, dans cet ordre.",
            ),
        ]

    def clean(self) -> None:
        """Both instants or neither, in order. Raises ValidationError naming the field."""
        super().clean()
        if self.starts_at and not self.ends_at:
            raise ValidationError({"ends_at": "Dites aussi quand le portail rouvre."})
        if self.ends_at and not self.starts_at:
            raise ValidationError({"starts_at": "Dites aussi quand le portail ferme."})
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            raise ValidationError({"ends_at": "Le portail rouvre après avoir fermé : choisissez une heure plus tard."})

    @property
    def announced_from(self) -> datetime | None:
        """From when pages announce the closing."""
        return self.starts_at - timedelta(hours=self.announce_hours) if self.starts_at else None


class ExternalLink(models.Model):
    """An address of another site that pages lead to, and what it answered last. `pages` are keys of pages."""

    url = models.URLField("adresse", max_length=500, unique=True)
    pages = ArrayField(models.PositiveBigIntegerField(), verbose_name="pages", default=list)
    problem = models.CharField("problème", max_length=200, blank=True)
    checked_at = models.DateTimeField("vérifié le", null=True, blank=True)

    class Meta:
        verbose_name = "lien vers un autre site"
        verbose_name_plural = "liens vers d’autres sites"

    def __str__(self) -> str:
        return self.url
