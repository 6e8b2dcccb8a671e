"""« Demandes à traiter »: what awaits the agent at the left, what to decide at the right, one answer at a time.

What the agent wants to see stays in the address, from one request to the next.
"""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import cast
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from portal.backoffice.desk.listing import Desk, Page, kept_query, read_wanted, wanted_page
from portal.backoffice.desk.registry import AlreadyDecided, Panel, QueueSource, queues
from portal.domain.accounts.models import User
from portal.domain.desk.models import NOTE_LENGTH
from portal.domain.desk.queries import list_notes, load_assignments, preference_of
from portal.domain.desk.services import (
    NoteRefused,
    release_request,
    remove_note,
    set_preferences,
    settle_request,
    take_request,
    write_note,
)
from portal.domain.files.checks import FileType
from portal.domain.files.previews import WIDTHS, NoPreview, page_count, page_picture
from portal.domain.files.sending import private_answer, stored_answer
from portal.domain.kernel.clock import paris_date

#: Whoever works with families or children; each source then answers only what this agent may see.
DESK = ("families.view_family", "families.view_child")
MAX_WORDS = 250
#: What the agents' browsers show by themselves; the rest is saved.
SHOWN = frozenset({FileType.PDF, FileType.PNG, FileType.JPEG})
PREVIEW_WIDTH = WIDTHS[3]
#: Pages of a file that are shown at once; the others are read in the file.
PREVIEWED = 4
#: What an agent says of a request without answering it.
BESIDES = frozenset({"prendre", "laisser", "noter", "retirer"})
#: The fields of the page beside those of an area.
TYPED = ("motif", "texte", "note")
#: What is wrong, by field of the page; “decision” for none in particular.
Errors = dict[str, str]


