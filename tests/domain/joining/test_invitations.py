"""Invitations: one mailbox, one use, one delay, the rights of the dossier."""

from datetime import timedelta

import pytest
from django.contrib.auth.hashers import make_password

from portal.domain.accounts.enums import AccountOrigin, InvitedBy
from portal.domain.accounts.models import Activation, EntrySettings, User
from portal.domain.families.access import NotAllowed
from portal.domain.families.enums import AdultRole
from portal.domain.families.models import Adult, FamilyMember
from portal.domain.joining.invitations import (
    InvitationRefused,
    LinkRefused,
    Rights,
    accept_as_new_account,
    accept_with_account,
    cancel_invitation,
    invite_adult,
    invite_parent,
    purge_invitations,
    read_invitation,
    resend_invitation,
)
from portal.domain.joining.models import Invitation
from portal.domain.joining.rules import AccountChoice, InvitationState
from portal.domain.mails.models import OutgoingMail
from portal.domain.mails.rules import SECRET_KINDS
from portal.domain.notices.models import Notice
from tests.domain.accounts.factories import PASSWORD, ActivationFactory, TermsVersionFactory, UserFactory
from tests.domain.families.factories import MemberFactory
from tests.domain.joining.factories import MARC, NOON, dossier, last_link

pytestmark = pytest.mark.django_db


def accept(token: str, **changes: object) -> User:
    return accept_as_new_account(
        token=token, username="", password_hash=make_password(PASSWORD), terms=None, at=changes.get("at", NOON)
    )


@pytest.mark.exigence("A3", "A23", "A24", "A31")
def test_the_service_invites_and_the_mail_holds_a_link_an_identifier_and_no_password() -> None:
    family, marc, _owner = dossier()
    agent = UserFactory.create(agent=True)

    invitation = invite_adult(adult=marc, family=family, by=agent, at=NOON)

    mail = OutgoingMail.objects.get()
    assert mail.subject.startswith("Votre espace vous attend")
    assert mail.recipient == MARC
    assert MARC in mail.text
    assert "96" in mail.text
    assert "Claire" not in mail.text
    assert agent.get_full_name() not in mail.text
    assert mail.kind in SECRET_KINDS
    assert invitation.expires_at == NOON + timedelta(hours=96)
    assert last_link() not in invitation.token_digest


@pytest.mark.exigence("A16", "A25")
def test_accepting_makes_an_open_account_in_the_place_the_dossier_held() -> None:
    family, marc, owner = dossier()
    terms = TermsVersionFactory.create()
    invite_adult(adult=marc, family=family, by=UserFactory.create(agent=True), at=NOON)

    user = accept_as_new_account(
        token=last_link(), username="marc.martin", password_hash=make_password(PASSWORD), terms=terms, at=NOON
    )

    marc.refresh_from_db()
    assert marc.user == user
    assert user.is_active
    assert user.check_password(PASSWORD)
    assert (user.username, user.email, user.origin) == ("marc.martin", MARC, AccountOrigin.STAFF)
    assert user.terms_acceptances.get().version == terms
    assert not FamilyMember.objects.get(family=family, adult=marc).can_pay
    assert Notice.objects.filter(user=owner, title__contains="Marc Martin").exists()


def test_a_link_serves_once() -> None:
    family, marc, _owner = dossier()
    invite_adult(adult=marc, family=family, by=UserFactory.create(agent=True), at=NOON)
    token = last_link()
    accept(token)

    with pytest.raises(LinkRefused) as refused:
        accept(token)

    assert refused.value.state == InvitationState.USED
    assert User.objects.filter(email=MARC).count() == 1


def test_a_link_past_its_delay_opens_nothing_even_once_purged() -> None:
    family, marc, _owner = dossier()
    invite_adult(adult=marc, family=family, by=UserFactory.create(agent=True), at=NOON)
    token, late = last_link(), NOON + timedelta(hours=96)

    with pytest.raises(LinkRefused) as refused:
        accept(token, at=late)
    assert refused.value.state == InvitationState.EXPIRED

    assert purge_invitations(late) == 1
    assert not Invitation.objects.exists()
    assert read_invitation(token=token, at=late).state == InvitationState.EXPIRED
    assert read_invitation(token=token + "x", at=NOON).state == InvitationState.UNKNOWN
    assert not User.objects.filter(email=MARC).exists()


