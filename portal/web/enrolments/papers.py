"""The papers that an enrolment asks for, handed in on its own page (guides 000 and 002)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.utils.html import format_html
from django.utils.translation import gettext as _

from portal.domain.activities.models import Activity
from portal.domain.enrolments.queries import enrolled_activities
from portal.domain.families.access import Right, may
from portal.domain.families.models import Child, Family
from portal.domain.families.requirements import Effect, Standing
from portal.domain.files.checks import weight
from portal.domain.files.refusal import FileRefused
from portal.domain.papers.enums import PaperForm
from portal.domain.papers.queries import AskedLine, asked_papers
from portal.domain.papers.services import PaperRefused, agree_to_rules, hand_in_paper
from portal.web.family import FamilyRequest
from portal.web.uploads import FilesField

_TO_GIVE = frozenset({Standing.MISSING, Standing.REFUSED, Standing.EXPIRED})


class MissingPapersForm(forms.Form):
    """One field for each paper that is still to be given; the domain judges what is sent.

    A paper whose lack closes booking is required, as the town chose; another is « à fournir », now or later. Papers of
    children who are not being enrolled are shown by `lines` but never required.
    """

    def __init__(self, *args: Any, lines: Sequence[AskedLine], enrolling: Iterable[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = {_name(line): line for line in lines}
        concerned = {None, *enrolling}
        for name, line in self.lines.items():
            theirs = (line.child and line.child.pk) in concerned
            self.fields[name] = _field(line, required=theirs and line.type.effect == Effect.BLOCKS.value)

    def hand_in(self, request: FamilyRequest, *, at: datetime) -> list[str]:
        """Send what was chosen, paper by paper; the titles of those that were. What is refused becomes an error of its
        field, and the others stay sent. Only after `is_valid()`.
        """
        sent = []
        for name, line in self.lines.items():
            given = self.cleaned_data.get(name)
            if not given:
                continue
            try:
                if line.type.form == PaperForm.AGREEMENT:
                    agree_to_rules(
                        family=request.family,
                        type=line.type,
                        child=line.child,
                        version=line.type.text_version,
                        by=request.user,
                        at=at,
                    )
                else:
                    hand_in_paper(
                        family=request.family,
                        type=line.type,
                        child=line.child,
                        uploads=given,
                        by=request.user,
                        at=at,
                    )
            except (PaperRefused, FileRefused) as refused:
                self.add_error(name, refused.reason)
            else:
                sent.append(line.title)
        return sent


def missing_papers(
    request: FamilyRequest, children: Sequence[Child], activity: Activity, *, at: datetime
) -> list[AskedLine]:
    """What these children's enrolment in that activity still asks the family to give; a constant number of queries.

    Nothing for somebody who may not change the dossier: the page of papers says it to those who may.
    """
    if not children or not may(user=request.user, family=request.family, right=Right.EDIT):
        return []
    wanted = {child.pk: frozenset({activity.pk}) for child in children}
    return papers_to_give(family=request.family, children=children, wanted=wanted, at=at)


def papers_to_give(
    *, family: Family, children: Sequence[Child], wanted: Mapping[int, frozenset[int]], at: datetime
) -> list[AskedLine]:
    """What is still to be given once these children are in the activities `wanted`, by keys, beside their own."""
    known = enrolled_activities(child.pk for child in children)
    activities = {child.pk: known.get(child.pk, frozenset()) | wanted.get(child.pk, frozenset()) for child in children}
    lines = asked_papers(family=family, children=children, activities=activities, at=at)
    return [line for line in lines if line.standing in _TO_GIVE and line.type.is_required]


def _name(line: AskedLine) -> str:
    return f"piece_{line.type.pk}_{line.child.pk if line.child else 0}"


def _field(line: AskedLine, *, required: bool) -> forms.Field:
    if line.type.form == PaperForm.AGREEMENT:
        label = _("J’ai lu «\u00a0%(title)s\u00a0» et je l’accepte") % {"title": line.title}
        help_text: Any = _("Version %(version)s") % {"version": line.type.text_version}
        if line.type.model_path:
            help_text = format_html('{}, <a href="{}">{}</a>', help_text, line.type.model_path, _("lire le texte"))
        return forms.BooleanField(
            label=label,
            required=required,
            help_text=help_text,
            error_messages={
                "required": _("Acceptez ce texte pour terminer l’inscription\u00a0: %(title)s") % vars_of(line)
            },
        )
    words = [_state(line), line.note, _rule(line), _limits()]
    return FilesField(
        label=line.title,
        required=required,
        help_text=" ".join(filter(None, words)),
        error_messages={
            "required": _("Joignez cette pièce pour terminer l’inscription\u00a0: %(title)s") % vars_of(line)
        },
    )


def vars_of(line: AskedLine) -> dict[str, str]:
    """The words of a message about this paper."""
    return {"title": line.title}


def _state(line: AskedLine) -> str:
    return {
        Standing.MISSING: _("À fournir."),
        Standing.REFUSED: _("Refusée, à envoyer de nouveau."),
        Standing.EXPIRED: _("Périmée, à envoyer de nouveau."),
    }[line.standing]


def _rule(line: AskedLine) -> str:
    if line.type.effect == Effect.BLOCKS.value:
        return _("Sans elle, l’inscription ne se termine pas.")
    if line.type.effect == Effect.INFORMS.value:
        return _("Vous pouvez l’envoyer plus tard, depuis votre dossier.")
    return _("Sans elle, la demande attend\u00a0: vous pouvez l’envoyer plus tard, depuis votre dossier.")


def _limits() -> str:
    return _("PDF ou photo lisible, %(weight)s au plus par fichier.") % {
        "weight": weight(settings.FAMILY_MAX_UPLOAD_SIZE)
    }
