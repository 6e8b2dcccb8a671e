"""The home page, pages to read, sections, questions, contacts."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.forms import CheckboxSelectMultiple
from django.http import HttpRequest
from django.utils import timezone
from modelcluster.fields import ParentalManyToManyField
from wagtail.admin.panels import FieldPanel, FieldRowPanel, HelpPanel, MultiFieldPanel, TitleFieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.search import index

from cms_pages.blocks import HomeBlock, LinkBlock, ProseBlock, QuestionGroupBlock, SubjectBlock
from cms_pages.enums import ContactKind, Icon, PageRole, StructureKind
from cms_pages.fields import CategorySelect, ChoicesField
from cms_pages.models.base import PortalPage
from cms_pages.models.settings import PHONE
from cms_pages.questions import found_questions
from cms_pages.roles import role_context
from portal.domain.activities.models import Activity, Service
from portal.domain.kernel.clock import paris_date
from portal.web.public_content import kept


class HomePage(PortalPage):
    """The town's public door: what this is, how to enter, the next deadlines, the news."""

    hero_title = models.CharField("titre de bienvenue", max_length=150)
    lead = models.TextField("présentation", max_length=400, blank=True)
    actions = StreamField([("link", LinkBlock())], verbose_name="boutons", blank=True, max_num=2, use_json_field=True)
    sections = StreamField(HomeBlock(), verbose_name="sections", blank=True, use_json_field=True)
    shows_coming = models.BooleanField(
        "prochaines vacances, dates d’inscription et formulaires",
        default=True,
        help_text="Calculé : le calendrier scolaire, les dates d’ouverture des activités, la bibliothèque.",
    )
    shows_space = models.BooleanField(
        "ce que permet l’espace famille",
        default=True,
        help_text="Calculé : une ligne pour chaque écran qu’une famille connectée trouvera.",
    )
    shows_sections = models.BooleanField(
        "les rubriques", default=True, help_text="Une tuile pour chaque page de rubrique en ligne sous l’accueil."
    )

    max_count = 1
    parent_page_types = ["wagtailcore.Page"]
    template = "cms_pages/home_page.html"

    content_panels = [
        TitleFieldPanel("title", help_text="Nom de la page dans la gestion et dans l’onglet du navigateur."),
        MultiFieldPanel(
            [
                FieldPanel("hero_title", help_text="La première phrase que lit un parent."),
                FieldPanel("lead", help_text="Deux lignes : ce qu’on fait ici."),
                FieldPanel("actions", help_text="Deux boutons au plus ; le premier est le principal."),
            ],
            heading="Bienvenue",
        ),
        FieldPanel(
            "sections",
            help_text=(
                "Sous la bienvenue viennent d’eux-mêmes la zone de connexion, les prochaines échéances et les "
                "dernières actualités ; ces sections les suivent, dans l’ordre choisi ici."
            ),
        ),
        MultiFieldPanel(
            [FieldPanel("shows_coming"), FieldPanel("shows_space"), FieldPanel("shows_sections")],
            heading="Ce que le portail ajoute",
        ),
    ]
    search_fields = [*Page.search_fields, index.SearchField("lead"), index.SearchField("sections")]

    class Meta:
        verbose_name = "page d’accueil"
        verbose_name_plural = "pages d’accueil"

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The page and the sections of the site that are on line."""
        context = super().get_context(request, *args, **kwargs)
        context["rubrics"] = kept("cms_pages.rubrics", _rubrics, request) if self.shows_sections else []
        return context


def _rubrics() -> "list[SectionPage]":
    return list(SectionPage.objects.live().public().order_by("path"))


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
        "conditions en vigueur, plan du site, déclaration d’accessibilité, liste des cookies.",
    )

    # The role belongs to one page: its copy is an ordinary page.
    exclude_fields_in_copy = ["role"]
    template = "cms_pages/content_page.html"

    content_panels = [
        *Page.content_panels,
        FieldPanel("lead", help_text="Une ou deux phrases : ce que l’on trouve sur cette page."),
        FieldPanel("body", help_text="Des blocs, dans l’ordre où ils seront lus. « Titre » ouvre une partie."),
    ]
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
        context.update(role_context(self.role, page=self, request=request, at=timezone.now()))
        return context


class SectionPage(PortalPage):
    """A door to one age: its places, its activities, its news, its documents."""

    icon = models.CharField("pictogramme", max_length=16, choices=Icon.choices, default=Icon.HEART)
    lead = models.TextField("chapeau", max_length=400, blank=True)
    image = models.ForeignKey(
        "wagtailimages.Image",
        verbose_name="image",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,  # the section is read without it
        related_name="+",
        help_text="Décrivez-la dans la bibliothèque d’images : la description est lue à qui ne la voit pas.",
    )
    structure_kinds = ChoicesField(
        models.CharField(max_length=16, choices=StructureKind.choices),
        verbose_name="lieux montrés",
        default=list,
        blank=True,
    )
    activity_types: Any = ParentalManyToManyField(
        "activities.ActivityType", verbose_name="activités montrées", blank=True, related_name="+"
    )
    news_category = models.SlugField(
        "rubrique d’actualités",
        blank=True,
        help_text="Le code de la rubrique dont les trois dernières actualités sont montrées. Vide : aucune.",
    )
    body = StreamField(ProseBlock(), verbose_name="contenu", blank=True, use_json_field=True)

    template = "cms_pages/section_page.html"
    parent_page_types = ["cms_pages.HomePage", "cms_pages.ContentPage", "cms_pages.SectionPage"]
    content_panels = [
        *Page.content_panels,
        FieldPanel("lead", help_text="Une ou deux phrases : pour qui, et ce que l’on trouve ici."),
        FieldRowPanel([FieldPanel("icon"), FieldPanel("image")]),
        MultiFieldPanel(
            [
                HelpPanel("Ces listes se tiennent à jour toutes seules : un lieu ou une activité de plus y apparaît."),
                FieldPanel("structure_kinds"),
                FieldPanel("activity_types", widget=CheckboxSelectMultiple),
                FieldPanel("news_category", widget=CategorySelect),
            ],
            heading="Ce que la rubrique rassemble",
        ),
        FieldPanel("body", help_text="Vos textes et vos documents, sous ces listes."),
    ]
    search_fields = [*Page.search_fields, index.SearchField("lead"), index.SearchField("body")]

    class Meta:
        verbose_name = "page de rubrique"
        verbose_name_plural = "pages de rubrique"

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The page, its activities of today or later and the pages below it. Places are read by a template tag."""
        context = super().get_context(request, *args, **kwargs)
        types = list(self.activity_types.all())
        context["activities"] = (
            list(
                Activity.objects.current_or_future(on=paris_date(timezone.now()))
                .filter(type__in=types, shown_on_planning=True)
                .select_related("type", "structure")
                .order_by("type__order", "order", "name")
            )
            if types
            else []
        )
        context["below"] = list(self.get_children().live().public().order_by("path"))
        return context


