"""Letting the portal ask the CAF or the MSA: the agreement, the identity or FranceConnect, how it ended."""

from allauth.socialaccount.providers.base.constants import AuthProcess
from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.domain.families.access import Right, require
from portal.domain.quotients.enums import FetchMode, FetchOutcome
from portal.domain.quotients.fetching import api_offered, fetch_quotient
from portal.domain.quotients.models import QuotientFetch
from portal.domain.quotients.particulier import ask_by_identity
from portal.domain.quotients.queries import offered_definitions
from portal.domain.quotients.services import QuotientRefused
from portal.web.accounts.throttle import HOUR, Limit, Try, spend, visitor
from portal.web.family import FamilyRequest, family_required
from portal.web.franceconnect.arrivals import FETCH_KEY
from portal.web.franceconnect.views import depart
from portal.web.quotient.forms import IdentityForm
from portal.web.quotient.views import franceconnect_offered

#: By account and by visitor; the domain counts by family beside.
QUESTIONS = Limit("quotient-fetch", amount=10, seconds=HOUR)


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@family_required
def fetch(request: FamilyRequest) -> HttpResponse:
    """The agreement and the identity; the answer comes in the same request."""
    require(user=request.user, family=request.family, right=Right.EDIT)
    if not api_offered():
        raise Http404
    form = IdentityForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if not spend(Try(QUESTIONS, f"user:{request.user.pk}"), Try(QUESTIONS, visitor(request))):
            form.add_error(None, _("Trop de demandes en une heure. Réessayez plus tard, ou déclarez votre quotient."))
        else:
            identity = form.identity
            try:
                done = fetch_quotient(
                    family=request.family,
                    ask=lambda: ask_by_identity(identity),
                    mode=FetchMode.IDENTITY,
                    by=request.user,
                    at=timezone.now(),
                )
            except QuotientRefused as refused:
                form.add_error(None, refused.reason)
            else:
                request.session[FETCH_KEY] = done.pk
                return redirect("quotient:fetched")
    context = {"form": form, "franceconnect": franceconnect_offered(), "definitions": offered_definitions()}
    return render(request, "quotient/fetch.html", context, status=422 if form.errors else 200)


@never_cache
@require_POST
@family_required
def by_franceconnect(request: FamilyRequest) -> HttpResponse:
    """Agreed: to FranceConnect with the scopes of the quotient; the question is asked on the way back."""
    require(user=request.user, family=request.family, right=Right.EDIT)
    if not franceconnect_offered():
        raise Http404
    return depart(
        request,
        process=AuthProcess.REDIRECT,
        wanted=request.path_info,
        data={"family": request.family.pk},
        scopes=tuple(settings.FRANCECONNECT_QUOTIENT_SCOPES),
    )


@never_cache
@require_safe
@family_required
def fetched(request: FamilyRequest) -> HttpResponse:
    """How the last question ended, and what to do."""
    key = request.session.get(FETCH_KEY)
    done = QuotientFetch.objects.filter(pk=key, family=request.family).select_related("quotient__definition").first()
    if done is None:
        return redirect("quotient:index")
    title, text = _words(FetchOutcome(done.outcome))
    context = {
        "fetch": done,
        "title": title,
        "text": text,
        "found": done.outcome == FetchOutcome.FOUND,
        "again": done.outcome
        in {FetchOutcome.NOT_FOUND, FetchOutcome.WRONG, FetchOutcome.DOWN, FetchOutcome.CONFLICT},
        "definitions": offered_definitions(),
    }
    return render(request, "quotient/fetched.html", context)


def _words(outcome: FetchOutcome) -> tuple[str, str]:
    """The title and the sentence of an ending."""
    words = {
        FetchOutcome.FOUND: (_("Votre quotient est à jour"), _("La Caf ou la MSA nous l’a transmis.")),
        FetchOutcome.TO_CHECK: (
            _("Un quotient a été trouvé, le service le vérifie"),
            _("Le foyer transmis ne ressemble pas à celui de votre dossier. Rien à faire de votre côté."),
        ),
        FetchOutcome.NOT_FOUND: (
            _("Aucun dossier Caf ou MSA à ce nom"),
            _("Vérifiez le nom de naissance, les prénoms et le code de la commune, ou déclarez votre quotient."),
        ),
        FetchOutcome.NO_VALUE: (
            _("Votre dossier n’a pas de quotient calculé"),
            _("La Caf ou la MSA ne l’a pas encore calculé. Déclarez-le avec un justificatif."),
        ),
        FetchOutcome.CONFLICT: (
            _("La même demande est déjà en cours"),
            _("Réessayez dans une minute, ou déclarez votre quotient."),
        ),
        FetchOutcome.WRONG: (
            _("L’identité donnée est incomplète"),
            _("Vérifiez la date et le code du lieu de naissance, ou déclarez votre quotient."),
        ),
        FetchOutcome.TOO_MANY: (
            _("Trop de demandes en ce moment"),
            _("Réessayez dans quelques minutes, ou déclarez votre quotient."),
        ),
        FetchOutcome.CLOSED: (
            _("La commune n’a pas accès à ce service pour le moment"),
            _("Déclarez votre quotient avec un justificatif."),
        ),
        FetchOutcome.DOWN: (
            _("La Caf et la MSA ne répondent pas"),
            _("Réessayez plus tard, ou déclarez votre quotient dès maintenant."),
        ),
    }
    title, text = words[outcome]
    return str(title), str(text)
