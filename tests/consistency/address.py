"""What is said of an address: whose objects its arguments name, who may open it, what it may change."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from tests.web.two_families import Town

READ = frozenset({"GET", "HEAD"})
FORM = READ | {"POST"}
POST = frozenset({"POST"})


def _nothing(_town: Town) -> dict[str, Any]:
    return {}


def _no_arguments(_town: Town) -> tuple[Any, ...]:
    return ()


@dataclass(frozen=True)
class Address:
    """What an address is, with arguments that name objects of the first family.

    `public` holds the reason why a visitor may open it, empty when they must sign in first. `theirs`: the arguments
    name objects of the first family, so that to anybody else they do not exist. `owner` and `sent` are the answers to
    the owner's GET and POST, `without_family` those to an account that has none; `form` is what the POST carries.
    `every_method`: a view of allauth's, which answers any of them. `without_token`: why its form needs no token.
    """

    methods: frozenset[str] = READ
    arguments: Callable[[Town], tuple[Any, ...]] = _no_arguments
    public: str = ""
    theirs: bool = False
    owner: frozenset[int] = frozenset({200})
    sent: frozenset[int] = frozenset({302})
    form: Callable[[Town], Mapping[str, Any]] = _nothing
    every_method: bool = False
    without_token: str = ""
    without_family: frozenset[int] = frozenset({403})
    html: bool = True
    query: str = ""
    inline_style: bool = False

    def url(self, town: Town, name: str) -> str:
        return reverse(name, args=self.arguments(town)) + self.query


OK, GONE_ON = frozenset({200}), frozenset({302})
