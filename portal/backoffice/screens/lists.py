"""The pages that list: searched and filtered by what the screen declares, and by nothing else."""

from datetime import date, timedelta
from functools import reduce
from operator import and_, or_
from typing import Any, cast

from django.contrib.admin import RelatedFieldListFilter, SimpleListFilter
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import get_fields_from_path
from django.core.paginator import InvalidPage
from django.db import models
from django.db.models import F, Func, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from wagtail.admin import messages
from wagtail_modeladmin.helpers.search import BaseSearchHandler
from wagtail_modeladmin.views import IndexView

from portal.backoffice.scoping import is_limited, offered
from portal.domain.accounts.models import User
from portal.domain.kernel.clock import end_of_day, start_of_day
from portal.domain.kernel.french import full_date, typography

_ACCENTED = "àâäáãçéèêëîïíìôöóòõùûüúÿñ’"
_PLAIN = "aaaaaceeeeiiiiooooouuuuyn'"
_FOLDED = str.maketrans(_ACCENTED, _PLAIN)


class Folded(Func):
    """A text without capitals and accents: “lea” finds « Léa » (the database has no extension for it)."""

    output_field = TextField()
    template = f"translate(lower(%(expressions)s), '{_ACCENTED}', '{_PLAIN.replace(chr(39), chr(39) * 2)}')"

    def __init__(self, path: str) -> None:
        super().__init__(Cast(F(path), TextField()))


class FoldedSearch(BaseSearchHandler):
    """Every word must be found in one of the fields; a field of another table is searched in that table alone."""

    @property
    def show_search_form(self) -> bool:
        return bool(self.search_fields)

    def search_queryset(self, queryset: QuerySet[Any], search_term: str, **kwargs: Any) -> QuerySet[Any]:
        words = search_term.lower().translate(_FOLDED).split()
        if not words or not self.search_fields:
            return queryset
        return queryset.filter(reduce(and_, (self._found(queryset.model, word) for word in words)))

    def _found(self, model: type[models.Model], word: str) -> Q:
        return reduce(or_, (_containing(model, path, word) for path in self.search_fields))


def _containing(model: type[models.Model], path: str, word: str) -> Q:
    """Rows whose field holds the word. Subqueries, not joins: no row comes twice, and no table is multiplied."""
    relation, _, field = path.rpartition("__")
    if not relation:
        rows = model._default_manager.annotate(_folded=Folded(field)).filter(_folded__contains=word)
        return Q(pk__in=rows.values("pk"))
    related = get_fields_from_path(model, relation)[-1].related_model
    return Q(
        pk__in=model._default_manager.filter(
            **{f"{relation}__in": related.objects.filter(_containing(related, field, word))}
        ).values("pk")
    )


class ByName(RelatedFieldListFilter):
    """A filter by a linked object, in alphabetical order."""

    @property
    def include_empty_choice(self) -> bool:
        """« – » would say nothing: what has no link is found in the whole list."""
        return False

    def field_admin_ordering(self, field: Any, request: HttpRequest, model_admin: Any) -> tuple[str, ...]:
        return ("name",)

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        """No place or activity beyond the agent's own."""
        choices: list[tuple[Any, str]] = super().field_choices(field, request, model_admin)
        agent = cast(User, request.user)
        if not is_limited(agent):
            return choices
        known = set(offered(agent, field.remote_field.model._default_manager.all()).values_list("pk", flat=True))
        return [choice for choice in choices if choice[0] in known]


class DayFilter(SimpleListFilter):
    """Today, tomorrow, a week, or the day that the agent types. Subclasses name the field."""

    title = "jour"
    parameter_name = "jour"
    template = "backoffice/screens/day_filter.html"
    field = "day"
    #: The field is an instant: a day is then a day of Paris.
    instant = False
    near = (("aujourdhui", "Aujourd’hui"), ("demain", "Demain"), ("semaine", "Les 7 prochains jours"))

    def lookups(self, request: HttpRequest, model_admin: Any) -> tuple[tuple[str, str], ...]:
        return self.near

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not self.value():
            return queryset
        first, last = self._days(str(self.value()))
        if self.instant:
            return queryset.filter(
                **{f"{self.field}__gte": start_of_day(first), f"{self.field}__lt": end_of_day(last)}
            )
        return queryset.filter(**{f"{self.field}__gte": first, f"{self.field}__lte": last})

    def choices(self, changelist: Any) -> Any:
        """Also prepare what the small form of the template carries along."""
        self.kept = [(name, value) for name, value in changelist.params.items() if name != self.parameter_name]
        self.typed = "" if not self.value() or self.value() in dict(self.near) else self.value()
        self.typed_words = full_date(self._days(self.typed)[0]) if self.typed else ""
        return super().choices(changelist)

    def _days(self, value: str) -> tuple[date, date]:
        today = timezone.localdate()
        tomorrow = today + timedelta(days=1)
        named = {
            "aujourdhui": (today, today),
            "demain": (tomorrow, tomorrow),
            "semaine": (today, today + timedelta(days=6)),
            "hier": (today - timedelta(days=1),) * 2,
            "passee": (today - timedelta(days=6), today),
        }
        if value in named:
            return named[value]
        try:
            day = date.fromisoformat(value)
            start_of_day(day), end_of_day(day)
        except (ValueError, OverflowError) as error:
            raise IncorrectLookupParameters from error
        return day, day


class PastDayFilter(DayFilter):
    """The same for what was done: today, yesterday, the week before, or a day."""

    instant = True
    near = (("aujourdhui", "Aujourd’hui"), ("hier", "Hier"), ("passee", "Les 7 derniers jours"))


class PortalIndexView(IndexView):
    """A list with one count and one query for its rows.

    modeladmin applies any look-up that is written in the address: an agent could guess the values of other tables
    with it, and a mistyped one is an error 500. Here only declared filters are read; the rest leads back to the list.
    """

    # Nothing is exported yet, and an export without columns would still read the whole table.
    FORMATS = ()

    def get_page_title(self) -> str:
        return str(self.model_admin.get_menu_label())

    def get_filters(self, request: HttpRequest) -> Any:
        specs, has_filters, remaining, distinct = super().get_filters(request)
        if remaining:
            raise IncorrectLookupParameters
        return specs, has_filters, remaining, distinct

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            if any("\x00" in value for values in request.GET.lists() for value in (values[0], *values[1])):
                raise IncorrectLookupParameters
            return super().dispatch(request, *args, **kwargs)
        except IncorrectLookupParameters:
            messages.warning(request, typography("Ce filtre n’existe pas : voici toute la liste."))
            return redirect(self.index_url)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        paginator = self.paginator_class(self.queryset, self.items_per_page)
        try:
            page = paginator.page(self.page_num or 1)
        except InvalidPage:
            page = paginator.page(1)
        context = {
            # The template asks whether there is anything at all.
            "all_count": paginator.count or self.get_base_queryset().exists(),
            "result_count": paginator.count,
            "paginator": paginator,
            "page_obj": page,
            "elided_page_range": paginator.get_elided_page_range(page.number),
            "object_list": list(page.object_list),
            "user_can_create": self.permission_helper.user_can_create(self.request.user),
            "show_search": self.search_handler.show_search_form,
        }
        # Past IndexView's own, which counts the whole table twice more.
        return super(IndexView, self).get_context_data(**context | kwargs)
