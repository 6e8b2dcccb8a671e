"""« Première demande »: the form of a household that the town does not know (A4)."""

from uuid import uuid4

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from portal.domain.accounts.models import EntrySettings
from portal.domain.joining.contacts import (
    ContactRefused,
    answer_first_contact,
    confirm_first_contact,
    read_first_contact,
    submit_first_contact,
)
from portal.domain.joining.enums import ContactState
from portal.web.accounts.account_forms import MAX_CHILDREN, AnswerForm, ChildrenFormSet, FirstContactForm
from portal.web.accounts.forms import posted
from portal.web.accounts.throttle import DAY, HOUR, Limit, Try, spend, visitor

VISITOR_CONTACTS = Limit("contact-visitor", amount=10, seconds=HOUR)
MAILBOX_CONTACTS = Limit("contact-mailbox", amount=3, seconds=DAY)
SENT_KEY = "first_contact_sent"


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """The form; « Ajouter un enfant » keeps what was typed. The answer is the same for every household."""
    if not EntrySettings.current().first_contact:
        return render(request, "accounts/first_contact_closed.html")
    data = posted(request)
    if data is not None and "ajouter" in data:
        data = data.copy()
        count = data.get("enfant-TOTAL_FORMS", "1")
        data["enfant-TOTAL_FORMS"] = str(
            min((int(count) if count.isascii() and count.isdigit() else 1) + 1, MAX_CHILDREN)
        )
        # Shown again as it was typed, and judged only once it is sent.
        form, children = FirstContactForm(initial=data.dict()), ChildrenFormSet(data, prefix="enfant")
        return _page(request, form, ChildrenFormSet(prefix="enfant", initial=_typed(children)))
    form = FirstContactForm(data, initial={"key": uuid4()})
    children = ChildrenFormSet(data, prefix="enfant")
    if data is None:
        return _page(request, form, children)
    if not (form.is_valid() & children.is_valid()):
        return _page(request, form, children, status=422)
    email = form.cleaned_data["email"]
    if not spend(Try(VISITOR_CONTACTS, visitor(request)), Try(MAILBOX_CONTACTS, email)):
        form.add_error(None, _("Trop de demandes en peu de temps. Réessayez demain, ou appelez le service."))
        return _page(request, form, children, status=429)
    submit_first_contact(
        key=form.cleaned_data["key"],
        household=form.household(),
        children=children.wishes(),
        school=form.cleaned_data["school"],
        at=timezone.now(),
    )
    request.session[SENT_KEY] = email
    return redirect("accounts:first_contact_sent")


@login_not_required
@never_cache
@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    """« Un mail vous a été envoyé »."""
    email = request.session.get(SENT_KEY)
    if email is None:
        return redirect("accounts:first_contact")
    return render(request, "accounts/first_contact_sent.html", {"email": email})


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """The mailbox answers: only then does an agent see the form. Reading the page changes nothing."""
    at = timezone.now()
    contact = read_first_contact(token=token, at=at)
    if contact is None or contact.state != ContactState.UNCONFIRMED:
        return render(request, "accounts/first_contact_refused.html", status=410)
    if request.method == "POST":
        try:
            confirm_first_contact(token=token, at=at)
        except ContactRefused:
            return render(request, "accounts/first_contact_refused.html", status=410)
        return render(request, "accounts/first_contact_confirm.html", {"contact": contact, "done": True})
    return render(request, "accounts/first_contact_confirm.html", {"contact": contact, "done": False})


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """The household answers the question of the service."""
    at = timezone.now()
    contact = read_first_contact(token=token, at=at)
    if contact is None or contact.state != ContactState.ASKED:
        return render(request, "accounts/first_contact_refused.html", status=410)
    form = AnswerForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            answer_first_contact(token=token, answer=form.cleaned_data["answer"], at=at)
        except ContactRefused:
            return render(request, "accounts/first_contact_refused.html", status=410)
        return render(request, "accounts/first_contact_answer.html", {"contact": contact, "done": True})
    context = {"contact": contact, "form": form, "done": False}
    return render(request, "accounts/first_contact_answer.html", context, status=422 if form.is_bound else 200)


def _typed(children: ChildrenFormSet) -> list[dict[str, str]]:  # type: ignore[valid-type]  # made by a factory
    """What was typed for each child, wrong or not."""
    names = ("first_name", "last_name", "birth_date", "level")
    return [{name: str(form[name].data or "") for name in names} for form in children.forms]


def _page(
    request: HttpRequest,
    form: FirstContactForm,
    children: ChildrenFormSet,  # type: ignore[valid-type]  # made by a factory
    *,
    status: int = 200,
) -> HttpResponse:
    context = {
        "form": form,
        "children": children,
        "parts": {name: form.part(getattr(form, name.upper())) for name in ("you", "home", "other", "wish")},
        "may_add": len(children.forms) < MAX_CHILDREN,
    }
    return render(request, "accounts/first_contact.html", context, status=status)
