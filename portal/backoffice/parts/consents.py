"""Authorisations: what the town asks, with its words, and the answers of the sample town."""

# `key()` declares a field, as `dataclasses.field()` does: nothing is shared between instances.

from dataclasses import dataclass
from datetime import timedelta

from portal.backoffice.profiles import kinds
from portal.backoffice.profiles.checks import unique
from portal.backoffice.profiles.loading import Loading
from portal.backoffice.profiles.schema import Place, Table, key, valid
from portal.backoffice.profiles.sections import Section, register_section
from portal.backoffice.profiles.source import Profile
from portal.backoffice.roles import Role, grant
from portal.backoffice.sample.fillers import Filler, Filling, register_filler
from portal.domain.consents.defaults import DEFAULTS, Wanted, store_types
from portal.domain.consents.enums import Answer, ConsentKind, ImageUse
from portal.domain.consents.models import Consent, ConsentType
from portal.domain.consents.queries import current_texts, is_concerned
from portal.domain.families.enums import NURSERY_LEVELS, AdultRole
from portal.domain.families.models import ChildLink, FamilyMember, Schooling
from portal.domain.kernel.clock import paris_date

BATCH = 2_000
_KINDS = {kind.value: str(kind.value) for kind in ConsentKind}
_USES = {use.value: str(use.value) for use in ImageUse}


@dataclass(frozen=True, kw_only=True)
class TypeTable(Table):
    code: str = key(kinds.slug(), "Son code, qui ne change plus.", example='"image-site"')
    kind: str = key(kinds.choice(_KINDS), "Sa nature : image, care, outing, alone ou other.", example='"image"')
    use: str = key(
        kinds.choice(_USES),
        "Pour le droit à l’image, l’usage : internal, website, press ou social.",
        example='"website"',
        default="",
    )
    title: str = key(kinds.text(120), "Son intitulé.", example='"Site de la commune"')
    text: str = key(
        kinds.text(2000, lines=True),
        "Le texte que la famille lit ; changé, il devient une nouvelle version et tout le monde répond à nouveau.",
        example='"J’autorise la diffusion de photos de mon enfant sur le site de la commune."',
    )
    compulsory: bool = key(kinds.boolean, "Si la famille doit répondre, oui ou non.", example="true", default=True)
    refusal_prevails: bool = key(
        kinds.boolean, "Si le refus d’un parent l’emporte sur l’accord de l’autre.", example="true", default=True
    )
    min_age: int | None = key(kinds.integer(0, 18), "Demandée à partir de cet âge.", example="8", default=None)
    max_age: int | None = key(kinds.integer(0, 18), "Demandée jusqu’à cet âge compris.", example="11", default=None)
    elementary_only: bool = key(
        kinds.boolean, "Demandée à l’école élémentaire seulement.", example="true", default=False
    )


@dataclass(frozen=True, kw_only=True)
class ConsentsTable(Table):
    types: tuple[TypeTable, ...] = key(
        kinds.tables(TypeTable, least=1), "Les autorisations, dans l’ordre de la page.", example="[[consents.types]]"
    )


def _check(_profile: Profile, table: ConsentsTable, place: Place) -> None:
    types = table.types if valid(table.types) else ()
    unique(types, "code", place)
    used = set()
    for each in types:
        here = Place(place.folder, place.problems, place.file, each.path)
        if valid(each.kind, each.use) and (each.kind == ConsentKind.IMAGE) != bool(each.use):
            here.at("use").refuse("va avec la nature « image », et seulement avec elle.")
        if each.use and each.use in used:
            here.at("use").refuse("est déjà l’usage d’une autre autorisation.")
        used.add(each.use)
        if each.min_age and each.max_age and each.min_age > each.max_age:
            here.at("max_age").refuse("vient avant l’âge le plus petit.")


def _load(loading: Loading, table: ConsentsTable) -> None:
    """Those of the profile are asked; those that it no longer names are not asked any more, their answers stay."""
    wanted = [
        Wanted(
            code=each.code,
            kind=ConsentKind(each.kind),
            title=each.title,
            text=each.text,
            use=each.use,
            compulsory=each.compulsory,
            refusal_prevails=each.refusal_prevails,
            min_age=each.min_age,
            max_age=each.max_age,
            elementary_only=each.elementary_only,
        )
        for each in table.types
    ]
    ConsentType.objects.exclude(code__in=[each.code for each in wanted]).update(is_active=False, use="", kind="other")
    store_types(wanted, by=loading.by, at=loading.at)


def _fill(town: Filling) -> None:
    """The holder of most dossiers has answered, mostly yes; a tenth has not, the first family not all."""
    if not ConsentType.objects.exists():
        store_types(DEFAULTS, by=town.by, at=town.at - timedelta(days=90))
    texts, today = current_texts(), paris_date(town.at)
    levels = dict(Schooling.objects.filter(school_year=town.year.start).values_list("child", "level"))
    holders = dict(
        FamilyMember.objects.filter(role=AdultRole.HOLDER, adult__user__isnull=False).values_list(
            "family", "adult__user"
        )
    )
    rows = []
    for link in ChildLink.objects.select_related("child").order_by("family", "order", "pk").iterator():
        if link.family_id not in holders or town.draw.random() < 0.1:
            continue
        level = levels.get(link.child_id)
        for text in texts:
            nursery = level in NURSERY_LEVELS if level else None
            if is_concerned(text.type, link.child, nursery=nursery, day=today):
                shy = 0.3 if text.type.kind == ConsentKind.IMAGE else 0.08
                rows.append(
                    Consent(
                        child=link.child,
                        text=text,
                        answer=Answer.REFUSED if town.draw.random() < shy else Answer.GRANTED,
                        at=town.at - timedelta(days=30),
                        by_id=holders[link.family_id],
                        family_id=link.family_id,
                    )
                )
    Consent.objects.bulk_create(rows, batch_size=BATCH)


def connect() -> None:
    """Register the section and the filler of this part."""
    register_section(
        Section(
            name="consents",
            kind=kinds.table(ConsentsTable),
            help="Les autorisations demandées aux familles. Sans cette table, rien n’est demandé.",
            example="[consents]",
            order=130,
            check=_check,
            load=_load,
        )
    )
    register_filler(Filler("consents", 30, _fill))
    grant(Role.MANAGEMENT, "consents.view_consent")
    grant(Role.ACTIVITIES, "consents.view_consent")
