"""What every page of ours shares."""

from typing import Any

from django.http import HttpRequest
from wagtail.models import Page

from portal.web.public_content import kept


class PortalPage(Page):
    """Where a page stands in the site."""

    class Meta:
        abstract = True

    def trail(self) -> list[Page]:
        """The pages above this one, home first, without the root."""
        return list(self.get_ancestors().filter(depth__gt=1).order_by("depth"))

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Wagtail's context plus `trail`, for « Vous êtes ici »."""
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        if self.depth <= 2:
            context["trail"] = []
        else:
            # A page that is being created is previewed before it has a key.
            context["trail"] = kept(f"cms_pages.trail.{self.pk}", self.trail, request) if self.pk else self.trail()
        return context
