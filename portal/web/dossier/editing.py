"""Behind each pencil: a page with the form of one rubric, or the form in place of its card when htmx asks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from portal.domain.changes.enums import Rubric
from portal.domain.changes.fields import shown_value
from portal.domain.changes.policy import load_departments, waits_in
from portal.domain.changes.postcodes import postcodes_of, towns_of
from portal.domain.changes.services import (
    ChangedMeanwhile,
    InvalidValues,
    Submission,
    propose_person,
    submit_changes,
)
from portal.domain.changes.subjects import Subject, current_values, require_edit
from portal.domain.families.models import Adult, Child
from portal.web.accounts.throttle import HOUR, Limit, Try, give_back, spend
from portal.web.dossier import cards
from portal.web.dossier.forms import PasswordMixin, RubricForm
from portal.web.dossier.people import find_adult, find_child, shared
from portal.web.dossier.sections import Card, child_cards, family_cards
from portal.web.family import FamilyRequest, family_required

ADULT_RUBRICS = {"identite": Rubric.ADULT_IDENTITY, "coordonnees": Rubric.COORDINATES, "profession": Rubric.WORK}
CHILD_RUBRICS = {"identite": Rubric.CHILD_IDENTITY, "ecole": Rubric.SCHOOL}

#: Rule 40: these ask for the password again.
GUARDED = frozenset({Rubric.ADDRESS})
PASSWORD_TRIES = Limit("dossier-password", 10, HOUR)
FORM_METHODS = ["GET", "HEAD", "POST"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a form is: its subject, its title, the page behind it, and the card that it replaces."""

    subject: Subject
    title: str
    back: str
    back_label: str
    action: str
    card_code: str
    cards: Callable[[], list[Card]]

    @property
    def card_id(self) -> str:
        return f"rubrique-{self.card_code}"


@never_cache
@require_http_methods(FORM_METHODS)
@family_required
def edit_family(request: FamilyRequest, rubric: Rubric) -> HttpResponse:
    """A rubric of the household: address, composition."""
    address = rubric == Rubric.ADDRESS
    place = Place(
        subject=Subject(family=request.family, rubric=rubric),
        title=_("Modifier l’adresse") if address else _("Modifier le foyer"),
        back=reverse("dossier:index"),
        back_label=_("Mon dossier"),
        action=reverse("dossier:edit_address" if address else "dossier:edit_household"),
        card_code="address" if address else "household",
        cards=lambda: family_cards(request),
    )
    return _edit(request, place)


@never_cache
@require_http_methods(FORM_METHODS)
@family_required
def edit_adult(request: FamilyRequest, adult_id: int, rubric: str) -> HttpResponse:
    """A rubric of an adult: identity, phones, profession."""
    adult: Adult = find_adult(request, adult_id)
    found = _named(ADULT_RUBRICS, rubric)
    titles = {
        Rubric.ADULT_IDENTITY: _("Modifier l’identité de %(name)s"),
        Rubric.COORDINATES: _("Modifier les coordonnées de %(name)s"),
        Rubric.WORK: _("Modifier la profession de %(name)s"),
    }
    place = Place(
        subject=Subject(family=request.family, rubric=found, adult=adult),
        title=titles[found] % {"name": adult.first_name},
        back=reverse("dossier:adult", args=[adult.pk]),
        back_label=adult.first_name,
        action=reverse("dossier:edit_adult", args=[adult.pk, rubric]),
        card_code=f"{rubric}-{adult.pk}",
        cards=lambda: cards.adult_cards(request, find_adult(request, adult_id)),
    )
    return _edit(request, place)


@never_cache
@require_http_methods(FORM_METHODS)
@family_required
def edit_child(request: FamilyRequest, child_id: int, rubric: str) -> HttpResponse:
    """A rubric of a child: identity, school."""
    child: Child = find_child(request, child_id)
    found = _named(CHILD_RUBRICS, rubric)
    school = found == Rubric.SCHOOL
    title = _("Modifier l’école de %(name)s") if school else _("Modifier l’identité de %(name)s")
    place = Place(
        subject=Subject(
            family=request.family,
            rubric=found,
            child=child,
            school_year=shared(request).year.start if school else None,
        ),
        title=title % {"name": child.first_name},
        back=reverse("dossier:child", args=[child.pk]),
        back_label=child.first_name,
        action=reverse("dossier:edit_child", args=[child.pk, rubric]),
        card_code="school" if school else "identity",
        cards=lambda: child_cards(request, find_child(request, child_id)),
    )
    return _edit(request, place)


@never_cache
@require_http_methods(FORM_METHODS)
@family_required
def add_person(request: FamilyRequest, rubric: Rubric) -> HttpResponse:
    """Ask the service to add a child or an adult to the household."""
    subject = Subject(family=request.family, rubric=rubric)
    require_edit(subject, user=request.user)
    initial = {"last_name": request.family.name}
    form = RubricForm(request.POST or None, rubric=rubric, values=initial, schools={})
    if request.method == "POST":
        try:
            propose_person(subject=subject, values=form.typed, by=request.user, at=timezone.now())
        except InvalidValues as invalid:
            _refuse(form, invalid.refusals)
        else:
            messages.success(request, _("Votre demande est envoyée\u00a0: le service vous répond par mail et ici."))
            return redirect("dossier:index")
    context = {
        "form": form,
        "title": _("Ajouter un enfant") if rubric == Rubric.NEW_CHILD else _("Ajouter un adulte"),
        "back": reverse("dossier:index"),
        "back_label": _("Mon dossier"),
        "action": request.path,
        "waits": "all",
        "seen": {},
    }
    return render(request, "dossier/edit.html", context, status=422 if form.errors else 200)


