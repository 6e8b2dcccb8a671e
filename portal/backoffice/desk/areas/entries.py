"""What the desk knows of the ways in: first contacts, accounts to let in, and who may enter a family's dossier."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from portal.backoffice.desk.registry import (
    AlreadyDecided,
    FileSection,
    Panel,
    Waiting,
    Wanted,
    register_file_section,
    register_queue,
)
from portal.backoffice.desk.sources import RowQueue
from portal.domain.accounts.models import User
from portal.domain.families.models import Family, Registration
from portal.domain.families.queries import load_members
from portal.domain.families.search import Words, begins
from portal.domain.joining.approvals import (
    JoiningDecided,
    approve_joining,
    refuse_joining,
    registrations_awaiting,
)
from portal.domain.joining.contacts import (
    ContactDecided,
    Lookalike,
    accept_first_contact,
    ask_first_contact_again,
    find_lookalikes,
    refuse_first_contact,
)
from portal.domain.joining.models import FirstContact, Invitation
from portal.domain.kernel import french

DECIDE = "joining.decide_firstcontact"
CONTACT_WORDS = Words("last_name", "first_name")


def connect() -> None:
    """Register the queues and the section of this area."""
    register_queue(FirstContacts())
    register_queue(Joinings())
    register_file_section("entries", _access, order=15)


class ContactForm(forms.Form):
    """Where an accepted first contact goes: a new dossier, or one that looks like it."""

    dossier = forms.ChoiceField(label="Dossier", required=False, widget=forms.RadioSelect)

    def __init__(self, *args: Any, lookalikes: Sequence[Lookalike], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["dossier"].choices = [  # type: ignore[attr-defined]  # a ChoiceField
            ("", "Ouvrir un nouveau dossier, au numéro suivant"),
            *((str(like.family.pk), f"Rattacher au dossier {like.family} ({like.why})") for like in lookalikes),
        ]


class FirstContacts(RowQueue):
    """Households that present themselves."""

    code = "first_contacts"
    label = "Premières demandes"
    order = 5
    family = ""
    #: When its address was confirmed: what the line says, and what the order follows.
    arrived = "desk_confirmed_at"

    def _told(self, rows: Sequence[FirstContact]) -> list[Waiting]:
        return [
            Waiting(
                source=self.code,
                key=contact.pk,
                title="Réponse à votre question" if contact.answer else "Première demande",
                family_name=contact.last_name,
                family_number="",
                arrived_at=contact.confirmed_at or contact.asked_at,
            )
            for contact in rows
        ]

    def _in_school(self, wanted: Wanted) -> Q | None:
        return Q(school=wanted.school)

    def _mentioning(self, text: str) -> Q:
        """The town does not know them yet: their own words."""
        return Q(pk__in=FirstContact.objects.alias(desk_words=CONTACT_WORDS).filter(**begins("desk_words", text)))

    def panel(self, agent: User, key: int, *, data: Mapping[str, Any] | None = None, at: datetime) -> Panel | None:
        """The household, its children, and the dossiers that look like it."""
        contact = self._rows(agent).select_related("school").filter(pk=key).first()
        if contact is None:
            return None
        lookalikes = find_lookalikes(contact=contact)
        return Panel(
            title=str(contact),
            sent=f"Envoyée le {french.instant(contact.asked_at)}",
            family=None,
            facts=_facts(contact, lookalikes),
            accept_label="Ouvrir le dossier et inviter",
            form=ContactForm(data, lookalikes=lookalikes),
            reasons=(
                "Vous n’habitez pas la commune.",
                "Votre foyer a déjà un dossier : le service vous appelle.",
                "La demande est incomplète.",
            ),
        )

    def accept(self, key: int, *, cleaned: Mapping[str, Any], by: User, at: datetime) -> None:
        """Open the dossier, or attach to the one chosen; the invitation leaves by itself."""
        chosen = cleaned.get("dossier") or None
        attach_to = Family.objects.filter(pk=int(chosen), archived_at=None).first() if chosen else None
        with _Answered():
            accept_first_contact(contact=key, by=by, at=at, attach_to=attach_to)

    def refuse(self, key: int, *, reason: str, by: User, at: datetime) -> None:
        """Say no by mail."""
        with _Answered():
            refuse_first_contact(contact=key, reason=reason, by=by, at=at)

    def ask_again(self, key: int, *, message: str, by: User, at: datetime) -> None:
        """Ask by mail; the household answers behind a link."""
        with _Answered():
            ask_first_contact_again(contact=key, message=message, by=by, at=at)

    def _awaiting(self, agent: User) -> "QuerySet[FirstContact]":
        rows = FirstContact.objects.awaiting() if agent.has_perm(DECIDE) else FirstContact.objects.none()
        return rows.annotate(desk_confirmed_at=Coalesce("confirmed_at", "asked_at"))


class Joinings(RowQueue):
    """Accounts made by their parents, which an agent lets into a dossier or not."""

    code = "joinings"
    label = "Comptes à rattacher"
    order = 6
    arrived = "asked_at"

    def _told(self, rows: Sequence[Registration]) -> list[Waiting]:
        return [
            Waiting(
                source=self.code,
                key=wish.pk,
                title=f"{wish.user.get_full_name()} demande à rejoindre le dossier",
                family_name=wish.family.name,
                family_number=wish.family.number,
                arrived_at=wish.asked_at,
            )
            for wish in rows
        ]

    def panel(self, agent: User, key: int, *, data: Mapping[str, Any] | None = None, at: datetime) -> Panel | None:
        """Who asks, beside who is in the dossier."""
        wish = self._rows(agent).select_related("user", "family").filter(pk=key).first()
        if wish is None:
            return None
        known = ", ".join(str(member.adult) for member in load_members(family=wish.family)) or "personne"
        return Panel(
            title=wish.user.get_full_name(),
            sent=f"Demandé le {french.instant(wish.asked_at)}",
            family=wish.family,
            facts=(
                ("Nom du compte", wish.user.get_full_name()),
                ("Adresse mail, vérifiée", wish.user.email),
                ("Téléphone", wish.phone or "pas indiqué"),
                ("Adultes du dossier", known),
                ("Adresse de contact du dossier", wish.family.contact_email or "aucune"),
            ),
            accept_label="Ouvrir le dossier à ce compte",
            reasons=("Le service ne vous trouve pas parmi les responsables de ce dossier.",),
            may_ask_again=False,
        )

    def accept(self, key: int, *, cleaned: Mapping[str, Any], by: User, at: datetime) -> None:
        """Let the account in."""
        with _Answered():
            approve_joining(registration=key, by=by, at=at)

    def refuse(self, key: int, *, reason: str, by: User, at: datetime) -> None:
        """Leave the dossier closed."""
        with _Answered():
            refuse_joining(registration=key, reason=reason, by=by, at=at)

    def ask_again(self, key: int, *, message: str, by: User, at: datetime) -> None:
        """Nothing to ask: the panel does not offer it."""
        raise AlreadyDecided("Cette demande s’accepte ou se refuse.")

    def _awaiting(self, agent: User) -> "QuerySet[Registration]":
        if not agent.has_perm(DECIDE):
            return Registration.objects.none()
        return registrations_awaiting().select_related("user", "family")


class _Answered:
    """Turns “somebody decided meanwhile” of the domain into the desk's."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _traceback: Any) -> None:
        if isinstance(error, ContactDecided):
            contact = error.contact
            who = f" par {contact.decided_by}" if contact.decided_by else ""
            when = f" le {french.instant(contact.decided_at)}" if contact.decided_at else ""
            raise AlreadyDecided(f"Déjà traitée{who}{when} : {contact.get_state_display()}.") from error
        if isinstance(error, JoiningDecided | FirstContact.DoesNotExist):
            raise AlreadyDecided("Cette demande a déjà reçu une réponse.") from error


