"""The persons around the children: the list, adding, changing, taking away, and the links of kinship."""

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from portal.domain.contacts.models import Contact, ContactLink
from portal.domain.contacts.queries import least_age, load_around
from portal.domain.contacts.services import ContactRefused, end_authorisation, save_contact, set_kinships
from portal.domain.families.access import Right, children_with, may, require
from portal.domain.families.models import Child
from portal.domain.kernel.clock import paris_date
from portal.web import clock
from portal.web.contacts.forms import ContactForm, KinshipForm
from portal.web.family import FamilyRequest, family_required


@require_safe
@never_cache
@family_required
def index(request: FamilyRequest) -> HttpResponse:
    """Child by child, the adults of the dossier and the contacts, with what each may do."""
    children = list(children_with(user=request.user, family=request.family, right=Right.SEE))
    around = load_around(family=request.family, children=children, day=paris_date(clock.now(request)))
    return render(
        request,
        "contacts/index.html",
        {
            "around": around,
            "may_edit": may(user=request.user, family=request.family, right=Right.EDIT),
            "editable": set(_editable(request)),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@family_required
def add(request: FamilyRequest) -> HttpResponse:
    """Add a person for one child or several; `?enfant=` ticks one."""
    require(user=request.user, family=request.family, right=Right.EDIT)
    children = _editable(request)
    chosen = request.GET.get("enfant", "")
    ticked = [str(child.pk) for child in children if chosen in {"", str(child.pk)}]
    form = ContactForm(
        _posted(request), children=children, least_age=least_age(), initial={"children": ticked, "when": "always"}
    )
    return _save(request, form, None, among=[])


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@family_required
def edit(request: FamilyRequest, contact_id: int) -> HttpResponse:
    """Change a person and its terms; `?enfant=` for one child only, whose terms then differ from the others'."""
    contact = get_object_or_404(Contact.objects.visible_to(request.user), pk=contact_id, family=request.family)
    require(user=request.user, family=request.family, right=Right.EDIT)
    children = _editable(request)
    chosen = request.GET.get("enfant", "")
    if chosen:
        children = [child for child in children if str(child.pk) == chosen]
        if not children:
            raise Http404
    links = list(contact.links.filter(child__in=children, ended_on=None).order_by("pk"))
    form = ContactForm(
        _posted(request),
        children=children,
        least_age=least_age(),
        initial=ContactForm.initial_of(contact, links),
    )
    return _save(request, form, contact, among=children)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@family_required
def end(request: FamilyRequest, link_id: int) -> HttpResponse:
    """Take a contact away from a child, after a question."""
    link = get_object_or_404(
        ContactLink.objects.select_related("contact", "child"),
        pk=link_id,
        contact__in=Contact.objects.visible_to(request.user).filter(family=request.family),
        child__in=children_with(user=request.user, family=request.family, right=Right.SEE),
    )
    require(user=request.user, family=request.family, right=Right.EDIT)
    if request.method == "POST":
        end_authorisation(family=request.family, link=link, by=request.user, at=timezone.now())
        told = {"name": link.contact, "child": link.child.first_name}
        messages.success(request, _("%(name)s n’est plus dans les contacts de %(child)s.") % told)
        return redirect("contacts:index")
    return render(request, "contacts/end.html", {"link": link})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@family_required
def kinship(request: FamilyRequest, child_id: int) -> HttpResponse:
    """What each adult of the dossier is to a child, and, with one button, to all of them."""
    seen = children_with(user=request.user, family=request.family, right=Right.SEE)
    child = get_object_or_404(seen, pk=child_id)
    require(user=request.user, family=request.family, right=Right.EDIT)
    children = _editable(request)
    if child not in children:
        raise Http404
    [around] = load_around(family=request.family, children=[child], day=paris_date(clock.now(request)))
    forms = [KinshipForm(_posted(request), adult=adult, known=known) for adult, known in around.kinships]
    # A list, so that every form says what is wrong with it.
    valid = [form.is_valid() for form in forms]
    if request.method == "POST" and all(valid):
        set_kinships(
            family=request.family,
            children=children if "tous" in request.POST else [child],
            kin=[form.kinship for form in forms],
            by=request.user,
            at=timezone.now(),
        )
        messages.success(request, _("Les liens de parenté sont enregistrés."))
        return redirect("contacts:index")
    context = {
        "child": child,
        "forms": forms,
        # The one that the title of the page speaks of.
        "form": next((form for form in forms if form.errors), None),
        "others": [each for each in children if each != child],
    }
    return render(request, "contacts/kinship.html", context, status=422 if request.method == "POST" else 200)


def _editable(request: FamilyRequest) -> list[Child]:
    return list(children_with(user=request.user, family=request.family, right=Right.EDIT))


def _save(request: FamilyRequest, form: ContactForm, contact: Contact | None, *, among: list[Child]) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            saved = save_contact(
                family=request.family,
                contact=contact,
                person=form.person,
                children=form.chosen,
                among=among,
                terms=form.terms,
                by=request.user,
                at=timezone.now(),
            )
        except ContactRefused as refused:
            form.add_error(refused.field, refused.sentence)
        else:
            messages.success(request, _("%(name)s est dans votre liste.") % {"name": saved})
            return redirect("contacts:index")
    context = {"form": form, "contact": contact}
    return render(request, "contacts/edit.html", context, status=422 if request.method == "POST" else 200)


def _posted(request: FamilyRequest) -> QueryDict | None:
    """What was sent, even when nothing was filled: an empty form is wrong, not new."""
    return request.POST if request.method == "POST" else None
