"""What a profile says of forms and surveys."""

# ruff: noqa: RUF009  # `key()` declares a field, as `dataclasses.field()` does: nothing is shared between instances

import datetime
from dataclasses import dataclass

from cms_pages.audiences import Audience
from cms_pages.page_writer import write_page
from cms_pages.profiles import home_page
from cms_pages.surveys.enums import WITH_CHOICES, FieldKind, Respondents
from cms_pages.surveys.models import FormField, FormPage
from portal.backoffice.profiles import kinds
from portal.backoffice.profiles.checks import unique
from portal.backoffice.profiles.days import DayRule
from portal.backoffice.profiles.loading import Loading
from portal.backoffice.profiles.schema import Place, Table, key, valid
from portal.backoffice.profiles.sections import Section, register_section
from portal.backoffice.profiles.source import Profile
from portal.domain.kernel.clock import at_paris, end_of_day, paris_date

#: The words of a profile for the kinds of questions.
KINDS = {each.name.lower(): each for each in FieldKind}
OPENING_HOUR = datetime.time(8)


@dataclass(frozen=True, kw_only=True)
class QuestionTable(Table):
    label: str = key(kinds.text(255), "La question.", example='"Vous pouvez aider"')
    kind: str = key(
        kinds.choice({word: str(kind.label) for word, kind in KINDS.items()}),
        "La nature de la réponse.",
        example='"checkboxes"',
    )
    required: bool = key(kinds.boolean, "S’il faut y répondre.", example="false", default=True)
    choices: tuple[str, ...] = key(
        kinds.lines, "Les choix, pour les questions à choix.", example='["oui", "non"]', default=()
    )
    help: str = key(kinds.text(255), "Une phrase sous la question.", example='"À peu près."', default="")


@dataclass(frozen=True, kw_only=True)
class FormTable(Table):
    slug: str = key(kinds.slug(), "Son adresse.", example='"fete-de-l-ecole"')
    title: str = key(kinds.text(255), "Son titre.", example='"Fête de l’école"')
    lead: str = key(kinds.text(600), "Sa présentation.", example='"Une heure suffit."', default="")
    respondents: str = key(
        kinds.choice(dict(Respondents.choices)), "Qui répond.", example='"anybody"', default="families"
    )
    one_per_family: bool = key(kinds.boolean, "Si une famille répond une seule fois.", example="false", default=True)
    audience: str = key(
        kinds.choice({Audience.PUBLIC.value: "tout le monde", Audience.FAMILIES.value: "toutes les familles"}),
        "Pour qui est la page.",
        example='"families"',
        default="public",
    )
    opens: DayRule | None = key(kinds.school_day, "Le jour où il ouvre, à 8 h.", example='"09-15"', default=None)
    closes: DayRule | None = key(kinds.school_day, "Le dernier jour où l’on répond.", example='"06-10"', default=None)
    places: int | None = key(kinds.integer(1, 10_000), "Le nombre de réponses au plus.", example="40", default=None)
    button: str = key(kinds.text(40), "Le texte du bouton.", example='"Je viens"', default="Envoyer ma réponse")
    thanks: str = key(kinds.text(400), "Le message après l’envoi.", example='"Merci !"', default="")
    purpose: str = key(kinds.text(250), "À quoi servent les réponses.", example='"organiser la fête"')
    readers: str = key(
        kinds.text(150), "Qui les lit.", example='"l’équipe"', default="le service Enfance de la mairie"
    )
    kept_days: int = key(
        kinds.integer(1, 1825), "Combien de jours on garde les réponses après la fermeture.", example="60", default=365
    )
    questions: tuple[QuestionTable, ...] = key(
        kinds.tables(QuestionTable, least=1), "Les questions.", example="[[forms.questions]]"
    )


def register() -> None:
    """Add the forms to what profiles may hold. Called once, at start-up."""
    register_section(
        Section(
            name="forms",
            kind=kinds.tables(FormTable),
            help="Les formulaires et sondages.",
            example="[[forms]]",
            order=60,
            check=_check,
            load=_load,
        )
    )


def _check(profile: Profile, forms: tuple[FormTable, ...], place: Place) -> None:
    unique(forms, "slug", place)
    for form in forms:
        for question in form.questions if valid(form.questions) else ():
            here = Place(place.folder, place.problems, place.file, question.path)
            if not valid(question.kind, question.choices):
                continue
            chosen = KINDS[question.kind] in WITH_CHOICES
            if chosen and len(set(question.choices)) < 2:
                here.at("choices").refuse("attend au moins deux choix.")
            if not chosen and question.choices:
                here.at("choices").refuse("ne sert qu’aux questions à choix.")


def _load(loading: Loading, forms: tuple[FormTable, ...]) -> None:
    year = loading.year
    zone = loading.zone
    for table in forms:
        opens = at_paris(table.opens.on(year, zone), OPENING_HOUR) if table.opens else None
        closes = end_of_day(table.closes.on(year, zone)) if table.closes else None
        kept_from = paris_date(closes or loading.at)
        page = write_page(
            loading,
            FormPage,
            parent=home_page(loading),
            slug=table.slug,
            values={
                "title": table.title,
                "lead": table.lead,
                "respondents": table.respondents,
                "one_per_family": table.one_per_family,
                "audience": table.audience,
                "opens_at": opens,
                "closes_at": closes,
                "places": table.places,
                "submit_label": table.button,
                "thanks": table.thanks,
                "purpose": table.purpose,
                "readers": table.readers,
            },
            # Counted once: what families were told does not move.
            once={"kept_until": kept_from + datetime.timedelta(days=table.kept_days)},
            path=table.path,
        )
        if page is not None and not page.form_fields.exists():
            _ask(page, table, loading)


def _ask(page: FormPage, table: FormTable, loading: Loading) -> None:
    """The questions of the first day: afterwards they are the agents'."""
    page.form_fields = [
        FormField(
            sort_order=position,
            label=question.label,
            field_type=KINDS[question.kind],
            required=question.required,
            choices="\n".join(question.choices),
            help_text=question.help,
        )
        for position, question in enumerate(table.questions)
    ]
    page.save_revision(user=loading.by).publish(user=loading.by, skip_permission_checks=True)
