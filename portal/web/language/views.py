"""The switch: remembers a language and shows the same page again."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from portal.web.language.choice import REMEMBERED_FOR


@login_not_required
@csrf_exempt
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Remember `language` in a cookie and go back to `next`, query included; to the home page when it is not ours.

    Without token: the page that holds the form is the same for every visitor, so it can be cached. The only thing that
    a foreign page could obtain is another language for the screens; browsers that say so are refused even that.
    """
    response = HttpResponseRedirect(_way_back(request))
    language = request.POST.get("language", "")
    foreign = request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}
    if language in dict(settings.LANGUAGES) and not foreign:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=REMEMBERED_FOR,
            secure=request.is_secure(),
            httponly=True,
            samesite="Lax",
        )
    return response


def _way_back(request: HttpRequest) -> str:
    wanted = request.POST.get("next", "")
    ours = wanted.startswith("/") and url_has_allowed_host_and_scheme(
        wanted, allowed_hosts=None, require_https=request.is_secure()
    )
    return wanted if ours else "/"
