"""The public estimate of prices and of the family quotient, prefilled for a signed-in family.

It prices with `portal.domain.tariffs` and nothing else, so that an estimate and a bill never differ. What is entered
lives in the address of the page: nothing is written. `page` makes the page from `reading` (the address), `offer` (what
may be priced), `estimating` (the sums), `curve` and `drawing`; `household` says what it is told of who is signed in.
"""
