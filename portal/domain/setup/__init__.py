"""What the town sets up and what it changes for families: deadlines, tariff grids, the next school year.

No table of its own. Verbs: `change_rule` (`ruling`), `copy_activities` (`copying`), `publish_grid` (`grids`); each has
its plan, read before; `save_limit` and `remove_limit` (`limiting`). `comparing` prices the bookings of a month by two
grids.
"""
