"""How agents share what awaits them: who takes care of a request, what they note among themselves, what they want.

Owns `RequestAssignment`, `RequestNote` and `DeskPreference`. A request is named by its kind and its key: this package
knows nothing of what it asks. Families never see any of it.
Verbs: `take_request`, `release_request`, `settle_request`, `write_note`, `remove_note`, `set_preferences`,
`send_digest`.
"""
