"""What the town offers: services, structures, activities and their units, calendars, deadlines, place pools.

Owns `Service`, `Structure`, `ActivityType`, `Activity`, `Unit`, `PlacePool`, holidays, `Closure`.
`deadlines/` and `opening.py` are pure rules; the models only store them.
Verbs: `seed_calendar`, `load_calendar`.
"""