def test_a_purge_leaves_what_waits_and_what_was_accepted() -> None:
    family, marc, owner = dossier()
    invite_adult(adult=marc, family=family, by=UserFactory.create(agent=True), at=NOON)
    accept(last_link())
    invite_parent(
        family=family,
        first_name="Ana",
        last_name="Roy",
        email="ana@famille.example",
        rights=Rights(),
        by=owner,
        at=NOON,
    )

    assert purge_invitations(NOON + timedelta(hours=95)) == 0
    assert purge_invitations(NOON + timedelta(hours=97)) == 1
    assert Invitation.objects.get().accepted_at == NOON


def test_resending_kills_the_former_link_and_gives_the_whole_delay() -> None:
    family, marc, owner = dossier()
    invitation = invite_adult(adult=marc, family=family, by=owner, at=NOON)
    first, later = last_link(), NOON + timedelta(hours=90)

    resend_invitation(invitation=invitation, by=owner, at=later)

    assert read_invitation(token=first, at=later).state == InvitationState.UNKNOWN
    assert read_invitation(token=last_link(), at=NOON + timedelta(hours=180)).state == InvitationState.VALID


def test_a_cancelled_invitation_opens_nothing() -> None:
    family, marc, owner = dossier()
    invitation = invite_adult(adult=marc, family=family, by=owner, at=NOON)

    cancel_invitation(invitation=invitation, by=owner, at=NOON)
    cancel_invitation(invitation=invitation, by=owner, at=NOON)

    with pytest.raises(LinkRefused) as refused:
        accept(last_link())
    assert refused.value.state == InvitationState.CANCELLED
    with pytest.raises(InvitationRefused):
        resend_invitation(invitation=invitation, by=owner, at=NOON)


def test_inviting_twice_leaves_one_link() -> None:
    family, marc, owner = dossier()
    invite_adult(adult=marc, family=family, by=owner, at=NOON)
    first = last_link()
    invite_adult(adult=marc, family=family, by=owner, at=NOON)

    assert read_invitation(token=first, at=NOON).state == InvitationState.CANCELLED
    assert Invitation.objects.open().count() == 1


def test_somebody_with_an_account_or_of_another_dossier_is_not_invited() -> None:
    family, marc, owner = dossier()
    stranger = MemberFactory.create(family__number="5000").adult

    with pytest.raises(InvitationRefused, match="déjà un compte"):
        invite_adult(adult=owner.adult, family=family, by=owner, at=NOON)
    with pytest.raises(InvitationRefused, match="pas de ce dossier"):
        invite_adult(adult=stranger, family=family, by=owner, at=NOON)
    Adult.objects.filter(pk=marc.pk).update(email="")
    with pytest.raises(InvitationRefused, match="adresse mail"):
        invite_adult(adult=Adult.objects.get(pk=marc.pk), family=family, by=owner, at=NOON)


def test_a_parent_gives_at_most_the_rights_they_have() -> None:
    family, _marc, owner = dossier()
    FamilyMember.objects.filter(adult__user=owner).update(can_pay=False)

    invite_parent(
        family=family,
        first_name="Ana",
        last_name="Roy",
        email="ANA@famille.example ",
        rights=Rights(edit=False, notified=False),
        by=owner,
        at=NOON,
    )
    user = accept(last_link())

    member = FamilyMember.objects.get(adult__user=user)
    assert (member.can_see, member.can_edit, member.can_book, member.can_pay, member.is_notified) == (
        True,
        False,
        True,
        False,
        False,
    )
    assert member.role == AdultRole.PARENT
    assert OutgoingMail.objects.earliest("pk").recipient == "ana@famille.example"


