"""How families enter a commune: the section of its profile, and the share of the sample town."""

# `key()` declares a field, as `dataclasses.field()` does: nothing is shared between instances.

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from portal.backoffice.profiles import kinds
from portal.backoffice.profiles.loading import Loading
from portal.backoffice.profiles.schema import Place, Table, key
from portal.backoffice.profiles.sections import Section, register_section
from portal.backoffice.profiles.source import Profile
from portal.backoffice.roles import Role, grant
from portal.backoffice.sample.fillers import Filler, Filling, register_filler
from portal.domain.accounts.enums import SelfCreation
from portal.domain.accounts.models import EntrySettings
from portal.domain.accounts.rules import digest
from portal.domain.families.enums import SchoolLevel
from portal.domain.families.models import School
from portal.domain.joining.enums import ContactState
from portal.domain.joining.models import FirstContact, FirstContactChild

#: The households of the sample town that nobody has answered yet: invented names.
_HOUSEHOLDS = (
    ("Salomé", "Quentrec", "Robin", SchoolLevel.PS),
    ("Idris", "Belhomme", "Lina", SchoolLevel.CP),
    ("Maëlle", "Forestier", "Gaspard", SchoolLevel.CE1),
)


@dataclass(frozen=True, kw_only=True)
class EntriesTable(Table):
    self_creation: str = key(
        kinds.choice(SelfCreation.values),
        "La création de compte par la famille : `open`, `approval` (un agent valide), `closed`.",
        example='"open"',
        default="open",
    )
    first_contact: bool = key(kinds.boolean, "La première demande se fait en ligne.", example="true", default=True)
    parents_invite: bool = key(kinds.boolean, "Un parent peut inviter l’autre parent.", example="true", default=True)
    self_hours: int = key(kinds.integer(1, 720), "Validité du lien d’activation, en heures.", example="24", default=24)
    staff_hours: int = key(
        kinds.integer(1, 720), "Validité d’une invitation du service, en heures.", example="96", default=96
    )
    parent_hours: int = key(
        kinds.integer(1, 720), "Validité d’une invitation d’un parent, en heures.", example="96", default=96
    )
    first_contact_hours: int = key(
        kinds.integer(1, 720), "Validité du lien d’une première demande, en heures.", example="48", default=48
    )


def connect() -> None:
    """Register the section and the filler of this part."""
    register_section(
        Section(
            name="entries",
            kind=kinds.table(EntriesTable),
            help="Comment les familles entrent : création de compte, invitations, première demande.",
            example="[entries]",
            order=20,
            check=_check,
            load=_load,
        )
    )
    register_filler(Filler(code="entries", order=20, fill=_fill))
    grant(
        Role.MANAGEMENT,
        "joining.invite_family",
        "joining.view_invitation",
        "joining.decide_firstcontact",
        "joining.view_firstcontact",
        "accounts.view_entrysettings",
        "accounts.change_entrysettings",
    )


def _check(profile: Profile, entries: EntriesTable, place: Place) -> None:
    """Every combination is a commune: all ways closed, the service still invites."""


def _load(loading: Loading, entries: EntriesTable) -> None:
    loading.store(
        EntrySettings,
        find={"pk": 1},
        values={
            "self_creation": entries.self_creation,
            "first_contact": entries.first_contact,
            "parents_invite": entries.parents_invite,
            "self_hours": entries.self_hours,
            "staff_hours": entries.staff_hours,
            "parent_hours": entries.parent_hours,
            "first_contact_hours": entries.first_contact_hours,
        },
        path=entries.path,
    )


def _fill(filling: Filling) -> None:
    """A few first contacts that wait for an agent."""
    school = School.objects.order_by("code").first()
    contacts = FirstContact.objects.bulk_create(
        FirstContact(
            key=UUID(int=filling.draw.getrandbits(128), version=4),
            first_name=first_name,
            last_name=last_name,
            email=f"{last_name.lower()}@famille.example",
            phone="06 39 98 45 12",
            street=f"{3 + number} chemin des Essais",
            postcode="39220",
            town="Les Rousses",
            school=school,
            message="Nous arrivons dans la commune à la fin du mois.",
            state=ContactState.WAITING,
            token_digest=digest(f"sample {number}"),
            asked_at=filling.at - timedelta(days=number + 1),
            confirm_until=filling.at + timedelta(days=1),
            confirmed_at=filling.at - timedelta(days=number),
        )
        for number, (first_name, last_name, _child, _level) in enumerate(_HOUSEHOLDS)
    )
    today = filling.at.date()
    FirstContactChild.objects.bulk_create(
        FirstContactChild(
            contact=contact,
            first_name=child,
            last_name=last_name,
            birth_date=today.replace(year=today.year - 4 - number, day=min(today.day, 28)),
            level=level,
        )
        for number, (contact, (_first, last_name, child, level)) in enumerate(zip(contacts, _HOUSEHOLDS, strict=True))
    )
