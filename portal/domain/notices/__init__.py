"""What the portal tells a person: notices in their space, a mail beside, as they prefer.

Owns `Notice` and `NoticePreference`. Verbs: `notify_family`, `notify_users`, `read_notices`, `set_preferences`.
Notices carry no health or bank data: they say that something happened and where to read it.
"""
