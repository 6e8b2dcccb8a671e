"""Reconciliation: what must be true of the books, looked at every night, and what is found written down for agents.

This package owns the frame: the registry of checks, runs, findings. What is checked belongs to whoever holds the rows:
each package above says its own checks from its `apps.ready` (`registry.register_checks`). Verbs: `services`.
"""
