"""The agents' screens: who may read which answers, the list, the figures, the files, the exports.

Who builds a form edits its page. Answers given in the name of families are read only with the permission
`surveys.view_answer`, wherever Wagtail shows answers: `readable_forms` is asked by all its views.
"""

from collections import OrderedDict
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from wagtail.admin import messages
from wagtail.contrib.forms.utils import get_forms_for_user
from wagtail.contrib.forms.views import DeleteSubmissionsView, FormPagesListView, SubmissionsListView
from wagtail.models import Page

from cms_pages.surveys.enums import Respondents
from cms_pages.surveys.models import Answer, AnswerFile, FormPage
from cms_pages.surveys.queries import statistics
from cms_pages.surveys.services import erase_answers
from portal.domain.accounts.models import User
from portal.domain.audit.services import record
from portal.domain.families.scope import is_limited
from portal.domain.files.sending import private_answer
from portal.domain.kernel.clock import to_paris
from portal.domain.kernel.french import plural

VIEW, DELETE = "surveys.view_answer", "surveys.delete_answer"

#: A spreadsheet takes what begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def readable_forms(user: User | AnonymousUser, editable: QuerySet[Page]) -> QuerySet[Page]:
    """The forms whose answers this agent may read: all with the permission, else those that know no family.

    `editable` is what Wagtail's permissions of pages allow. Answers are the whole town's: an agent who is limited to
    some places reads those of no family.
    """
    if user.has_perm(VIEW) and not (isinstance(user, User) and is_limited(user)):
        return Page.objects.filter(pk__in=FormPage.objects.values("pk"))
    of_families = Answer.objects.filter(page=OuterRef("pk"), family__isnull=False)
    nameless = FormPage.objects.filter(respondents=Respondents.ANYBODY).exclude(Exists(of_families))
    return editable.filter(pk__in=nameless.values("pk"))


def readable_form(request: HttpRequest, page: int) -> FormPage:
    """The form whose answers are asked for. Raises PermissionDenied, Http404."""
    if not get_forms_for_user(request.user).filter(pk=page).exists():
        raise PermissionDenied
    return get_object_or_404(FormPage, pk=page)


def harmless(value: Any) -> Any:
    """A text that a spreadsheet shows as it is: what looks like a formula begins with an apostrophe."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


class FormsView(FormPagesListView):
    """The forms whose answers one may read, without the right to edit pages."""

    any_permission_required = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Refuse who may read none."""
        if not (request.user.has_perm(VIEW) or get_forms_for_user(request.user).exists()):
            raise PermissionDenied
        response: HttpResponse = super().dispatch(request, *args, **kwargs)
        return response


class AnswersView(SubmissionsListView):
    """The answers of one form, by page, by date or by what is written; exported as they are listed."""

    results_template_name = "surveys/agents/answers.html"
    template_name = "surveys/agents/answers_page.html"
    page_title = "Réponses"
    is_searchable = False

    def get_base_queryset(self) -> QuerySet[Answer]:
        found: QuerySet[Answer] = self.form_page.answers.select_related("family").prefetch_related("files")
        if sought := self.request.GET.get("q", "").replace("\x00", "").strip()[:100]:
            found = found.filter(_holds(sought))
        return found

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Wagtail checks the right; an export of the families' answers goes to the journal."""
        response: HttpResponse = super().dispatch(request, *args, **kwargs)
        if self.is_export:
            record(
                verb="export_form_answers",
                target=self.form_page,
                by=request.user,
                at=timezone.now(),
                after={"name": self.form_page.title},
            )
        return response

    def to_row_dict(self, item: Answer) -> "OrderedDict[str, Any]":
        """A line of the export: instants on the clock of Paris, nothing that a spreadsheet would run."""
        data = item.get_data() | {"submit_time": to_paris(item.submit_time).replace(tzinfo=None)}
        return OrderedDict((field, harmless(data.get(field, ""))) for field in self.list_export)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Wagtail's, with the files to download."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        if not self.is_export:
            columns = [name for name, _label in self.form_page.get_data_fields()]
            for answer, row in zip(context["submissions"], context["data_rows"], strict=True):
                row["cells"] = _cells(answer, columns, row["fields"])
            context["may_delete"] = may_delete(self.request.user, self.form_page)
            context["sought"] = self.request.GET.get("q", "")
        return context


def _cells(answer: Answer, columns: list[str], values: list[Any]) -> list[dict[str, Any]]:
    files: dict[str, list[AnswerFile]] = {}
    for each in answer.files.all():
        files.setdefault(each.question, []).append(each)
    return [{"text": value, "files": files.get(name, ())} for name, value in zip(columns, values, strict=True)]


def _holds(sought: str) -> Q:
    """Answers in which the words are written, or of a family of that name or number."""
    # The column is compared as text: a value of any question.
    return (
        Q(form_data__icontains=sought)
        | Q(family__name__icontains=sought)
        | Q(family__number=sought)
        | Q(number__iexact=sought)
    )


def may_delete(user: Any, page: FormPage) -> bool:
    """Whether this agent may erase answers: the permission, or a form of theirs that knows no family."""
    return bool(user.has_perm(DELETE) or (page.respondents == Respondents.ANYBODY and not user.has_perm(VIEW)))


class DeleteAnswersView(DeleteSubmissionsView):
    """Wagtail's page, in the journal and with the files."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Refuse who may read but not erase."""
        page = readable_form(request, kwargs["page_id"])
        if not may_delete(request.user, page):
            raise PermissionDenied
        response: HttpResponse = super().dispatch(request, *args, **kwargs)
        return response

    def get_queryset(self) -> QuerySet[Answer]:
        """The ticked answers of this form; what is no number is nobody's."""
        ticked = [key for key in self.request.GET.getlist("selected-submissions") if key.isascii() and key.isdigit()]
        return self.page.answers.filter(pk__in=[int(key) for key in ticked if len(key) < 19])

    def handle_delete(self, submissions: QuerySet[Answer]) -> None:
        """Erase and say how many."""
        erased = erase_answers(
            page=self.page,
            numbers=list(submissions.values_list("number", flat=True)),
            verb="delete_form_answers",
            by=self.request.user,
            at=timezone.now(),
        )
        messages.success(self.request, f"{plural(erased, 'réponse effacée', 'réponses effacées')}.")


def figures(request: HttpRequest, page_id: int) -> HttpResponse:
    """What was chosen: a table and a bar for each question with choices."""
    page = readable_form(request, page_id)
    context = {"form_page": page, "statistics": statistics(page), "count": page.answers.count()}
    return render(request, "surveys/agents/figures.html", context)


def download(request: HttpRequest, file_id: int) -> HttpResponse:
    """A joined file, always as a file to save, never shown; written in the journal."""
    joined = get_object_or_404(AnswerFile.objects.select_related("answer__page"), pk=file_id)
    readable_form(request, joined.answer.page_id)
    # The type of what is never shown, whatever the file is.
    answer = private_answer(lambda: joined.file.open("rb"), name=joined.name, kind="application/octet-stream")
    record(
        verb="download_form_file",
        target=joined,
        by=request.user,
        at=timezone.now(),
        family_key=joined.answer.family_id,
        after={"number": joined.answer.number, "name": joined.name},
    )
    return answer
