"""Commune profiles: a folder of data that makes the portal one town's.

`read_profile` reads a folder into typed tables and lists everything that is wrong in it; `load_profile` stores it
in one transaction and can be run again. `sections` lets the applications above add their part (pages, news).
Every key is described in docs/profils.md.
"""

from portal.backoffice.profiles.loader import load_profile
from portal.backoffice.profiles.problems import Problem, ProfileRefused
from portal.backoffice.profiles.source import find_profile, read_profile

__all__ = ["Problem", "ProfileRefused", "find_profile", "load_profile", "read_profile"]
