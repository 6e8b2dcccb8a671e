"""The papers that the whole rentrée asks for, child by child, given on its page."""

from collections.abc import Mapping
from datetime import datetime

from django import forms

from portal.domain.families.access import Right, may
from portal.domain.families.models import Child
from portal.web.enrolments.papers import MissingPapersForm, papers_to_give
from portal.web.family import FamilyRequest


def missing_for_household(
    request: FamilyRequest, children: Mapping[int, Child], wanted: Mapping[int, frozenset[int]], *, at: datetime
) -> MissingPapersForm:
    """The form of what is still to be given for these activities by key of child, filled by what was sent.

    A constant number of queries; empty for somebody who may not change the dossier.
    """
    concerned = [children[key] for key in wanted]
    allowed = bool(concerned) and may(user=request.user, family=request.family, right=Right.EDIT)
    lines = papers_to_give(family=request.family, children=concerned, wanted=wanted, at=at) if allowed else []
    bound = request.method == "POST"
    return MissingPapersForm(
        request.POST if bound else None, request.FILES if bound else None, lines=lines, enrolling=wanted
    )


def by_child(papers: MissingPapersForm) -> dict[int, list[forms.BoundField]]:
    """The fields of each child, by key; 0 for the family's own."""
    found: dict[int, list[forms.BoundField]] = {}
    for name, line in papers.lines.items():
        if name in papers.fields:
            found.setdefault(line.child.pk if line.child else 0, []).append(papers[name])
    return found
