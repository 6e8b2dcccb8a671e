"""An adult leaves a household: who decides, what stops it, what goes and what stays."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from portal.backoffice.roles import Role
from portal.domain.audit.models import AuditEntry
from portal.domain.changes.enums import Rubric
from portal.domain.changes.services import submit_changes
from portal.domain.contacts.models import Kinship
from portal.domain.contacts.queries import who_may_collect
from portal.domain.families.access import NotAllowed, reachable_families
from portal.domain.families.departures import remove_adult, why_not_remove
from portal.domain.families.enums import AdultRole
from portal.domain.families.households import HouseholdRefused, name_holder
from portal.domain.families.models import ActingSession, Child, Family, FamilyMember
from portal.domain.joining.models import Invitation
from portal.domain.mails.models import OutgoingMail
from portal.domain.notices.enums import NoticeKind
from portal.domain.notices.models import Notice
from portal.domain.notices.services import notify_family
from portal.domain.privacy.enums import ExportState
from portal.domain.privacy.exports import ask_export
from portal.domain.privacy.models import DataExport
from tests.backoffice.desk import said, sign_in, words
from tests.domain.changes.factories import Household, agent, separate
from tests.domain.families.factories import FamilyFactory, MemberFactory
from tests.harness.races import run_together, successes

AT = datetime(2026, 9, 8, 10, tzinfo=UTC)

pytestmark = [pytest.mark.django_db, pytest.mark.exigence("D13", "D8")]


@pytest.fixture
def home() -> Household:
    return Household()


def remove(home: Household, who: str = "father", by: Any = None) -> None:
    remove_adult(family=home.family, adult=getattr(home, who), by=by or agent(), at=AT)


def test_the_account_loses_sight_of_the_family_at_once(home: Household) -> None:
    notify_family(family=home.family, kind=NoticeKind.DOSSIER, title="Léa est inscrite", at=AT)
    export, _made = ask_export(user=home.samir, family=home.family.pk, at=AT)
    session = ActingSession.objects.create(
        agent=agent(), family=home.family, reason="x", started_at=AT, expires_at=datetime(2026, 9, 8, 11, tzinfo=UTC)
    )

    remove(home)

    assert reachable_families(user=home.samir) == []
    assert not Child.objects.visible_to(home.samir).exists()
    assert not Family.objects.visible_to(home.samir).exists()
    assert [each.title for each in Notice.objects.visible_to(home.samir)] == [
        f"Vous n’avez plus accès au dossier n° {home.family.number}"
    ]
    assert DataExport.objects.get(pk=export.pk).state == ExportState.EXPIRED
    assert ActingSession.objects.get(pk=session.pk).ended_at is None
    home.samir.refresh_from_db()
    assert home.samir.is_active
    entry = AuditEntry.objects.get(verb="remove_adult")
    assert (entry.family_key, entry.before["role"], entry.before["can_pay"]) == (home.family.pk, "parent", True)


def test_those_concerned_are_told_by_notice_and_mail(home: Household) -> None:
    remove(home)
    told = {mail.recipient: mail.subject for mail in OutgoingMail.objects.all()}
    assert set(told) == {home.claire.email, home.samir.email}
    assert "n’est plus dans votre dossier" in Notice.objects.visible_to(home.claire).get().title


def test_only_an_agent_decides_and_only_about_this_household(home: Household) -> None:
    for who in (home.claire, home.samir, agent("view_family")):
        with pytest.raises(NotAllowed):
            remove(home, by=who)
    other = Household(family=FamilyFactory(number="9001"))
    with pytest.raises(FamilyMember.DoesNotExist):
        remove_adult(family=home.family, adult=other.father, by=agent(), at=AT)
    home.family.archived_at = AT
    home.family.save()
    with pytest.raises(NotAllowed):
        remove(home)
    assert FamilyMember.objects.filter(family=home.family).count() == 2


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"role": AdultRole.RELATIVE, "can_edit": False}, "modifier le dossier"),
        ({"can_pay": False}, "payer"),
        ({"adult__user": None}, "invitez d’abord"),
    ],
)
def test_the_last_who_edits_pays_or_has_an_account_stays(home: Household, change: dict[str, Any], why: str) -> None:
    mother = FamilyMember.objects.get(adult=home.mother)
    if change.pop("adult__user", "") is None:
        home.mother.user = None
        home.mother.save()
    for name, value in change.items():
        setattr(mother, name, value)
    mother.save()
    with pytest.raises(HouseholdRefused, match=why):
        remove(home)
    assert FamilyMember.objects.filter(adult=home.father).exists()


def test_the_holder_leaves_once_somebody_else_is(home: Household) -> None:
    with pytest.raises(HouseholdRefused, match="désignez d’abord"):
        remove(home, "mother")
    FamilyMember.objects.filter(adult=home.father).update(can_edit=False)
    with pytest.raises(NotAllowed):
        name_holder(family=home.family, adult=home.father, by=home.claire, at=AT)
    for _time in range(2):
        name_holder(family=home.family, adult=home.father, by=agent(), at=AT)
    assert FamilyMember.objects.get(adult=home.father).can_edit
    assert FamilyMember.objects.get(adult=home.mother).role == AdultRole.PARENT
    assert AuditEntry.objects.filter(verb="name_holder").count() == 1
    remove(home, "mother")
    assert FamilyMember.objects.get(family=home.family).adult == home.father


def test_parental_authority_stays_and_is_never_left_to_nobody(home: Household) -> None:
    own = Kinship.objects.create(adult=home.father, child=home.child, relation="father", is_guardian=True)
    with pytest.raises(HouseholdRefused, match="autorité parentale sur"):
        remove(home)
    Kinship.objects.create(adult=home.mother, child=home.child, relation="mother", is_guardian=True)
    home.father.phone = "06 39 98 11 22"
    home.father.save()
    remove(home)
    assert Kinship.objects.filter(pk=own.pk).exists()
    collectors = {each.adult: each.phone for each in who_may_collect(child=home.child, day=AT.date())}
    assert collectors[home.father.pk] == "06 39 98 11 22"  # only a judgement takes that away


def test_other_links_go_judgements_stay_and_so_does_what_another_household_says(home: Household) -> None:
    link = Kinship.objects.create(adult=home.father, child=home.child, relation="other")
    elsewhere = separate(home)
    MemberFactory(family=elsewhere.family, adult=home.father, parent=True)
    remove(home)
    assert Kinship.objects.filter(pk=link.pk).exists()  # the child is also in his other household
    remove_adult(family=elsewhere.family, adult=home.father, by=agent(), at=AT)
    assert not Kinship.objects.filter(pk=link.pk).exists()
    Kinship.objects.create(
        adult=elsewhere.father, child=home.child, relation="other", may_not_collect=True, judgement="TJ 26/1"
    )
    remove_adult(family=elsewhere.family, adult=elsewhere.father, by=agent(), at=AT)
    assert Kinship.objects.get(adult=elsewhere.father).may_not_collect


def test_doors_back_are_closed(home: Household) -> None:
    Family.objects.filter(pk=home.family.pk).update(contact_email=home.samir.email.upper())
    values = {"family": home.family, "role": "parent", "sent_at": AT, "expires_at": datetime(2027, 1, 1, tzinfo=UTC)}
    for rank, (mail, by) in enumerate([("ami@exemple.example", home.samir), ("tante@exemple.example", home.claire)]):
        Invitation.objects.create(
            email=mail, invited_by=by, token_digest=str(rank) * 64, first_name="A", last_name="B", **values
        )
    remove(home)
    home.family.refresh_from_db()
    assert home.family.contact_email == home.claire.email
    assert [each.email for each in Invitation.objects.open()] == ["tante@exemple.example"]


def test_without_a_household_left_nothing_is_kept_that_served_one(home: Household) -> None:
    home.father.phone, home.father.employer = "06 39 98 11 22", "Fonderie"
    home.father.save()
    remove(home)
    home.father.refresh_from_db()
    assert (home.father.first_name, home.father.phone, home.father.employer) == ("Samir", "", "")


def test_a_request_about_the_person_is_answered_first(home: Household) -> None:
    values = {"first_name": "Samy", "last_name": home.father.last_name}
    subject = home.about(Rubric.ADULT_IDENTITY)
    done = submit_changes(subject=replace(subject, adult=home.father), values=values, by=home.samir, at=AT)
    assert done.request is not None
    assert "attend une réponse" in " ".join(why_not_remove(family=home.family, adult=home.father))


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_removals_at_once_leave_somebody_who_edits_and_pays(transactional_db: None) -> None:
    home, who = Household(), agent()
    third = MemberFactory(family=home.family, parent=True).adult
    FamilyMember.objects.filter(adult=home.mother).update(can_edit=False, can_pay=False)
    results = run_together(
        lambda: remove(home, by=who), lambda: remove_adult(family=home.family, adult=third, by=who, at=AT)
    )
    assert len(successes(results)) == 1
    assert FamilyMember.objects.filter(family=home.family, can_edit=True, can_pay=True).count() == 1


def test_an_agent_does_it_from_the_file(client: Client, home: Household) -> None:
    sign_in(client, Role.MANAGEMENT)
    file = f"/gestion/familles/{home.family.number}/"
    page = words(client.get(file))
    assert f"Retirer {home.father} de ce dossier" in page
    assert f"Retirer {home.mother} de ce dossier" not in page
    path = f"{file}actes/retirer-adulte/{home.father.pk}/"
    FamilyMember.objects.filter(adult=home.mother).update(can_pay=False)
    assert "À régler d’abord" in words(client.get(path))
    assert client.post(path, {"sure": "on"}).status_code == 422
    FamilyMember.objects.filter(adult=home.mother).update(can_pay=True)
    assert client.post(path, {}).status_code == 422
    answer = client.post(path, {"sure": "on"})
    assert answer["Location"] == file
    assert "n’est plus dans ce dossier" in said(answer)
    assert client.post(path, {"sure": "on"}).status_code == 404
    client.force_login(home.samir)
    for address in ("/famille/", "/famille/dossier/", f"/famille/dossier/enfants/{home.child.pk}/"):
        answer = client.get(address, follow=True)
        assert home.child.first_name not in answer.content.decode(), address
