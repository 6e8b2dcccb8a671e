"""A variable that our templates name and nobody gives is an error, not an empty place.

Django calls `string_if_invalid` for every undefined variable; this one looks at which
template asked. Wagtail's and allauth's own templates keep Django's usual behaviour.
An option that may be left out says so where it is used: `{{ hint|default:"" }}`, `{% if hint %}`.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.signals import setting_changed
from django.template import engines
from django.template.base import FilterExpression

from config.places import TEMPLATES_DIR


class UndefinedVariableError(AssertionError):
    """One of our templates names a variable that its context does not hold."""


def has_default(expression: object) -> bool:
    """Whether the template itself says what stands for a missing value."""
    if not isinstance(expression, FilterExpression) or not expression.filters:
        return False
    return expression.filters[0][0].__name__ == "default"


def asking_template() -> str:
    """The file of the template node that is being rendered, from the call stack; empty when it gave a default."""
    frame = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_name == "resolve" and has_default(frame.f_locals.get("self")):
            return ""
        if frame.f_code.co_name == "render_annotated":
            origin = getattr(frame.f_locals["self"], "origin", None)
            return str(getattr(origin, "name", ""))
        frame = frame.f_back
    return ""


class RaisingInvalid(str):
    """An empty text that is true, and refuses to be shown, inside our own templates."""

    def __bool__(self) -> bool:
        return self._is_ours()

    def __contains__(self, sign: object) -> bool:
        return sign == "%s" or super().__contains__(sign)

    def __mod__(self, variable: object) -> str:
        raise UndefinedVariableError(f"« {variable} » is not defined in {asking_template()}")

    @staticmethod
    def _is_ours() -> bool:
        name = asking_template()
        return bool(name) and Path(name).is_relative_to(TEMPLATES_DIR)


@contextmanager
def undefined_variables_fail() -> Iterator[None]:
    """Install the strict text in the Django engine for the time of the block.

    Django makes its engines anew when a test changes DEBUG: the new one is as strict.
    """
    before = engines["django"].engine.string_if_invalid

    def install(*, setting: str = "", **_: object) -> None:
        if setting in {"", "DEBUG", "INSTALLED_APPS", "TEMPLATES"}:
            engines["django"].engine.string_if_invalid = RaisingInvalid()

    install()
    setting_changed.connect(install)
    try:
        yield
    finally:
        setting_changed.disconnect(install)
        engines["django"].engine.string_if_invalid = before
