"""The authorisations of the children: all uses on one page, the answers of both parents, the history."""

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from portal.domain import language
from portal.domain.consents.queries import history, load_sheets
from portal.domain.consents.services import TextChanged, answer_consents
from portal.domain.families.access import Right, children_with, require
from portal.web import clock
from portal.web.consents.forms import ConsentForm
from portal.web.family import FamilyRequest, family_required


@require_safe
@never_cache
@family_required
def index(request: FamilyRequest) -> HttpResponse:
    """The children with what is answered and what is not."""
    children = list(children_with(user=request.user, family=request.family, right=Right.SEE))
    sheets = load_sheets(children=children, at=clock.now(request))
    return render(request, "consents/index.html", {"sheets": sheets})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@family_required
def child(request: FamilyRequest, child_id: int) -> HttpResponse:
    """Every authorisation of one child, and, ticked, the same answers for others (D17, D18)."""
    now = clock.now(request)
    seen = list(children_with(user=request.user, family=request.family, right=Right.SEE))
    found = get_object_or_404(children_with(user=request.user, family=request.family, right=Right.SEE), pk=child_id)
    editable = list(children_with(user=request.user, family=request.family, right=Right.EDIT))
    if request.method == "POST":
        require(user=request.user, family=request.family, right=Right.EDIT)
    [sheet] = load_sheets(children=[found], at=now, user=request.user)
    others = [each for each in editable if each != found]
    form = ConsentForm(_posted(request), sheet=sheet, others=others)
    if request.method == "POST" and form.is_valid():
        try:
            procedure = answer_consents(
                family=request.family, children=form.chosen, answers=form.answers, by=request.user, at=now
            )
        except TextChanged as changed:
            form.add_error(None, str(changed))
        else:
            names = language.words().join_words([each.first_name for each in form.chosen])
            if procedure is None:
                messages.success(request, _("Rien n’a changé\u00a0: vos réponses étaient déjà enregistrées."))
            else:
                messages.success(
                    request,
                    _("C’est enregistré pour %(names)s. Vous retrouvez cette démarche dans votre suivi.")
                    % {"names": names},
                )
            return redirect("consents:child", found.pk)
    context = {
        "child": found,
        "children": seen,
        "form": form,
        "sheet": sheet,
        "history": history(child=found),
        "may_edit": found in editable,
    }
    return render(request, "consents/child.html", context, status=422 if request.method == "POST" else 200)


def _posted(request: FamilyRequest) -> QueryDict | None:
    """What was sent, even when nothing was filled: an empty form is wrong, not new."""
    return request.POST if request.method == "POST" else None
