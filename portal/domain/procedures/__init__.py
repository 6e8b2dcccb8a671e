"""Démarches: one line per request of a family, with its state and its history.

Owns `Procedure` and `ProcedureEvent`.
Verbs: `open_procedure`, `move_procedure`.
"""
