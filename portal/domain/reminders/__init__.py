"""Reminders of the evening before a booking deadline.

Owns `ReminderSettings` and `DeadlineReminder`. Verb: `remind_deadlines`. Whom it tells, when and about what: ADR 0031.
"""
