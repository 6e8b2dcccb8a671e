"""The vocabulary shared by every domain package: pure Python, no Django, no clock, no database.

Owns instants in Paris time (`clock`), weeks and ranges of days (`calendar`), school years (`school_year`),
cents (`money`), French wording and typography (`french`), the same in English (`english`; `wording` chooses) and the
shape of a “no” (`refusals`).
It imports nothing from the project; everything may import it.
"""
