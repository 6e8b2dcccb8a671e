"""The family's papers: what is asked, one page for each, its files."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from portal.domain.bookings.models import Receipt
from portal.domain.families.access import Right, children_with, may
from portal.domain.families.models import Child
from portal.domain.families.requirements import Standing
from portal.domain.files.checks import FileType
from portal.domain.files.previews import WIDTHS, NoPreview, looks_small, page_count, page_picture
from portal.domain.files.refusal import FileRefused
from portal.domain.files.sending import private_answer, stored_answer
from portal.domain.kernel.clock import paris_date
from portal.domain.papers.enums import PaperForm, PaperScope, PaperState
from portal.domain.papers.models import Paper, PaperFile, PaperType
from portal.domain.papers.queries import find_paper, owner_papers, stand
from portal.domain.papers.services import (
    EDITABLE_STATES,
    PaperRefused,
    add_files,
    agree_to_rules,
    remove_file,
    send_paper,
    withdraw_paper,
)
from portal.domain.papers.wording import title_of
from portal.domain.procedures.services import find_procedure
from portal.web import clock
from portal.web.family import FamilyRequest, family_required
from portal.web.papers.forms import AgreementForm, SendForm
from portal.web.papers.listing import item_of, lines_of
from portal.web.uploads import FilesForm

RECEIPTS_SHOWN = 12
PAGES_SHOWN = 3
PREVIEW_WIDTH = WIDTHS[2]

_FOR_FAMILY = frozenset({Standing.MISSING, Standing.REFUSED, Standing.EXPIRED})


@require_safe
@family_required
def index(request: FamilyRequest) -> HttpResponse:
    """What is asked, with its state; then what the portal made for the family."""
    lines = lines_of(request)
    waiting = [line for line in lines if line.standing in _FOR_FAMILY and line.type.is_required]
    receipts = Receipt.objects.visible_to(request.user).filter(family=request.family).order_by("-at")
    context = {
        "waiting": [item_of(line) for line in waiting],
        "others": [item_of(line) for line in lines if line not in waiting],
        "receipts": receipts[:RECEIPTS_SHOWN],
    }
    return render(request, "papers/index.html", context)


@dataclass(slots=True)
class Sheet:
    """One paper of one owner as its page shows it."""

    kind: PaperType
    child: Child | None
    papers: list[Paper]
    paper: Paper | None
    standing: Standing
    note: str
    editable: bool

    @property
    def title(self) -> str:
        return title_of(self.kind.name, self.child.first_name if self.child else "")

    @property
    def draft(self) -> Paper | None:
        """What the family is preparing, or must complete."""
        return self.paper if self.paper is not None and self.paper.state in EDITABLE_STATES else None

    @property
    def sent(self) -> Paper | None:
        """What the service is looking at."""
        return self.paper if self.paper is not None and self.paper.state == PaperState.SENT else None

    @property
    def agreement(self) -> bool:
        return self.kind.form == PaperForm.AGREEMENT

    @property
    def takes_files(self) -> bool:
        """Whether files may be chosen now: not while the service looks at some."""
        return self.editable and not self.agreement and self.sent is None


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@family_required
def family_paper(request: FamilyRequest, code: str) -> HttpResponse:
    """A paper asked once for the family."""
    return _page(request, _sheet(request, code, None))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@family_required
def child_paper(request: FamilyRequest, code: str, child_id: int) -> HttpResponse:
    """A paper asked for one child."""
    return _page(request, _sheet(request, code, child_id))


def _page(request: FamilyRequest, sheet: Sheet) -> HttpResponse:
    forms: dict[str, Form] = {}
    if request.method == "POST":
        answer = _act(request, sheet, forms)
        if answer is not None:
            return answer
    draft = sheet.draft
    faulty = next((form for form in forms.values() if form.errors), None)
    context: dict[str, Any] = {
        "sheet": sheet,
        "files": [_shown(each) for each in draft.files.all()] if draft else [],
        "files_form": forms.get("files") or FilesForm(),
        "send_form": forms.get("send") or SendForm(initial={"version": draft.version if draft else 0}),
        "agreement_form": forms.get("agreement") or AgreementForm(initial={"version": sheet.kind.text_version}),
        "faulty": faulty,
        # The layout says « Erreur : » in the title of a page whose form was refused.
        "form": faulty,
        "procedure": find_procedure(about=sheet.paper) if sheet.paper else None,
        "history": [paper for paper in sheet.papers if paper.sent_at is not None],
    }
    return render(request, "papers/paper.html", context, status=422 if faulty else 200)


def _sheet(request: FamilyRequest, code: str, child_id: int | None) -> Sheet:
    """The paper of that owner; 404 when the child is not theirs to see, or when the town asks nothing of the sort."""
    scope = PaperScope.FAMILY if child_id is None else PaperScope.CHILD
    kind = get_object_or_404(PaperType, code=code, scope=scope)
    child = None
    editable = may(user=request.user, family=request.family, right=Right.EDIT)
    if child_id is not None:
        seen = children_with(user=request.user, family=request.family, right=Right.SEE)
        child = get_object_or_404(seen, pk=child_id)
        edited = children_with(user=request.user, family=request.family, right=Right.EDIT)
        editable = editable and edited.filter(pk=child_id).exists()
    papers = owner_papers(user=request.user, family=request.family, kind=kind, child=child)
    if not kind.is_offered and not papers:
        raise Http404
    paper, standing, note = stand(kind, papers, paris_date(clock.now(request)))
    return Sheet(kind, child, papers, paper, standing, note, editable and kind.is_offered)


def _act(request: FamilyRequest, sheet: Sheet, forms: dict[str, Form]) -> HttpResponse | None:
    """Do what the button says, then show the page as it is; None leaves it with its errors."""
    step, _separator, number = request.POST.get("suite", "").partition("-")
    steps = {"ajouter": _add, "enlever": _remove, "envoyer": _send, "retirer": _withdraw, "accepter": _agree}
    try:
        said = steps[step](request, sheet, forms, number) if step in steps else ""
    except (PaperRefused, FileRefused) as refused:
        form = next(iter(forms.values()), None)
        if form is None:
            messages.error(request, refused.reason)
            return redirect(request.path)
        form.add_error("files" if "files" in form.fields else None, refused.reason)
        return None
    if any(form.errors for form in forms.values()):
        return None
    if said:
        messages.success(request, said)
    return redirect(request.path)


def _add(request: FamilyRequest, sheet: Sheet, forms: dict[str, Form], _number: str) -> str:
    form = forms["files"] = FilesForm(request.POST, request.FILES)
    if form.is_valid():
        add_files(
            family=request.family,
            type=sheet.kind,
            child=sheet.child,
            uploads=form.cleaned_data["files"],
            by=request.user,
            at=timezone.now(),
        )
    return ""


def _remove(request: FamilyRequest, sheet: Sheet, _forms: dict[str, Form], number: str) -> str:
    if sheet.draft is not None and number.isdecimal() and len(number) < 19:
        row = PaperFile.objects.filter(paper=sheet.draft, pk=int(number)).first()
        if row is not None:
            remove_file(paper=sheet.draft, file=row, by=request.user, at=timezone.now())
    return ""


def _send(request: FamilyRequest, sheet: Sheet, forms: dict[str, Form], _number: str) -> str:
    if sheet.draft is None:
        return ""
    form = forms["send"] = SendForm(request.POST)
    if not form.is_valid():
        return ""
    send_paper(paper=sheet.draft, by=request.user, at=timezone.now(), **form.cleaned_data)
    return _("La pièce est transmise. Le service la vérifie et vous répond ici et par mail.")


def _withdraw(request: FamilyRequest, sheet: Sheet, _forms: dict[str, Form], _number: str) -> str:
    if sheet.paper is None:
        return ""
    withdraw_paper(paper=sheet.paper, by=request.user, at=timezone.now())
    return _("La pièce est retirée, ses fichiers sont effacés.")


def _agree(request: FamilyRequest, sheet: Sheet, forms: dict[str, Form], _number: str) -> str:
    form = forms["agreement"] = AgreementForm(request.POST)
    if not form.is_valid():
        return ""
    agree_to_rules(
        family=request.family,
        type=sheet.kind,
        child=sheet.child,
        version=form.cleaned_data["version"],
        by=request.user,
        at=timezone.now(),
    )
    return _("Votre accord est enregistré.")


def _shown(row: PaperFile) -> dict[str, Any]:
    """A file with what helps to see whether it can be read."""
    pages = page_count(row.file)
    return {
        "row": row,
        "pages": range(1, min(pages, PAGES_SHOWN) + 1),
        "more": max(pages - PAGES_SHOWN, 0),
        "small": looks_small(row.file),
    }


@never_cache
@require_safe
@family_required
def download(request: FamilyRequest, key: UUID, file_id: int) -> HttpResponse:
    """A file of a paper that this person may see, as it is kept."""
    return stored_answer(_row(request, key, file_id).file)


@never_cache
@require_safe
@family_required
def preview(request: FamilyRequest, key: UUID, file_id: int, page: int) -> HttpResponse:
    """A page of it, drawn here: what the service will see."""
    stored = _row(request, key, file_id).file
    try:
        picture = page_picture(stored, page=page, width=PREVIEW_WIDTH)
    except NoPreview as error:
        raise Http404 from error
    return private_answer(picture, name=f"page-{page}.png", kind=FileType.PNG, inline=True)


def _row(request: FamilyRequest, key: UUID, file_id: int) -> PaperFile:
    paper = find_paper(user=request.user, key=key)
    if paper is None:
        raise Http404
    return get_object_or_404(PaperFile.objects.select_related("file"), paper=paper, pk=file_id)
