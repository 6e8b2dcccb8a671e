"""A deadline filled by fields is the deadline: every kind goes through its form and back."""

from datetime import date, time
from typing import Any

import pytest
from django.forms import CheckboxInput, CheckboxSelectMultiple
from django.http import QueryDict
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.backoffice.screens.rule_editor import DEEPEST, KINDS, RuleEditor
from portal.domain.activities.deadlines import InvalidDeadline, deadline_from_data
from portal.domain.activities.deadlines.data import _READERS
from portal.domain.activities.deadlines.days import DayKind

pytestmark = pytest.mark.exigence("C4")


def sent(editor: RuleEditor) -> QueryDict:
    """What a browser sends of the page as it stands."""
    data = QueryDict(mutable=True)
    _fill(editor, data)
    return data


def _fill(editor: RuleEditor, data: QueryDict) -> None:
    data[f"{editor.prefix}-kind"] = data[f"{editor.prefix}-shown"] = editor.kind
    if editor.adds:
        data[f"{editor.prefix}-items"] = editor.items
    for form in (editor.form, *(period.form for period in editor.periods)):
        for bound in form:
            value = bound.value()
            if isinstance(bound.field.widget, CheckboxSelectMultiple):
                data.setlist(bound.html_name, [str(each) for each in value or []])
            elif isinstance(bound.field.widget, CheckboxInput):
                if value in (True, "true", "on"):
                    data[bound.html_name] = "on"
            else:
                data[bound.html_name] = "" if value is None else str(value)
    for child in editor.children:
        _fill(child, data)


def editor(initial: Any = None, data: Any = None, **values: Any) -> RuleEditor:
    return RuleEditor("r", title="Délai", initial=initial, data=data, **values)


HOURS = st.times().map(lambda hour: time(hour.hour, hour.minute).strftime("%H:%M"))
KIND_SETS = st.lists(st.sampled_from([kind.value for kind in DayKind]), unique=True, max_size=3)
END = {"hour": HOURS, "inclusive": st.booleans()}
DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31)).map(date.isoformat)
SIMPLE = st.one_of(
    st.just({"kind": "always"}),
    st.just({"kind": "never"}),
    st.fixed_dictionaries(
        {"kind": st.just("days_before"), "days": st.integers(0, 20)},
        optional={**END, "not_counted": KIND_SETS, "step_back": KIND_SETS},
    ),
    st.fixed_dictionaries(
        {"kind": st.just("weekday_before"), "weekday": st.integers(1, 7)},
        optional={**END, "weeks": st.integers(0, 5), "step_back": KIND_SETS},
    ),
    st.fixed_dictionaries(
        {"kind": st.just("day_of_month"), "day": st.integers(1, 31)}, optional={**END, "months": st.integers(1, 3)}
    ),
    st.fixed_dictionaries({"kind": st.just("fixed"), "day": DAYS}, optional=END),
    st.fixed_dictionaries(
        {
            "kind": st.just("rolling_opening"),
            "amount": st.integers(1, 12),
            "unit": st.sampled_from(["weeks", "months"]),
        },
        optional={"hour": HOURS, "aligned": st.booleans()},
    ),
)
PERIODS = st.fixed_dictionaries(
    {
        "kind": st.just("periods"),
        "periods": st.just(
            [
                {"label": "Toussaint 2026", "first": "2026-10-17", "last": "2026-11-01", "closes": "2026-10-01"},
                {
                    "label": "Noël 2026",
                    "first": "2026-12-19",
                    "last": "2027-01-03",
                    "opens": "2026-11-16",
                    "opens_hour": "08:30",
                    "closes": "2026-12-04",
                    "hour": "12:00",
                    "inclusive": False,
                },
            ]
        ),
    },
    optional={"otherwise": SIMPLE},
)
RULES = st.one_of(
    SIMPLE,
    PERIODS,
    st.fixed_dictionaries(
        {
            "kind": st.just("per_weekday"),
            "table": st.dictionaries(st.sampled_from("1234567"), SIMPLE, min_size=1, max_size=3),
        },
        optional={"otherwise": SIMPLE},
    ),
    st.lists(st.one_of(SIMPLE, PERIODS), min_size=2, max_size=3).map(
        lambda rules: {"kind": "most_restrictive", "rules": rules}
    ),
)


