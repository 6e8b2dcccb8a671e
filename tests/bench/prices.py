"""A million prices on one core: `python -m tests.bench.prices [prices]`. Figures for docs/performance.md.

Grids of towns that publish theirs, quotients and ranks drawn with a fixed seed; beside them a bare multiplication of
two decimals rounded to the cent, the least that a price can cost. Then a month of three children, and where the time
goes.
"""

import cProfile
import pstats
import random
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import partial

from portal.domain.kernel.money import cents
from portal.domain.tariffs.engine import Grid, Quotient, Situation, price_with
from portal.domain.tariffs.engine.data import flat_data, grid_from_data
from portal.domain.tariffs.engine.situations import Residence, Siblings
from tests.domain.tariffs.test_published import BUBRY, PSU, SAINT_GERMAIN, WAVRIN

DAY = date(2026, 10, 7)
GRIDS = {
    "prix pour tous": flat_data(Decimal("4.30")),
    "Wavrin, 6 tranches × 5 colonnes": WAVRIN,
    "Bubry, tranches et modifications": BUBRY,
    "Saint-Germain, droites et remise": SAINT_GERMAIN,
    "barème des crèches": PSU,
}


def situations(count: int) -> list[Situation]:
    """Families as they come, always the same ones."""
    chance = random.Random(20261007)
    base = Situation(income=Decimal(2400))
    return [
        replace(
            base,
            quotient=Quotient.of(Decimal(chance.randrange(0, 200_000)) / 100),
            enrolled=Siblings(chance.randint(1, 4), 4),
            household=Siblings(1, chance.randint(1, 4)),
            residence=chance.choice(list(Residence)),
            regular=chance.random() < 0.5,
        )
        for _ in range(count)
    ]


def price_all(grid: Grid, families: list[Situation]) -> None:
    for each in families:
        price_with(grid, DAY, each)


def main(count: int) -> None:
    """Time, print."""
    families = situations(min(count, 10_000))
    rounds = max(1, count // len(families))
    number, price = Decimal("842.37"), Decimal("0.0065")

    def bare() -> None:
        for _family in families:
            cents(number * price)

    say("multiplication et arrondi seuls", best(bare, rounds), len(families))
    for name, data in GRIDS.items():
        grid = grid_from_data(data, valid_from=date(2026, 1, 1))
        say(name, best(partial(price_all, grid, families), rounds), len(families))

    grid = grid_from_data(WAVRIN, valid_from=date(2026, 1, 1))
    days = [date(2026, 10, 1) + timedelta(days=index) for index in range(31)]
    children = families[:3]
    took = best(lambda: [price_with(grid, day, each) for each in children for day in days], 20)
    sys.stdout.write(f"un mois de 3 enfants, {len(days) * 3} prix : {took * 1000:.2f} ms\n")
    profiler = cProfile.Profile()
    profiler.runcall(lambda: [price_with(grid, DAY, each) for each in families])
    pstats.Stats(profiler).sort_stats("tottime").print_stats(12)


def best(run: Callable[[], object], rounds: int) -> float:
    """The shortest of the rounds, in seconds: what the machine takes when nobody disturbs it."""
    found = []
    for _ in range(rounds):
        started = time.perf_counter()
        run()
        found.append(time.perf_counter() - started)
    return min(found)


def say(name: str, took: float, count: int) -> None:
    sys.stdout.write(f"{name:36} {took / count * 1e6:6.2f} µs par prix, {took / count * 1e6:6.1f} s par million\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
