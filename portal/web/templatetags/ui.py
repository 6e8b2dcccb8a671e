"""The components that need a little Python: icons, fields, error summary, crumbs, cells, identity.

Purely visual pieces are plain includes of `templates/components/`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms, template
from django.forms.boundfield import BoundField
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.domain import language
from portal.domain.kernel.clock import to_paris
from portal.web.design.colour import Palette, palette
from portal.web.design.theme import stylesheet_url
from portal.web.design.weeks import Cell, render_cell
from portal.web.forms import NativeDateInput, NativeTimeInput
from portal.web.identity import SiteIdentity, current_identity

register = template.Library()

_BOX_WIDGETS = (forms.CheckboxInput, forms.RadioSelect, forms.CheckboxSelectMultiple)


# --- small marks ------------------------------------------------------------------------------------------------


@register.simple_tag
def icon(name: str, extra_class: str = "") -> SafeString:
    """`{% icon "clock" %}`, `{% icon "check" "seal" %}`: a symbol of icons.svg, always beside a word."""
    return format_html(
        '<svg class="icon{}" width="20" height="20" aria-hidden="true"><use href="{}#i-{}"/></svg>',
        f" {extra_class}" if extra_class else "",
        static("icons.svg"),
        name,
    )


@register.simple_tag
def unread_count(number: int, one: str = "", many: str = "") -> SafeString:
    """`{% unread_count 3 "message non lu" "messages non lus" %}`: the red count with its words for the ears."""
    if not number:
        return SafeString("")
    words = one if number < 2 else many
    return format_html('<span class="count">{}<span class="sr"> {}</span></span>', number, words)


@register.simple_tag
def tear_off(day: date | datetime) -> SafeString:
    """`{% tear_off deadline %}`: the tear-off date, "jeu. 10 sept."; an instant is shown on the clocks of Paris."""
    local = to_paris(day) if isinstance(day, datetime) else day
    words = language.words()
    return format_html(
        '<time class="day" datetime="{}">{} <b>{}</b> {}</time>',
        local.isoformat(timespec="minutes") if isinstance(local, datetime) else local.isoformat(),
        words.short_weekday(local.isoweekday()),
        local.day,
        words.short_month(local.month),
    )


@register.filter
def at(items: Sequence[Any], position: int) -> Any:
    """`{{ columns|at:forloop.counter0 }}`: the item at a position, or "" beyond the end."""
    return items[position] if position < len(items) else ""


# --- the commune ------------------------------------------------------------------------------------------------


@register.simple_tag(takes_context=True)
def identity(context: template.Context) -> SiteIdentity:
    """`{% identity as site %}`: the commune's identity, in a page as in a mail that has no request."""
    known = context.get("site_identity")
    return known if known else current_identity(context.get("request"))


@register.simple_tag
def brand_palette(site: SiteIdentity) -> Palette:
    """`{% brand_palette site as colours %}`: the commune's scale in hex, for mails."""
    return palette(site.brand)


@register.simple_tag
def theme_url(site: SiteIdentity) -> str:
    """The address of /theme.css with its fingerprint; empty when the site does not serve it."""
    return stylesheet_url(site.brand)


@register.simple_tag
def url_if_any(name: str, *args: Any, **kwargs: Any) -> str:
    """`{% url_if_any "documents:menus" as menus %}`: the address, or "" when that part is not installed."""
    try:
        return reverse(name, args=args, kwargs=kwargs)
    except NoReverseMatch:
        return ""


# --- where am I -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Crumb:
    """A step of the path; without address it is the page itself."""

    label: str
    url: str


@register.inclusion_tag("components/crumbs.html")
def crumbs(*pairs: str) -> dict[str, Any]:
    """`{% crumbs "Accueil" home_url "Planning" %}`: words and addresses in turn, the page itself last."""
    items = [
        Crumb(str(pairs[position]), str(pairs[position + 1]) if position + 1 < len(pairs) else "")
        for position in range(0, len(pairs), 2)
    ]
    return {"items": items}


@register.inclusion_tag("components/steps.html")
def steps(current: int, *labels: str) -> dict[str, Any]:
    """`{% steps 2 "Choisir les jours" "Vérifier" "C’est enregistré" %}`: `current` counts from 1."""
    return {"labels": labels, "current": int(current)}


# --- forms ------------------------------------------------------------------------------------------------------


def _input_class(widget: forms.Widget) -> str:
    """The class of a typed field; boxes and files are drawn by their frame instead."""
    if isinstance(widget, (*_BOX_WIDGETS, forms.FileInput)):
        return ""
    return "input"


def _native(field: BoundField) -> forms.Widget:
    widget = field.field.widget
    if type(widget) is forms.DateInput:
        return NativeDateInput(attrs=dict(widget.attrs))
    if type(widget) is forms.TimeInput:
        return NativeTimeInput(attrs=dict(widget.attrs))
    return widget


def _described_by(field: BoundField, hint: str) -> str:
    """The ids that the control must name: those given by hand, the hint, then the errors."""
    by_hand = field.field.widget.attrs.get("aria-describedby", "")
    ids = by_hand.split()
    if field.auto_id:
        if hint:
            ids.append(f"{field.auto_id}_helptext")
        if field.errors:
            ids.append(f"{field.auto_id}_error")
    return " ".join(dict.fromkeys(ids))


