"""Creating an account in four steps: who, which dossier, the terms, one last look."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from portal.domain.accounts.enums import SelfCreation
from portal.domain.accounts.models import EntrySettings, TermsVersion
from portal.domain.accounts.queries import latest_terms
from portal.domain.families.registration import (
    Applicant,
    DossierClaim,
    RegistrationRefused,
    check_claim,
    register_parent,
)
from portal.domain.kernel.refusals import Rule
from portal.web.accounts.forms import DossierForm, ParentForm, TermsForm, posted
from portal.web.accounts.throttle import DAY, HOUR, Limit, Try, give_back, spend, visitor
from portal.web.accounts.wizard import STEPS, Sent, Wizard

#: Wrong dossier references. A public computer or a mobile operator puts many families behind one address, a dossier
#: and a contact address are one family's. A number of four digits would take years to guess at this pace.
VISITOR_CLAIMS = Limit("claim-visitor", amount=30, seconds=HOUR)
DOSSIER_CLAIMS = Limit("claim-dossier", amount=10, seconds=HOUR)
CONTACT_CLAIMS = Limit("claim-contact", amount=10, seconds=HOUR)
CONTACT_CLAIMS_A_DAY = Limit("claim-contact-day", amount=25, seconds=DAY)

#: Forms sent to the end: each makes a mail leave.
VISITOR_FORMS = Limit("form-visitor", amount=60, seconds=HOUR)
MAILBOX_FORMS = Limit("form-mailbox", amount=5, seconds=HOUR)

_URLS = {
    "parent": "account_signup",
    "dossier": "accounts:signup_dossier",
    "terms": "accounts:signup_terms",
    "check": "accounts:signup_check",
}

StepView = Callable[[HttpRequest, Wizard], HttpResponse]


def step(name: str) -> Callable[[StepView], Callable[[HttpRequest], HttpResponse]]:
    """A page of the form: for visitors, never cached, and only once the steps before it are answered."""

    def decorate(view: StepView) -> Callable[[HttpRequest], HttpResponse]:
        @login_not_required
        @never_cache
        @require_http_methods(["GET", "HEAD", "POST"])
        @sensitive_post_parameters("password1", "password2")
        @wraps(view)
        def wrapped(request: HttpRequest) -> HttpResponse:
            if request.user.is_authenticated:
                return redirect("home:index")
            if EntrySettings.current().self_creation == SelfCreation.CLOSED:
                # Not an error: the page says how one enters here (A5).
                return render(request, "accounts/signup_closed.html")
            wizard = Wizard.load(request.session, at=timezone.now())
            if not wizard.may_open(name):
                # Sent twice: the first sending took the form away, its page is the answer.
                if name == "check" and Sent.load(request.session) is not None:
                    return redirect("accounts:signup_sent")
                return redirect(_URLS[wizard.first_missing()])
            return view(request, wizard)

        return wrapped

    return decorate


@step("parent")
@sensitive_variables("password")
def parent(request: HttpRequest, wizard: Wizard) -> HttpResponse:
    """Step 1: the person, the mail address of the account, the password."""
    chosen = bool(wizard.password_hash)
    form = ParentForm(posted(request), initial=wizard.parent, password_chosen=chosen)
    if request.method == "POST":
        valid = form.is_valid()
        if password := form.good_password:
            # A good password is not asked again because another answer is to be seen.
            wizard.password_hash = make_password(password)
        if valid:
            wizard.parent = {name: form.cleaned_data[name] for name in _PARENT_FIELDS}
        if valid or password:
            wizard.save(request.session, at=timezone.now())
        if valid:
            return redirect(_next(wizard, "dossier"))
        if password:
            form.keep_password()
    return _page(request, wizard, "parent", form=form)


@step("dossier")
def dossier(request: HttpRequest, wizard: Wizard) -> HttpResponse:
    """Step 2: the three facts of the dossier, all right or one neutral refusal (A10, A11)."""
    form = DossierForm(posted(request), initial=wizard.dossier)
    status = 200
    if request.method == "POST" and form.is_valid():
        answers = {name: str(value) for name, value in form.cleaned_data.items()}
        tries = (
            Try(VISITOR_CLAIMS, visitor(request)),
            Try(DOSSIER_CLAIMS, answers["number"]),
            Try(CONTACT_CLAIMS, answers["contact_email"]),
            Try(CONTACT_CLAIMS_A_DAY, answers["contact_email"]),
        )
        if not spend(*tries):
            form.add_error(None, _too_many())
            status = 429
        elif (refusal := check_claim(claim=DossierClaim(**answers))) is not None:
            form.add_error(None, refusal.sentence)
        else:
            give_back(*tries)
            wizard.dossier = answers
            wizard.save(request.session, at=timezone.now())
            return redirect(_next(wizard, "terms"))
    return _page(request, wizard, "dossier", form=form, status=status)


@step("terms")
def terms(request: HttpRequest, wizard: Wizard) -> HttpResponse:
    """Step 3: the terms in force, read and ticked (A14)."""
    at = timezone.now()
    version = latest_terms(at=at)
    if version is None:
        # The town has published none: nothing to accept, the step answers itself.
        wizard.terms_version, wizard.terms_read, wizard.terms_accepted_at = None, True, at.isoformat()
        wizard.save(request.session, at=at)
        return redirect(_URLS["check"])
    already = wizard.terms_read and wizard.terms_version == version.number
    form = TermsForm(posted(request), initial={"version": version.number, "accepted": already})
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["version"] == version.number:
            wizard.terms_version, wizard.terms_read = version.number, True
            wizard.terms_accepted_at = at.isoformat()
            wizard.save(request.session, at=at)
            return redirect(_URLS["check"])
        form = TermsForm(initial={"version": version.number})
        messages.warning(request, _("Les conditions générales viennent de changer\u00a0: voici le nouveau texte."))
    return _page(request, wizard, "terms", form=form, terms=version)


@step("check")
def check(request: HttpRequest, wizard: Wizard) -> HttpResponse:
    """Step 4: everything on one page, then « Valider » (A17). The answer is the same for everybody."""
    if request.method != "POST":
        return _page(request, wizard, "check", form=None)
    at = timezone.now()
    email, contact = wizard.parent["email"], wizard.dossier["contact_email"]
    if not spend(Try(VISITOR_FORMS, visitor(request)), Try(MAILBOX_FORMS, email), Try(MAILBOX_FORMS, contact)):
        messages.error(request, _too_many())
        return _page(request, wizard, "check", form=None, status=429)
    version = TermsVersion.objects.filter(number=wizard.terms_version).first() if wizard.terms_version else None
    try:
        register_parent(
            key=wizard.uuid,
            applicant=Applicant(**wizard.parent, password_hash=wizard.password_hash),
            claim=DossierClaim(**wizard.dossier),
            terms=version,
            accepted_at=wizard.accepted_at,
            at=at,
        )
    except RegistrationRefused as error:
        messages.error(request, error.refusal.sentence)
        if error.refusal.rule == Rule.CHANGED_MEANWHILE:
            wizard.terms_read = False
        else:
            wizard.dossier = {}
        wizard.save(request.session, at=at)
        return redirect(_URLS[wizard.first_missing()])
    Wizard.forget(request.session)
    Sent(email=email, contact_email=contact if contact != email else "").save(request.session)
    return redirect("accounts:signup_sent")


@login_not_required
@never_cache
@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    """« Un mail vous a été envoyé », whatever happened behind."""
    answer = Sent.load(request.session)
    if answer is None:
        return redirect("account_signup")
    return render(request, "accounts/sent.html", {"sent": answer})


_PARENT_FIELDS = ("first_name", "last_name", "email", "phone", "username")


def _next(wizard: Wizard, following: str) -> str:
    """Where to go on: back to the last look when it was reached before, so that one correction is one page."""
    return _URLS[following if wizard.first_missing() != "check" else "check"]


def _too_many() -> str:
    return _(
        "Trop d’essais en peu de temps. Réessayez dans une heure, ou appelez le service\u00a0: "
        "il retrouve votre dossier avec vous."
    )


def _page(request: HttpRequest, wizard: Wizard, name: str, *, status: int = 200, **context: Any) -> HttpResponse:
    form = context.get("form")
    if form is not None and form.is_bound and not form.is_valid() and status == 200:
        status = 422
    number = STEPS.index(name) + 1
    back = _URLS[STEPS[number - 2]] if number > 1 else ""
    context |= {"step": number, "back": back, "wizard": wizard}
    return render(request, f"accounts/signup_{name}.html", context, status=status)
