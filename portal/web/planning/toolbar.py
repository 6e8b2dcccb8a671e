"""The tools of the planning: arrows, views, arrangement, masks. Links in consultation, submit buttons when editing."""

from dataclasses import dataclass, replace
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from portal.web.planning.arrange import Screen
from portal.web.planning.state import Grouping, View


@dataclass(frozen=True, slots=True)
class Item:
    """An entry of components/segments.html."""

    label: str
    url: str
    value: str
    current: bool


@dataclass(frozen=True, slots=True)
class Arrow:
    """A way to the period before or after; without address the history stops there."""

    label: str
    url: str
    value: str


@dataclass(frozen=True, slots=True)
class Mask:
    """A check box of the masks."""

    value: int
    label: str
    checked: bool


def context(screen: Screen) -> dict[str, Any]:
    """Everything the tools need, for the template."""
    state, today = screen.state, screen.today
    now = replace(state, anchor=today)
    views = {
        View.DAY: _("Jour"),
        View.WEEK: _("Semaine"),
        View.FORTNIGHT: _("Quinzaine"),
        View.MONTH: _("Mois"),
    }
    groupings = {Grouping.CHILD: _("Par enfant"), Grouping.ACTIVITY: _("Par activité")}
    return {
        "previous": _arrow(screen, -1),
        "next": _arrow(screen, 1),
        "today_url": now.url(),
        "at_today": today in state.days,
        "views": [
            Item(label, state.seen_as(view, today=today).url(), view.value, view is state.view)
            for view, label in views.items()
        ],
        "view_name": views[state.view].lower(),
        "groupings": [
            Item(label, replace(state, grouping=grouping).url(), grouping.value, grouping is state.grouping)
            for grouping, label in groupings.items()
        ],
        "grouping_name": groupings[state.grouping].lower(),
        "child_items": _child_items(screen),
        "child_masks": [
            Mask(child.pk, child.first_name, not state.children or child.pk in state.children)
            for child in screen.children
        ],
        "activity_masks": [
            Mask(activity, name, not state.activities or activity in state.activities)
            for activity, name in screen.activities.items()
        ],
        "edit_url": f"{state.url(edit=True)}",
        "read_url": f"{state.url(edit=False)}",
        "print_url": f"{reverse('planning:paper')}?mois={state.anchor:%Y-%m}",
        "everything_url": replace(state, children=frozenset(), activities=frozenset()).url(),
    }


def _arrow(screen: Screen, step: int) -> Arrow:
    moved = screen.state.moved(step)
    reachable = moved.reachable(today=screen.today)
    return Arrow(label=moved.step_name, url=moved.url() if reachable else "", value=str(step))


def _child_items(screen: Screen) -> list[Item]:
    """« Tous » and one entry a child; nothing to choose for an only child."""
    state = screen.state
    if len(screen.children) < 2:
        return []
    everybody = Item(_("Tous"), replace(state, children=frozenset()).url(), "tous", not state.children)
    return [
        everybody,
        *(
            Item(
                child.first_name,
                replace(state, children=frozenset({child.pk})).url(),
                str(child.pk),
                state.children == {child.pk},
            )
            for child in screen.children
        ),
    ]
