"""Where the forms meet the rest: registries filled once, at start-up."""

from datetime import date
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models.signals import post_delete
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cms_pages.search import Hit, SearchSource, register_search_source
from cms_pages.search_pages import page_hits
from cms_pages.surveys import profiles
from cms_pages.surveys.agents import AnswersView
from cms_pages.surveys.models import AnswerFile, FormPage
from cms_pages.surveys.queries import waiting_forms
from portal.backoffice.roles import Role, grant
from portal.domain import language
from portal.domain.accounts.models import User
from portal.domain.families.models import Family
from portal.domain.kernel import french
from portal.domain.kernel.clock import to_paris
from portal.web.home.tasks import HomeTask, register_home_tasks


def connect() -> None:
    """Called once, at start-up."""
    FormPage.submissions_list_view_class = AnswersView
    grant(Role.MANAGEMENT, "surveys.view_answer", "surveys.delete_answer")
    register_home_tasks(home_tasks)
    register_search_source(
        SearchSource(key="forms", label=gettext_lazy("Formulaires"), order=50, search=search, models=(FormPage,))
    )
    post_delete.connect(_remove_file, sender=AnswerFile, dispatch_uid="surveys.remove_file")
    profiles.register()


def home_tasks(request: HttpRequest, family: Family) -> list[HomeTask]:
    """The forms that wait for this family's answer."""
    user = request.user
    if not isinstance(user, User):
        return []
    return [_task(page, request) for page in waiting_forms(user=user, family=family, at=timezone.now())]


def _task(page: FormPage, request: HttpRequest) -> HomeTask:
    note = ""
    if page.closes_at:
        closing = language.words().instant(to_paris(page.closes_at))
        note = _("Réponse attendue avant le %(closing)s") % {"closing": closing}
    return HomeTask(label=french.typography(page.title), url=page.get_url(request) or "", icon="pencil", note=note)


def search(text: str, *, user: User | AnonymousUser, on: date) -> list[Hit]:
    """The forms on line that this visitor may read, open or not."""
    readable = FormPage.objects.live().public().filter(pk__in=FormPage.objects.readable_by(user, on=on).values("pk"))
    return page_hits(readable, text, kind=_("Formulaire"))


def _remove_file(instance: AnswerFile, **_kwargs: Any) -> None:
    """The file goes with its row, once that is certain."""
    storage, name = instance.file.storage, instance.file.name
    if name:
        transaction.on_commit(lambda: storage.delete(name))
