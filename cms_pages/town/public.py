"""Which models public pages show: saving one makes every kept page old."""

from django.db import models
from modelcluster.fields import ParentalKey
from wagtail.contrib.redirects.models import Redirect
from wagtail.contrib.settings.models import BaseGenericSetting, BaseSiteSetting
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Page, PageViewRestriction, Site
from wagtail.snippets.models import get_snippet_models

from portal.domain.accounts.models import TermsVersion
from portal.domain.families.models import School
from portal.web.public_content import (
    is_public_content,
    register_public_content,
    register_public_parameter,
    register_public_question,
)


def connect() -> None:
    """Declare what the pages, the settings and the offer are made of. Called once, at start-up."""
    register_public_content(
        Page,
        PageViewRestriction,
        Site,
        Redirect,
        BaseSiteSetting,
        BaseGenericSetting,
        get_image_model(),
        get_document_model(),
        TermsVersion,
        School,
    )
    register_public_question(_is_snippet)
    register_public_question(_is_offer)
    register_public_question(_is_part)
    register_public_parameter("page", r"[1-9]\d{0,2}")
    register_public_parameter("v", r"[0-9a-f]{12}")


def _is_snippet(model: type[models.Model]) -> bool:
    return model in get_snippet_models()


def _is_offer(model: type[models.Model]) -> bool:
    """The calendar and what the town offers, with its prices; places apart, which move with every booking."""
    label, name = model._meta.app_label, model._meta.model_name
    return (label == "activities" and name != "placepool") or label == "tariffs"


def _is_part(model: type[models.Model]) -> bool:
    """What is edited inside a public thing: the files of an article, the questions of a form, the networks."""
    parents = (field.related_model for field in model._meta.get_fields() if isinstance(field, ParentalKey))
    return any(isinstance(parent, type) and is_public_content(parent) for parent in parents)
