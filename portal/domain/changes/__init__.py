"""Changes of the dossier: some apply at once, some wait for the service, field by field.

Owns `ChangeRequest` and the policy of each field. A change that waits keeps the old and the new value and is applied
only if the current value is still the old one.
"""
