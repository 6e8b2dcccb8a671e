"""The tables of the planning as the screens need them: weeks, groups, rows, cells.

One HTML for every screen: a table per week, rows are child and activity, columns the days. The domain says the facts;
the planning's view turns them into these values, `components/week.html` and `{% cell %}` draw them.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from django.templatetags.static import static
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from portal.domain import language


class CellState(StrEnum):
    """What a cell says. The word and the look follow; the words are those of the interface rules."""

    FREE = "free"
    TO_BOOK = "to_book"
    BOOKED = "booked"
    TO_CANCEL = "to_cancel"
    CANCELLED = "cancelled"
    FULL = "full"
    WAITING = "waiting"
    OFFERED = "offered"
    GIVEN = "given"
    ABSENT = "absent"
    ASKED = "asked"
    CLOSED = "closed"
    NOT_PLANNED = "not_planned"
    NOT_OFFERED = "not_offered"


@dataclass(frozen=True, slots=True)
class Cell:
    """One child, one activity, one day.

    `day` is the short day shown on phones ("je 17"). `name` says the cell alone for the ears ("Hugo, cantine,
    jeudi 17 septembre"). With `value` the cell is a check box that is sent when ticked (FREE, TO_BOOK, BOOKED,
    TO_CANCEL only); without, it is a text. With `href` it is a link, `why` being the end of its name ("délai passé,
    pourquoi ?"); `locked` adds the small lock. `word` replaces the usual word ("2e en liste", "fermé : férié").
    `extra` is what a late booking costs more ("+ 2,00 €"), under the word of a free day. `id` names the box, the link
    or the text, so that a partial update of the cell keeps the focus on it.
    """

    state: CellState
    day: str = ""
    name: str = ""
    value: str = ""
    href: str = ""
    why: str = ""
    word: str = ""
    locked: bool = False
    id: str = ""
    extra: str = ""


@dataclass(frozen=True, slots=True)
class DayHead:
    """A column: "je" and "17", and the whole date for the ears."""

    short: str
    number: int
    long: str = ""
    today: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a week: an activity of a child, or a child of an activity, and one cell per column."""

    label: str
    cells: tuple[Cell, ...]
    rate: str = ""
    idle: bool = False

    @property
    def solo(self) -> bool:
        """Whether a single day is offered, which takes the full width on a phone."""
        return sum(cell.state is not CellState.NOT_OFFERED for cell in self.cells) == 1

    @property
    def void(self) -> bool:
        """Whether nothing happens that week: the line (`idle`: the whole of it) only aligns with the others."""
        return self.idle or all(cell.state is CellState.NOT_OFFERED for cell in self.cells)


@dataclass(frozen=True, slots=True)
class RowGroup:
    """The lines of a child ("Hugo", "9 ans, CM1") or of an activity."""

    title: str
    rows: tuple[Row, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class WeekTable:
    """A week of the planning.

    `id` is the fragment of its address ("s38"). `limit_until` is its deadline in words ("jeudi 10 sept., 23 h 59"),
    `limit_left` what remains when it is short ("encore 25 h"); `over` tells that it is passed; `limit_text` replaces
    the whole sentence when the activities of the week do not share one deadline, and `limit_about` names those of that
    deadline. `jump_note` is the second line of the strip on phones ("2 chang.", "passée").
    """

    id: str
    number: int
    range: str
    days: tuple[DayHead, ...]
    groups: tuple[RowGroup, ...]
    jump_range: str = ""
    jump_note: str = ""
    limit_until: str = ""
    limit_left: str = ""
    limit_text: str = ""
    limit_about: str = ""
    over: bool = False
    now: bool = False

    @property
    def span(self) -> int:
        """Columns of the table, names included."""
        return len(self.days) + 1


@dataclass(frozen=True, slots=True)
class TotalRow:
    """The month of a row: days, cost before and after, and what the button « Cocher tout le mois » sends.

    With `rate` the line is a computation: "20 × 4,30 € = 86,00 €".
    """

    label: str
    days: int
    cost: str
    cost_before: str = ""
    rate: str = ""
    tick_value: str = ""
    tick_name: str = ""


@dataclass(frozen=True, slots=True)
class TotalGroup:
    """The totals of a child or of an activity."""

    title: str
    rows: tuple[TotalRow, ...]


@dataclass(frozen=True, slots=True)
class MonthTotals:
    """The last table: the whole month, with its cost before and after the draft.

    `whole` is the object of « Cocher… » when another period than the month is shown: « toute la semaine ».
    """

    title: str
    groups: tuple[TotalGroup, ...]
    cost: str = ""
    cost_before: str = ""
    editable: bool = field(default=True)
    whole: str = ""


_CHECKED = {CellState.TO_BOOK, CellState.BOOKED}
_WAS_BOOKED = {CellState.BOOKED, CellState.TO_CANCEL}
_TICKABLE = {CellState.FREE, CellState.TO_BOOK, CellState.BOOKED, CellState.TO_CANCEL}

# state: class, mark (a drawn shape) or icon of the sprite
_LOOKS: dict[CellState, tuple[str, str, str]] = {
    CellState.FREE: ("is-free", "", ""),
    CellState.TO_BOOK: ("is-plan", "plus", ""),
    CellState.BOOKED: ("is-good", "tick", ""),
    CellState.TO_CANCEL: ("is-bad", "cross", ""),
    CellState.CANCELLED: ("is-bad", "cross", ""),
    CellState.FULL: ("is-full", "", "user"),
    CellState.WAITING: ("is-wait", "", "clock"),
    CellState.OFFERED: ("is-plan is-offer", "", "bell"),
    CellState.GIVEN: ("is-good", "", "user"),
    CellState.ABSENT: ("is-wait", "", "heart"),
    CellState.ASKED: ("is-wait", "", "mail"),
    CellState.CLOSED: ("is-shut", "dash", ""),
    CellState.NOT_PLANNED: ("is-shut", "dash", ""),
}


def word_of(state: CellState) -> str:
    """The word of a state, in the reader's language."""
    words = {
        CellState.FREE: _("libre"),
        CellState.TO_BOOK: _("à réserver"),
        CellState.BOOKED: _("réservé"),
        CellState.TO_CANCEL: _("à annuler"),
        CellState.CANCELLED: _("annulé"),
        CellState.FULL: _("complet"),
        CellState.WAITING: _("en liste d’attente"),
        CellState.OFFERED: _("place proposée"),
        CellState.GIVEN: _("réservé, place proposée"),
        CellState.ABSENT: _("absent"),
        CellState.ASKED: _("demandé au service"),
        CellState.CLOSED: _("fermé"),
        CellState.NOT_PLANNED: _("non prévu"),
        CellState.NOT_OFFERED: "",
    }
    return words[state]


_NOTHING = mark_safe('<td class="none"><span aria-hidden="true">·</span></td>')


def _svg(name: str, extra_class: str = "") -> str:
    return (
        f'<svg class="icon{extra_class}" width="20" height="20" aria-hidden="true">'
        f'<use href="{static("icons.svg")}#i-{name}"/></svg>'
    )


def render_cell(cell: Cell) -> SafeString:
    """The `<td>` of a cell. Written here rather than in a template: a month of three children has two hundred."""
    if cell.state is CellState.NOT_OFFERED:
        return _NOTHING
    return mark_safe(f"<td>{render_inside(cell)}</td>")  # noqa: S308  # escaped by render_inside


def render_inside(cell: Cell) -> SafeString:
    """What the `<td>` of a cell holds, for its partial update; a cell that is not offered holds nothing to update."""
    identifier = f' id="{conditional_escape(cell.id)}"' if cell.id else ""
    day = conditional_escape(cell.day)
    spoken = conditional_escape(language.words().labelled(cell.name, ""))
    name = f'<span class="sr">{spoken}</span>' if cell.name else ""
    if cell.value and cell.state in _TICKABLE:
        booked = cell.state in _WAS_BOOKED
        checked = cell.state in _CHECKED
        on = word_of(CellState.BOOKED if booked else CellState.TO_BOOK)
        off = word_of(CellState.TO_CANCEL if booked else CellState.FREE)
        if cell.extra:
            off = language.words().labelled(_("en retard"), "").rstrip()
        extra = f'<span class="extra">{conditional_escape(cell.extra)}</span>' if cell.extra else ""
        inside = (
            f'<label class="cell {"booked" if booked else "free"}" data-day="{day}">'
            f'<input{identifier} type="checkbox" name="jour" value="{conditional_escape(cell.value)}"'
            f"{' checked' if checked else ''}>{name}"
            f'<span class="on"{"" if checked else " hidden"}>{conditional_escape(on)}</span>'
            f'<span class="off"{" hidden" if checked else ""}>{conditional_escape(off)}</span>{extra}</label>'
        )
        return mark_safe(inside)  # noqa: S308  # every value is escaped above
    look, mark, icon = _LOOKS[cell.state]
    drawing = _svg(icon) if icon else f'<span class="mark {mark}" aria-hidden="true"></span>' if mark else ""
    lock = _svg("lock", " lock") if cell.locked else ""
    word = conditional_escape(cell.word or word_of(cell.state))
    why = f'<span class="sr">, {conditional_escape(cell.why)}</span>' if cell.why else ""
    body = f'{drawing}{lock}{name}<span class="say">{word}</span>{why}'
    if cell.href:
        inside = (
            f'<a{identifier} class="cell {look}" href="{conditional_escape(cell.href)}" data-day="{day}">{body}</a>'
        )
    else:
        inside = f'<span{identifier} class="cell {look}" data-day="{day}">{body}</span>'
    return mark_safe(inside)  # noqa: S308  # every value is escaped above
