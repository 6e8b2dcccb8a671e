"""Who did what, when, with the values before and after: append-only.

Owns `AuditEntry`. Every write of the domain ends with `record(...)`, in the same transaction.
Verbs: `record`.
"""
