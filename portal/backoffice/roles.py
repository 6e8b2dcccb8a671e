"""The roles of agents: one group each, with what it may see and change. Loaded with every profile.

A permission names an action of a model: `view` lets the screen open, the others change. Applications above add
theirs with `grant`.
"""

from collections import defaultdict
from enum import StrEnum

from django.contrib.auth.models import Group, Permission
from wagtail.models import (
    Collection,
    GroupApprovalTask,
    GroupCollectionPermission,
    GroupPagePermission,
    Page,
    Task,
    TaskState,
    Workflow,
    WorkflowPage,
    WorkflowState,
    WorkflowTask,
)


class Role(StrEnum):
    """The roles of docs/guide-agents.md; the value is the name of the group."""

    MANAGEMENT = "gestion"
    ACCOUNTING = "regie"
    ACTIVITIES = "animation"
    COMMUNICATION = "communication"
    VALIDATION = "validation"


_READ_FAMILIES = (
    "families.view_family",
    "families.view_adult",
    "families.view_child",
    "families.view_schooling",
)
_READ_BOOKINGS = (
    "enrolments.view_enrolment",
    "bookings.view_booking",
    "bookings.view_receipt",
)
_OFFER = ("service", "structure", "activitytype", "activity", "enrolmentwindow", "unit", "placepool")
_CALENDAR = ("schoolholiday", "publicholiday", "closure", "calendarsettings")


def _full(app: str, *models: str) -> tuple[str, ...]:
    return tuple(f"{app}.{action}_{model}" for model in models for action in ("view", "add", "change", "delete"))


_GRANTED: dict[Role, set[str]] = defaultdict(
    set,
    {
        Role.MANAGEMENT: {
            *_READ_FAMILIES,
            *_READ_BOOKINGS,
            "enrolments.decide_enrolment",
            *_full("activities", *_OFFER, *_CALENDAR),
            *_full("families", "school"),
            "tariffs.view_tariff",
            "tariffs.view_tariffversion",
            "tariffs.view_unittariff",
            "mails.view_outgoingmail",
            "mails.change_outgoingmail",
            "audit.view_auditentry",
            "families.act_for_family",
            "families.merge_family",
            "families.archive_family",
        },
        Role.ACCOUNTING: {
            *_READ_FAMILIES,
            *_READ_BOOKINGS,
            *_full("tariffs", "tariff", "tariffversion", "unittariff"),
            *(f"activities.view_{model}" for model in _OFFER),
            "mails.view_outgoingmail",
        },
        Role.ACTIVITIES: {
            "families.view_child",
            "enrolments.view_enrolment",
            "bookings.view_booking",
            *(f"activities.view_{model}" for model in (*_OFFER, *_CALENDAR)),
        },
        Role.COMMUNICATION: set(),
        Role.VALIDATION: set(),
    },
)

#: What is written is read again by somebody before it is published, when the town wants it so.
PUBLICATION_WORKFLOW = "Rédaction → validation"
PUBLICATION_TASK = "Validation"

_WRITE_PAGES, _PUBLISH_PAGES = ("add_page", "change_page"), ("publish_page", "lock_page", "unlock_page")
_LIBRARY = (
    "wagtailimages.add_image",
    "wagtailimages.change_image",
    "wagtailimages.choose_image",
    "wagtaildocs.add_document",
    "wagtaildocs.change_document",
    "wagtaildocs.choose_document",
)
#: Wagtail creates these in English; nobody here needs them.
_GROUPS_OF_WAGTAIL = ("Moderators", "Editors")
_WORKFLOW_OF_WAGTAIL = "Moderators approval"


def grant(role: Role, *permissions: str) -> None:
    """Add permissions (“app.action_model”) to a role; taken at the next loading of a profile."""
    _GRANTED[role].update(permissions)


def granted(role: Role) -> frozenset[str]:
    """What a role may do, Wagtail's own pages and library apart."""
    return frozenset(_GRANTED[role])


