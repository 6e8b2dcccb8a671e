"""The outbox of the demo: the list, one mail in plain text, the same as a mail program would draw it."""

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from portal.domain.mails.queries import recent_mails

PAGE_SIZE = 25

#: What a mail may do in its frame: be drawn with its own style sheet, and open its links in the whole window.
MAIL_POLICY = {
    "default-src": [NONE],
    "style-src": [UNSAFE_INLINE],
    "frame-ancestors": [SELF],
    "sandbox": ["allow-top-navigation-by-user-activation"],
}


@login_not_required
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Every mail, the last written first."""
    page = Paginator(recent_mails(), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "outbox/index.html", {"page": page})


@login_not_required
@require_safe
def detail(request: HttpRequest, number: int) -> HttpResponse:
    """One mail: its text, and its shape in a frame that can run nothing."""
    return render(request, "outbox/detail.html", {"mail": get_object_or_404(recent_mails(), pk=number)})


@login_not_required
@require_safe
@xframe_options_sameorigin
@csp(MAIL_POLICY)
def shaped(request: HttpRequest, number: int) -> HttpResponse:
    """The HTML of a mail, alone, for the frame of the page above."""
    mail = get_object_or_404(recent_mails(), pk=number)
    if not mail.html:
        raise Http404
    return HttpResponse(mail.html.replace("<head>", '<head><base target="_top">', 1))
