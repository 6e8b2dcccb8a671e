"""Who is around the children of a family, as agents read it; identity checks and judgements on their own screen."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods
from wagtail import hooks

from portal.backoffice.desk.registry import FileSection, register_file_section
from portal.backoffice.scoping import Within, children_of_file, family_for, today
from portal.domain.accounts.models import User
from portal.domain.contacts.models import ContactLink, Kinship
from portal.domain.contacts.queries import load_around
from portal.domain.contacts.services import (
    CHECK_IDENTITY,
    RESTRICT,
    ContactRefused,
    check_identity,
    lift_restriction,
    restrict_adult,
)
from portal.domain.families.models import Adult, Child, Family
from portal.domain.kernel.clock import paris_date

VIEW = "contacts.view_contact"


class JudgementForm(forms.Form):
    """A judgement that restricts an adult: whom, which child, where the document is."""

    adult = forms.ModelChoiceField(Adult.objects.none(), label="Adulte")
    child = forms.ModelChoiceField(Child.objects.none(), label="Enfant")
    judgement = forms.CharField(label="Référence du jugement et lieu du document", max_length=200)

    def __init__(self, *args: Any, family: Family, agent: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        adults = Adult.objects.filter(memberships__family__child_links__child__links__family=family).distinct()
        for name, rows in (("adult", adults), ("child", children_of_file(agent, family))):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)  # noqa: S101  # tells mypy what the class declares
            field.queryset = rows.order_by("last_name", "first_name", "pk")


def section(agent: User, family: Family, at: datetime) -> FileSection | None:
    """Adults, contacts, what each may do."""
    if not agent.has_perm(VIEW):
        return None
    return FileSection(
        title="Contacts et personnes autorisées",
        template="backoffice/contacts/_agent_section.html",
        context=_context(agent, family, at),
        url=reverse("desk_contacts", args=[family.pk]),
        url_label="Vérifier une identité",
    )


def _context(agent: User, family: Family, at: datetime) -> dict[str, Any]:
    children = list(children_of_file(agent, family))
    return {
        "around": load_around(family=family, children=children, day=paris_date(at)),
        # Of both households: whoever stands at the gate must know.
        "restricted": list(
            Kinship.objects.filter(child__in=children, may_not_collect=True).select_related("adult", "child")
        ),
        "sees_judgements": agent.has_perm(RESTRICT),
    }


@permission_required(VIEW, raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
def contacts_screen(request: HttpRequest, family_id: int) -> HttpResponse:
    """The same with its buttons: identity checked, judgement recorded or lifted."""
    agent = request.user
    assert isinstance(agent, User)  # noqa: S101  # permission_required let an account in
    family = family_for(agent, pk=family_id)
    form = JudgementForm(request.POST if "judgement" in request.POST else None, family=family, agent=agent)
    if request.method == "POST" and _press(request, agent, family, form):
        return redirect("desk_contacts", family.pk)
    context = _context(agent, family, timezone.now()) | {
        "family": family,
        "form": form,
        "checks": agent.has_perm(CHECK_IDENTITY),
    }
    return render(
        request, "backoffice/contacts/agent_screen.html", context, status=422 if request.method == "POST" else 200
    )


def _press(request: HttpRequest, agent: User, family: Family, form: JudgementForm) -> bool:
    """One button, one verb. False when the form has something to say."""
    now = timezone.now()
    if key := request.POST.get("verifier"):
        known = ContactLink.objects.filter(Within(child="child")(agent, today()))
        link = get_object_or_404(known, pk=_number(key), contact__family=family)
        check_identity(link=link, by=agent, at=now)
        messages.success(request, "Identité vérifiée : c’est noté avec votre nom.")
        return True
    if key := request.POST.get("lever"):
        kinship = get_object_or_404(Kinship, pk=_number(key), child__in=children_of_file(agent, family))
        lift_restriction(kinship=kinship, by=agent, at=now)
        messages.success(request, "La restriction est levée.")
        return True
    if not form.is_valid():
        return False
    try:
        restrict_adult(
            adult=form.cleaned_data["adult"],
            child=form.cleaned_data["child"],
            judgement=form.cleaned_data["judgement"],
            by=agent,
            at=now,
        )
    except ContactRefused as refused:
        form.add_error(refused.field, refused.sentence)
        return False
    messages.success(request, "La restriction est enregistrée : elle l’emporte sur toutes les autorisations.")
    return True


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0


def urls() -> list[URLPattern]:
    """Under `/gestion/contacts/`."""
    return [path("contacts/<int:family_id>/", contacts_screen, name="desk_contacts")]


def connect() -> None:
    """Register the section and the screen of this area."""
    register_file_section("contacts", section, order=20)
    hooks.register("register_admin_urls", urls)
