"""What the forms add to Wagtail's administration."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from wagtail import hooks
from wagtail.admin import messages
from wagtail.models import Page

from cms_pages.surveys import agents
from cms_pages.surveys.models import Answer
from portal.domain.kernel.french import plural, typography


@hooks.register("register_admin_urls", order=-1)
def addresses() -> list[URLPattern]:
    """Before Wagtail's own: its list of forms and its page of deletion are replaced by ours."""
    return [
        path("forms/", agents.FormsView.as_view()),
        path("forms/results/", agents.FormsView.as_view(results_only=True)),
        path("forms/submissions/<int:page_id>/delete/", agents.DeleteAnswersView.as_view()),
        path("formulaires/<int:page_id>/chiffres/", agents.figures, name="surveys_figures"),
        path("formulaires/fichiers/<int:file_id>/", agents.download, name="surveys_download"),
    ]


@hooks.register("filter_form_submissions_for_user")
def only_readable(user: Any, editable: QuerySet[Page]) -> QuerySet[Page]:
    """Asked by every view of Wagtail that shows answers."""
    return agents.readable_forms(user, editable)


@hooks.register("before_delete_page")
def keep_answered_form(request: HttpRequest, page: Page) -> HttpResponse | None:
    """Answers are erased on purpose or at their time, never with a page."""
    if not _answers_under([page]):
        return None
    _say_why(request, _answers_under([page]))
    return redirect("wagtailadmin_explore", page.get_parent().pk)


@hooks.register("before_bulk_action")
def keep_answered_forms(
    request: HttpRequest, action_type: str, objects: Iterable[Any], action_class_instance: Any
) -> HttpResponse | None:
    """The same for several pages at once."""
    pages = [each for each in objects if isinstance(each, Page)]
    if action_type != "delete" or not pages or not (count := _answers_under(pages)):
        return None
    _say_why(request, count)
    return redirect("wagtailadmin_explore", pages[0].get_parent().pk)


def _answers_under(pages: Iterable[Page]) -> int:
    count = 0
    for page in pages:
        forms = Page.objects.descendant_of(page, inclusive=True).values("pk")
        count += Answer.objects.filter(page__in=forms).count()
    return count


def _say_why(request: HttpRequest, count: int) -> None:
    messages.error(
        request,
        typography(
            f"Ce formulaire a {plural(count, 'réponse')} : effacez-les d’abord, ou dépubliez la page pour la fermer."
        ),
    )
