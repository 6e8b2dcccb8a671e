"""Documents of the library and their versions."""

from datetime import date
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, F, OuterRef, Prefetch, Q
from django.urls import reverse
from django.utils.functional import cached_property
from modelcluster.fields import ParentalManyToManyField
from wagtail.search import index

from cms_pages.audiences import AudienceFields, AudienceQuerySet
from cms_pages.site_facts import page_address
from documents.library.filetypes import CHOICES
from documents.library.storage import library_storage
from portal.domain.files.checks import FileType


class DocumentCategory(models.Model):
    """A shelf: règlements intérieurs, calendriers de réservation, ramassage en bus…"""

    slug = models.SlugField("code", unique=True, help_text="Il se lit dans l’adresse quand on filtre la liste.")
    name = models.CharField("nom", max_length=60, help_text="Au pluriel : « Règlements intérieurs ».")
    order = models.PositiveSmallIntegerField("rang", default=0, help_text="Le plus petit vient en premier.")

    class Meta:
        verbose_name = "catégorie de documents"
        verbose_name_plural = "catégories de documents"

    def __str__(self) -> str:
        return self.name


class LibraryDocumentQuerySet(AudienceQuerySet["LibraryDocument"]):
    def begun_on(self, day: date) -> "LibraryDocumentQuerySet":
        """With a version, and not before their first day: what is over stays readable at its address."""
        version = DocumentVersion.objects.filter(document=OuterRef("pk"))
        return self.filter(Q(valid_from__isnull=True) | Q(valid_from__lte=day), Exists(version))

    def shown_on(self, day: date) -> "LibraryDocumentQuerySet":
        """Those that lists show on that day: begun, and not over."""
        return self.begun_on(day).filter(Q(valid_until__isnull=True) | Q(valid_until__gte=day))

    def with_versions(self) -> "LibraryDocumentQuerySet":
        """Each with its category and versions, in two queries."""
        return self.select_related("category").prefetch_related(versions_to_show())


def versions_to_show() -> "Prefetch[Any]":
    """The versions of documents, last first, without their words."""
    return Prefetch("versions", DocumentVersion.objects.defer("text").order_by("-number"))


