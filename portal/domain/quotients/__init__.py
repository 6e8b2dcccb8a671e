"""The family quotient: declared with its proofs, checked by an agent or fetched from the CAF, kept with its validity.

Owns `QuotientPolicy`, `QuotientDefinition`, `Quotient`, `QuotientProof`, `QuotientReminder`, `QuotientFetch`.
Verbs (`services`): `declare_quotient`, `accept_quotient`, `refuse_quotient`, `ask_quotient_again`, `record_quotient`,
`fetch_quotient`, `remind_expiring`. Query: `quotient_on(family, day)`, the one answer that tariffs use.
The value is personal: never in a mail, a notice, a title or the journal.
"""