class FaqPage(PortalPage):
    """Questions by subject, each folded under its own address."""

    lead = models.TextField("chapeau", max_length=400, blank=True)
    groups = StreamField(
        [("group", QuestionGroupBlock())], verbose_name="questions par sujet", blank=True, use_json_field=True
    )

    template = "cms_pages/faq_page.html"
    subpage_types: list[str] = []
    content_panels = [
        *Page.content_panels,
        FieldPanel("lead", help_text="Pour qui sont ces questions, et à qui écrire si la réponse n’y est pas."),
        FieldPanel("groups", help_text="La question comme un parent la pose, la réponse en deux ou trois phrases."),
    ]
    search_fields = [*Page.search_fields, index.SearchField("lead"), index.SearchField("groups")]

    class Meta:
        verbose_name = "questions fréquentes"
        verbose_name_plural = "pages de questions fréquentes"

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The questions, all or those that hold the words of `?q=`; each has an anchor that stays."""
        context = super().get_context(request, *args, **kwargs)
        # NUL is no letter of any word, and PostgreSQL refuses it elsewhere.
        asked = request.GET.get("q", "").replace("\x00", "").strip()[:100]
        context["asked"] = asked
        context["groups"] = found_questions(self.groups, asked)
        return context


class ContactPage(PortalPage):
    """Whom to ask: by subject, then every service, the town hall, the places, and a last resort."""

    lead = models.TextField("chapeau", max_length=400, blank=True)
    subjects = StreamField(
        [("subject", SubjectBlock())], verbose_name="contacts par sujet", blank=True, use_json_field=True
    )
    last_resort = models.TextField(
        "dernier recours",
        max_length=600,
        blank=True,
        help_text="À qui écrire quand rien d’autre n’a aidé, et sous quel délai on répond.",
    )
    last_resort_phone = models.CharField("téléphone", max_length=20, blank=True, validators=[PHONE])
    last_resort_email = models.EmailField("adresse mail", blank=True, help_text="Vide : celle de la mairie.")
    body = StreamField(ProseBlock(), verbose_name="contenu", blank=True, use_json_field=True)

    max_count = 1
    template = "cms_pages/contact_page.html"
    content_panels = [
        *Page.content_panels,
        FieldPanel("lead"),
        FieldPanel(
            "subjects",
            help_text="L’aide sur le portail, la régie, les structures, la coordination : par sujet, comme les "
            "familles les cherchent. La liste des services, la mairie et les lieux suivent d’eux-mêmes.",
        ),
        MultiFieldPanel(
            [
                FieldPanel("last_resort"),
                FieldRowPanel([FieldPanel("last_resort_phone"), FieldPanel("last_resort_email")]),
            ],
            heading="En dernier recours",
        ),
        FieldPanel("body"),
    ]
    search_fields = [
        *Page.search_fields,
        index.SearchField("lead"),
        index.SearchField("subjects"),
        index.SearchField("body"),
    ]

    class Meta:
        verbose_name = "page de contacts"
        verbose_name_plural = "pages de contacts"

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The contacts in the order of their subjects, and every service, in one query."""
        context = super().get_context(request, *args, **kwargs)
        services = list(Service.objects.order_by("name"))
        known = {service.code: service for service in services}
        ranks = {kind.value: rank for rank, kind in enumerate(ContactKind)}
        subjects = [block.value for block in self.subjects]
        for subject in subjects:
            subject.know(known)
        ordered = sorted(subjects, key=lambda subject: ranks.get(subject.get("kind"), len(ranks)))
        context["services"] = services
        context["coordination"] = [one for one in ordered if one.get("kind") == ContactKind.COORDINATION]
        context["subjects"] = [one for one in ordered if one.get("kind") != ContactKind.COORDINATION]
        return context
