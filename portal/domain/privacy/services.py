"""The verbs of this package, one file per concept."""

from portal.domain.privacy.erasure import (
    ErasureBlocked,
    ErasureDecided,
    ask_again_erasure,
    close_account,
    execute_erasure,
    plan_erasure,
    refuse_erasure,
    request_erasure,
)
from portal.domain.privacy.exports import NothingToTake, ask_export, expire_exports, prepare_export, take_export
from portal.domain.privacy.retention import BadDelay, ListChanged, erase_expired, run_retention, set_retention

__all__ = [
    "BadDelay",
    "ErasureBlocked",
    "ErasureDecided",
    "ListChanged",
    "NothingToTake",
    "ask_again_erasure",
    "ask_export",
    "close_account",
    "erase_expired",
    "execute_erasure",
    "expire_exports",
    "plan_erasure",
    "prepare_export",
    "refuse_erasure",
    "request_erasure",
    "run_retention",
    "set_retention",
    "take_export",
]
