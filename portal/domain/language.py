"""The language being spoken: that of the screen under way, French everywhere else (tasks, agents, commands).

What is kept or sent is always French, whoever reads it next: receipts, démarches, journal, mails, printed documents.
A verb that writes sentences is decorated with `in_french()`.
"""

from django.utils import translation

from portal.domain.kernel.wording import FRENCH, Wording, wording


def spoken() -> str:
    """The code of the language being spoken."""
    return translation.get_language() or FRENCH


def words() -> Wording:
    """How to say numbers, dates and delays in the language being spoken."""
    return wording(spoken())


def in_french() -> translation.override:
    """Speak French meanwhile: a decorator, or a `with`."""
    return translation.override(FRENCH)


def speaking(code: str) -> translation.override:
    """Speak that language meanwhile: what a verb in French answers to the screen that asked."""
    return translation.override(code)