class LibraryDocument(AudienceFields, index.Indexed):  # type: ignore[misc]  # Wagtail is untyped
    """What families download: a title, for whom, when it holds. What they open is one of its versions."""

    slug = models.SlugField(
        "adresse",
        max_length=80,
        unique=True,
        help_text="Le bout de son adresse : « reglement-interieur » donne /documents/reglement-interieur/. "
        "Elle ne change plus ensuite : des familles l’ont gardée.",
    )
    title = models.CharField("titre", max_length=150, help_text="Ce que c’est, sans « PDF » ni date d’envoi.")
    description = models.CharField(
        "à quoi il sert", max_length=300, blank=True, help_text="Une phrase, lue sous le titre."
    )
    category = models.ForeignKey(
        DocumentCategory, verbose_name="catégorie", on_delete=models.PROTECT, related_name="documents"
    )  # a shelf that holds documents is renamed, not lost
    services: Any = ParentalManyToManyField(
        "activities.Service",
        verbose_name="services",
        blank=True,
        related_name="+",
        help_text="Les familles filtrent la liste par service.",
    )
    activities: Any = ParentalManyToManyField(
        "activities.Activity",
        verbose_name="activités dont il parle",
        blank=True,
        related_name="+",
        help_text="Il passe devant les autres pour les familles inscrites.",
    )
    valid_from = models.DateField(
        "montré à partir du", null=True, blank=True, help_text="Vide : dès qu’une version est publiée."
    )
    valid_until = models.DateField(
        "valable jusqu’au",
        null=True,
        blank=True,
        help_text="Après ce jour il quitte la liste ; qui en a gardé l’adresse le lit encore.",
    )
    on_home = models.BooleanField(
        "mis en avant", default=False, help_text="Proposé aussi sur l’accueil public et dans les infos pratiques."
    )
    order = models.PositiveSmallIntegerField("rang", default=0, help_text="Le plus petit vient en premier.")
    #: The number of the last version ever published: that of a withdrawn one is not given again.
    last_number = models.PositiveIntegerField(default=0, editable=False)

    objects = models.Manager.from_queryset(LibraryDocumentQuerySet)()

    search_fields = [
        index.SearchField("title", boost=3),
        index.SearchField("description", boost=2),
        index.SearchField("category_name"),
        index.SearchField("words"),
        index.AutocompleteField("title"),
        index.FilterField("id"),
    ]

    class Meta:
        verbose_name = "document"
        verbose_name_plural = "documents"
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_from__isnull=True)
                | Q(valid_until__isnull=True)
                | Q(valid_until__gte=F("valid_from")),
                name="library_document_days_in_order",
                violation_error_message="Le dernier jour ne précède pas le premier.",
            ),
        ]
        indexes = [models.Index(fields=["category", "order", "title"], name="library_document_order")]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        """The last day follows the first. Raises ValidationError naming the field."""
        super().clean()
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            raise ValidationError({"valid_until": "Le dernier jour ne précède pas le premier."})

    @property
    def all_versions(self) -> "list[DocumentVersion]":
        """Last first; no query when `with_versions` read them."""
        return sorted(self.versions.all(), key=lambda version: -version.number)

    @cached_property
    def current(self) -> "DocumentVersion | None":
        """The version in force: the last one published."""
        return next(iter(self.all_versions), None)

    @property
    def earlier(self) -> "list[DocumentVersion]":
        """The versions before, last first."""
        return self.all_versions[1:]

    def is_over(self, day: date) -> bool:
        """Whether it held until some day before."""
        return self.valid_until is not None and self.valid_until < day

    @property
    def category_name(self) -> str:
        """For the search."""
        return str(self.category.name)

    @property
    def words(self) -> str:
        """The words of the version in force, for the search."""
        version = self.versions.order_by("-number").first() if self.pk else None
        return version.text if version else ""

    @property
    def page_url(self) -> str:
        """The address of its page, under that of the list; that of its file while there is no list."""
        base = page_address("library")
        return f"{base}{self.slug}/" if base else self.latest_url

    @property
    def latest_url(self) -> str:
        """An address that always leads to the version in force."""
        return reverse("library:latest", args=[self.slug])


class DocumentVersion(models.Model):
    """One file, as it was published. PostgreSQL refuses that it changes (migration 0001)."""

    document = models.ForeignKey(
        LibraryDocument, verbose_name="document", on_delete=models.PROTECT, related_name="versions"
    )  # what was published stays retrievable: a document that is over gets a last day, it is not deleted
    number = models.PositiveIntegerField("version")
    file = models.FileField("fichier", storage=library_storage, max_length=255)
    name = models.CharField("nom du fichier", max_length=120)
    kind = models.CharField("type", max_length=8, choices=CHOICES)
    size = models.PositiveBigIntegerField("poids")
    sha256 = models.CharField("empreinte", max_length=64)
    pages = models.PositiveIntegerField("pages", null=True, blank=True)
    note = models.CharField(
        "ce qui change", max_length=300, blank=True, help_text="Une phrase pour qui connaît la version d’avant."
    )
    published_at = models.DateTimeField("publiée le")
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="par", on_delete=models.PROTECT, related_name="+"
    )  # a publication keeps its author
    #: Of the text it was printed from, when the portal printed it: the same text makes no new version.
    source_digest = models.CharField(max_length=64, blank=True, editable=False)
    #: The words of the file, for the search; the only column that may be written again.
    text = models.TextField(blank=True, editable=False)

    class Meta:
        verbose_name = "version d’un document"
        verbose_name_plural = "versions des documents"
        constraints = [
            models.UniqueConstraint(
                fields=["document", "number"],
                name="library_version_number_once",
                violation_error_message="Ce document a déjà une version de ce numéro.",
            ),
            models.CheckConstraint(
                condition=Q(number__gt=0, size__gt=0),
                name="library_version_has_content",
                violation_error_message="Une version a un numéro et un fichier qui n’est pas vide.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document}, version {self.number}"

    @property
    def url(self) -> str:
        """Its address, which is never given to another file."""
        return reverse("library:file", args=[self.document.slug, self.number, self.name])

    @property
    def file_type(self) -> FileType:
        return FileType(self.kind)
