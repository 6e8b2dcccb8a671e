"""The pricing engine: pure Python, from a tariff, a day and a situation to one price and its explanation.

`pricing` is the algorithm (docs/tariffs.md), over the plain values of `grids`, `methods`, `conditions`, `situations`
and `aids`; `steps` says how a price came about, `words` tells it; `proof` judges a grid before it is published; `data`
reads and writes grids as JSON; `curves` draws the price over the quotient.
"""

from portal.domain.tariffs.engine.grids import Grid, Tariff, grid_on
from portal.domain.tariffs.engine.pricing import NoPrice, Price, price_on, price_with
from portal.domain.tariffs.engine.situations import Quotient, Situation

__all__ = ["Grid", "NoPrice", "Price", "Quotient", "Situation", "Tariff", "grid_on", "price_on", "price_with"]
