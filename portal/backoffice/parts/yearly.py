"""The yearly update and the démarches in a town profile, and their share of the sample town."""

# ruff: noqa: RUF009  # `key()` declares a field, as `dataclasses.field()` does: nothing is shared between instances

from dataclasses import dataclass
from datetime import date, timedelta

from django.urls import reverse

from portal.backoffice.profiles import kinds
from portal.backoffice.profiles.loading import Loading
from portal.backoffice.profiles.schema import Place, Table, key, valid
from portal.backoffice.profiles.sections import Section, register_section
from portal.backoffice.profiles.source import Profile
from portal.backoffice.roles import Role, grant
from portal.backoffice.sample.fillers import Filler, Filling, register_filler
from portal.domain.dossier.models import YearlySettings
from portal.domain.families.models import Family, FamilyMember
from portal.domain.kernel.school_year import SchoolYear
from portal.domain.notices.enums import NoticeKind
from portal.domain.notices.models import Notice
from portal.domain.procedures.enums import ProcedureKind, ProcedureState
from portal.domain.procedures.models import Procedure, ProcedureCounter, ProcedureEvent, ProcedureSetting


@dataclass(frozen=True, kw_only=True)
class YearlyTable(Table):
    opens_on: date = key(kinds.fixed_date, "Le premier jour de l’actualisation.", example="2026-06-01")
    closes_on: date = key(kinds.fixed_date, "Son dernier jour.", example="2026-09-30")
    school_year: int = key(
        kinds.integer(2020, 2100),
        "L’année scolaire préparée : 2026 pour 2026/2027. Sinon, celle du dernier jour.",
        example="2026",
        default=0,
    )
    gates_enrolments: bool = key(
        kinds.boolean,
        "Les inscriptions attendent que le service valide l’actualisation.",
        example="false",
        default=False,
    )
    tacit_on: date | None = key(
        kinds.fixed_date,
        "Le jour où le silence vaut accord sur les coordonnées ; jamais pour la santé ni les CGU.",
        example="2026-10-01",
        default=None,
    )


@dataclass(frozen=True, kw_only=True)
class ProcedureTable(Table):
    kind: str = key(kinds.choice(ProcedureKind.values), "La nature des démarches.", example='"change"')
    acknowledges: bool = key(
        kinds.boolean, "Un accusé d’enregistrement part à l’ouverture.", example="true", default=True
    )
    answer_days: int | None = key(
        kinds.integer(1, 365), "Le délai de réponse annoncé, en jours.", example="3", default=None
    )


def connect() -> None:
    """Register the sections, the rights and the filler."""
    register_section(
        Section(
            name="yearly",
            kind=kinds.table(YearlyTable),
            help="L’actualisation annuelle des dossiers.",
            example="[yearly]",
            order=60,
            check=_check,
            load=_load,
        )
    )
    register_section(
        Section(
            name="procedures",
            kind=kinds.tables(ProcedureTable),
            help="Ce que la commune fait de chaque nature de démarches.",
            example="[[procedures]]",
            order=61,
            check=_check_procedures,
            load=_load_procedures,
        )
    )
    for role in (Role.MANAGEMENT, Role.VALIDATION):
        grant(role, "dossier.view_yearlyupdate", "dossier.decide_yearlyupdate")
    register_filler(Filler(code="requests", order=90, fill=fill))


def _check(profile: Profile, yearly: YearlyTable, place: Place) -> None:
    if valid(yearly.opens_on) and valid(yearly.closes_on) and yearly.closes_on < yearly.opens_on:
        place.at("closes_on").refuse("vient avant opens_on.")
    if yearly.tacit_on and valid(yearly.tacit_on) and valid(yearly.opens_on) and yearly.tacit_on <= yearly.opens_on:
        place.at("tacit_on").refuse("doit laisser aux familles le temps de répondre : après opens_on.")


