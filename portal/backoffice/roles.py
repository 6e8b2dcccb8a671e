"""The roles of agents: one group each, with what it may see and change. Loaded with every profile.

A permission names an action of a model: `view` lets the screen open, the others change. Applications above add
theirs with `grant`.
"""

from collections import defaultdict
from enum import StrEnum

from django.contrib.auth.models import Group, Permission
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission, Page


class Role(StrEnum):
    """The roles of docs/guide-agents.md; the value is the name of the group."""

    MANAGEMENT = "gestion"
    ACCOUNTING = "regie"
    ACTIVITIES = "animation"
    COMMUNICATION = "communication"


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
_OFFER = ("service", "structure", "activitytype", "activity", "unit", "placepool")
_CALENDAR = ("schoolholiday", "publicholiday", "closure", "calendarsettings")


def _full(app: str, *models: str) -> tuple[str, ...]:
    return tuple(f"{app}.{action}_{model}" for model in models for action in ("view", "add", "change", "delete"))


_GRANTED: dict[Role, set[str]] = defaultdict(
    set,
    {
        Role.MANAGEMENT: {
            *_READ_FAMILIES,
            *_READ_BOOKINGS,
            *_full("activities", *_OFFER, *_CALENDAR),
            *_full("families", "school"),
            "tariffs.view_tariff",
            "tariffs.view_tariffversion",
            "tariffs.view_unittariff",
            "mails.view_outgoingmail",
            "mails.change_outgoingmail",
            "audit.view_auditentry",
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
    },
)

_PAGE_ACTIONS = ("add_page", "change_page", "publish_page")
_LIBRARY = (
    "wagtailimages.add_image",
    "wagtailimages.change_image",
    "wagtailimages.choose_image",
    "wagtaildocs.add_document",
    "wagtaildocs.change_document",
    "wagtaildocs.choose_document",
)
#: Wagtail creates these two in English; nobody here needs them.
_GROUPS_OF_WAGTAIL = ("Moderators", "Editors")


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
    _load_communication(groups[Role.COMMUNICATION])
    Group.objects.filter(name__in=_GROUPS_OF_WAGTAIL, user=None).delete()
    return groups


def _load_communication(group: Group) -> None:
    """Pages and the library of images and files belong to Wagtail's own kind of permissions."""
    root = Page.get_first_root_node()
    for permission in _permissions({f"wagtailcore.{action}" for action in _PAGE_ACTIONS}):
        GroupPagePermission.objects.get_or_create(group=group, page=root, permission=permission)
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
