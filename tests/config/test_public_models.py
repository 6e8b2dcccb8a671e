"""Every model of the public applications says whether pages show it: a change that nobody tells is seen late."""

from django.apps import apps

from portal.web.public_content import is_public_content

APPLICATIONS = ("cms_pages", "town", "news", "library", "menus", "tariffs_simulator", "surveys")

#: What families and tasks write, and no public page shows.
PRIVATE = {
    "cms_pages.TermsDraft",
    "news.NewsReading",
    "surveys.Answer",
    "surveys.AnswerFile",
    "town.ExternalLink",
}


def undecided() -> list[str]:
    """Labels of the models that are neither public nor in the list above."""
    return [
        model._meta.label
        for label in APPLICATIONS
        for model in apps.get_app_config(label).get_models()
        if not is_public_content(model) and model._meta.label not in PRIVATE
    ]


def test_every_model_of_a_public_application_says_whether_it_is_public() -> None:
    assert undecided() == []
