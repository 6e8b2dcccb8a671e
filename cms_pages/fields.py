"""Fields of the editing screens: several words of a list, and the rubrics of the news."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib.postgres.fields import ArrayField

Categories = Callable[[], list[tuple[str, str]]]
"""Gives the rubrics of the news: code and name."""

_categories: list[Categories] = []


def register_news_categories(provider: Categories) -> None:
    """Say where the rubrics of the news are read; the last one registered answers."""
    _categories[:] = [provider]


def news_categories() -> list[tuple[str, str]]:
    """The rubrics that an agent may choose; none when the portal has no news."""
    return _categories[0]() if _categories else []


class CategorySelect(forms.Select):
    """A rubric of the news by name. A code that was removed since stays shown until the agent chooses again."""

    def optgroups(self, name: str, value: list[str], attrs: dict[str, Any] | None = None) -> Any:
        """The choices of this instant: rubrics come and go while the server runs."""
        known = news_categories()
        gone = [(code, code) for code in value if code and code not in dict(known)]
        self.choices = [("", "Aucune"), *known, *gone]
        return super().optgroups(name, value, attrs)


class ChoicesField(ArrayField):  # type: ignore[type-arg]  # Django has no parameters at run time
    """An array of words of a list, ticked one by one in forms."""

    def formfield(self, **kwargs: Any) -> Any:
        """Boxes, not words between commas."""
        base: Any = self.base_field
        wanted = {
            "form_class": forms.MultipleChoiceField,
            "choices": base.choices,
            "widget": forms.CheckboxSelectMultiple,
            **{name: value for name, value in kwargs.items() if name not in {"widget", "form_class"}},
        }
        # ArrayField's own would ask for one text.
        return super(ArrayField, self).formfield(**wanted)
