"""What comes to the counter: a quotient shown, a paper given. Both hold at once."""

import uuid
from datetime import datetime
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from portal.backoffice.desk.actions import Act, ActForm, register_act
from portal.backoffice.desk.areas.household import day
from portal.backoffice.desk.areas.quotients import value_read
from portal.backoffice.scoping import children_of_file
from portal.domain.accounts.models import User
from portal.domain.families.models import Child
from portal.domain.files.refusal import FileRefused
from portal.domain.kernel.clock import paris_date
from portal.domain.papers import deciding as papers
from portal.domain.papers.enums import Channel, PaperForm
from portal.domain.papers.models import PaperType
from portal.domain.papers.services import PaperRefused
from portal.domain.quotients import deciding as quotients
from portal.domain.quotients.models import QuotientDefinition
from portal.domain.quotients.services import QuotientRefused

GROUP = "Au guichet"
_CHANNELS = [(each.value, each.label) for each in Channel if each is not Channel.PORTAL]


class QuotientForm(ActForm):
    """A quotient read on its proof. `key` makes a form sent twice give one quotient."""

    definition = forms.ModelChoiceField(
        QuotientDefinition.objects.none(), label="Sorte de quotient", error_messages={"required": "Choisissez."}
    )
    value = value_read()
    month = day("Mois de référence (un jour de ce mois)")
    valid_from = day("Valable à partir du", required=False, help_text="Vide : à partir d’aujourd’hui.")
    valid_until = day("Valable jusqu’au", required=False, help_text="Vide : jusqu’à la date de la commune.")
    key = forms.UUIDField(widget=forms.HiddenInput)

    def prepare(self) -> None:
        self.rows("definition", QuotientDefinition.objects.filter(is_offered=True).order_by("order", "pk"))
        self.initial |= {"key": uuid.uuid4(), "month": paris_date(self.at).replace(day=1)}


class FilesInput(forms.FileInput):
    """The browser's own control, for several files."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files, as they came; the domain judges their content."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list["UploadedFile[bytes]"]:
        return [each for each in (data if isinstance(data, (list, tuple)) else [data]) if each]


class PaperRecordForm(ActForm):
    """A paper seen by the service, with or without its copy."""

    type = forms.ModelChoiceField(
        PaperType.objects.none(), label="Pièce", error_messages={"required": "Choisissez la pièce."}
    )
    child = forms.ModelChoiceField(
        Child.objects.none(),
        label="Enfant",
        required=False,
        empty_label="toute la famille",
        help_text="Pour une pièce demandée par enfant.",
    )
    channel = forms.ChoiceField(label="Arrivée", choices=_CHANNELS)
    valid_until = day(
        "Valable jusqu’au", required=False, help_text="Vide : la règle de la pièce. À écrire si elle porte une date."
    )
    files = FilesField(
        label="Copie", required=False, help_text="PDF ou photo. Sans copie, la pièce est notée comme vue."
    )

    def prepare(self) -> None:
        asked = PaperType.objects.filter(is_offered=True, form=PaperForm.FILE)
        self.rows("type", asked.order_by("order", "name"))
        self.rows("child", children_of_file(self.agent, self.family))


def _record_quotient(form: QuotientForm, by: User, at: datetime) -> str:
    try:
        quotients.record_quotient(family=form.family, by=by, at=at, **form.cleaned_data)
    except QuotientRefused as refused:
        raise forms.ValidationError({refused.field or "__all__": refused.reason}) from refused
    return "Le quotient est enregistré. La famille en est prévenue."


def _record_paper(form: PaperRecordForm, by: User, at: datetime) -> str:
    data = form.cleaned_data
    try:
        papers.record_paper(
            family=form.family,
            type=data["type"],
            child=data["child"],
            channel=Channel(data["channel"]),
            uploads=data["files"],
            valid_until=data["valid_until"],
            by=by,
            at=at,
        )
    except PaperRefused as refused:
        raise forms.ValidationError({refused.field or "__all__": refused.reason}) from refused
    except FileRefused as refused:
        raise forms.ValidationError({"files": refused.reason}) from refused
    return "La pièce est enregistrée et acceptée. La famille en est prévenue."


def connect() -> None:
    """Register the acts of this area."""
    register_act(
        Act(
            "enregistrer-quotient",
            "Enregistrer un quotient",
            GROUP,
            (quotients.PERMISSION,),
            QuotientForm,
            _record_quotient,
            "Enregistrer le quotient",
            order=10,
        )
    )
    register_act(
        Act(
            "enregistrer-piece",
            "Enregistrer une pièce reçue",
            GROUP,
            (papers.PERMISSION,),
            PaperRecordForm,
            _record_paper,
            "Enregistrer la pièce",
            order=11,
        )
    )
