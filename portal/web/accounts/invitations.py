"""Invitations: a parent sends one, whoever reads the mailbox accepts it."""

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.hashers import make_password
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from portal.domain.accounts.models import EntrySettings, User
from portal.domain.accounts.queries import latest_terms
from portal.domain.families.access import Right, require
from portal.domain.joining.invitations import (
    InvitationLink,
    InvitationRefused,
    LinkRefused,
    accept_as_new_account,
    accept_with_account,
    cancel_invitation,
    invite_parent,
    read_invitation,
    resend_invitation,
)
from portal.domain.joining.models import Invitation
from portal.domain.joining.rules import AccountChoice, InvitationState
from portal.web.accounts.account_forms import InviteForm, WelcomeForm
from portal.web.accounts.activation import BACKEND
from portal.web.accounts.forms import posted
from portal.web.accounts.throttle import DAY, HOUR, Limit, Try, spend, visitor
from portal.web.family import FamilyRequest, family_required

INVITATIONS = Limit("invitation", amount=10, seconds=DAY)
GUESSES = Limit("invitation-visitor", amount=60, seconds=HOUR)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password1", "password2")
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind an invitation. Reading it changes nothing."""
    at = timezone.now()
    user = request.user if request.user.is_authenticated else None
    link = read_invitation(token=token, at=at, user=user)
    if link.state != InvitationState.VALID or link.invitation is None:
        if link.state == InvitationState.UNKNOWN and not spend(Try(GUESSES, visitor(request))):
            return render(request, "accounts/invitation_refused.html", {"link": link}, status=429)
        return render(request, "accounts/invitation_refused.html", {"link": link}, status=410)
    if link.choice == AccountChoice.NEW:
        return _new_account(request, token, link)
    if link.choice == AccountChoice.JOIN and user is not None and request.method == "POST":
        try:
            family = accept_with_account(token=token, by=user, at=at)
        except LinkRefused:
            return redirect("accounts:invitation", token)
        except InvitationRefused as error:
            messages.warning(request, str(error))
            return redirect("home:index")
        # They came for this dossier: it is the one they see next.
        request.session["family_id"] = family.pk
        return redirect("accounts:welcome")
    return render(request, "accounts/invitation_account.html", {"link": link, "invitation": link.invitation})


def _new_account(request: HttpRequest, token: str, link: InvitationLink) -> HttpResponse:
    at = timezone.now()
    invitation = link.invitation
    if invitation is None:
        raise Http404
    terms = latest_terms(at=at)
    person = User(first_name=invitation.first_name, last_name=invitation.last_name, email=invitation.email)
    form = WelcomeForm(posted(request), person=person, terms=terms)
    if request.method == "POST" and form.is_valid():
        try:
            user = accept_as_new_account(
                token=token,
                username=form.cleaned_data["username"],
                password_hash=make_password(form.cleaned_data["password1"]),
                terms=terms,
                at=at,
            )
        except LinkRefused:
            # Used in another window, or the address got an account: the page says which.
            return redirect("accounts:invitation", token)
        except InvitationRefused as error:
            messages.warning(request, str(error))
            return redirect("account_login")
        login(request, user, backend=BACKEND)
        request.session.set_expiry(0)
        return redirect("accounts:welcome")
    context = {"form": form, "invitation": invitation, "terms": terms}
    return render(request, "accounts/invitation.html", context, status=422 if form.is_bound else 200)


@never_cache
@family_required
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: FamilyRequest) -> HttpResponse:
    """Invite the other parent, and see who was invited."""
    require(user=request.user, family=request.family, right=Right.EDIT)
    at = timezone.now()
    form, status = InviteForm(posted(request)), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            if not spend(Try(INVITATIONS, str(request.family.pk))):
                form.add_error(None, _("Dix invitations sont déjà parties aujourd’hui. Réessayez demain."))
                status = 429
            else:
                try:
                    invitation = invite_parent(
                        family=request.family,
                        first_name=form.cleaned_data["first_name"],
                        last_name=form.cleaned_data["last_name"],
                        email=form.cleaned_data["email"],
                        rights=form.chosen,
                        by=request.user,
                        at=at,
                    )
                except InvitationRefused as error:
                    form.add_error(None, str(error))
                else:
                    messages.success(request, _("L’invitation est partie à %(email)s.") % {"email": invitation.email})
                    return redirect("accounts:invite")
    sent = Invitation.objects.open().filter(family=request.family).order_by("-sent_at")
    context = {
        "form": form,
        "family": request.family,
        "waiting": [(each, each.expires_at <= at) for each in sent],
        "allowed": EntrySettings.current().parents_invite,
    }
    return render(request, "accounts/invite.html", context, status=status)


@family_required
@require_POST
def invite_resend(request: FamilyRequest, pk: int) -> HttpResponse:
    """Send the invitation again, with its whole delay."""
    invitation = _own(request, pk)
    if not spend(Try(INVITATIONS, str(request.family.pk))):
        messages.warning(request, _("Dix invitations sont déjà parties aujourd’hui. Réessayez demain."))
        return redirect("accounts:invite")
    try:
        resend_invitation(invitation=invitation, by=request.user, at=timezone.now())
    except InvitationRefused as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, _("Un nouveau lien est parti\u202f; le précédent ne fonctionne plus."))
    return redirect("accounts:invite")


@family_required
@require_POST
def invite_cancel(request: FamilyRequest, pk: int) -> HttpResponse:
    """Close the link of an invitation."""
    try:
        cancel_invitation(invitation=_own(request, pk), by=request.user, at=timezone.now())
    except InvitationRefused as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, _("L’invitation est annulée\u00a0: son lien ne fonctionne plus."))
    return redirect("accounts:invite")


def _own(request: FamilyRequest, pk: int) -> Invitation:
    require(user=request.user, family=request.family, right=Right.EDIT)
    invitation = Invitation.objects.select_related("family").filter(family=request.family, pk=pk).first()
    if invitation is None:
        raise Http404
    return invitation
