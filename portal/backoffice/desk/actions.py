"""What the service does about a family, one form per act: shown, confirmed, done by one verb of the domain.

An act registers with `register_act`; its link then stands on the family's file for who may do it. What was typed stays
when something is refused (422), and nothing here needs a script.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, re_path, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from portal.backoffice.desk.family import READ
from portal.backoffice.desk.registry import FileAction, register_file_action
from portal.backoffice.scoping import family_for, only_seen
from portal.domain.accounts.models import User
from portal.domain.families.access import NotAllowed
from portal.domain.families.models import Family

Target = Any


class ActForm(forms.Form):
    """A form about one family, asked by an agent at an instant; `target` is the person it is about, if any."""

    def __init__(self, *args: Any, family: Family, target: Target, agent: User, at: datetime, **kwargs: Any) -> None:
        self.family, self.target, self.agent, self.at = family, target, agent, at
        super().__init__(*args, **kwargs)
        self.prepare()

    def prepare(self) -> None:
        """Fill the lists of this family."""

    def rows(self, name: str, queryset: Any) -> None:
        """The choices of a list."""
        cast("forms.ModelChoiceField[Any]", self.fields[name]).queryset = queryset


@dataclass(frozen=True, slots=True)
class Act:
    """One act. `targets(family)` lists the persons of the file that it may be about, None when it is about the family.

    `run(form, by, at)` calls one verb and returns what to tell the agent; it raises ValidationError for a refusal of
    the domain. `notes`, `person_notes`: what must be settled first. `label` names the link, with `{}` where the
    person's name goes. `archived` acts are those of a dossier that was put away, the others of one in use.
    """

    code: str
    label: str
    group: str
    permissions: tuple[str, ...]
    form: type[ActForm]
    run: Callable[[Any, User, datetime], str]
    button: str
    intro: str = ""
    targets: Callable[[Family], Sequence[Target]] | None = None
    notes: Callable[[Family, datetime], Sequence[str]] | None = None
    person_notes: Callable[[Family, Target], Sequence[str]] | None = None
    archived: bool = False
    order: int = 100

    def offered(self, agent: User, family: Family) -> bool:
        """Whether the file shows it to this agent; the verb asks again. Nothing is done about an absorbed dossier."""
        if family.merged_into_id is not None or self.archived != (family.archived_at is not None):
            return False
        return agent.has_perms(self.permissions)

    def links(self, agent: User, family: Family, _at: datetime) -> list[FileAction]:
        """What stands on the file."""
        if not self.offered(agent, family):
            return []
        if self.targets is None:
            return [FileAction(self.label, reverse("desk_act_on", args=[family.number, self.code]), self.group)]
        return [
            FileAction(
                self.label.format(target),
                reverse("desk_act_on_person", args=[family.number, self.code, target.pk]),
                self.group,
            )
            for target in self.people(agent, family)
        ]

    def people(self, agent: User, family: Family) -> list[Target]:
        """The persons of the file about whom this agent may do it: no child whom the agent does not welcome."""
        return only_seen(agent, self.targets(family)) if self.targets is not None else []


_acts: dict[str, Act] = {}


def register_act(act: Act) -> None:
    """Offer an act on the file of families; the same code again replaces it."""
    _acts[act.code] = act
    register_file_action(act.code, act.links, order=act.order)


@require_http_methods(["GET", "HEAD", "POST"])
def act_on(request: HttpRequest, number: str, code: str, key: str = "") -> HttpResponse:
    """The form of one act; once done, the family's file again."""
    agent, at = cast(User, request.user), timezone.now()
    act = _acts.get(code)
    if act is None:
        raise Http404
    if not agent.has_perms((READ, *act.permissions)):
        raise PermissionDenied
    family = family_for(agent, number=number)
    target = _target(act, agent, family, key)
    if not act.links(agent, family, at):
        messages.info(request, "Cet acte n’est plus possible pour ce dossier.")
        return redirect("desk_family", family.number)
    bound = (request.POST, request.FILES) if request.method == "POST" else ()
    form = act.form(*bound, family=family, target=target, agent=agent, at=at)
    if request.method == "POST" and form.is_valid() and (said := _run(act, form, agent, at)):
        messages.success(request, said)
        return redirect("desk_family", family.number)
    context = {
        "family": family,
        "act": act,
        "title": act.label.format(target),
        "form": form,
        "notes": _notes(act, family, target, at),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "backoffice/desk/act_on.html", context, status=status)


def _notes(act: Act, family: Family, target: Target, at: datetime) -> Sequence[str]:
    """What must be settled first."""
    if act.person_notes is not None:
        return act.person_notes(family, target)
    return act.notes(family, at) if act.notes is not None else ()


def _target(act: Act, agent: User, family: Family, key: str) -> Target:
    """The person of this file, or None for an act about the family. Raises Http404 for anybody else's."""
    if act.targets is None:
        if key:
            raise Http404
        return None
    found = next((target for target in act.people(agent, family) if str(target.pk) == key), None)
    if found is None:
        raise Http404
    return found


def _run(act: Act, form: ActForm, agent: User, at: datetime) -> str:
    """What was done, or nothing when the domain refused: the form then says why."""
    try:
        return act.run(form, agent, at)
    except NotAllowed as refused:
        raise PermissionDenied from refused
    except forms.ValidationError as refused:
        if hasattr(refused, "error_dict"):
            known = {name: errors for name, errors in refused.error_dict.items() if name in form.fields}
            others = [each for name, errors in refused.error_dict.items() if name not in known for each in errors]
            form.add_error(None, forms.ValidationError({**known, **({"__all__": others} if others else {})}))
        else:
            form.add_error(None, refused)
        return ""


def urls() -> list[URLPattern]:
    """Under `/gestion/familles/NUMBER/actes/`."""
    base = r"^familles/(?P<number>[0-9]{3,6})/actes/(?P<code>[a-z-]+)/"
    return [
        re_path(base + r"$", act_on, name="desk_act_on"),
        re_path(base + r"(?P<key>[0-9]{1,18})/$", act_on, name="desk_act_on_person"),
    ]