def load_roles() -> dict[Role, Group]:
    """Create the groups, give each exactly its permissions, and return them. Safe to run again."""
    groups = {}
    for role in Role:
        group, _created = Group.objects.get_or_create(name=role.value)
        group.permissions.set(_permissions({"wagtailadmin.access_admin", *_GRANTED[role]}))
        groups[role] = group
    for role in (Role.COMMUNICATION, Role.VALIDATION):
        _load_library(groups[role])
    _load_pages(groups)
    Group.objects.filter(name__in=_GROUPS_OF_WAGTAIL, user=None).delete()
    _drop_workflow_of_wagtail()
    return groups


def _drop_workflow_of_wagtail() -> None:
    """It waits for a group that is gone. A town that gave that group people, or sent a page through, keeps it."""
    if Group.objects.filter(name=_GROUPS_OF_WAGTAIL[0]).exists():
        return
    used = WorkflowState.objects.values("workflow")
    Workflow.objects.filter(name=_WORKFLOW_OF_WAGTAIL).exclude(pk__in=used).delete()
    asked = TaskState.objects.values("task")
    Task.objects.filter(name=_WORKFLOW_OF_WAGTAIL, workflow_tasks=None).exclude(pk__in=asked).delete()


def is_publication_checked() -> bool:
    """Whether pages go through the role `validation` before they are on line."""
    return Workflow.objects.filter(name=PUBLICATION_WORKFLOW, active=True).exists()


def set_publication(*, checked: bool) -> None:
    """Choose between publishing directly and the two steps; safe to run again.

    Checked: `communication` writes and submits, `validation` publishes. Otherwise both publish, and what was waiting
    for an answer is a draft again.
    """
    group = load_roles()[Role.VALIDATION]
    task, _ = GroupApprovalTask.objects.get_or_create(name=PUBLICATION_TASK)
    task.groups.set([group])
    workflow, _ = Workflow.objects.get_or_create(name=PUBLICATION_WORKFLOW, defaults={"active": checked})
    WorkflowTask.objects.get_or_create(workflow=workflow, task=task, defaults={"sort_order": 0})
    if checked:
        Workflow.objects.filter(pk=workflow.pk).update(active=True)
        # An administrator may have chosen another way for the whole site: it stays.
        WorkflowPage.objects.get_or_create(page=Page.get_first_root_node(), defaults={"workflow": workflow})
    elif workflow.active:
        workflow.deactivate()
    load_roles()


def _load_pages(groups: dict[Role, Group]) -> None:
    """Pages belong to Wagtail's own kind of permissions, given on the root."""
    direct = () if is_publication_checked() else _PUBLISH_PAGES
    root = Page.get_first_root_node()
    for role, actions in (
        (Role.COMMUNICATION, (*_WRITE_PAGES, *direct)),
        (Role.VALIDATION, (*_WRITE_PAGES, *_PUBLISH_PAGES)),
    ):
        wanted = _permissions({f"wagtailcore.{action}" for action in actions})
        given = GroupPagePermission.objects.filter(group=groups[role], page=root)
        given.exclude(permission__in=wanted).delete()
        for permission in wanted:
            GroupPagePermission.objects.get_or_create(group=groups[role], page=root, permission=permission)


def _load_library(group: Group) -> None:
    """Images and files, by collection."""
    collection = Collection.get_first_root_node()
    for permission in _permissions(set(_LIBRARY)):
        GroupCollectionPermission.objects.get_or_create(group=group, collection=collection, permission=permission)


def _permissions(names: set[str]) -> list[Permission]:
    """The permissions of these names. Raises Permission.DoesNotExist on a name that no model has."""
    wanted = {tuple(name.split(".", 1)) for name in names}
    found = [
        permission
        for permission in Permission.objects.filter(
            content_type__app_label__in={app for app, _ in wanted}, codename__in={codename for _, codename in wanted}
        ).select_related("content_type")
        if (permission.content_type.app_label, permission.codename) in wanted
    ]
    missing = wanted - {(permission.content_type.app_label, permission.codename) for permission in found}
    if missing:
        raise Permission.DoesNotExist(f"no such permission: {sorted('.'.join(name) for name in missing)}")
    return found
