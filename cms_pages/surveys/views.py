"""`/famille/formulaires/`: what is open, and what the family answered."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cms_pages.surveys.enums import Moment
from cms_pages.surveys.queries import answers_of, lines_of, open_forms
from portal.web.family import FamilyRequest, family_required


@never_cache
@require_safe
@family_required
def index(request: FamilyRequest) -> HttpResponse:
    """The open forms, then the answers already given."""
    now = timezone.now()
    forms = open_forms(user=request.user, family=request.family, at=now)
    return render(request, "surveys/index.html", {"forms": forms, "answers": answers_of(request.family)[:50]})


@never_cache
@require_safe
@family_required
def answer(request: FamilyRequest, number: str) -> HttpResponse:
    """An answer of the family, to be read, with the way to change it while that is possible."""
    found = answers_of(request.family).filter(number=number).first()
    if found is None:
        raise Http404
    page = found.page
    open_now = page.live and page.moment(timezone.now()) in {Moment.OPEN, Moment.FULL}
    return render(
        request,
        "surveys/answer.html",
        {
            "answer": found,
            "form_page": page,
            "lines": lines_of(found),
            "change_url": page.get_url(request) if open_now and found.single else "",
        },
    )
