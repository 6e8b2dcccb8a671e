"""« Notifications »: what the portal told this person, and how they want to be told."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from portal.domain.notices.models import Notice
from portal.domain.notices.queries import list_notices, mailed_kinds, shown_kinds
from portal.domain.notices.services import read_notices, set_preferences
from portal.web.family import FamilyRequest, family_required
from portal.web.notifications.forms import PreferencesForm

PAGE_SIZE = 20


@never_cache
@require_http_methods(["GET", "HEAD"])
@family_required
def index(request: FamilyRequest) -> HttpResponse:
    """All the notices of the account, the last first."""
    page = Paginator(list_notices(user=request.user), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "notifications/index.html", {"page": page})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@family_required
def open_one(request: FamilyRequest, notice_id: int) -> HttpResponse:
    """A notice: reading it and going to its page is a POST; its own page serves a link followed otherwise."""
    notice = get_object_or_404(Notice.objects.visible_to(request.user), pk=notice_id)
    path = notice.path if _is_ours(notice.path) else ""
    if request.method == "POST":
        read_notices(user=request.user, keys=[notice.pk], at=timezone.now())
        return redirect(path or "notifications:index")
    return render(request, "notifications/notice.html", {"notice": notice, "path": path})


@require_POST
@family_required
def read_all(request: FamilyRequest) -> HttpResponse:
    """Note that everything was read."""
    read_notices(user=request.user, at=timezone.now())
    return redirect("notifications:index")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@family_required
def preferences(request: FamilyRequest) -> HttpResponse:
    """Kind by kind, whether a mail comes with the notice; for reminders, whether the space shows them too."""
    user = request.user
    form = PreferencesForm(
        request.POST if request.method == "POST" else None,
        initial={
            "by_mail": [kind.value for kind in mailed_kinds(user=user)],
            "in_space": [kind.value for kind in shown_kinds(user=user)],
        },
    )
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        set_preferences(user=user, by_mail=chosen["by_mail"], in_space=chosen["in_space"], at=timezone.now())
        messages.success(request, _("Vos préférences sont enregistrées."))
        return redirect("notifications:preferences")
    return render(request, "notifications/preferences.html", {"form": form}, status=422 if form.errors else 200)


def _is_ours(path: str) -> bool:
    """Only an address of the portal is followed, whoever wrote the notice."""
    return path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
