"""What the law asks: a person's data as a file, erasure, how long each kind is kept.

Owns the registries that every package with personal data fills from its `apps.ready` (`register_personal_data`,
`register_retention`, `register_erasure`), `DataExport`, `ErasureRequest` and `RetentionRule`.
Verbs: `ask_export`, `prepare_export`, `take_export`, `request_erasure`, `refuse_erasure`, `ask_again_erasure`,
`execute_erasure`, `close_account`, `set_retention`, `erase_expired`, `compute_due`.
"""
