"""Duplicates made one: which two, what it would do, then the button."""

from collections.abc import Sequence
from datetime import datetime
from itertools import combinations
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, re_path, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods
from wagtail import hooks

from portal.backoffice.desk.areas.household import adults_of, children_of
from portal.backoffice.desk.family import READ
from portal.backoffice.desk.registry import FileAction, register_file_action
from portal.backoffice.scoping import families_for, family_for, only_seen
from portal.domain.accounts.models import User
from portal.domain.families.models import Adult, Child, Family
from portal.domain.families.rules import same_name
from portal.domain.kernel.french import full_date
from portal.domain.merging.services import MERGE, MergeRefused, Person, Plan, PlanChanged, merge, plan_merge

GROUP = "Vie du dossier"
NOUNS = {"dossier": "dossiers", "enfant": "fiches d’enfant", "adulte": "fiches d’adulte"}


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required((READ, MERGE), raise_exception=True)
def merging(request: HttpRequest, number: str) -> HttpResponse:
    """Choose two records (`?nature=&garder=&doublon=`, and `autre` for another dossier), read the plan, confirm it."""
    agent = cast(User, request.user)
    family = family_for(agent, number=number)
    asked = request.POST if request.method == "POST" else request.GET
    other, error = _other(agent, family, asked.get("autre", "").strip())
    nature = asked.get("nature", "")
    if not nature:
        context = {"family": family, "other": other, "asked": asked.get("autre", ""), "error": error}
        context |= {"pairs": _pairs(agent, family, other), "people": _people(agent, family, other)}
        return render(request, "backoffice/desk/merge_choose.html", context, status=422 if error else 200)
    return _confirm(request, family, other, nature, asked)


def _confirm(request: HttpRequest, family: Family, other: Family | None, nature: str, asked: Any) -> HttpResponse:
    at, status, error = timezone.now(), 200, ""
    known = _known(cast(User, request.user), nature, family, other)
    kept, duplicate = known.get(asked.get("garder", "")), known.get(asked.get("doublon", ""))
    if kept is None or duplicate is None:
        raise Http404
    plan: Plan | None = None
    try:
        plan = plan_merge(kept=kept, duplicate=duplicate, at=at)
        if request.method == "POST":
            if asked.get("relu") != "on":
                error, status = "Cochez que vous avez relu ce qui suit.", 422
            else:
                by = cast(User, request.user)
                merge(kept=kept, duplicate=duplicate, expected=asked.get("plan", ""), by=by, at=at)
                messages.success(request, "Les deux sont réunis. Le doublon reste archivé et mène à ce dossier.")
                return redirect("desk_family", (kept if isinstance(kept, Family) else _home(by, kept, family)).number)
    except PlanChanged as changed:
        plan, error, status = changed.plan, str(changed), 422
    except MergeRefused as refused:
        error, status = str(refused), 422
    context = {"family": family, "other": other, "nature": nature, "noun": NOUNS[nature], "kept": kept}
    context |= {
        "duplicate": duplicate,
        "plan": plan,
        "error": error,
        "unread": asked.get("relu") != "on" and status == 422,
    }
    context |= {"kept_words": _words(kept), "duplicate_words": _words(duplicate)}
    return render(request, "backoffice/desk/merge.html", context, status=status)


def _home(agent: User, person: Child | Adult, family: Family) -> Family:
    """The dossier to come back to: this one unless the person left it."""
    families = families_for(agent)
    is_child = isinstance(person, Child)
    mine = families.filter(child_links__child=person) if is_child else families.filter(members__adult=person)
    return family if mine.filter(pk=family.pk).exists() else mine.order_by("pk").first() or family


def _other(agent: User, family: Family, number: str) -> tuple[Family | None, str]:
    if not number:
        return None, ""
    found = families_for(agent).filter(number=number).exclude(pk=family.pk).first()
    return found, "" if found else f"Aucun autre dossier n’a le numéro {number[:20]}."


def _known(agent: User, nature: str, family: Family, other: Family | None) -> dict[str, Person]:
    """The records that may be named, by key: those of the two files, nobody else's, and no child whom this
    agent knows by name only. Raises Http404.
    """
    families = [each for each in (family, other) if each is not None]
    found: list[Any]
    match nature:
        case "dossier":
            found = list(families)
        case "enfant":
            found = only_seen(agent, [child for each in families for child in children_of(each)])
        case "adulte":
            found = [adult for each in families for adult in adults_of(each)]
        case _:
            raise Http404
    return {str(record.pk): record for record in found}


def _people(agent: User, family: Family, other: Family | None) -> list[tuple[str, str, list[tuple[int, str]]]]:
    """What may be chosen by hand: children, adults."""
    return [
        (nature, title, [(int(key), _words(record)) for key, record in known.items()])
        for nature, title in (("enfant", "Deux fiches d’un même enfant"), ("adulte", "Deux fiches d’un même adulte"))
        if len(known := _known(agent, nature, family, other)) > 1
    ]


def _pairs(agent: User, family: Family, other: Family | None) -> list[tuple[str, str, Person, Person]]:
    """Those that look alike: nature, how to say it, and the two."""
    found: list[tuple[str, str, Person, Person]] = []
    if other is not None:
        found.append(("dossier", "Réunir les deux dossiers", family, other))
    children = [cast(Child, each) for each in _known(agent, "enfant", family, other).values()]
    for one, two in combinations(children, 2):
        if same_name(one.first_name, two.first_name) and one.birth_date == two.birth_date:
            found.append(("enfant", f"Réunir les deux fiches de {one}", one, two))
    adults = [cast(Adult, each) for each in _known(agent, "adulte", family, other).values()]
    for first, second in combinations(adults, 2):
        if same_name(first.first_name, second.first_name) and same_name(first.last_name, second.last_name):
            found.append(("adulte", f"Réunir les deux fiches de {first}", first, second))
    return found


def _words(record: Person) -> str:
    """Enough to tell one from the other."""
    if isinstance(record, Child):
        dossiers = ", ".join(record.links.order_by("pk").values_list("family__number", flat=True))
        return (
            f"{record}, date de naissance : {full_date(record.birth_date)}, dossier n° {dossiers}, fiche {record.pk}"
        )
    if isinstance(record, Adult):
        dossiers = ", ".join(record.memberships.order_by("pk").values_list("family__number", flat=True))
        return f"{record}, {record.email or 'sans adresse mail'}, dossier n° {dossiers}, fiche {record.pk}"
    return f"{record.name}, dossier n° {record.number}"


def _action(agent: User, family: Family, _at: datetime) -> Sequence[FileAction]:
    if family.archived_at is not None or not agent.has_perm(MERGE):
        return []
    return [FileAction("Réunir un doublon", reverse("desk_merge", args=[family.number]), GROUP)]


def urls() -> list[URLPattern]:
    """Under `/gestion/familles/NUMBER/reunir/`."""
    return [re_path(r"^familles/(?P<number>[0-9]{3,6})/reunir/$", merging, name="desk_merge")]


def connect() -> None:
    """Register the action and the screen of this area."""
    register_file_action("merging", _action, order=90)
    hooks.register("register_admin_urls", urls)
