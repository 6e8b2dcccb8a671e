"""A form that an agent builds, and the answers."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.crypto import get_random_string
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, FieldRowPanel, HelpPanel, InlinePanel, MultiFieldPanel
from wagtail.contrib.forms.models import AbstractFormField, AbstractFormSubmission, FormMixin
from wagtail.models import Page, PageManager
from wagtail.query import PageQuerySet
from wagtail.search import index

from cms_pages.audiences import AudienceFields, AudienceQuerySet, audience_panel
from cms_pages.models import PortalPage
from cms_pages.surveys import doors
from cms_pages.surveys.editing import SurveyPageForm
from cms_pages.surveys.enums import WITH_CHOICES, FieldKind, Moment, Respondents
from cms_pages.surveys.fields import SurveyFormBuilder, choices_of
from cms_pages.surveys.storage import forms_storage, stored_name
from cms_pages.surveys.words import in_words
from portal.domain.families.models import Child, Family
from portal.domain.kernel.clock import paris_date

#: Without the letters and figures that are taken for one another.
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def new_number() -> str:
    """The number of an answer: nobody guesses that of another."""
    return get_random_string(8, _ALPHABET)


def in_a_year() -> date:
    """How long answers are kept unless the agent says otherwise."""
    return paris_date(timezone.now()) + timedelta(days=365)


class FormPageQuerySet(AudienceQuerySet["FormPage"], PageQuerySet):
    def open_at(self, at: datetime) -> "FormPageQuerySet":
        """On line, begun and not closed at that instant (places apart)."""
        return (
            self.live()
            .public()
            .filter(Q(opens_at__isnull=True) | Q(opens_at__lte=at), Q(closes_at__isnull=True) | Q(closes_at__gt=at))
        )


class FormPage(FormMixin, AudienceFields, PortalPage):
    """A form or a survey. The audience says who may read the page, `respondents` in whose name an answer is given.

    With families, an answer belongs to one and is a démarche; one per family if so asked, which the database holds.
    With anybody, nothing of who answers is kept.
    """

    lead = models.TextField("présentation", max_length=600, blank=True)
    respondents = models.CharField(
        "qui répond",
        max_length=8,
        choices=Respondents.choices,
        default=Respondents.FAMILIES,
        help_text="Les réponses des familles se lisent avec leur nom, par la gestion seulement. Ne change plus dès la "
        "première réponse.",
    )
    one_per_family = models.BooleanField(
        "une seule réponse par famille",
        default=True,
        help_text="La famille peut la changer jusqu’à la fermeture. Sans effet sur un formulaire anonyme.",
    )
    opens_at = models.DateTimeField("ouvre le", null=True, blank=True, help_text="Sans réponse : tout de suite.")
    closes_at = models.DateTimeField("ferme le", null=True, blank=True, help_text="Sans réponse : jamais.")
    places = models.PositiveIntegerField(
        "nombre de réponses au plus", null=True, blank=True, help_text="Sans réponse : pas de limite."
    )
    submit_label = models.CharField("texte du bouton", max_length=40, default="Envoyer ma réponse")
    thanks = models.TextField(
        "message après l’envoi", max_length=400, blank=True, help_text="Ce qui se passe ensuite, et quand."
    )
    purpose = models.CharField(
        "à quoi servent les réponses",
        max_length=250,
        help_text="Dit sous le formulaire (RGPD) : « organiser la fête de l’école ».",
    )
    readers = models.CharField(
        "qui les lit", max_length=150, default="le service Enfance de la mairie", help_text="Dit sous le formulaire."
    )
    kept_until = models.DateField(
        "gardées jusqu’au",
        default=in_a_year,
        help_text="Le lendemain, les réponses et les fichiers joints sont effacés. Dit sous le formulaire.",
    )

    objects = PageManager.from_queryset(FormPageQuerySet)()

    base_form_class = SurveyPageForm
    form_builder = SurveyFormBuilder
    parent_page_types = ["cms_pages.HomePage", "cms_pages.ContentPage"]
    subpage_types: list[str] = []
    private_page_options: list[str] = []
    template = "surveys/form_page.html"
    landing_page_template = "surveys/form_page.html"
    preview_modes = [("form", "Formulaire"), ("landing", "Après l’envoi")]
    content_panels = [
        *Page.content_panels,
        FieldPanel("lead"),
        InlinePanel("form_fields", heading="Questions", label="Question", min_num=1),
        MultiFieldPanel(
            [
                FieldPanel("respondents"),
                FieldPanel("one_per_family"),
                FieldRowPanel([FieldPanel("opens_at"), FieldPanel("closes_at")]),
                FieldPanel("places"),
            ],
            heading="Qui répond, quand",
        ),
        audience_panel(),
        MultiFieldPanel([FieldPanel("submit_label"), FieldPanel("thanks")], heading="Envoi"),
        MultiFieldPanel(
            [
                HelpPanel(
                    "Ne demandez que ce qui sert. Pas de santé, de religion ni d’opinion : ces données ont leurs "
                    "propres règles."
                ),
                FieldPanel("purpose"),
                FieldPanel("readers"),
                FieldPanel("kept_until"),
            ],
            heading="Données personnelles",
        ),
    ]
    search_fields = [*Page.search_fields, index.SearchField("lead")]

    class Meta:
        verbose_name = "formulaire ou sondage"
        verbose_name_plural = "formulaires et sondages"
        constraints = [
            models.CheckConstraint(
                condition=Q(opens_at__isnull=True) | Q(closes_at__isnull=True) | Q(closes_at__gt=F("opens_at")),
                name="form_closes_after_it_opens",
                violation_error_message="La fermeture vient après l’ouverture.",
            ),
            models.CheckConstraint(
                condition=Q(places__isnull=True) | Q(places__gt=0),
                name="form_places_positive",
                violation_error_message="Le nombre de réponses est d’au moins 1, ou laissé vide.",
            ),
        ]

    def clean(self) -> None:
        """Kept at least until it closes; whose answers these are does not change under them."""
        super().clean()
        if self.closes_at and self.kept_until and self.kept_until < paris_date(self.closes_at):
            raise ValidationError({"kept_until": "Gardez les réponses au moins jusqu’à la fermeture du formulaire."})
        if self.pk and self.answers.exclude(family=None).exists() and self.respondents != Respondents.FAMILIES:
            raise ValidationError(
                {"respondents": "Des familles ont déjà répondu : ce formulaire reste celui des familles."}
            )

    @property
    def is_linked(self) -> bool:
        """Whether answers are given in the name of a family."""
        return self.respondents == Respondents.FAMILIES

    @property
    def questions(self) -> list["FormField"]:
        """The questions, in order, those of a draft under preview too."""
        return sorted(self.form_fields.all(), key=lambda question: question.sort_order or 0)

    def get_form_fields(self) -> list["FormField"]:
        """The same, for Wagtail."""
        return self.questions

    def get_submission_class(self) -> "type[Answer]":
        """Our answers."""
        return Answer

    def get_data_fields(self) -> list[tuple[str, str]]:
        """The columns of lists and exports."""
        first = [("number", "Numéro"), ("submit_time", "Envoyée le")]
        if self.is_linked:
            first += [("family", "Famille"), ("dossier", "Dossier")]
        return first + [(question.clean_name, question.label) for question in self.questions]

    def moment(self, at: datetime) -> Moment:
        """Where the form is at that instant. One query when places are limited."""
        if self.opens_at and at < self.opens_at:
            return Moment.EARLY
        if self.closes_at and at >= self.closes_at:
            return Moment.CLOSED
        if self.places is not None and self.answers.count() >= self.places:
            return Moment.FULL
        return Moment.OPEN

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The form to fill in, what was sent, or why it is closed; see `surveys.doors`."""
        return doors.serve(self, request)

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponseBase:
        """The page as families will see it; nothing can be sent."""
        return doors.preview(self, request, sent=mode_name == "landing")