def _load(loading: Loading, yearly: YearlyTable) -> None:
    loading.store(
        YearlySettings,
        find={"school_year": yearly.school_year or SchoolYear.of(yearly.closes_on).start},
        values={
            "opens_on": yearly.opens_on,
            "closes_on": yearly.closes_on,
            "gates_enrolments": yearly.gates_enrolments,
            "tacit_on": yearly.tacit_on,
        },
        path=yearly.path,
    )


def _check_procedures(profile: Profile, tables: tuple[ProcedureTable, ...], place: Place) -> None:
    seen: set[str] = set()
    for table in tables:
        if valid(table.kind) and table.kind in seen:
            Place(place.folder, place.problems, place.file, table.path).at("kind").refuse("est déjà réglée plus haut.")
        seen.add(table.kind)


def _load_procedures(loading: Loading, tables: tuple[ProcedureTable, ...]) -> None:
    for table in tables:
        loading.store(
            ProcedureSetting,
            find={"kind": table.kind},
            values={"acknowledges": table.acknowledges, "answer_days": table.answer_days},
            path=table.path,
        )


#: What a family of the sample asked for: kind, title, state, how long ago, what the service said.
_SAMPLES = (
    (ProcedureKind.CHANGE, "Changement d’adresse", ProcedureState.RECEIVED, 1, ""),
    (ProcedureKind.DOCUMENT, "Assurance scolaire", ProcedureState.YOUR_TURN, 2, "La copie n’est pas lisible."),
    (ProcedureKind.QUOTIENT, "Quotient familial", ProcedureState.ACCEPTED, 7, "Vérifié par le service."),
)


def fill(filling: Filling) -> None:
    """Some démarches in one family out of three and in the first; two unread notices for its parents."""
    families = list(Family.objects.filter(archived_at=None).order_by("pk"))
    asking = [family for number, family in enumerate(families) if number == 0 or filling.draw.random() < 1 / 3]
    year = filling.at.year
    counter, _created = ProcedureCounter.objects.get_or_create(year=year)
    procedures, notes = [], []
    for family in asking:
        for kind, title, state, days, note in _SAMPLES:
            counter.last += 1
            procedures.append(
                Procedure(
                    family=family,
                    kind=kind,
                    title=title,
                    state=state,
                    opened_at=filling.at - timedelta(days=days),
                    number=f"AE-{year}-{counter.last:05d}",
                )
            )
            notes.append(note)
    counter.save()
    written = Procedure.objects.bulk_create(procedures, batch_size=2000)
    events = []
    for procedure, note in zip(written, notes, strict=True):
        events.append(_event(procedure, filling, ProcedureState.RECEIVED, "", hours=0))
        if procedure.state != ProcedureState.RECEIVED:
            events.append(_event(procedure, filling, procedure.state, note, hours=6))
    ProcedureEvent.objects.bulk_create(events, batch_size=2000)
    _notices(written, filling)


def _event(procedure: Procedure, filling: Filling, state: str, note: str, *, hours: int) -> ProcedureEvent:
    at = procedure.opened_at + timedelta(hours=hours)
    return ProcedureEvent(procedure=procedure, at=at, by=filling.by, state=state, note=note)


def _notices(written: list[Procedure], filling: Filling) -> None:
    told: dict[int, list[int]] = {}
    rows = FamilyMember.objects.filter(can_see=True, is_notified=True, adult__user__isnull=False)
    for family, user in rows.order_by("pk").values_list("family", "adult__user"):
        if user is not None:
            told.setdefault(family, []).append(user)
    answered = {ProcedureState.YOUR_TURN: "À vous de jouer", ProcedureState.ACCEPTED: "Votre démarche est acceptée"}
    Notice.objects.bulk_create(
        (
            Notice(
                user_id=user,
                family_id=procedure.family_id,
                kind=NoticeKind.PROCEDURE,
                title=f"{answered[ProcedureState(procedure.state)]}\u00a0: {procedure.title}",
                path=reverse("procedures:detail", args=[procedure.pk]),
                reference=procedure.number,
                at=procedure.opened_at + timedelta(hours=6),
            )
            for procedure in written
            if procedure.state in answered
            for user in told.get(procedure.family_id, [])
        ),
        batch_size=2000,
    )
