"""A child who does not come on a day that can no longer be cancelled: declared, justified, decided, priced.

Owns `AbsenceReason`, `AbsenceRule`, `Absence`, `AbsenceFile`, `AbsenceDay`, `CertificateReading`. A day is taken from
the books, never from a form; the booking stays in the books and the effect on its price is kept beside it.
Verbs of families: `declare_absence`, `send_certificate`, `remove_certificate`, `withdraw_absence`.
Verbs of agents (`deciding`): `accept_absence`, `refuse_absence`, `ask_absence_again`, `reopen_absence`.
By itself (`ending`): `lapse_absences`.
Reads: `finding.find_days`, `queries`. For billing: `pricing.price_effect`, `pricing.price_effects`.
"""
