"""Data protection: who answers requests, who changes delays and erases."""

from portal.backoffice.roles import Role, grant


def connect() -> None:
    """Nothing in profiles: delays are the DPO's decision, taken on screen."""
    grant(
        Role.MANAGEMENT,
        "privacy.view_erasurerequest",
        "privacy.decide_erasurerequest",
        "privacy.view_retentionrule",
        "privacy.change_retentionrule",
        "privacy.erase_expired",
    )
