"""A parent creates an account and joins the dossier that the town already knows.

Three facts are compared: the dossier's number, the name and the contact mail. They let the form be filled; what opens
the dossier is a mailbox that the town knows (see `services.join_family`). No answer tells which fact was wrong,
nor whether an address or a person has an account.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from portal.domain.accounts.enums import AccountOrigin, SelfCreation
from portal.domain.accounts.models import EntrySettings, TermsVersion, User
from portal.domain.accounts.queries import find_pending, find_user_by_email, latest_terms
from portal.domain.accounts.rules import clean_email
from portal.domain.accounts.services import (
    accept_terms,
    activate_account,
    create_pending_account,
    erase_pending_account,
    renew_activation,
)
from portal.domain.audit.services import record
from portal.domain.families import notifications
from portal.domain.families.models import Family, FamilyMember, Registration
from portal.domain.families.queries import find_person, load_members
from portal.domain.families.rules import clean_dossier_number, is_any_name
from portal.domain.families.services import Joining, join_family
from portal.domain.kernel.refusals import Refusal, Rule, WayOut, WayOutKind
from portal.domain.mails.queries import mails_about


@dataclass(frozen=True, slots=True)
class DossierClaim:
    """What a person says of their dossier, as typed: all three must be right."""

    number: str
    name: str
    contact_email: str


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who asks for an account. `password_hash` is what `make_password` returned."""

    first_name: str
    last_name: str
    email: str
    password_hash: str
    username: str = ""
    phone: str = ""


