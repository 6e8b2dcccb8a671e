"""What the town lets anybody read and take away.

`library`: règlements, calendars and forms, with their categories, audience and versions. `menus`: what is served, day
by day, with its allergens. Two applications that do not know each other.
"""