@never_cache
@require_safe
@family_required
def towns(request: FamilyRequest) -> HttpResponse:
    """The communes of a postcode, as options: what htmx puts in the list of the address form."""
    names = towns_of(request.GET.get("postcode", "").strip())
    return render(request, "dossier/_towns.html", {"towns": names})


def _edit(request: FamilyRequest, place: Place) -> HttpResponse:
    """Show the form, or hand what was typed to the domain and say what became of it."""
    require_edit(place.subject, user=request.user)
    subject = place.subject
    current = current_values(subject)
    asked = _asked(request, subject)
    schools = shared(request).schools if subject.rubric == Rubric.SCHOOL else {}
    form = RubricForm(request.POST or None, rubric=subject.rubric, values=current | asked, schools=schools)
    guarded = subject.rubric in GUARDED and request.user.has_usable_password()
    if guarded:
        PasswordMixin.add_to(form)
    seen: Mapping[str, str] = current
    if request.method == "POST":
        seen = form.seen or current
        try:
            if guarded:
                _check_password(request, form)
            if not form.errors:
                done = submit_changes(
                    subject=subject, values=form.typed, seen=form.seen, by=request.user, at=timezone.now()
                )
                return _done(request, place, done)
        except InvalidValues as invalid:
            _refuse(form, invalid.refusals)
        except ChangedMeanwhile as late:
            seen = late.current
            form.add_error(None, _meanwhile(subject, late, schools))
    return _form(request, place, form, seen)


def _form(request: FamilyRequest, place: Place, form: RubricForm, seen: Mapping[str, str]) -> HttpResponse:
    waits = waits_in(place.subject.rubric)
    waiting = [waits(name) for name in seen]
    context: dict[str, Any] = {
        "form": form,
        "title": place.title,
        "back": place.back,
        "back_label": place.back_label,
        "action": place.action,
        "card_id": place.card_id,
        "seen": dict(seen),
        "waits": "all" if all(waiting) else "some" if any(waiting) else "",
    }
    if place.subject.rubric == Rubric.ADDRESS:
        known = postcodes_of(load_departments())
        typed = str(form["postcode"].value() or "")
        context |= {"postcodes": known, "towns": towns_of(typed) or _distinct(known), "is_address": True}
    if _is_swap(request):
        # htmx leaves the page as it is on an answer that is not 2xx.
        return render(request, "dossier/_edit_card.html", context | {"swap": True})
    return render(request, "dossier/edit.html", context, status=422 if form.errors else 200)


def _done(request: FamilyRequest, place: Place, done: Submission) -> HttpResponse:
    if done.request is not None:
        words = _("Votre demande est envoyée\u00a0: le service vous répond par mail et ici.")
    elif done.applied:
        words = _("C’est enregistré.")
    else:
        words = _("Rien n’a changé.")
    if not _is_swap(request):
        messages.success(request, words)
        return redirect(place.back)
    request.family.refresh_from_db()
    request.__dict__.pop("_dossier_shared", None)
    card = next(card for card in place.cards() if card.code == place.card_code)
    return render(request, "dossier/_card.html", {"card": card, "said": words, "back_to_pencil": True})


def _asked(request: FamilyRequest, subject: Subject) -> dict[str, str]:
    """What this person already asked for: the form opens on it rather than on what it would replace."""
    own = (
        change
        for change in shared(request).changes
        if change.rubric == subject.rubric
        and change.asked_by_id == request.user.pk
        and change.adult_id == (subject.adult.pk if subject.adult else None)
        and change.child_id == (subject.child.pk if subject.child else None)
    )
    found = next(own, None)
    return dict(found.values) if found is not None else {}


def _check_password(request: FamilyRequest, form: RubricForm) -> None:
    """A wrong password is said beside its field; ten of them close the form for an hour."""
    attempt = Try(PASSWORD_TRIES, str(request.user.pk))
    if not spend(attempt):
        form.add_error("password", _("Trop d’essais\u00a0: réessayez dans une heure."))
    elif request.user.check_password(str(form.data.get("password", ""))):
        give_back(attempt)
    else:
        form.add_error("password", _("Ce n’est pas votre mot de passe."))


def _refuse(form: RubricForm, refusals: Mapping[str, str]) -> None:
    """The domain's words replace the form's own."""
    for name in refusals:
        form.errors.pop(name, None)
    for name, words in refusals.items():
        form.add_error(name, words)


def _meanwhile(subject: Subject, late: ChangedMeanwhile, schools: Mapping[str, str]) -> str:
    now = ", ".join(
        shown_value(subject.rubric, name, late.current[name], schools=schools) or _("vide") for name in late.fields
    )
    return _(
        "Quelqu’un a modifié ces informations pendant votre saisie\u00a0: le dossier dit maintenant "
        "«\u00a0%(now)s\u00a0». Vos réponses sont gardées\u00a0: validez pour les envoyer quand même."
    ) % {"now": now}


def _named(names: Mapping[str, Rubric], slug: str) -> Rubric:
    if slug not in names:
        raise Http404
    return names[slug]


def _distinct(known: Mapping[str, tuple[str, ...]]) -> list[str]:
    return sorted({name for names in known.values() for name in names})


def _is_swap(request: FamilyRequest) -> bool:
    return bool(getattr(request, "htmx", False))
