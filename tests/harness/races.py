"""Several people at the same instant, each on a connection of their own."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from typing import Any

from django.db import connections

LONGEST_RACE = 60


def run_together(*calls: Callable[[], Any]) -> list[Any]:
    """Start every call at the same instant and wait for all; results in order, exceptions as values.

    For tests marked `django_db(transaction=True)`: what one call commits, the others see.
    """
    barrier = Barrier(len(calls))

    def one(call: Callable[[], Any]) -> Any:
        try:
            barrier.wait(timeout=LONGEST_RACE)
            return call()
        except Exception as error:  # noqa: BLE001  # the result of a race may be a refusal
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=len(calls)) as pool:
        futures = [pool.submit(one, call) for call in calls]
        return [future.result(timeout=LONGEST_RACE) for future in futures]


def successes(results: Sequence[Any]) -> list[Any]:
    """The results that are not exceptions."""
    return [result for result in results if not isinstance(result, BaseException)]


class Meeting:
    """Makes two people meet whatever the speed of the machine: one pauses at a step, the other acts meanwhile.

    Where a lock keeps the other waiting, the pause ends by itself after `at_most` seconds.
    """

    def __init__(self) -> None:
        self._reached, self._done = Event(), Event()

    def pause(self, *, at_most: float) -> None:
        """The first has come to the step; goes on once the other has finished."""
        self._reached.set()
        self._done.wait(at_most)

    def meanwhile(self, call: Callable[[], Any]) -> Any:
        """What the other does once the first is at the step."""
        if not self._reached.wait(LONGEST_RACE):
            raise TimeoutError("the first never came to the step")
        try:
            return call()
        finally:
            self._done.set()
