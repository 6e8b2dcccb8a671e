"""Several people at the same instant, each on a connection of their own."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
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