@register.filter
def field_kind(field: BoundField) -> str:
    """Which frame a field takes: hidden, check (one box), choices (several), upload or input."""
    widget = field.field.widget
    if field.is_hidden:
        return "hidden"
    if isinstance(widget, forms.CheckboxInput):
        return "check"
    if isinstance(widget, (forms.RadioSelect, forms.CheckboxSelectMultiple)):
        return "choices"
    if isinstance(widget, forms.FileInput):
        return "upload"
    return "input"


@register.simple_tag
def field_describedby(field: BoundField, hint: str = "") -> str:
    """The value of aria-describedby for a group of boxes, whose fieldset carries it."""
    return _described_by(field, hint or field.help_text)


@register.simple_tag
def field_control(field: BoundField, hint: str = "", described_by: str = "") -> SafeString:
    """The control of a bound field, tied to its hint and its error, with what was typed kept."""
    widget = _native(field)
    names = [_input_class(widget), str(widget.attrs.get("class", ""))]
    attrs: dict[str, Any] = {"class": " ".join(name for name in names if name)}
    if not attrs["class"]:
        del attrs["class"]
    ties = " ".join(part for part in (described_by, _described_by(field, hint or field.help_text)) if part)
    if ties:
        attrs["aria-describedby"] = ties
    if field.errors:
        attrs["aria-invalid"] = "true"
    return field.as_widget(widget=widget, attrs=attrs)


@dataclass(frozen=True, slots=True)
class Choice:
    """One box of a group. `note` is the second line, `disabled` greys it with its reason in the note."""

    tag: SafeString
    label: str
    note: str
    id: str


@register.simple_tag
def field_choices(field: BoundField) -> list[Choice]:
    """The boxes of a radio or check box group, each with its words.

    The note of a choice comes from `widget.notes`, a mapping from value to text, when the form sets one.
    """
    notes = getattr(field.field.widget, "notes", {})
    choices = []
    for box in field.subwidgets:
        value = box.data.get("value")
        choices.append(
            Choice(
                tag=box.tag(),
                label=str(box.choice_label),
                note=str(notes.get(value, notes.get(str(value), ""))),
                id=str(box.id_for_label),
            )
        )
    return choices


@dataclass(frozen=True, slots=True)
class SummaryLine:
    """A line of the error summary; without address it is not about one field."""

    message: str
    url: str


def _first_control_id(field: BoundField) -> str:
    """Where a link to the field must land: the first box of a group, else the control itself."""
    if isinstance(field.field.widget, (forms.RadioSelect, forms.CheckboxSelectMultiple)):
        return f"{field.auto_id}_0" if field.auto_id else ""
    return str(field.id_for_label or field.auto_id)


def summary_title(count: int) -> str:
    """« Deux réponses sont à revoir »."""
    counted = ("", _("Une"), _("Deux"), _("Trois"), _("Quatre"), _("Cinq"), _("Six"), _("Sept"), _("Huit"))
    number = counted[count] if count < len(counted) else str(count)
    return ngettext("%(number)s réponse est à revoir", "%(number)s réponses sont à revoir", count) % {"number": number}


@register.inclusion_tag("components/error_summary.html")
def error_summary(*sources: forms.BaseForm | Iterable[forms.BaseForm] | None, title: str = "") -> dict[str, Any]:
    """`{% error_summary form %}` or `{% error_summary form formset %}`: first on the page, same words as beside.

    Draws nothing when every form is valid or not yet sent.
    """
    forms_seen: list[Any] = []
    for source in sources:
        if source is None or source == "":
            continue
        if isinstance(source, forms.BaseForm):
            forms_seen.append(source)
        else:
            forms_seen.extend(source)
            if isinstance(source, forms.BaseFormSet):
                forms_seen.append(source)
    lines: list[SummaryLine] = []
    for form in forms_seen:
        if not form.is_bound:
            continue
        general = form.non_form_errors() if isinstance(form, forms.BaseFormSet) else form.non_field_errors()
        lines += [SummaryLine(str(message), "") for message in general]
        if isinstance(form, forms.BaseFormSet):
            continue
        for field in form:
            anchor = _first_control_id(field)
            lines += [SummaryLine(str(message), f"#{anchor}" if anchor else "") for message in field.errors]
    heading = title or (summary_title(len(lines)) if any(line.url for line in lines) else "")
    return {"lines": lines, "title": heading}


@register.filter
def has_required(form: forms.BaseForm) -> bool:
    """Whether the sentence about the star is needed."""
    return any(field.field.required and not field.is_hidden for field in form)


# --- planning ---------------------------------------------------------------------------------------------------


@register.simple_tag
def cell(content: Cell) -> SafeString:
    """`{% cell content %}`: a cell of a week, with its `<td>`."""
    return render_cell(content)


@register.simple_tag
def address_lines(lines: Sequence[str]) -> SafeString:
    """Lines one under the other."""
    return mark_safe("<br>".join(conditional_escape(line) for line in lines))  # noqa: S308  # each line is escaped


@register.filter
def error_id(field: BoundField) -> str:
    """The id of the error of a field, for a form that draws its control itself."""
    return f"{field.auto_id}_error"
