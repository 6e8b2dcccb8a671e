"""What the agents' screens have in common."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from wagtail.admin.panels import ObjectList
from wagtail_modeladmin.helpers import ButtonHelper
from wagtail_modeladmin.options import ModelAdmin

from portal.backoffice.scoping import Condition, is_limited, today, town_wide
from portal.backoffice.screens.audited import AuditedCreateView, AuditedDeleteView, AuditedEditView
from portal.backoffice.screens.forms import AgentForm
from portal.backoffice.screens.lists import FoldedSearch, PortalIndexView
from portal.backoffice.screens.permissions import AgentPermissions, ReadOnlyPermissions
from portal.backoffice.screens.reading import PortalInspectView
from portal.domain.accounts.models import User


class PortalButtons(ButtonHelper):
    """Labels that fit any noun, masculine or feminine."""

    def add_button(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return super().add_button(*args, **kwargs) | {"label": "Ajouter", "title": f"Ajouter : {self.verbose_name}"}

    def inspect_button(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return super().inspect_button(*args, **kwargs) | {"label": "Consulter", "title": "Consulter"}

    def edit_button(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return super().edit_button(*args, **kwargs) | {"label": "Modifier", "title": "Modifier"}

    def delete_button(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return super().delete_button(*args, **kwargs) | {"label": "Supprimer", "title": "Supprimer"}


class PortalModelAdmin(ModelAdmin):
    """A screen of ours: in French, every change in the journal, nothing that a mistyped address could break."""

    inspect_view_enabled = True
    # The journal tells more than Wagtail's history, and is one place to look.
    history_view_enabled = False
    list_per_page = 50
    empty_value_display = "–"
    search_handler_class = FoldedSearch
    permission_helper_class = AgentPermissions
    button_helper_class = PortalButtons
    index_view_class = PortalIndexView
    create_view_class = AuditedCreateView
    edit_view_class = AuditedEditView
    delete_view_class = AuditedDeleteView
    inspect_view_class = PortalInspectView
    inspect_template_name = "backoffice/screens/inspect.html"
    form_class = AgentForm
    panels: Sequence[Any] = ()
    #: Which rows exist for an agent who is limited to some places; `scoping.town_wide` says so of what is everybody's.
    scoped_by: Condition
    #: Whether `get_queryset` hides rows from some agents whatever their places: the page of one obeys it too.
    reserves_rows = False
    #: Said on the page that asks before deleting.
    deletion_warning = ""
    #: Fields whose changes are written in the journal by the domain's own verb.
    journalled_by_domain: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.permission_helper.screen = self

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """What exists for this agent: the list, its counts and filters, and the page of each object."""
        found: QuerySet[Any] = super().get_queryset(request)
        agent = cast(User, request.user)
        return found.filter(self.scoped_by(agent, today())) if is_limited(agent) else found

    def may_create(self, agent: User) -> bool:
        """Whether this agent, whose role allows it, adds one. Who is limited changes nothing of the whole town's."""
        return self.scoped_by is not town_wide or not is_limited(agent)

    def may_change(self, agent: User, instance: Any) -> bool:
        """The same about one that exists for them."""
        return self.may_create(agent)

    def get_edit_handler(self) -> ObjectList:
        return ObjectList(list(self.panels), base_form_class=self.form_class)

    def register_indexing(self) -> None:
        """Not in Wagtail's index of references: it would write a row for each booking that is saved."""

    def name_of(self, instance: models.Model) -> str:
        """How the page of one object is called."""
        return str(instance)

    def store(self, form: Any, *, by: User, at: datetime) -> models.Model:
        """Write what a valid form says, in the caller's transaction. Raises `audited.Refused`."""
        saved: models.Model = form.save()
        return saved

    def more_values(self, instance: models.Model) -> dict[str, Any]:
        """What the form also writes beside the object, for the journal."""
        return {}

    def notices(self, instance: models.Model, *, form: Any, at: datetime) -> list[str]:
        """What the agent should know once it is saved."""
        return []

    def why_kept(self, instance: models.Model) -> str:
        """Why this one is not deleted although nothing in the database forbids it. Empty when it may be."""
        return ""


class ReadOnlyAdmin(PortalModelAdmin):
    """A screen to look at, for what only the domain writes."""

    permission_helper_class = ReadOnlyPermissions
