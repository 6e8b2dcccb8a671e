"""Files given with items: a file of something addressed to some is not for whoever guesses its address."""

from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils import timezone
from wagtail.models import ReferenceIndex

from news.models import NewsPage
from news.visits import kept_private
from portal.domain.accounts.models import User
from portal.domain.kernel.clock import paris_date


def guard(document: Any, request: HttpRequest) -> HttpResponseBase | None:
    """None when the file may be served: something else than the news uses it, or an item that this person may read.

    Else the sign-in page for a visitor. Raises Http404 for somebody signed in. Agents who may enter the
    administration open every file: they choose them there.
    """
    references = ReferenceIndex.get_references_to(document).values_list("content_type__model", "object_id")
    used_by = set(references)
    if not used_by or any(model != NewsPage._meta.model_name for model, _pk in used_by):
        return None
    user, now = request.user, timezone.now()
    items = NewsPage.objects.filter(pk__in=[int(pk) for _model, pk in used_by])
    if any(page.is_public and page.is_on_line(now) for page in items):
        return None
    # From here on the file is for some: what is sent may not stay in a cache (config.middleware).
    request.keep_private = True  # type: ignore[attr-defined]  # read by PrivatePagesMiddleware
    if items.on_line(now).readable_by(user, on=paris_date(now)).exists():
        return None
    if isinstance(user, User):
        if user.has_perm("wagtailadmin.access_admin"):
            return None
        raise Http404
    if not items.on_line(now).exists():
        raise Http404
    return kept_private(redirect_to_login(request.get_full_path(), settings.LOGIN_URL))