class RegistrationRefused(Exception):
    """The form cannot be taken as it is; `refusal` says why in words."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.sentence)
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Welcome:
    """An account that has just been activated, and what became of its wish to join a dossier."""

    user: User
    joining: Joining


def check_claim(*, claim: DossierClaim) -> Refusal | None:
    """None when the three facts are those of one dossier, else one refusal, always the same.

    Where the commune closed the creation of accounts by families, everybody is refused alike. The same queries and
    the same comparisons are made whether the dossier exists or not.
    """
    if EntrySettings.current().self_creation == SelfCreation.CLOSED:
        return _closed()
    return None if _find_dossier(claim) is not None else _no_match()


def register_parent(
    *,
    key: UUID,
    applicant: Applicant,
    claim: DossierClaim,
    terms: TermsVersion | None,
    accepted_at: datetime,
    at: datetime,
) -> None:
    """Take the form: a waiting account and its activation mail, or a mail that says that an account exists.

    Nothing is returned, on purpose: whoever fills the form sees one and the same answer. In detail:

    - the person of the dossier already has an account: nothing is created, the contact address is told so;
    - the mail address has an account: nothing is created, that address is told so;
    - the mail address has an account that still waits: the new form replaces it, and its link;
    - else the account waits the hours of `EntrySettings.self_hours`, then vanishes (rule 39).

    `key` names the form: the same form sent twice is taken once. `terms` is the version that was ticked.
    Nobody is signed in: the journal names the system.
    Raises `RegistrationRefused` when the facts are no longer those of a dossier, or the terms no longer in force.
    """
    try:
        _register(key=key, applicant=applicant, claim=claim, terms=terms, accepted_at=accepted_at, at=at)
    except IntegrityError:
        # Somebody took the mail address or the user name in the same instant: they are seen now.
        _register(key=key, applicant=applicant, claim=claim, terms=terms, accepted_at=accepted_at, at=at)


@transaction.atomic
def activate_parent(*, token: str, password: str, at: datetime) -> Welcome:
    """Open the account of an activation link and join its dossier, now or once the contact address confirms.

    Raises `ActivationRefused` and `WrongPassword` (accounts); nothing is written then.
    """
    user = activate_account(token=token, password=password, at=at)
    joining = join_family(user=user, by=user, at=at)
    return Welcome(user=user, joining=joining)


@transaction.atomic
def resend_activation(*, email: str, at: datetime) -> None:
    """Send a new link to this address if an account made by its owner waits there; else do nothing, silently."""
    user = find_pending(email=email, at=at)
    if user is None or user.origin != AccountOrigin.SELF:
        return
    pending = renew_activation(user=user, valid_for=_delay(), at=at)
    if pending is not None:
        notifications.send_activation(pending=pending, at=at)


@transaction.atomic
def _register(
    *,
    key: UUID,
    applicant: Applicant,
    claim: DossierClaim,
    terms: TermsVersion | None,
    accepted_at: datetime,
    at: datetime,
) -> None:
    if EntrySettings.current().self_creation == SelfCreation.CLOSED:
        raise RegistrationRefused(_closed())
    found = _find_dossier(claim)
    if found is None:
        raise RegistrationRefused(_no_match())
    # One form at a time for a dossier: the second sending of a form waits here, then sees the first.
    family = Family.objects.select_for_update(of=("self",), no_key=True).get(pk=found.pk)
    reference = f"registration-{key}"
    if mails_about(reference=reference).exists():
        return
    in_force = latest_terms(at=at)
    if (terms and terms.pk) != (in_force and in_force.pk):
        raise RegistrationRefused(_terms_changed())

    members = load_members(family=family)
    person = find_person(
        members=members, first_name=applicant.first_name, last_name=applicant.last_name, email=applicant.email
    )
    if person is not None and person.user_id is not None:
        notifications.send_account_exists(recipient=clean_email(claim.contact_email), reference=reference, at=at)
        return
    holder = find_user_by_email(email=applicant.email)
    if holder is not None:
        if not _may_be_replaced(holder):
            notifications.send_account_exists(recipient=holder.email, reference=reference, at=at)
            return
        erase_pending_account(user=holder)

    pending = create_pending_account(
        username=applicant.username,
        email=applicant.email,
        password_hash=applicant.password_hash,
        first_name=applicant.first_name,
        last_name=applicant.last_name,
        origin=AccountOrigin.SELF,
        valid_for=_delay(),
        at=at,
    )
    if terms is not None:
        accept_terms(version=terms, by=pending.user, at=accepted_at)
    Registration.objects.create(
        user=pending.user,
        family=family,
        contact_email=clean_email(claim.contact_email),
        phone=applicant.phone,
        asked_at=at,
    )
    record(verb="register_parent", target=family, by=User.objects.system(), at=at, family_key=family.pk)
    notifications.send_activation(pending=pending, reference=reference, at=at)


def _find_dossier(claim: DossierClaim) -> Family | None:
    """The dossier of which the three facts are true. Two queries and the same comparisons in every case.

    The number of a dossier that another one absorbed leads to that one; an archived dossier is nobody's.
    """
    number = clean_dossier_number(claim.number)
    family = Family.objects.select_related("merged_into").filter(number=number).first()
    if family is not None:
        family = family.merged_into or family
    if family is not None and family.archived_at is not None:
        family = None
    known = FamilyMember.objects.filter(family=family.pk if family else 0)
    members = list(known.select_related("adult").order_by("pk"))
    adults = [member.adult for member in members]
    names = [family.name if family else "", *(adult.last_name for adult in adults)]
    full_names = [f"{adult.first_name} {adult.last_name}" for adult in adults]
    reversed_names = [f"{adult.last_name} {adult.first_name}" for adult in adults]
    mails = [family.contact_email if family else "", *(adult.email for adult in adults)]
    given = clean_email(claim.contact_email)
    name_is_right = is_any_name(claim.name, [*names, *full_names, *reversed_names])
    mail_is_right = given != "" and given in {clean_email(mail) for mail in mails}
    return family if family is not None and name_is_right and mail_is_right else None


def _may_be_replaced(user: User) -> bool:
    """Whether the account was made by its owner and never activated: its link proves nothing yet."""
    activation = getattr(user, "activation", None)
    waits = activation is not None and activation.activated_at is None
    return waits and not user.is_active and user.origin == AccountOrigin.SELF


def _delay() -> timedelta:
    return EntrySettings.current().self_delay


def _closed() -> Refusal:
    return Refusal(
        rule=Rule.NEVER_ONLINE,
        sentence=_("Les comptes sont ouverts par le service, qui vous envoie une invitation."),
        way_out=WayOut(WayOutKind.CONTACT_SERVICE, _("Contacter le service")),
    )


def _no_match() -> Refusal:
    return Refusal(
        rule=Rule.UNKNOWN,
        sentence=_(
            "Ces trois informations, ensemble, ne sont celles d’aucun dossier. "
            "Vérifiez le numéro, le nom et l’adresse mail, ou demandez-les au service."
        ),
        way_out=WayOut(WayOutKind.CONTACT_SERVICE, _("Contacter le service")),
    )


def _terms_changed() -> Refusal:
    return Refusal(
        rule=Rule.CHANGED_MEANWHILE,
        sentence=_("Les conditions générales ont changé entre-temps. Relisez-les et cochez «\u00a0J’ai lu\u00a0»."),
        way_out=WayOut(WayOutKind.START_AGAIN, _("Relire les conditions")),
    )
