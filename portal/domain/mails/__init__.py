"""The numbered outbox: every mail is written in the transaction that causes it, then delivered by a task.

Owns `OutgoingMail`. Knows neither families nor bookings: those above hand over a recipient and the finished texts.
Verbs: `queue_mail`, `deliver_mail`, `deliver_pending_mails`, `resend_mail`.
"""
