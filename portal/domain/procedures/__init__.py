"""Démarches: one line per request of a family, with its state and its history.

Owns `Procedure`, `ProcedureEvent`, their counter and the settings of each kind.
Verbs: `open_procedure`, `find_procedure`, `move_procedure`. `rules.py` says which moves exist.
Registry: `register_after_step`, told of what was opened or moved.
"""
