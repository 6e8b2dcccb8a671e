"""The agents’ door, in the Wagtail admin: declarations only, every write calls a domain verb."""