def _facts(contact: FirstContact, lookalikes: list[Lookalike]) -> list[tuple[str, str]]:
    facts = [
        ("Adresse mail, vérifiée", contact.email),
        ("Téléphone", contact.phone or "pas indiqué"),
        ("Adresse", f"{contact.street} {contact.address_extra}, {contact.postcode} {contact.town}".replace(" ,", ",")),
    ]
    if contact.other_last_name:
        facts.append(("Autre parent", f"{contact.other_first_name} {contact.other_last_name} {contact.other_email}"))
    for child in contact.children.order_by("pk"):
        level = f", {child.get_level_display()}" if child.level else ""
        facts.append(("Enfant", f"{child}, date de naissance : {french.full_date(child.birth_date)}{level}"))
    if contact.school:
        facts.append(("École souhaitée", contact.school.name))
    if contact.message:
        facts.append(("Message", contact.message))
    if contact.question:
        facts += [("Votre question", contact.question), ("Sa réponse", contact.answer or "attendue")]
    facts += [("Doublon possible", f"{like.family}, {like.why}") for like in lookalikes]
    return facts


def _access(agent: User, family: Family, at: datetime) -> FileSection | None:
    """Who may enter this dossier, who was invited."""
    if not agent.has_perm("joining.view_invitation"):
        return None
    facts = []
    for member in load_members(family=family):
        facts.append((str(member.adult), "a un compte" if member.adult.user_id else "n’a pas de compte"))
    for invitation in Invitation.objects.open().filter(family=family).order_by("sent_at"):
        lapsed = invitation.expires_at <= at
        until = french.instant(invitation.expires_at)
        words = f"expirée le {until}" if lapsed else f"valable jusqu’au {until}"
        facts.append((f"Invitation à {invitation.email}", words))
    return FileSection(title="Accès au portail", facts=tuple(facts))
