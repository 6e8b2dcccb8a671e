"""What every model of ours has in common."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import models
from django.db.models.constraints import BaseConstraint

OURS = ("portal.", "cms_pages", "news", "documents", "tariffs_simulator")


def our_models() -> Iterator[type[models.Model]]:
    """Every model defined in a package of ours, automatic join tables left out."""
    for model in apps.get_models():
        if model.__module__.startswith(OURS):
            yield model


OUR_MODELS = list(our_models())


def own_fields(model: type[models.Model]) -> Iterator[models.Field]:
    """The fields that the model itself declares, not those inherited from Wagtail or Django."""
    for field in model._meta.local_fields + model._meta.local_many_to_many:
        declared = next((base for base in model.__mro__ if field.name in vars(base)), model)
        if declared.__module__.startswith(OURS) and not getattr(field.remote_field, "parent_link", False):
            yield field


def is_lower_case(words: str) -> bool:
    """Lower-case first letter; an acronym or an abbreviation such as « CGU » or « n° » may begin the name."""
    first = words.split()[0]
    return first[0].islower() or not first[0].isalpha() or (len(first) > 1 and first.isupper())


@pytest.mark.parametrize("model", OUR_MODELS, ids=lambda model: model._meta.label)
def test_names_shown_begin_in_lower_case(model: type[models.Model]) -> None:
    names = [str(model._meta.verbose_name), str(model._meta.verbose_name_plural)]
    names += [str(field.verbose_name) for field in own_fields(model) if not field.primary_key]

    assert [name for name in names if not is_lower_case(name)] == []


@pytest.mark.parametrize("model", OUR_MODELS, ids=lambda model: model._meta.label)
def test_models_and_fields_are_named_in_french_by_hand(model: type[models.Model]) -> None:
    """Django derives a name from the English one when none is given."""
    assert "verbose_name" in model._meta.original_attrs or "proxy" in model._meta.original_attrs


@pytest.mark.parametrize("model", OUR_MODELS, ids=lambda model: model._meta.label)
def test_constraints_speak_french(model: type[models.Model]) -> None:
    """For unique fields without a condition Django's own sentence names the fields, in French."""
    silent = [
        constraint.name
        for constraint in model._meta.constraints
        if constraint.violation_error_message == BaseConstraint.default_violation_error_message
        and not (isinstance(constraint, models.UniqueConstraint) and constraint.fields and not constraint.condition)
    ]

    assert silent == []


@pytest.mark.parametrize("model", OUR_MODELS, ids=lambda model: model._meta.label)
def test_no_order_is_implied(model: type[models.Model]) -> None:
    """A list says its own order; a hidden one costs a sort in every query. Wagtail's Orderable has its own."""
    inherited = any(
        getattr(getattr(base, "_meta", None), "ordering", None) == model._meta.ordering
        for base in model.__mro__[1:]
        if not base.__module__.startswith(OURS)
    )

    assert not model._meta.ordering or inherited


def test_labels_are_the_last_name_of_the_package() -> None:
    for config in apps.get_app_configs():
        if config.name.startswith(OURS):
            assert config.label == config.name.rpartition(".")[2], config.name
