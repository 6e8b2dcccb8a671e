"""What a page of the grid editor sent: the button pressed, the lists that it moves, the forms that it showed."""

from collections.abc import Mapping
from typing import Any

from django import forms

from portal.domain.kernel.french import typography


class Sent:
    """What was sent, and the button that was pressed."""

    def __init__(self, data: Any = None, files: Any = None) -> None:
        self.data, self.files = data, files or {}
        self.action, _colon, self.target = data.get("faire", "").partition(":") if data is not None else ("", "", "")

    def pressed(self, action: str, target: str) -> bool:
        return (self.action, self.target) == (action, target)

    def has(self, name: str) -> bool:
        return self.data is not None and name in self.data

    def numbers(self, prefix: str, kept: int, most: int) -> list[str]:
        """The numbers of the items of a list on the page, once the button has added, removed or moved one."""
        if not self.has(f"{prefix}-items"):
            return [str(number) for number in range(kept)]
        sent = [each for each in self.data[f"{prefix}-items"].split(",") if each.isdecimal() and len(each) < 5][:most]
        sent = list(dict.fromkeys(sent))
        if self.pressed("ajouter", prefix) and len(sent) < most:
            return [*sent, str(max(map(int, sent), default=-1) + 1)]
        parent, _dot, number = self.target.rpartition(".")
        if parent != prefix or number not in sent:
            return sent
        index = sent.index(number)
        if self.action == "retirer":
            sent.remove(number)
        elif self.action in ("monter", "descendre"):
            other = index - 1 if self.action == "monter" else index + 1
            if 0 <= other < len(sent):
                sent[index], sent[other] = sent[other], sent[index]
        return sent


def bound_form(
    kind: type[forms.Form], prefix: str, sent: Sent, mark: str, initial: Mapping[str, Any], **more: Any
) -> Any:
    """A form bound to what was sent when the page that was sent showed it."""
    data = sent.data if sent.has(mark) else None
    made = kind(data, prefix=prefix, initial=initial, **more)
    for field in made.fields.values():
        field.help_text = typography(str(field.help_text))
    return made
