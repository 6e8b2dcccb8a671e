"""Taking typed values out of data that a person wrote (JSON, TOML), with each mistake named and placed in French."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, Self, TypeVar

from portal.domain.kernel.french import NBSP, typography

Word = TypeVar("Word", bound=StrEnum)

#: No form sends it, and PostgreSQL keeps no text that holds it.
NULL = "\x00"

_ABSENT = object()


class InvalidData(ValueError):
    """Data that cannot be read or makes no sense.

    `path` locates the mistake (“rules[1].hour”), empty for the whole; `reason` is a complete French sentence that says
    what to write instead.
    """

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = typography(reason)

    def __str__(self) -> str:
        return f"{self.path}{NBSP}: {self.reason}" if self.path else self.reason

    def under(self, prefix: str) -> Self:
        """The same mistake seen from the outside: `prefix` comes before its path."""
        if not prefix:
            return self
        joint = "" if not self.path or self.path.startswith("[") else "."
        return type(self)(f"{prefix}{joint}{self.path}", self.reason)


class Reader:
    """Takes keys out of a mapping; whatever is left at the end is a mistake. Raises `error` and nothing else."""

    error: type[InvalidData] = InvalidData

    def __init__(self, data: Any, what: str) -> None:
        if not isinstance(data, Mapping):
            raise self.error("", f"attend {what} avec ses clés, et non {shown(data)}.")
        self._left = dict(data)
        self._known: list[str] = []
        self._what = what

    def take(self, key: str, default: Any = _ABSENT) -> Any:
        self._known.append(key)
        value = self._left.pop(key, default)
        if value is _ABSENT:
            raise self.error(key, f"manque à {self._what}.")
        return value

    def has(self, key: str) -> bool:
        """Whether the author wrote something there."""
        return self._left.get(key) is not None

    def integer(self, key: str, default: Any = _ABSENT) -> int:
        value = self.take(key, default)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.error(key, f"attend un nombre entier, et non {shown(value)}.")
        return int(value)

    def boolean(self, key: str, *, default: bool) -> bool:
        value = self.take(key, default)
        if not isinstance(value, bool):
            raise self.error(key, f"attend true ou false, et non {shown(value)}.")
        return value

    def text(self, key: str, default: Any = _ABSENT) -> str:
        value = self.take(key, default)
        if not isinstance(value, str) or NULL in value:
            raise self.error(key, f"attend un texte, et non {shown(value)}.")
        return value

    def day(self, key: str) -> date:
        value = self.take(key)
        if isinstance(value, str):
            try:
                return date.fromisoformat(value)
            except ValueError:
                pass
        elif isinstance(value, date) and not isinstance(value, datetime):
            return value
        raise self.error(key, f"attend une date comme 2026-10-01, et non {shown(value)}.")

    def optional_day(self, key: str) -> date | None:
        if not self.has(key):
            self.take(key, None)
            return None
        return self.day(key)

    def decimal(self, key: str, default: Any = _ABSENT) -> Decimal:
        """An exact number, written between quotes when it has a decimal part: binary fractions are refused."""
        return self.number(key, self.take(key, default))

    def optional_decimal(self, key: str) -> Decimal | None:
        value = self.take(key, None)
        return None if value is None else self.number(key, value)

    def number(self, key: str, value: Any) -> Decimal:
        """`value` as an exact number; `key` says where it was found."""
        if isinstance(value, str):
            value = value.strip().replace("\u202f", "").replace(NBSP, "").replace(" ", "").replace(",", ".")
        if isinstance(value, str | int | Decimal) and not isinstance(value, bool):
            try:
                number = Decimal(value)
            except InvalidOperation:
                number = Decimal("NaN")
            if number.is_finite():
                return number
        raise self.error(key, f'attend un nombre comme "4.30", entre guillemets, et non {shown(value)}.')

    def word(self, key: str, words: type[Word], default: Any = _ABSENT) -> Word:
        """One of the values of an enumeration."""
        value = self.take(key, default)
        if isinstance(value, str) and value in {word.value for word in words}:
            return words(value)
        raise self.error(key, f"{shown(value)} est inconnu. Au choix : {listed(words)}.")

    def words(self, key: str, words: type[Word]) -> frozenset[Word]:
        """Some of the values of an enumeration; none when the key is not there."""
        known = {word.value for word in words}
        values = self.items(key, default=())
        for item in values:
            if not isinstance(item, str) or item not in known:
                raise self.error(key, f"{shown(item)} est inconnu. Au choix : {listed(words)}.")
        return frozenset(words(item) for item in values)

    def texts(self, key: str) -> frozenset[str]:
        """A set of texts; none when the key is not there."""
        values = self.items(key, default=())
        for item in values:
            if not isinstance(item, str) or not item.strip() or NULL in item:
                raise self.error(key, f"attend une liste de textes, et non {shown(item)}.")
        return frozenset(values)

    def items(self, key: str, default: Any = _ABSENT) -> tuple[Any, ...]:
        """A list, as it was written."""
        value = self.take(key, default)
        if isinstance(value, str | Mapping) or not isinstance(value, list | tuple | set | frozenset):
            raise self.error(key, f"attend une liste, et non {shown(value)}.")
        return tuple(value)

    def finish(self) -> None:
        for key in self._left:
            raise self.error(str(key), f"clé inconnue pour {self._what}. Clés possibles : {listed(self._known)}.")


def shown(value: Any) -> str:
    """A value as the author wrote it, short."""
    text = value if isinstance(value, str) else "vide" if value is None else repr(value)
    text = text if len(text) <= 40 else f"{text[:39]}…"
    return f"« {text} »"


def listed(words: Iterable[str]) -> str:
    return ", ".join(words)
