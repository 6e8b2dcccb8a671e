"""What the town sets up and what it changes for families: deadlines of the règlement, the next school year.

No table of its own. Verbs: `change_rule` (`ruling`), `copy_activities` (`copying`), each with its plan, read before;
`save_limit` and `remove_limit` (`limiting`).
"""
