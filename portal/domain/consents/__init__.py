"""Typed, dated authorisations: image rights by use, care in an emergency, leaving alone…

Owns `ConsentType`, `ConsentText` and `Consent`. Each answer keeps the version of its text, its date and its person;
silence is never an answer. Verbs: `answer_consents`, `publish_text`. Queries: `load_sheets`, `image_right`,
`may_leave_alone`.
"""