@settings(max_examples=150, deadline=None)
@given(RULES)
def test_a_rule_shown_and_sent_back_is_the_same_rule(data: Any) -> None:
    try:
        expected = deadline_from_data(data)
    except InvalidDeadline:
        return  # an opening after its limit: the engine refuses it, as the form would
    shown = editor(expected.to_data())
    again = editor(expected.to_data(), sent(shown))
    assert again.is_shown
    assert again.is_valid(), (again.all_errors, again.form.errors)
    assert deadline_from_data(again.to_data()) == expected


def test_every_kind_of_the_engine_has_its_form() -> None:
    assert KINDS.keys() == _READERS.keys()
    assert [kind for kind, _label in editor().choices] == list(KINDS)


def test_a_kind_just_chosen_waits_for_its_fields() -> None:
    data = sent(editor({"kind": "always"}))
    data["r-kind"] = "weekday_before"
    changed = editor({"kind": "always"}, data)
    assert (changed.is_shown, "weekday" in changed.form.fields) == (False, True)
    assert not changed.form.is_bound


def test_a_mistake_is_said_on_its_field() -> None:
    rule = {"kind": "most_restrictive", "rules": [{"kind": "days_before", "days": 2}, {"kind": "always"}]}
    data = sent(editor(rule))
    data["r.rules.0-days"] = "500"
    wrong = editor(rule, data)
    assert not wrong.is_valid()
    assert "366" in str(wrong.children[0].form.errors["days"])
    data["r.rules.0-days"] = "deux"
    typed = editor(rule, data)
    assert not typed.is_valid()
    assert typed.children[0].form["days"].value() == "deux"


def test_items_are_added_and_taken_away_without_losing_the_others() -> None:
    rule = {"kind": "most_restrictive", "rules": [{"kind": "days_before", "days": days} for days in (1, 2, 3)]}
    data = sent(editor(rule))
    data["r.rules.2-days"] = "9"
    data["ajouter"] = "r"
    more = editor(rule, data)
    assert [child.key for child in more.children] == ["0", "1", "2", "3"]
    assert more.children[2].form["days"].value() == "9"
    fewer = sent(more)
    fewer["retirer"] = "r.rules.1"
    less = editor(rule, fewer)
    assert [child.key for child in less.children] == ["0", "2", "3"]
    kept = editor(rule, sent(less))
    assert kept.is_valid()
    assert kept.to_data() == {
        "kind": "most_restrictive",
        "rules": [{"kind": "days_before", "days": 1}, {"kind": "days_before", "days": 9}, {"kind": "always"}],
    }


def test_rules_do_not_nest_without_end() -> None:
    rule: dict[str, Any] = {"kind": "always"}
    for _ in range(DEEPEST):
        rule = {"kind": "most_restrictive", "rules": [rule, {"kind": "never"}]}
    deepest = editor(rule)
    for _ in range(DEEPEST - 1):
        deepest = deepest.children[0]
    assert "most_restrictive" in dict(deepest.choices)  # it is what is kept
    assert "periods" not in dict(deepest.choices)


def test_a_unit_may_follow_its_activity() -> None:
    none = editor(None, sent(editor(None, empty="le délai de l’activité")), empty="le délai de l’activité")
    assert none.is_valid()
    assert none.to_data() is None


@pytest.mark.parametrize("hostile", ["x" * 5000, "9" * 400, "-1", "../../x", "\x00", "1,2,999999999999999999"])
def test_what_no_browser_sends_breaks_nothing(hostile: str) -> None:
    rule = {"kind": "most_restrictive", "rules": [{"kind": "days_before", "days": 2}, {"kind": "always"}]}
    for name in sent(editor(rule)):
        data = sent(editor(rule))
        data[name] = hostile
        tried = editor(rule, data)
        if tried.is_shown:
            tried.is_valid()
