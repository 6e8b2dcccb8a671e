"""The public estimate of prices and of the family quotient, prefilled for a signed-in family.

It prices with `portal.domain.tariffs` and nothing else, so that an estimate and a bill never differ. Its pages come
with the tariff grids.
"""