def test_who_may_not_edit_invites_nobody() -> None:
    family, _marc, _owner = dossier()
    relative = UserFactory.create()
    MemberFactory.create(family=family, adult__user=relative, relative=True)
    stranger = UserFactory.create()

    for user in (relative, stranger):
        with pytest.raises(NotAllowed):
            invite_parent(
                family=family,
                first_name="Ana",
                last_name="Roy",
                email="a@b.example",
                rights=Rights(),
                by=user,
                at=NOON,
            )
    assert not OutgoingMail.objects.exists()


def test_a_commune_may_keep_invitations_to_itself() -> None:
    family, _marc, owner = dossier()
    EntrySettings.objects.create(pk=1, parents_invite=False)

    with pytest.raises(InvitationRefused, match="c’est le service"):
        invite_parent(
            family=family, first_name="Ana", last_name="Roy", email="a@b.example", rights=Rights(), by=owner, at=NOON
        )


def test_the_delay_depends_on_who_invites() -> None:
    family, marc, owner = dossier()
    EntrySettings.objects.create(pk=1, parent_hours=10, staff_hours=20)

    by_parent = invite_parent(
        family=family, first_name="Ana", last_name="Roy", email="a@b.example", rights=Rights(), by=owner, at=NOON
    )
    by_service = invite_adult(adult=marc, family=family, by=owner, at=NOON)

    assert by_parent.expires_at - NOON == timedelta(hours=10)
    assert by_service.expires_at - NOON == timedelta(hours=20)
    assert by_parent.origin == InvitedBy.PARENT


def test_an_account_with_that_address_joins_after_signing_in_and_nobody_else_does() -> None:
    family, marc, owner = dossier()
    theirs, other = UserFactory.create(email=MARC), UserFactory.create()
    invite_adult(adult=marc, family=family, by=owner, at=NOON)
    token = last_link()

    assert read_invitation(token=token, at=NOON).choice == AccountChoice.SIGN_IN
    assert read_invitation(token=token, at=NOON, user=other).choice == AccountChoice.OTHER_ACCOUNT
    assert read_invitation(token=token, at=NOON, user=theirs).choice == AccountChoice.JOIN
    with pytest.raises(LinkRefused):
        accept(token)
    with pytest.raises(InvitationRefused):
        accept_with_account(token=token, by=other, at=NOON)
    accept_with_account(token=token, by=theirs, at=NOON)

    marc.refresh_from_db()
    assert marc.user == theirs
    with pytest.raises(LinkRefused):
        accept_with_account(token=token, by=theirs, at=NOON)


def test_an_account_of_another_dossier_keeps_being_one_person() -> None:
    family, marc, owner = dossier()
    theirs = UserFactory.create(email=MARC)
    elsewhere = MemberFactory.create(family__number="5000", adult__user=theirs)
    invite_adult(adult=marc, family=family, by=owner, at=NOON)

    accept_with_account(token=last_link(), by=theirs, at=NOON)

    assert set(FamilyMember.objects.filter(adult__user=theirs).values_list("family__number", flat=True)) == {
        "4127",
        "5000",
    }
    assert FamilyMember.objects.filter(adult=elsewhere.adult).count() == 2
    assert not FamilyMember.objects.get(family=family, adult=elsewhere.adult).can_pay


def test_an_account_that_nobody_ever_opened_does_not_stand_in_the_way() -> None:
    family, marc, owner = dossier()
    ActivationFactory.create(user__email=MARC)
    invite_adult(adult=marc, family=family, by=owner, at=NOON)

    user = accept(last_link())

    assert User.objects.get(email=MARC) == user
    assert not Activation.objects.exists()


def test_an_account_closed_by_the_service_is_not_opened_again_by_a_link() -> None:
    family, marc, owner = dossier()
    UserFactory.create(email=MARC, is_active=False)
    invite_adult(adult=marc, family=family, by=owner, at=NOON)

    assert read_invitation(token=last_link(), at=NOON).choice == AccountChoice.CLOSED
    with pytest.raises(LinkRefused):
        accept(last_link())