class FormField(AbstractFormField):
    """A question."""

    page = ParentalKey(FormPage, verbose_name="formulaire", on_delete=models.CASCADE, related_name="form_fields")
    label = models.CharField("question", max_length=255)
    field_type = models.CharField("nature de la réponse", max_length=16, choices=FieldKind.choices)
    field_type.required_on_save = True  # type: ignore[attr-defined]  # Wagtail's own mark
    required = models.BooleanField("obligatoire", default=True)
    choices = models.TextField("choix", blank=True, help_text="Un par ligne, pour les questions à choix.")
    help_text = models.CharField(
        "aide", max_length=255, blank=True, help_text="Une phrase sous la question : un exemple, un format."
    )

    panels = [
        FieldPanel("label"),
        FieldPanel("field_type", classname="formbuilder-type", required_on_save=True),
        FieldPanel("required"),
        FieldPanel("choices", classname="formbuilder-choices"),
        FieldPanel("help_text"),
    ]

    class Meta(AbstractFormField.Meta):
        verbose_name = "question"
        verbose_name_plural = "questions"

    def __str__(self) -> str:
        return self.label

    def clean(self) -> None:
        """Choices where there is something to choose."""
        super().clean()
        if self.field_type in WITH_CHOICES and len(choices_of(self.choices)) < 2:
            raise ValidationError({"choices": "Écrivez au moins deux choix, un par ligne."})

    def get_field_clean_name(self) -> str:
        """The name of its column; a label without any letter has one too."""
        return super().get_field_clean_name() or "question"


