"""Prices: tariffs versioned by date, given to units, and the explanation that goes with every price.

Owns `Tariff`, `TariffVersion`, `UnitTariff`. `engine.py` is pure Python.
Verbs: `publish_version`, `price_unit`, `load_price_book`.
"""
