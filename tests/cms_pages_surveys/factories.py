"""Forms on line, with their questions."""

from typing import Any

from wagtail.models import Page, Site

from cms_pages.models import HomePage
from cms_pages.surveys.enums import FieldKind
from cms_pages.surveys.models import Answer, FormField, FormPage
from portal.domain.families.models import Family

CHOICES = "monter les stands\ntenir un stand\nranger, balayer"

QUESTIONS: tuple[dict[str, Any], ...] = (
    {"label": "Votre enfant", "field_type": FieldKind.CHILD, "required": False},
    {"label": "Vous pouvez aider", "field_type": FieldKind.CHECKBOXES, "choices": CHOICES},
    {"label": "Un mot", "field_type": FieldKind.LONG, "required": False},
)


def home() -> Page:
    """The home page, made when the test has none."""
    found = HomePage.objects.first()
    if found is None:
        root = Page.get_first_root_node()
        found = HomePage(title="Accueil", slug="accueil-essai", hero_title="Bienvenue")
        root.add_child(instance=found)
        Site.objects.filter(is_default_site=True).update(root_page=found)
        Site.clear_site_root_paths_cache()
    return Page.objects.get(pk=found.pk)


def make_form(*, questions: Any = QUESTIONS, live: bool = True, **values: Any) -> FormPage:
    """A form on line; `questions` are the values of its fields."""
    rank = FormPage.objects.count()
    page = FormPage(
        **{
            "title": "Fête de l’école",
            "slug": f"fete-{rank}",
            "purpose": "organiser la fête",
            "live": live,
        }
        | values
    )
    page.form_fields = [FormField(sort_order=rank, **question) for rank, question in enumerate(questions)]
    page.full_clean(exclude=["path", "depth"])
    home().add_child(instance=page)
    if live:
        page.save_revision().publish()
    return FormPage.objects.get(pk=page.pk)


def answer_of(family: Family) -> str:
    """The number of an answer of this family, given now if it has none."""
    found = Answer.objects.filter(family=family).first()
    if found is None:
        found = Answer.objects.create(page=make_form(), family=family, single=True, form_data={"un_mot": family.name})
    return found.number
