"""Putting a dossier away, and taking it out again."""

from datetime import datetime

from django import forms

from portal.backoffice.desk.actions import Act, register_act
from portal.backoffice.desk.areas.household import ConfirmForm, text
from portal.domain.accounts.models import User
from portal.domain.merging.archiving import (
    ARCHIVE,
    MAX_REASON,
    ArchiveRefused,
    archive_family,
    restore_family,
    why_not_archive,
)

GROUP = "Vie du dossier"


class ArchiveForm(ConfirmForm):
    """Why, and yes."""

    reason = text("Motif, gardé au journal", MAX_REASON)

    field_order = ("reason", "sure")


def _archive(form: ArchiveForm, by: User, at: datetime) -> str:
    try:
        archive_family(family=form.family, reason=form.cleaned_data["reason"], by=by, at=at)
    except ArchiveRefused as refused:
        raise forms.ValidationError(list(refused.reasons)) from refused
    return "Le dossier est archivé. La recherche le trouve toujours."


def _restore(form: ConfirmForm, by: User, at: datetime) -> str:
    try:
        restore_family(family=form.family, by=by, at=at)
    except ArchiveRefused as refused:
        raise forms.ValidationError(list(refused.reasons)) from refused
    return "Le dossier est rouvert."


def connect() -> None:
    """Register the acts of this area."""
    register_act(
        Act(
            "archiver",
            "Archiver le dossier",
            GROUP,
            (ARCHIVE,),
            ArchiveForm,
            _archive,
            "Archiver ce dossier",
            intro=(
                "Rien n’est effacé. Les comptes de la famille n’ouvrent plus ce dossier, les listes ne le montrent "
                "plus, la recherche le trouve encore. Il peut être rouvert."
            ),
            notes=lambda family, at: why_not_archive(family=family, at=at),
            order=91,
        )
    )
    register_act(
        Act(
            "rouvrir",
            "Rouvrir le dossier",
            GROUP,
            (ARCHIVE,),
            ConfirmForm,
            _restore,
            "Rouvrir ce dossier",
            intro="Les comptes de la famille l’ouvriront de nouveau, avec leurs droits d’avant.",
            archived=True,
            order=92,
        )
    )
