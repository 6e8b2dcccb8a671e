"""`/famille/actualites/`: what concerns the family."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from cms_pages.audiences import Audience
from news.family import family_items, mark_all_read, news_of, unread_news
from news.listing import with_pictures
from portal.domain.kernel.clock import paris_date
from portal.web.family import FamilyRequest, family_required

PER_PAGE = 20

#: The ways of looking at the list, by the value of `vue`.
ALL, MINE, UNREAD = "", "pour-nous", "non-lues"


@never_cache
@require_safe
@family_required
def family(request: FamilyRequest) -> HttpResponse:
    """The news of the family, by pages of twenty; a view or a page that does not exist gives the nearest."""
    now = timezone.now()
    view = request.GET.get("vue", "")
    view = view if view in {MINE, UNREAD} else ALL
    unread = unread_news(request.user, at=now)
    shown = unread if view == UNREAD else news_of(request.user, at=now)
    if view == MINE:
        shown = shown.exclude(audience=Audience.PUBLIC)
    page = Paginator(with_pictures(shown), PER_PAGE).get_page(request.GET.get("page"))
    choices = ((ALL, _("Toutes")), (MINE, _("Pour ma famille")), (UNREAD, _("Non lues")))
    return render(
        request,
        "news/family.html",
        {
            "page": page,
            "items": family_items(list(page), request.user, on=paris_date(now)),
            "unread": unread.count(),
            "view": view,
            "query": f"vue={view}" if view else "",
            "views": [
                {"label": label, "url": f"?vue={value}" if value else "?", "current": value == view}
                for value, label in choices
            ],
        },
    )


@never_cache
@require_POST
@family_required
def read_all(request: FamilyRequest) -> HttpResponse:
    """« Tout marquer comme lu »: for the person, not for the other parent."""
    number = mark_all_read(request.user, at=timezone.now())
    if number:
        said = ngettext(
            "%(number)s actualité est marquée comme lue.", "%(number)s actualités sont marquées comme lues.", number
        )
        messages.success(request, said % {"number": number})
    else:
        messages.info(request, _("Vous aviez déjà tout lu."))
    return redirect("news:family")
