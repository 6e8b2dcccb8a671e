"""What limits an agent to some places of the town, and what ties a child to a place.

Owns `AgentLimit`. Verb: `limit_agent`. Fills the registry of `families.scope`, by which everything else is narrowed.
"""
