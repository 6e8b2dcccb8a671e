"""Kinds of authorisations, their texts by version, and the answers, which are only ever added."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from portal.domain.consents.enums import Answer, ConsentKind, ImageUse
from portal.domain.families.models import Child, Family


class ConsentType(models.Model):
    """An authorisation that the town asks for, from which age to which, and whether an answer is compulsory."""

    code = models.SlugField("code", unique=True)
    kind = models.CharField("nature", max_length=6, choices=ConsentKind.choices)
    use = models.CharField("usage de l’image", max_length=8, choices=ImageUse.choices, blank=True)
    title = models.CharField("intitulé", max_length=120)
    order = models.PositiveSmallIntegerField("rang", default=0)
    is_compulsory = models.BooleanField("réponse obligatoire", default=True)
    refusal_prevails = models.BooleanField("le refus d’un parent l’emporte", default=True)
    min_age = models.PositiveSmallIntegerField("à partir de (ans)", null=True, blank=True)
    max_age = models.PositiveSmallIntegerField("jusqu’à (ans)", null=True, blank=True)
    elementary_only = models.BooleanField("à l’école élémentaire seulement", default=False)
    is_active = models.BooleanField("demandée aux familles", default=True)

    class Meta:
        verbose_name = "autorisation demandée"
        verbose_name_plural = "autorisations demandées"
        constraints = [
            models.CheckConstraint(
                condition=Q(min_age=None) | Q(max_age=None) | Q(max_age__gte=F("min_age")),
                name="consent_type_ages_in_order",
                violation_error_message="L’âge le plus grand ne vient pas avant le plus petit.",
            ),
            models.CheckConstraint(
                condition=(Q(kind=ConsentKind.IMAGE) & ~Q(use="")) | (~Q(kind=ConsentKind.IMAGE) & Q(use="")),
                name="consent_type_image_has_a_use",
                violation_error_message="Le droit à l’image dit pour quel usage.",
            ),
            models.UniqueConstraint(
                fields=["use"],
                condition=~Q(use=""),
                name="consent_type_one_per_use",
                violation_error_message="Cet usage de l’image est déjà demandé.",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class ConsentText(models.Model):
    """The words of an authorisation, by version. A new version asks everybody again."""

    type = models.ForeignKey(
        ConsentType, verbose_name="autorisation", on_delete=models.PROTECT, related_name="texts"
    )  # answered texts stay readable
    number = models.PositiveIntegerField("version")
    text = models.TextField("texte", max_length=2000)
    published_at = models.DateTimeField("publié le")

    class Meta:
        verbose_name = "texte d’une autorisation"
        verbose_name_plural = "textes des autorisations"
        constraints = [models.UniqueConstraint(fields=["type", "number"], name="consent_text_version_once")]

    def __str__(self) -> str:
        return f"{self.type}, version {self.number}"


class Consent(models.Model):
    """One answer: to which text, by whom, when. A trigger refuses that it changes; erasing the child erases it."""

    child = models.ForeignKey(
        Child, verbose_name="enfant", on_delete=models.CASCADE, related_name="consents"
    )  # about nobody otherwise
    text = models.ForeignKey(
        ConsentText, verbose_name="texte", on_delete=models.PROTECT, related_name="answers"
    )  # the words that were read
    answer = models.CharField("réponse", max_length=9, choices=Answer.choices)
    at = models.DateTimeField("le")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="par", on_delete=models.PROTECT, related_name="+"
    )  # an answer has its person
    family = models.ForeignKey(
        Family, verbose_name="famille", on_delete=models.PROTECT, related_name="+"
    )  # in whose name

    class Meta:
        verbose_name = "réponse à une autorisation"
        verbose_name_plural = "réponses aux autorisations"
        indexes = [models.Index(fields=["child", "text"], name="consent_child_text")]

    def __str__(self) -> str:
        return f"{self.child}, {self.text} : {self.get_answer_display()}"