class Answer(AbstractFormSubmission):
    """An answer. `single` is written with it: its family has no other on this page."""

    number = models.CharField("numéro", max_length=8, unique=True, default=new_number, editable=False)
    page = models.ForeignKey(
        FormPage, verbose_name="formulaire", on_delete=models.CASCADE, related_name="answers"
    )  # agents are stopped before: a form that has answers is not deleted
    family = models.ForeignKey(
        Family, verbose_name="famille", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )  # erased with the dossier
    child = models.ForeignKey(
        Child, verbose_name="enfant", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="par",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    single = models.BooleanField("seule de sa famille", default=False)
    submit_time = models.DateTimeField("envoyée le", auto_now_add=True)
    changed_at = models.DateTimeField("changée le", null=True, blank=True)

    class Meta:
        verbose_name = "réponse à un formulaire"
        verbose_name_plural = "réponses aux formulaires"
        constraints = [
            models.UniqueConstraint(
                fields=["page", "family"],
                condition=Q(single=True),
                name="form_answer_once_per_family",
                violation_error_message="Votre famille a déjà répondu : changez sa réponse.",
            ),
            models.CheckConstraint(
                condition=Q(single=False) | Q(family__isnull=False),
                name="form_single_answer_has_a_family",
                violation_error_message="Une réponse unique est celle d’une famille.",
            ),
        ]
        indexes = [models.Index(fields=["page", "-submit_time"], name="form_answer_page")]

    def __str__(self) -> str:
        return f"n° {self.number}"

    def get_data(self) -> dict[str, Any]:
        """What the columns of lists and exports show."""
        return {
            **{name: in_words(value) for name, value in self.form_data.items()},
            **_names(self.files.all()),
            "number": self.number,
            "submit_time": self.submit_time,
            "family": self.family.name if self.family else "",
            "dossier": self.family.number if self.family else "",
        }


def _names(files: "Iterable[AnswerFile]") -> dict[str, str]:
    """The names of the files, by question."""
    named: dict[str, list[str]] = {}
    for each in files:
        named.setdefault(each.question, []).append(each.name)
    return {question: ", ".join(names) for question, names in named.items()}


class AnswerFile(models.Model):
    """A file joined to an answer, already checked and renamed."""

    answer = models.ForeignKey(
        Answer, verbose_name="réponse", on_delete=models.CASCADE, related_name="files"
    )  # a part of it
    question = models.CharField("question", max_length=255)
    name = models.CharField("nom", max_length=100)
    kind = models.CharField("nature", max_length=40)
    size = models.PositiveIntegerField("taille en octets")
    file = models.FileField("fichier", storage=forms_storage, upload_to=stored_name, max_length=200)

    class Meta:
        verbose_name = "fichier joint"
        verbose_name_plural = "fichiers joints"

    def __str__(self) -> str:
        return self.name
