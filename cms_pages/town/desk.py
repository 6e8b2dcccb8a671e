"""The first page of an editor: what is being written, what comes soon, what ends soon."""

from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone
from wagtail.admin.ui.components import Component
from wagtail.models import Page, Revision
from wagtail.permissions import page_permission_policy

SOON = timedelta(days=30)
MOST = 6


def writes_pages(user: Any) -> bool:
    """Whether this person may write or publish at least one page."""
    return bool(page_permission_policy.user_has_any_permission(user, {"add", "change", "publish"}))


class EditorsDesk(Component):
    """Drafts, planned publications, pages about to expire: those that this person may change."""

    name = "editors_desk"
    template_name = "backoffice/town/desk.html"
    order = 5

    def get_context_data(self, parent_context: dict[str, Any]) -> dict[str, Any]:
        """The lists, each of six at most. A constant number of queries."""
        user, now = parent_context["request"].user, timezone.now()
        mine = page_permission_policy.instances_user_has_any_permission_for(user, {"change", "publish"})
        planned = Revision.page_revisions.filter(approved_go_live_at__gt=now).order_by("approved_go_live_at")
        return {
            "user": user,
            "drafts": list(
                mine.filter(Q(has_unpublished_changes=True) | Q(live=False))
                .filter(latest_revision__isnull=False, expired=False)
                .exclude(depth=1)
                .order_by("-latest_revision_created_at")[:MOST]
            ),
            "planned": _planned(planned[:MOST], mine),
            "ending": list(
                mine.filter(live=True, expire_at__gt=now, expire_at__lte=now + SOON).order_by("expire_at")[:MOST]
            ),
        }


def _planned(revisions: Any, mine: Any) -> list[dict[str, Any]]:
    rows = list(revisions)
    pages: dict[str, Page] = {str(page.pk): page for page in mine.filter(pk__in=[row.object_id for row in rows])}
    return [
        {"page": pages[row.object_id], "instant": row.approved_go_live_at} for row in rows if row.object_id in pages
    ]
