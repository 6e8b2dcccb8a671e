"""Whether a dossier is complete, what is missing, and what that blocks.

Adds up what `families.requirements` is told by the packages that know. Owns the yearly update, its certification and
the first look of a new account.
Reads: `queries.load_completeness`, `queries.branch_of`, `gate.why_held`, `gate.why_blocked`.
Verbs: `certify_dossier`, `choose_branch`, `send_yearly_update`, `accept_…`, `refuse_…`, `ask_again_yearly_update`,
`look_at`, `close_checklist`.
"""
