"""« Agenda »: a person's secret address, what it holds, and the calendar that it answers."""

from hashlib import sha256
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.domain.families.models import FamilyMember
from portal.domain.feeds.ics import agenda_ics
from portal.domain.feeds.models import CalendarFeed
from portal.domain.feeds.queries import (
    agenda_entries,
    agenda_name,
    find_feed,
    note_reading,
    read_feed,
    secret_address,
    window_at,
)
from portal.domain.feeds.services import change_feed, open_feed, renew_feed, revoke_feed
from portal.web.accounts.throttle import HOUR, Limit, Try, spend, visitor
from portal.web.family import FamilyRequest, family_required
from portal.web.feeds.forms import ContentsForm

#: A telephone asks every few hours, and everybody at home may have the address.
READINGS = Limit("agenda", 120, HOUR)
#: Addresses that lead nowhere, by visitor: a revoked one is asked for a while; guessing 256 bits is hopeless anyway.
UNKNOWN = Limit("agenda-inconnu", 60, HOUR)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@family_required
def index(request: FamilyRequest) -> HttpResponse:
    """The address and how to use it; a POST makes it."""
    feed = find_feed(user=request.user, family=request.family)
    form = ContentsForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        open_feed(family=request.family, contents=form.contents(), by=request.user, at=timezone.now())
        messages.success(request, _("Votre adresse d’agenda est prête."))
        return redirect("feeds:index")
    return _show(request, feed, ContentsForm.of(feed) if feed is not None and not form.is_bound else form)


@require_POST
@never_cache
@family_required
def contents(request: FamilyRequest) -> HttpResponse:
    """Change what the agenda holds."""
    feed = find_feed(user=request.user, family=request.family)
    if feed is None:
        return redirect("feeds:index")
    form = ContentsForm.of(feed, request.POST)
    if not form.is_valid():
        return _show(request, feed, form)
    change_feed(family=request.family, contents=form.contents(), by=request.user, at=timezone.now())
    messages.success(request, _("Vos choix sont enregistrés\u00a0: l’agenda change à sa prochaine lecture."))
    return redirect("feeds:index")


@require_POST
@never_cache
@family_required
def renew(request: FamilyRequest) -> HttpResponse:
    """Another address instead of the one that too many people know."""
    if find_feed(user=request.user, family=request.family) is not None:
        renew_feed(family=request.family, by=request.user, at=timezone.now())
        messages.success(request, _("Voici votre nouvelle adresse. L’ancienne ne répond plus."))
    return redirect("feeds:index")


@require_POST
@never_cache
@family_required
def revoke(request: FamilyRequest) -> HttpResponse:
    """No address any more."""
    revoke_feed(family=request.family, by=request.user, at=timezone.now())
    messages.success(request, _("L’adresse est révoquée\u00a0: elle ne répond plus."))
    return redirect("feeds:index")


@login_not_required
@require_safe
def ics(request: HttpRequest, secret: str) -> HttpResponse:
    """The agenda behind a secret address, without session nor cookie; 404 for any other, revoked or never given."""
    feed = read_feed(secret=secret)
    if feed is None:
        if not spend(Try(UNKNOWN, visitor(request))):
            return _slower()
        raise Http404
    if not spend(Try(READINGS, feed.digest)):
        return _slower()
    now = timezone.now()
    body = agenda_ics(agenda_name(feed), agenda_entries(feed, at=now), window=window_at(now))
    note_reading(feed, at=now)
    etag = f'"{sha256(body).hexdigest()[:32]}"'
    answer = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'inline; filename="agenda.ics"'
    answer["ETag"] = etag
    conditional = get_conditional_response(request, etag=etag, response=answer)
    return _guarded(conditional or answer)


def _guarded(answer: HttpResponse) -> HttpResponse:
    """Kept by the reader alone, found by no robot, told to no other site."""
    answer["Cache-Control"] = "private, max-age=900"
    answer["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    answer["Referrer-Policy"] = "no-referrer"
    return answer


def _slower() -> HttpResponse:
    answer = HttpResponse(_("Trop de lectures\u00a0: réessayez plus tard."), status=429, content_type="text/plain")
    answer["Retry-After"] = str(HOUR)
    return _guarded(answer)


def _show(request: FamilyRequest, feed: CalendarFeed | None, form: ContentsForm) -> HttpResponse:
    secret = secret_address(feed) if feed is not None else None
    address = f"{settings.PORTAL_BASE_URL}{reverse('feeds:ics', args=[secret])}" if secret else ""
    context = {
        "feed": feed,
        "form": form,
        "address": address,
        # The same without its scheme: telephones that know the word open their agenda.
        "webcal": f"webcal://{urlsplit(address).netloc}{urlsplit(address).path}" if address else "",
        "is_member": FamilyMember.objects.filter(family=request.family, adult__user=request.user).exists(),
    }
    return render(request, "feeds/index.html", context, status=422 if form.errors else 200)
