"""The roles of agents: exactly what each may do, loaded as often as one likes."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse
from wagtail.models import GroupPagePermission, Page

from portal.backoffice.roles import Role, granted, load_roles
from portal.domain.accounts.models import User
from portal.domain.enrolments.deciding import DECIDE
from tests.domain.accounts.factories import UserFactory

pytestmark = pytest.mark.django_db


def agent(role: Role) -> User:
    load_roles()
    user: User = UserFactory(agent=True)
    user.groups.add(Group.objects.get(name=role.value))
    return user


@pytest.mark.parametrize("role", list(Role))
def test_each_role_opens_the_agents_door(client: Client, role: Role) -> None:
    client.force_login(agent(role))

    assert client.get(reverse("wagtailadmin_home")).status_code == 200


def test_a_parent_does_not_open_the_agents_door(client: Client) -> None:
    client.force_login(UserFactory())

    assert client.get(reverse("wagtailadmin_home")).status_code in (302, 403)


def test_roles_are_loaded_again_without_doubles() -> None:
    load_roles()
    counts = (Group.objects.count(), GroupPagePermission.objects.count(), agent(Role.MANAGEMENT).groups.count())
    load_roles()

    assert (Group.objects.count(), GroupPagePermission.objects.count(), 1) == counts


def test_a_permission_taken_from_a_role_is_taken_from_its_group() -> None:
    groups = load_roles()
    extra = Permission.objects.get(content_type__app_label="accounts", codename="delete_user")
    groups[Role.ACTIVITIES].permissions.add(extra)
    load_roles()

    assert extra not in groups[Role.ACTIVITIES].permissions.all()


def test_communication_writes_pages_and_sees_no_family() -> None:
    user = agent(Role.COMMUNICATION)

    assert Page.get_first_root_node().permissions_for_user(user).can_add_subpage()
    assert user.has_perm("cms_pages.change_siteidentitysettings")
    assert user.has_perm("news.add_newscategory")
    private = ("families.", "enrolments.", "bookings.", "mails.", "audit.", "accounts.")
    assert [name for name in user.get_all_permissions() if name.startswith(private)] == []


@pytest.mark.parametrize("role", [Role.MANAGEMENT, Role.ACCOUNTING, Role.ACTIVITIES])
def test_the_other_roles_publish_no_page(role: Role) -> None:
    assert not Page.get_first_root_node().permissions_for_user(agent(role)).can_add_subpage()


def test_nobody_but_the_domain_writes_bookings_receipts_or_the_journal() -> None:
    written = {"bookings.", "enrolments.", "audit."}
    for role in Role:
        for permission in granted(role):
            if permission.startswith(tuple(written)):
                # Answering a request is a verb of the domain, which asks for this one.
                assert ".view_" in permission or permission == DECIDE, f"{role}: {permission}"


def test_only_accounting_changes_prices() -> None:
    changing = {role for role in Role if any("tariffs." in name and ".view_" not in name for name in granted(role))}

    assert changing == {Role.ACCOUNTING}


def test_wagtails_english_groups_leave_unless_somebody_is_in_them() -> None:
    Group.objects.get(name="Editors").user_set.add(UserFactory(agent=True))
    load_roles()

    assert not Group.objects.filter(name="Moderators").exists()
    assert Group.objects.filter(name="Editors").exists()
