"""The page of a form as it is asked and sent."""

from typing import TYPE_CHECKING, Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from cms_pages.surveys.enums import Moment
from cms_pages.surveys.fields import ChildField, FilesField, SurveyForm
from cms_pages.surveys.services import MovedMeanwhile, NotTaken, Respondent, answer_form
from portal.domain.accounts.models import User
from portal.domain.families.access import Right, children_with, may
from portal.domain.families.models import Family
from portal.domain.kernel.clock import paris_date
from portal.web.accounts.throttle import HOUR, Limit, Try, spend, visitor
from portal.web.family import resolve_family

if TYPE_CHECKING:
    from cms_pages.surveys.models import Answer, FormPage

#: A school or a town hall is one address for many people.
BY_ADDRESS = Limit("form", 60, HOUR)
BY_FAMILY = Limit("form_family", 20, HOUR)

#: `?recu=` carries the number of the answer just sent.
SENT = "recu"


def serve(page: "FormPage", request: HttpRequest) -> HttpResponse:
    """GET the form, POST an answer. Nothing is kept by a cache: the page carries a token and perhaps an answer.

    To a visitor a page addressed to families asks to sign in; to another family it does not exist (Http404).
    """
    if request.method not in {"GET", "HEAD", "POST"}:
        response = HttpResponse(status=405)
        response["Allow"] = "GET, HEAD, POST"
        return response
    now = timezone.now()
    readable = page.is_public or type(page).objects.filter(pk=page.pk).readable_by(request.user, on=paris_date(now))
    if readable is not True and not readable.exists():
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        raise Http404
    response = _Visit(page, request).answer()
    response["Cache-Control"] = "private, no-store"
    return response


def preview(page: "FormPage", request: HttpRequest, *, sent: bool) -> HttpResponse:
    """What families will see; the button does nothing."""
    form = page.get_form(page=page, user=request.user)
    context = page.get_context(request) | {
        "form": form,
        "moment": Moment.OPEN,
        "preview": True,
        "may_answer": True,
        "sent": {"number": "23456789"} if sent else None,
    }
    return render(request, page.get_template(request), context)


class _Visit:
    """One request on the page of one form."""

    def __init__(self, page: "FormPage", request: HttpRequest) -> None:
        self.page, self.request, self.now = page, request, timezone.now()
        self.family: Family | None = resolve_family(request) if page.is_linked else None
        self.user = request.user if isinstance(request.user, User) else None
        self.earlier: Answer | None = None
        if self.family is not None and page.one_per_family:
            self.earlier = page.answers.filter(family=self.family, single=True).first()
        self.moment = page.moment(self.now)
        if self.moment is Moment.FULL and self.earlier is not None:
            self.moment = Moment.OPEN

    @property
    def may_answer(self) -> bool:
        """Whether this person may answer: anybody, or who may edit their family's dossier."""
        if not self.page.is_linked:
            return True
        return bool(self.user and self.family and may(user=self.user, family=self.family, right=Right.EDIT))

    def answer(self) -> HttpResponse:
        """The response."""
        if self.request.method == "POST":
            return self._receive()
        form = self._form() if self.moment is Moment.OPEN and self.may_answer else None
        return self._page(form)

    def _receive(self) -> HttpResponse:
        if self.page.is_linked and self.user is None:
            return redirect_to_login(self.request.get_full_path())
        if not self.may_answer:
            return self._page(None, status=403)
        form = self._form(self.request.POST, self.request.FILES)
        if self.moment is not Moment.OPEN:
            return self._page(None, status=409)
        if not spend(*self._tries()):
            form.is_valid()
            form.add_error(
                None, _("Trop d’envois depuis une heure\u00a0: attendez un peu, puis renvoyez le formulaire.")
            )
            form.add_files_reminder()
            return self._page(form, status=429)
        if not form.is_valid():
            form.add_files_reminder()
            return self._page(form, status=422)
        data, files, child = self._sorted(form)
        who = Respondent(user=self.user, family=self.family, child=child)
        try:
            saved = answer_form(page=self.page, data=data, files=files, who=who, at=self.now)
        except MovedMeanwhile:
            form.add_error(
                None,
                _("Votre dossier vient de changer\u00a0: rien n’est envoyé. Rechargez la page, puis recommencez."),
            )
            form.add_files_reminder()
            return self._page(form, status=409)
        except NotTaken as refusal:
            self.moment = refusal.moment
            return self._page(None, status=409)
        return redirect(f"{self.page.get_url(self.request)}?{SENT}={saved.number}")

    def _tries(self) -> list[Try]:
        if self.family is not None:
            return [Try(BY_FAMILY, f"{self.page.pk}:{self.family.pk}")]
        return [Try(BY_ADDRESS, visitor(self.request))]

    def _form(self, *sent: Any) -> SurveyForm:
        children = []
        if self.user and self.family and any(question.field_type == "child" for question in self.page.questions):
            children = list(children_with(user=self.user, family=self.family, right=Right.SEE))
        kept: dict[str, int] = {}
        initial: dict[str, Any] = {}
        if self.earlier is not None:
            initial = dict(self.earlier.form_data)
            for name, value in initial.items():
                if isinstance(value, dict):
                    initial[name] = str(value.get("key", ""))
            for question in self.earlier.files.values_list("question", flat=True):
                kept[question] = kept.get(question, 0) + 1
        form: SurveyForm = self.page.get_form(
            *sent,
            page=self.page,
            user=self.request.user,
            children=children,
            kept_files=kept,
            initial=initial,
            use_required_attribute=False,
        )
        return form

    @staticmethod
    def _sorted(form: SurveyForm) -> tuple[dict[str, Any], dict[str, Any], Any]:
        """The values to store, the files, and the child that it is about."""
        data, files, child = {}, {}, None
        for name, value in form.cleaned_data.items():
            field = form.fields[name]
            if isinstance(field, FilesField):
                files[name] = value
            elif isinstance(field, ChildField):
                chosen = form.children.get(str(value))
                child = child or chosen
                data[name] = {"key": chosen.pk, "name": str(chosen)} if chosen else None
            else:
                data[name] = value
        return data, files, child

    def _page(self, form: SurveyForm | None, *, status: int = 200) -> HttpResponse:
        number = self.request.GET.get(SENT, "")
        sent = self.page.answers.filter(number=number).first() if number and "\x00" not in number else None
        if self.request.method == "POST" or (
            sent and sent.family_id and sent.family_id != getattr(self.family, "pk", 0)
        ):
            sent = None
        context = self.page.get_context(self.request) | {
            "form": form,
            "moment": self.moment,
            "may_answer": self.may_answer,
            "family": self.family,
            "earlier": self.earlier,
            "kept_files": list(self.earlier.files.order_by("pk")) if self.earlier and form else [],
            "sent": sent,
            "places_left": self._places_left(),
        }
        return render(self.request, self.page.get_template(self.request), context, status=status)

    def _places_left(self) -> int | None:
        if self.page.places is None:
            return None
        return max(0, self.page.places - self.page.answers.count())
