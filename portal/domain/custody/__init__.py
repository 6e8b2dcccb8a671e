"""Where a child of two households is, day by day: the arrangement, its exceptions, the judgement behind it.

Owns `Custody`, `CustodyException`. `rules.household_on` is total: every day belongs to exactly one household; it is
asked through `queries.household_on(child, day)`. Verbs: `propose_custody`, `agree_to_custody`, `contest_custody`,
`withdraw_custody`, `set_custody` (service), `refuse_custody` (service), `add_exception`, `remove_exception`.

What a day means for later parts: the household of the day pays for it and books it first; the other one sees the
booking. Nothing is refused on that ground yet: parents swap days, and the portal is not their judge.
"""
