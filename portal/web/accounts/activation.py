"""From the link of a mail to an open account, and to an open dossier."""

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from kombu.exceptions import OperationalError

from portal.domain.accounts.models import User
from portal.domain.accounts.queries import LinkState, is_pending, read_activation_link
from portal.domain.accounts.rules import digest
from portal.domain.accounts.services import ActivationRefused, WrongPassword
from portal.domain.families import tasks
from portal.domain.families.queries import find_registration, read_joining_request
from portal.domain.families.registration import activate_parent, resend_activation
from portal.domain.families.services import (
    ConfirmationRefused,
    Joining,
    ask_contact_again,
    confirm_joining,
    decline_joining,
)
from portal.web.accounts.adapter import INACTIVE_KEY
from portal.web.accounts.forms import ActivationForm, AskLinkForm, posted
from portal.web.accounts.throttle import HOUR, Limit, Try, give_back, spend, visitor
from portal.web.accounts.wizard import Sent
from portal.web.family import resolve_family

VISITOR_LINKS = Limit("link-visitor", amount=30, seconds=HOUR)
MAILBOX_LINKS = Limit("link-mailbox", amount=3, seconds=HOUR)
LINK_PASSWORDS = Limit("link-password", amount=10, seconds=HOUR)
CONTACT_LINKS = Limit("link-contact", amount=3, seconds=HOUR)

#: The session keeps what became of the wish to join a dossier, for the first pages.
JOINING_KEY = "joining"

BACKEND = "portal.web.accounts.backends.AccountBackend"


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password")
def activate(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the activation link. Reading it changes nothing: mail scanners read links too."""
    at = timezone.now()
    link = read_activation_link(token=token, at=at)
    if link.state != LinkState.VALID:
        return render(request, "accounts/link_refused.html", {"link": link}, status=410)
    form = ActivationForm(posted(request))
    if request.method == "POST" and form.is_valid():
        attempt = Try(LINK_PASSWORDS, digest(token))
        if not spend(attempt):
            form.add_error(
                None, _("Trop d’essais de suite. Réessayez dans une heure\u00a0: le lien, lui, reste valable.")
            )
            return render(request, "accounts/activate.html", {"link": link, "form": form}, status=429)
        try:
            opened = activate_parent(token=token, password=form.cleaned_data["password"], at=at)
        except WrongPassword:
            form.add_error("password", _("Ce n’est pas le mot de passe choisi avec ce compte."))
        except ActivationRefused:
            # Used or lapsed between the two looks: the page says which.
            return redirect("accounts:activate", token)
        else:
            give_back(attempt)
            login(request, opened.user, backend=BACKEND)
            request.session.set_expiry(0)
            request.session[JOINING_KEY] = opened.joining.value
            return redirect("accounts:welcome")
    status = 422 if form.is_bound else 200
    return render(request, "accounts/activate.html", {"link": link, "form": form}, status=status)


@never_cache
@require_safe
def welcome(request: HttpRequest) -> HttpResponse:
    """« Votre compte est actif, bienvenue », and what comes next (A27, A30)."""
    return render(
        request,
        "accounts/welcome.html",
        {
            "family": resolve_family(request),
            "registration": find_registration(user=request.user),
            "account_exists": request.session.get(JOINING_KEY) == Joining.ACCOUNT_EXISTS.value,
        },
    )


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask_link(request: HttpRequest) -> HttpResponse:
    """« Renvoyer le lien d’activation »: one answer for every address, one pace for every address (A19, A22)."""
    known = Sent.load(request.session)
    form = AskLinkForm(posted(request), initial={"email": known.email if known else ""})
    if request.method != "POST" or not form.is_valid():
        return render(request, "accounts/ask_link.html", {"form": form}, status=422 if form.is_bound else 200)
    email = form.cleaned_data["email"]
    if not spend(Try(VISITOR_LINKS, visitor(request)), Try(MAILBOX_LINKS, email)):
        form.add_error(
            None,
            _(
                "Trois demandes ont déjà été faites dans l’heure. "
                "Attendez un peu, et regardez vos courriers indésirables."
            ),
        )
        return render(request, "accounts/ask_link.html", {"form": form}, status=429)
    try:
        tasks.resend_activation.apply_async(kwargs={"email": email}, retry=False)
    except (OperationalError, OSError):
        # No queue: the answer comes a little later, the mail leaves all the same.
        resend_activation(email=email, at=timezone.now())
    contact = known.contact_email if known and known.email == email else ""
    Sent(email=email, contact_email=contact, created=False).save(request.session)
    return redirect("accounts:signup_sent")


@login_not_required
@never_cache
@require_safe
def inactive(request: HttpRequest) -> HttpResponse:
    """What somebody sees who gave the right password of an account that is not open."""
    user = User.objects.filter(pk=request.session.get(INACTIVE_KEY), is_active=False).first()
    if user is None:
        return redirect("account_login")
    pending = is_pending(user=user, at=timezone.now())
    never_activated = hasattr(user, "activation") and user.activation.activated_at is None
    return render(
        request,
        "accounts/inactive.html",
        {"email": user.email, "pending": pending, "lapsed": never_activated and not pending},
        status=403,
    )


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def joining(request: HttpRequest, token: str) -> HttpResponse:
    """The contact address answers: may this account join the dossier? Reading the page changes nothing."""
    at = timezone.now()
    asked = read_joining_request(token=token, at=at)
    if asked is None:
        return render(request, "accounts/joining_refused.html", status=410)
    if request.method != "POST":
        return render(request, "accounts/joining.html", {"asked": asked, "answer": ""})
    try:
        if request.POST.get("answer") == "no":
            decline_joining(token=token, at=at)
            answer = "declined"
        else:
            answer = confirm_joining(token=token, at=at).value
    except ConfirmationRefused:
        # Answered meanwhile, in another window: the page says so.
        return redirect("accounts:joining", token)
    return render(request, "accounts/joining.html", {"asked": asked, "answer": answer})


@require_POST
def ask_contact(request: HttpRequest) -> HttpResponse:
    """Send the contact address its link again, from the account that waits for it."""
    if not spend(Try(CONTACT_LINKS, str(request.user.pk))):
        messages.warning(request, _("Trois mails sont déjà partis dans l’heure. Attendez un peu avant le suivant."))
    elif ask_contact_again(by=request.user, at=timezone.now()):
        messages.success(
            request, _("Un nouveau mail vient de partir à l’adresse de contact. Il remplace le précédent.")
        )
    return redirect("home:index")
