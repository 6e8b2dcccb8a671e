"""The rubrics of the dossier as the yearly update shows and certifies them: the family’s, then each child’s."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils.html import strip_tags
from django.utils.safestring import SafeString

from portal.domain.families.models import Child
from portal.web.dossier.sections import Rubric, child_rubrics, family_rubrics
from portal.web.family import FamilyRequest
from portal.web.procedures.connections import TEMPLATE as HISTORY

_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"')


@dataclass(frozen=True, slots=True)
class Shown:
    """A rubric with its name in the form. `said` is what it says in plain words: what a certification keeps a digest
    of.
    """

    code: str
    title: str
    rubric: Rubric
    body: SafeString
    said: str
    answer: str = ""


def shown_rubrics(request: FamilyRequest, children: Iterable[Child], answers: dict[str, str]) -> list[Shown]:
    """Every rubric that this person may read. `answers` are those already given, by title."""
    found = [("", rubric) for rubric in family_rubrics(request)]
    for child in children:
        found += [(child.first_name, rubric) for rubric in child_rubrics(request, child)]
    certified = [(whose, rubric) for whose, rubric in found if rubric.template != HISTORY]
    return [_shown(request, number, whose, rubric, answers) for number, (whose, rubric) in enumerate(certified)]


def _shown(request: FamilyRequest, number: int, whose: str, rubric: Rubric, answers: dict[str, str]) -> Shown:
    body = render_to_string(
        rubric.template or "yearly/_facts.html", {**rubric.context, "facts": rubric.facts}, request=request
    )
    title = f"{rubric.title}, {whose}" if whose else rubric.title
    said = " ".join(strip_tags(_TOKEN.sub("", body)).split())
    return Shown(f"rubrique-{number}", title, rubric, body, f"{rubric.note} {said}".strip(), answers.get(title, ""))