def desk_required(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Refuse agents who have no work with families, communication among them."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if not any(request.user.has_perm(permission) for permission in DESK):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return wrapped


@require_safe
@desk_required
def index(request: HttpRequest) -> HttpResponse:
    """The list alone, as narrowed by the address."""
    page = wanted_page(request.GET)
    return render(request, "backoffice/desk/queue.html", _listed(request, lambda desk: desk.page(page)))


@require_http_methods(["GET", "HEAD", "POST"])
@desk_required
def decide(request: HttpRequest, source: str, key: int) -> HttpResponse:
    """The panel of one line; a POST answers it and goes on to the next one, or says something to colleagues."""
    agent, found = cast(User, request.user), _source(source)
    now = timezone.now()
    posted = request.POST if request.method == "POST" else None
    panel = found.panel(agent, key, data=posted, at=now)
    if panel is None:
        if posted is not None:
            messages.warning(request, "Cette demande n’attend plus de réponse : rien n’a été changé.")
            return redirect(_address(request, reverse("desk_queue")))
        raise Http404
    if posted is None:
        return _show(request, found, key, panel)
    if panel.form is not None and posted.get("decision") != "accepter":
        panel.form.errors.clear()  # what was typed stays; it is judged when it counts
    beside, _dash, subject = posted.get("decision", "").partition("-")
    if beside in BESIDES:
        errors = _say(request, found, key, panel, beside, subject)
        if errors or _is_writing(posted, panel, beside):
            return _show(request, found, key, panel, errors=errors, noted=beside == "noter" and not errors)
        return redirect(_address(request, reverse("desk_decide", args=[found.code, key])) + "#demande")
    following = _following(request, found, key)
    try:
        errors = _answer(request, found, key, panel)
    except AlreadyDecided as decided:
        messages.warning(request, str(decided))
        return redirect(_address(request, reverse("desk_queue")))
    if errors:
        return _show(request, found, key, panel, errors=errors)
    if posted.get("decision") != "redemander":
        settle_request(source=found.code, item=found.item_of(key), by=agent, at=now)
    messages.success(request, f"{panel.title} : votre réponse est enregistrée.")
    return redirect(following)


@require_http_methods(["GET", "HEAD", "POST"])
@desk_required
def preferences(request: HttpRequest) -> HttpResponse:
    """Whether keys are shortcuts, whether a mail says every morning what waits."""
    agent = cast(User, request.user)
    if request.method == "POST":
        set_preferences(
            shortcuts="raccourcis" in request.POST, digest="resume" in request.POST, by=agent, at=timezone.now()
        )
        messages.success(request, "Vos préférences sont enregistrées.")
        return redirect("desk_queue")
    context = {"preference": preference_of(agent), "address": agent.email}
    return render(request, "backoffice/desk/preferences.html", context)


@require_safe
@desk_required
def preview(request: HttpRequest, source: str, key: int, file: UUID) -> HttpResponse:
    """A file of the line, only while this agent may read the panel that names it."""
    panel = _source(source).panel(cast(User, request.user), key, at=timezone.now())
    stored = next((each for each in panel.files if each.key == file), None) if panel is not None else None
    if stored is None:
        raise Http404
    return stored_answer(stored, inline=stored.kind in SHOWN)


@require_safe
@desk_required
def picture(request: HttpRequest, source: str, key: int, file: UUID, page: int) -> HttpResponse:
    """A page of a file of the line, drawn, for whoever may read the panel that names it."""
    panel = _source(source).panel(cast(User, request.user), key, at=timezone.now())
    stored = next((each for each in panel.files if each.key == file), None) if panel is not None else None
    if stored is None:
        raise Http404
    try:
        drawn = page_picture(stored, page=page, width=PREVIEW_WIDTH)
    except NoPreview as error:
        raise Http404 from error
    return private_answer(drawn, name=f"page-{page}.png", kind=FileType.PNG, inline=True)


def _answer(request: HttpRequest, source: QueueSource, key: int, panel: Panel) -> Errors:
    """Call the one verb that was asked for; what is missing, by field, in French."""
    by, at = cast(User, request.user), timezone.now()
    decision = request.POST.get("decision")
    if decision == "accepter":
        return _accept(source, key, panel, by=by, at=at)
    words = " ".join(request.POST.get("texte", "").replace("\x00", "").split())
    chosen = request.POST.get("motif", "")
    if decision == "refuser":
        reason = " ".join(filter(None, (chosen if chosen in panel.reasons else "", words)))
        if not reason:
            field = "motif" if panel.reasons else "texte"
            return {field: "Choisissez un motif ou écrivez-le : la famille le lira."}
        if len(reason) > MAX_WORDS:
            return {"texte": f"Le motif et le texte comptent ensemble {MAX_WORDS} caractères au plus."}
        source.refuse(key, reason=reason, by=by, at=at)
        return {}
    if decision == "redemander" and panel.may_ask_again:
        if not words:
            return {"texte": "Écrivez ce que la famille doit envoyer."}
        if len(words) > MAX_WORDS:
            return {"texte": f"Le texte envoyé à la famille compte {MAX_WORDS} caractères au plus."}
        source.ask_again(key, message=words, by=by, at=at)
        return {}
    return {"decision": "Choisissez une réponse."}


def _accept(source: QueueSource, key: int, panel: Panel, *, by: User, at: datetime) -> Errors:
    incomplete = {"decision": "Complétez ce qui accompagne votre réponse."}
    if panel.form is not None and not panel.form.is_valid():
        return incomplete
    try:
        source.accept(key, cleaned=panel.form.cleaned_data if panel.form is not None else {}, by=by, at=at)
    except ValidationError as refused:
        if panel.form is None or not set(getattr(refused, "error_dict", {})) <= set(panel.form.fields):
            return {"decision": " ".join(refused.messages)}
        panel.form.add_error(None, refused)
        return incomplete
    return {}


def _say(request: HttpRequest, source: QueueSource, key: int, panel: Panel, beside: str, subject: str) -> Errors:
    """Who takes care of it, and what agents note: nothing that the family sees. `subject` is the note to take away."""
    by, at = cast(User, request.user), timezone.now()
    item = source.item_of(key)
    if beside == "prendre":
        take_request(source=source.code, item=item, family=panel.family, by=by, at=at)
    elif beside == "laisser":
        release_request(source=source.code, item=item, by=by, at=at)
    elif beside == "noter":
        try:
            text = request.POST.get("note", "")
            write_note(source=source.code, item=item, family=panel.family, text=text, by=by, at=at)
        except NoteRefused as refused:
            return {"note": str(refused)}
    elif subject.isascii() and subject.isdecimal() and len(subject) < 18:
        remove_note(note=int(subject), source=source.code, item=item, by=by, at=at)
    return {}


def _is_writing(posted: QueryDict, panel: Panel, beside: str) -> bool:
    """Whether an answer, or a note, is half written: going to a fresh page would lose it."""
    typed = [posted.get(name, "").strip() for name in TYPED if (name, beside) != ("note", "noter")]
    changed = panel.form.changed_data if panel.form is not None else ()
    return any(typed) or any(name in posted for name in changed)


def _show(
    request: HttpRequest,
    source: QueueSource,
    key: int,
    panel: Panel,
    *,
    errors: Errors | None = None,
    noted: bool = False,
) -> HttpResponse:
    """The page of a request, with what was typed; `noted` leaves out a note that is written now."""
    agent, item = cast(User, request.user), source.item_of(key)
    taken = load_assignments({source.code: [item]}).get((source.code, item))
    around: dict[str, str] = {}

    def look(desk: Desk) -> Page:
        before, after = desk.neighbours(source.code, key)
        for name, line in (("before", before), ("after", after)):
            around[name] = _address(request, reverse("desk_decide", args=line)) + "#demande" if line else ""
        return desk.page_of(source.code, key)

    context = {
        **_listed(request, look),
        "source": source,
        "key": key,
        "panel": panel,
        "wrong": list((errors or {}).items()),
        "errors": {name: (errors or {}).get(name, "") for name in TYPED},
        "typed": {name: "" if noted and name == "note" else request.POST.get(name, "") for name in TYPED},
        "previews": [(file, range(1, min(page_count(file), PREVIEWED) + 1)) for file in panel.files],
        "taken": taken,
        "mine": taken is not None and taken.agent_id == agent.pk,
        "notes": list_notes(source=source.code, item=item),
        "note_length": NOTE_LENGTH,
        "around": around,
        "shortcuts": preference_of(agent).shortcuts,
    }
    return render(request, "backoffice/desk/queue.html", context, status=422 if errors else 200)


def _listed(request: HttpRequest, look: Callable[[Desk], Page]) -> dict[str, object]:
    """Each kind with its count, the filters as they stand, a page of lines, the oldest first whatever their kind."""
    agent, now = cast(User, request.user), timezone.now()
    wanted, schools = read_wanted(request.GET, at=now)
    desk = Desk(agent, wanted)
    kinds = [(source, count) for source, count in desk.counts() if count]
    page, today = look(desk), paris_date(now)
    return {
        "kinds": kinds,
        "total": sum(count for _source, count in kinds),
        "lines": [(line, line.due is not None and line.due < today, *desk.said_of(line)) for line in page.lines],
        "page": page,
        "wanted": wanted,
        "schools": schools,
        "query": kept_query(request.GET),
        "narrowed": wanted.narrows or bool(wanted.kind),
        "panel": None,
        "wrong": [],
    }


def _following(request: HttpRequest, source: QueueSource, key: int) -> str:
    """The address of the line after this one, in what the agent wants to see, or of the list when it was the last."""
    wanted, _schools = read_wanted(request.GET, at=timezone.now())
    before, after = Desk(cast(User, request.user), wanted).neighbours(source.code, key)
    line = after or before
    return _address(request, reverse("desk_decide", args=line) if line else reverse("desk_queue")) + (
        "#demande" if line else ""
    )


def _address(request: HttpRequest, path: str) -> str:
    query = kept_query(request.GET)
    return f"{path}?{query}" if query else path


def _source(code: str) -> QueueSource:
    found = next((source for source in queues() if source.code == code), None)
    if found is None:
        raise Http404
    return found
