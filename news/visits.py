"""Who may open an item, what the portal keeps of it, and what stands around its text."""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from news.models.reading import NewsReading
from portal.domain.accounts.models import User
from portal.domain.kernel.clock import paris_date
from portal.web.family import resolve_family
from portal.web.public_content import kept

if TYPE_CHECKING:
    from news.models import NewsPage

#: Of « À lire aussi ».
NEIGHBOURS = 3


def refusal(page: "NewsPage", request: HttpRequest) -> HttpResponseBase | None:
    """None for who may read the item now; the way to the sign-in page for a visitor of something addressed to some.

    An agent who may change the item sees it as it will be seen. Raises Http404 to everybody else.
    """
    now = timezone.now()
    if page.is_public and page.is_on_line(now):
        return None
    readable = type(page).objects.on_line(now).readable_by(request.user, on=paris_date(now))
    if not page.is_public and readable.filter(pk=page.pk).exists():
        return None
    if may_change(page, request):
        return None
    if request.user.is_anonymous and page.is_on_line(now):
        return kept_private(redirect_to_login(request.get_full_path(), settings.LOGIN_URL))
    raise Http404


def may_change(page: "NewsPage", request: HttpRequest) -> bool:
    """Whether an agent is signed in whose role lets them change this page."""
    user = request.user
    if not isinstance(user, User) or not user.has_perm("wagtailadmin.access_admin"):
        return False
    return bool(page.permissions_for_user(user).can_edit())


def kept_private(response: HttpResponseBase) -> HttpResponseBase:
    """The answer, marked so that no cache keeps it."""
    response["Cache-Control"] = "private, no-store"
    return response


def note_reading(page: "NewsPage", request: HttpRequest) -> None:
    """Remember that somebody with a family opened the item; a browser that only fetches ahead has read nothing."""
    ahead = "prefetch" in request.headers.get("Sec-Purpose", "")
    user = request.user
    if request.method != "GET" or ahead or not isinstance(user, User) or resolve_family(request) is None:
        return
    NewsReading.objects.bulk_create(
        [NewsReading(user=user, page_id=page.pk, read_at=timezone.now())], ignore_conflicts=True
    )


def _neighbours(page: "NewsPage", request: HttpRequest) -> "list[NewsPage]":
    """The latest items of the same category that everybody may read, read once a minute."""
    now = timezone.now()

    def read() -> "list[NewsPage]":
        found = type(page).objects.child_of(page.get_parent()).for_the_public(now).exclude(pk=page.pk)
        if page.category_id:
            found = found.filter(category=page.category_id)
        return list(found.latest_first()[:NEIGHBOURS])

    if page.pk is None:  # the preview of an item that is being created
        return []
    return kept(f"news.neighbours.{page.pk}.{page.category_id}", read, request, during=f"{now:%Y%m%d%H%M}")


def context(page: "NewsPage", request: HttpRequest) -> dict[str, Any]:
    """What the template of an item shows beside it: files, the neighbours that everybody may read, the way back."""
    family = resolve_family(request) if getattr(request, "user", None) is not None else None
    attachments = list(page.attachments.all())  # those being edited, in a preview
    prefetch_related_objects(attachments, "document")
    return {
        "attachments": attachments,
        "neighbours": _neighbours(page, request),
        "family_news_url": reverse("news:family") if family is not None else "",
        "calendar_url": (page.get_url(request) or "/") + page.reverse_subpage("calendar") if page.event_on else "",
    }
